"""The pictures of the report in docs/: the example's third pull request, after a month of runs.

python -m scripts.pictures
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts import demo
from scripts.simulated_history import simulate

REPO = Path(__file__).resolve().parents[1]
IMAGES = REPO / "docs" / "images"
AT = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)

VIEWS = {
    "overview": ("overview", "light"),
    "review": ("review", "light"),
    "lineage": ("lineage?column=model.shop.fct_orders.net_revenue&down=1", "light"),
    "objective": ("objective/fct_orders%2Forders-fresh", "light"),
    "oncall": ("oncall", "dark"),
    "node": ("node/model.shop.fct_orders", "light"),
    "metric": ("metric/revenue", "light"),
    "readiness": ("readiness", "light"),
}
"""Name of the file -> (address, colours)."""


def main() -> int:
    """Take them all."""
    with tempfile.TemporaryDirectory() as place:
        page = _site(Path(place))
        IMAGES.mkdir(exist_ok=True)
        with sync_playwright() as playwright:
            path = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            for name, (address, scheme) in VIEWS.items():
                context = browser.new_context(
                    viewport={"width": 1280, "height": 800},
                    color_scheme="dark" if scheme == "dark" else "light",
                    timezone_id="UTC",
                    locale="en-US",
                )
                shown = context.new_page()
                shown.goto(f"{page.as_uri()}#/{address}")
                shown.wait_for_timeout(2_500)
                shown.screenshot(path=IMAGES / f"{name}.png")
                context.close()
            browser.close()
    return 0


def _site(folder: Path) -> Path:
    demo.build(folder)
    simulate(folder / "base", folder / "history", AT)
    command = [str(Path(sys.executable).parent / "analyticsops"), "report"]
    command += ["--base", "../base/target", "--history", "../history", "--at", AT.isoformat()]
    command += ["--output", "../site", "--title", "shop", "--change", "Tidy up naming and spelling"]
    subprocess.run(command, cwd=folder / "harmful", check=True)
    return folder / "site" / "index.html"


if __name__ == "__main__":
    sys.exit(main())
