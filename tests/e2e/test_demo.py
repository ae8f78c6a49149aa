"""What the demo shows, without a network and with its files watched."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.promises.play import snapshot
from tests.promises.watching import network_of, watched, written_outside

SHOW = (
    "import sys; from pathlib import Path; from scripts.demo import show; show(Path(sys.argv[1]))"
)


def test_the_demo_is_not_online_and_leaves_nothing(shop: Path, tmp_path: Path) -> None:
    inputs = {
        name: digest
        for name, digest in snapshot(shop).items()
        if not name.startswith(("out/", "month/", "site/")) and "/target/analyticsops-" not in name
    }
    done = watched([sys.executable, "-c", SHOW, str(shop)], tmp_path)
    assert done.wait() == 0
    noted = (tmp_path / "audit.log").read_text().splitlines()
    assert len(noted) > 50
    assert network_of(noted) == []
    assert written_outside([line for line in noted if str(tmp_path) not in line], shop) == []
    after = snapshot(shop)
    assert {name: after.get(name) for name in inputs} == inputs, "what dbt wrote is as it was"
    assert snapshot(tmp_path / "home") == snapshot(tmp_path / "tmp") == {}
