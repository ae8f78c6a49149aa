"""Small versions of what `make faults` does long."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults.clocks import walk
from tests.faults.killed import VICTIMS, Victim, kill, prepare
from tests.faults.place import make_place
from tests.faults.rewritten import read_while_written


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_place(tmp_path_factory.mktemp("place"))


@pytest.mark.parametrize("victim", VICTIMS, ids=lambda victim: victim.name)
def test_killed(place: Path, tmp_path: Path, victim: Victim) -> None:
    copy = prepare(Path(shutil.copytree(place, tmp_path / "place")))
    outcome = kill(copy, victim, times=1)
    assert outcome.harmed == []
    assert outcome.left == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_clock_that_jumps(place: Path, tmp_path: Path, seed: int) -> None:
    assert walk(place, tmp_path / "incidents", 4, seed) == []


def test_a_manifest_that_is_written_meanwhile(tmp_path: Path) -> None:
    seen = read_while_written(tmp_path, 10, models=300, pause=0.2)
    assert seen.wrong == 0
    assert seen.whole + seen.refused == 10
    assert seen.whole >= 5
