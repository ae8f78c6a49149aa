"""No command asks the network for anything, and each writes where it says."""

from __future__ import annotations

import os
import re
import shutil
from ast import literal_eval
from pathlib import Path

import pytest

from tests.commands.conftest import Show, files_of
from tests.commands.play import play
from tests.commands.table import COMMANDS, Command
from tests.commands.world import make_world

CACHE = re.compile(r"(head|base)/target/\.?analyticsops-(lineage|search)\.sqlite.*")
"""What is known of queries and names, beside the artifacts: may be deleted at any time."""

REMEMBERING = {
    "ingest": "head/.analyticsops/history",
    "history compact": "head/.analyticsops/history",
    "slo measure": "head/.analyticsops/history",
    "slo evaluate": "head/.analyticsops/incidents",
    "incidents acknowledge": "head/.analyticsops/incidents",
    "incidents silence": "head/.analyticsops/incidents",
}
"""Command -> the folder that it adds to; no other touches them."""


def _written(show: Show, command: Command) -> set[str]:
    """Paths below the world; those outside of it begin with ``/``."""
    found = set()
    for event, text in show.played[command.words].watched:
        assert not event.startswith("socket"), text
        path = str(literal_eval(text))
        for prefix in ("file:", str(show.world / "head" / "file:")):
            if path.startswith(prefix) and path.endswith("?mode=ro"):
                path = ""
        if path:
            found.add(os.path.relpath(path, show.world))
    return found


def _may(show: Show, command: Command, path: str) -> bool:
    folders = [*command.files, *(Path(name).parent.as_posix() for name in command.files[:1])]
    folders += [REMEMBERING.get(command.path, "tmp"), "tmp"]
    # Parquet is made in a folder for a moment, and its files are removed by their names there.
    return any(path == f or path.startswith(f"{f}/") for f in folders) or bool(
        CACHE.fullmatch(path) or path == "ran/analyticsops-lineage.sqlite"
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.words)
def test_a_command_writes_where_it_says(show: Show, command: Command) -> None:
    written = _written(show, command)
    if command.words == "lineage export --format parquet -o ../out/lineage.parquet":
        written -= {"head/edges.parquet"}  # relative to a folder that was opened
    assert {path for path in written if not _may(show, command, path)} == set()


def test_the_watch_sees_what_is_written(show: Show) -> None:
    """Each file that a command promises was seen."""
    for command in COMMANDS:
        for name in command.files:
            if "parquet" in name or name.startswith("out/history"):
                continue  # DuckDB writes those, which the last test sees
            written = _written(show, command)
            assert any(path.startswith(name) for path in written), name


def test_the_disk_says_the_same(show: Show) -> None:
    """What native code wrote as well: every file that is new or another one is one of those."""
    promised = [name for command in COMMANDS for name in command.files]
    promised += [*REMEMBERING.values(), "tmp"]
    changed = {name for name, data in files_of(show.world).items() if show.before.get(name) != data}
    stray = {
        name
        for name in changed
        if not any(name == p or name.startswith(f"{p}/") for p in promised)
        and not CACHE.fullmatch(name)
        and name != "ran/analyticsops-lineage.sqlite"
    }
    assert stray == set()
    assert not [name for name in show.before if not (show.world / name).exists()]
    assert not [n for n in files_of(show.world) if n.startswith(("tmp/", "home/"))]


_CALL = re.compile(r"\b(?:connect|sendto|sendmsg|bind)\(\d+.*sa_family=AF_(?:INET6?|PACKET)")
_PROBE = re.compile(r"bind\(.*AF_INET6.*sin6_port=htons\(0\).*\"::1\"")
"""How urllib3 asks the kernel whether it knows IPv6, when it is loaded."""


@pytest.mark.skipif(os.environ.get("OUTPUTS") != "each", reason="slow: `make outputs` runs it")
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_kernel_says_the_same(tmp_path: Path) -> None:
    """Every system call of every process, native code included."""
    world, log = make_world(tmp_path / "world"), tmp_path / "calls"
    calls = "trace=network"
    play(world, under=["strace", "-f", "-qq", "-s", "256", "-e", calls, "-o", str(log)])
    lines = log.read_text(errors="replace").splitlines()
    assert any("socketpair" in line for line in lines), "nothing was traced"
    assert [line for line in lines if _CALL.search(line) and not _PROBE.search(line)] == []
