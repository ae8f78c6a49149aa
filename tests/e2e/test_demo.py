"""What the demo shows, without a network and with its files watched."""

from __future__ import annotations

import os
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

from tests.cli.shell import REPOSITORY
from tests.commands.conftest import files_of
from tests.commands.play import WATCHED

SHOW = "import pathlib, sys; from scripts.demo import show; show(pathlib.Path(sys.argv[1]))"
MADE = ("out/", "month/", "site/")


def test_the_demo_is_not_online_and_leaves_nothing(shop: Path, tmp_path: Path) -> None:
    before = _inputs(shop)
    log = tmp_path / "watched.log"
    log.touch()
    for folder in ("home", "tmp"):
        (tmp_path / folder).mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": f"{WATCHED}:{REPOSITORY}",
        "WATCH_LOG": str(log),
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
    }
    done = subprocess.run([sys.executable, "-c", SHOW, str(shop)], env=environment, cwd=REPOSITORY)
    assert done.returncode == 0
    noted = [line.split("\t") for line in log.read_text().splitlines()]
    assert len(noted) > 50
    assert [text for event, text in noted if event.startswith("socket")] == []
    ours = (f"{shop}/", f"{tmp_path}/", "/dev/")
    written = [str(literal_eval(text)).removeprefix("file:") for _, text in noted]
    assert [path for path in written if not path.startswith(ours)] == []
    assert _inputs(shop) == before, "what dbt wrote is as it was"
    assert not [name for name in files_of(tmp_path) if name != "watched.log"]


def _inputs(shop: Path) -> dict[str, bytes]:
    return {
        name: data
        for name, data in files_of(shop).items()
        if not name.startswith(MADE) and "/target/analyticsops-" not in name
    }
