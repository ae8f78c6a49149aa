"""Every command is played twice: with its files and networks watched, and in another place, order
of files, hash seed, time zone, language and number of processors."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from analyticsops.cli import cli
from bench.scale.commands import UNMEASURED
from tests.bench.test_scale import command_names
from tests.cli.shell import run
from tests.promises.place import ELSEWHERE, OFFLINE, copy_backwards, make_place
from tests.promises.play import Played, snapshot
from tests.promises.watching import network_of, watched, written_outside

REPOSITORY = Path(__file__).parent.parent.parent

LINEAGE = r"(base|head)/target/analyticsops-lineage\.sqlite"
SEARCH = r"base/target/analyticsops-search\.sqlite"
EVENT = r"out/incidents/2026-11/\S+\.json"
WRITTEN: dict[str, tuple[str, ...]] = {
    "approve": (r"out/approvals\.yml",),
    "baseline write": (r"out/baseline\.json",),
    "check": (LINEAGE, r"out/findings\.json", r"out/check\.sarif"),
    "diff": (LINEAGE, r"out/findings\.json"),
    "history compact": (r"compacted/.*",),
    "history export": (r"out/exported/(runs|results)\.parquet",),
    "incidents acknowledge": (EVENT,),
    "incidents silence": (EVENT,),
    "incidents unsilence": (EVENT,),
    "ingest": (r"out/ingested/.*\.json",),
    "init": (r"fresh/analyticsops\.yml",),
    "lineage export": (r"out/graph\.(json|ndjson|parquet)",),
    "metrics changelog": (SEARCH,),
    "metrics export": (r"out/osi/shop\.osi\.yml",),
    "metrics lock": (r"base/analyticsops/metrics\.lock\.yml",),
    "report": (LINEAGE, r"out/site2?/(index\.html|data/[\w.-]+\.js)"),
    "search": (SEARCH,),
    "slo evaluate": (EVENT, r"out/incidents/(evaluated|sending)/\w.*"),
    "slo export": (r"out/slo\.prom",),
    "slo report": (r"out/slo\.md",),
}
"""Command -> what it may write, as docs/reliability.md lists it; all others write nothing."""

AT_THE_CLOCK = frozenset(
    {
        "doctor", "freshness", "incidents acknowledge", "incidents list", "incidents show",
        "incidents silence", "incidents timeline", "incidents unsilence", "slo evaluate",
    }
)  # fmt: skip
"""Commands that say how old something is, or when they were given: compared without digits."""


class Twice(msgspec.Struct):
    """The same commands, played here and elsewhere."""

    here: list[Played]
    there: list[Played]
    folder: Path


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twice]:
    folder = tmp_path_factory.mktemp("twice")
    here, there = folder / "places" / "here", folder / "places" / "far" / "there"
    make_place(here)
    copy_backwards(here, there)
    first = _start(folder, here, "here", PYTHONHASHSEED="1", TZ="UTC")
    second = _start(
        folder, there, "there", PYTHONHASHSEED="77", TZ="Asia/Kathmandu", LC_ALL="C.UTF-8"
    )
    os.sched_setaffinity(second.pid, {min(os.sched_getaffinity(0))})
    assert (first.wait(), second.wait()) == (0, 0)
    read = msgspec.json.Decoder(list[Played])
    yield Twice(
        read.decode((folder / "here.json").read_bytes()),
        read.decode((folder / "there.json").read_bytes()),
        folder,
    )
    shutil.rmtree(folder)


def _start(folder: Path, place: Path, name: str, **more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.promises.play", str(place), f"{folder / name}.json"]
    return watched(command, folder / name, **more)


def test_all_commands_are_played() -> None:
    assert OFFLINE.keys() | ELSEWHERE.keys() == UNMEASURED.keys()
    for where in ELSEWHERE.values():
        assert (REPOSITORY / where.rpartition(": ")[2]).exists()
    assert set(command_names(cli, ())) >= set(WRITTEN)


def test_they_run(twice: Twice) -> None:
    for played in twice.here:
        assert played.code in (0, 1), played
    for name in WRITTEN:
        assert any(_command(played) == name and played.changed for played in twice.here), name


def test_no_network(twice: Twice) -> None:
    for played in twice.here:
        assert network_of(played.noted) == [], played.name
    noted = (twice.folder / "here" / "audit.log").read_text().splitlines()
    assert len({line.partition("\t")[0] for line in noted}) > 1, "workers are watched"


def test_no_stray_writes(twice: Twice) -> None:
    for played in twice.here:
        allowed = WRITTEN.get(_command(played), ())
        strays = [
            name
            for name in played.changed
            if not any(re.fullmatch(pattern, name) for pattern in allowed)
        ]
        assert strays == [], played.name
    for name in ("here", "there"):
        assert snapshot(twice.folder / name / "home") == {}
        assert snapshot(twice.folder / name / "tmp") == {}, "temporary files are removed"


def test_nothing_is_written_elsewhere(twice: Twice) -> None:
    """Python says so of every process; what is below the folder is judged by what is there."""
    for played in twice.here:
        assert written_outside(played.noted, twice.folder) == [], played.name


def test_the_same_bytes(twice: Twice) -> None:
    for here, there in zip(twice.here, twice.there, strict=True):
        assert here.name == there.name
        said, again = (_said(twice.folder, played) for played in (here, there))
        assert said == again, here.name
        if _command(here) not in AT_THE_CLOCK:
            assert here.changed == there.changed, here.name


def test_the_same_from_another_folder(twice: Twice) -> None:
    place = twice.folder / "places" / "here"
    for words in (["check", "--format", "json"], ["lineage", "export"], ["metrics", "list"]):
        at_home = run(*words, cwd=place / "base")
        elsewhere = run(*words, "--project-dir", "base", cwd=place)
        assert at_home.out == elsewhere.out, words


def _command(played: Played) -> str:
    return played.name.partition(" (")[0]


def _said(folder: Path, played: Played) -> tuple[int, str, str]:
    """With the place's own name taken out, which a message may name."""
    out, err = (
        re.sub(rf"{re.escape(str(folder))}/places/(here|far/there)", "PLACE", text)
        for text in (played.out, played.err)
    )
    if _command(played) in AT_THE_CLOCK:
        out, err = (re.sub(r"[0-9a-f]{8}|\d", "#", text) for text in (out, err))
    return played.code, out, err
