"""One run of all commands that several files of tests look at."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.commands.play import Played, play
from tests.commands.secrets import ENVIRONMENT, WORDS
from tests.commands.world import make_world, named


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them on one worker: they look at one run."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("commands"))


class Show(NamedTuple):
    """All commands, played in a world.

    Attributes:
        before: path below the world -> bytes, before the first command.
    """

    world: Path
    played: Mapping[str, Played]
    before: Mapping[str, bytes]


def files_of(folder: Path) -> dict[str, bytes]:
    """Path below a folder -> bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def show(tmp_path_factory: pytest.TempPathFactory) -> Show:
    """Secrets at every place, and names of all kinds."""
    world = make_world(tmp_path_factory.mktemp("0"), WORDS, named)
    before = files_of(world)
    return Show(world, play(world, **ENVIRONMENT), before)
