"""Size and speed of the report in Chromium, on generated and real projects, beside dbt docs and
dbt-colibri.

    python -m bench.site --models 3000 10000
    python -m bench.site --target ~/project/target --models
    python -m bench.site --peers

The peers are installed into ~/.cache by ``bench.lineage.environments``.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

import analyticsops as ao
from analyticsops.publishing import publish
from analyticsops.site.folder import write_site
from bench.lineage import generate
from bench.lineage.environments import DEFAULT, python_of
from bench.measure import show
from bench.site.waiting import browser, interactive, laid_out, searched

MEGABYTE = 1e6


def main() -> int:
    """Measure, and print tables."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--models", nargs="*", type=int, default=[3_000])
    arguments.add_argument("--target", nargs="*", type=Path, default=[])
    arguments.add_argument("--peers", action="store_true")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as place, browser() as found:
        folder = Path(place)
        targets = [(f"{n:,} models", _generated(folder / str(n), n)) for n in given.models]
        targets += [(path.parent.name, path) for path in given.target]
        for name, target in targets:
            _measure(found, name, target, folder / "sites" / name.replace(" ", "-"))
            if given.peers:
                _peers(found, target, folder / "peers" / name.replace(" ", "-"))
    return 0


def _generated(folder: Path, models: int) -> Path:
    folder.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-m", generate.__name__, str(models), str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


def _measure(found: Browser, name: str, target: Path, folder: Path) -> None:
    began = time.perf_counter()
    workspace = ao.load(target)
    size = write_site(publish(workspace, sql=True), folder)
    took = time.perf_counter() - began
    columns = sum(len(node.names) for node in workspace.graph.nodes.values())
    page_path = folder / "index.html"
    url = page_path.as_uri()
    first = interactive(found, url)
    context = found.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{url}#/lineage")
    page.wait_for_selector("main h1")
    page.wait_for_timeout(2_000)
    laid = [laid_out(page, _whole(column)) for column in _columns(workspace, 20)]
    slowest, boxes = max(laid), max(count for _, count in laid)
    page.goto(f"{url}#/overview")
    usual, longest = searched(page, _columns(workspace, 1)[0].rpartition(".")[2][:12])
    context.close()
    around = f"slowest of 20 neighbourhoods (up to {boxes} boxes on the screen), s"
    title = f"{name}: {len(workspace.project.of_kind('model')):,} models, {columns:,} columns"
    rows = [
        ("the page itself, MB", f"{page_path.stat().st_size / MEGABYTE:.2f}", "< 1"),
        ("site, MB", f"{size / MEGABYTE:.1f}", "< 15"),
        ("made in, s", f"{took:.1f}", ""),
        ("first view interactive, s", _seconds(first), "< 1.5"),
        (around, f"{slowest[0]:.2f} ({slowest[1]} boxes)", "< 1"),
        ("search after each letter, median and longest, s", f"{usual:.3f} {longest:.3f}", "< 0.1"),
    ]
    show(title, rows)


def _seconds(found: float | None) -> str:
    return f"{found:.2f}" if found is not None else "not within two minutes"


def _whole(column: str) -> str:
    """The address of all that a column comes from and goes to."""
    return f"#/lineage?column={column}&up=all&down=all&edges=value,control,rows,depends"


def _columns(workspace: ao.Workspace, count: int) -> list[str]:
    """Columns with the most around them: of nodes in the middle that many read."""
    project, graph = workspace.project, workspace.graph
    nodes = [n for n in project.of_kind("model") if graph.nodes[n.unique_id].names]
    nodes.sort(key=lambda node: (-len(project.children[node.unique_id]), node.unique_id))
    return [f"{n.unique_id}.{graph.nodes[n.unique_id].names[0]}" for n in nodes[:count]]


# -- others --------------------------------------------------------------------


def _peers(found: Browser, target: Path, folder: Path) -> None:
    rows = [("", "MB", "interactive, s")]
    for name, made in (("dbt docs", _dbt_docs), ("dbt-colibri", _colibri)):
        place = folder / name.replace(" ", "-")
        place.mkdir(parents=True)
        page = made(target, place)
        size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        with _served(place) as address:
            seconds = interactive(found, f"{address}/{page}")
        rows.append((name, f"{size / MEGABYTE:.1f}", _seconds(seconds)))
    show("others on the same project", rows)


def _dbt_docs(target: Path, place: Path) -> str:
    """What `dbt docs generate` leaves to be served: its page, manifest and catalog."""
    import dbt.task.docs as docs

    shutil.copy(Path(docs.__file__).parent / "index.html", place)
    shutil.copy(target / "catalog.json", place)
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    # Its page does not begin without this, which dbt writes and a generated project lacks.
    overview = {"block_contents": "# Overview\n" + "A generated project. " * 20}
    manifest.setdefault("docs", {}).setdefault("doc.dbt.__overview__", overview)
    (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return "index.html"


def _colibri(target: Path, place: Path) -> str:
    python = python_of("colibri", DEFAULT)
    command = [str(Path(python).parent / "colibri"), "generate"]
    command += ["--manifest", str(target / "manifest.json"), "--disable-telemetry"]
    command += ["--catalog", str(target / "catalog.json"), "--output-dir", str(place)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return "index.html"


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
