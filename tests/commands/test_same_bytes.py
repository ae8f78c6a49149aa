"""The same input gives the same bytes, whatever else is different.

In the ordinary tests all differences are there at once. ``make outputs`` runs each on its own,
which tells which one it was.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.commands.conftest import Show, files_of
from tests.commands.play import Played, play
from tests.commands.secrets import ENVIRONMENT, WORDS
from tests.commands.table import COMMANDS
from tests.commands.world import make_world, named

EVERYTHING = "everything"
VARIATIONS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    EVERYTHING: (
        ("--shuffled", "--elsewhere", "--one-processor"),
        {"PYTHONHASHSEED": "77", "TZ": "Asia/Kolkata", "LC_ALL": "C", "LANG": "C"},
    ),
    "hash seed": ((), {"PYTHONHASHSEED": "77"}),
    "order of files": (("--shuffled",), {}),
    "working directory": (("--elsewhere",), {}),
    "number of workers": (("--one-processor",), {}),
    "no cache": ((), {"ANALYTICSOPS_CACHE": "off"}),
    "warm cache": ((), {}),
    "time zone": ((), {"TZ": "Asia/Kolkata"}),
    "locale": ((), {"LC_ALL": "C", "LANG": "C"}),
    "history in another order": ((), {}),
}


def _bytes(world: Path, before: dict[str, bytes]) -> dict[str, bytes]:
    """What is new or another file, but for caches; what a file says of its own place is the same
    for all."""
    return {
        name: data.replace(str(world).encode(), b"WORLD")
        for name, data in files_of(world).items()
        if before.get(name) != data and not name.endswith(".sqlite")
    }


def _said(world: Path, played: Played) -> tuple[int, str, str]:
    """Without where the project lies, which people want to see as they said it."""
    places = rf"{re.escape(str(world))}/(head/)?|\.\./"
    return played.code, re.sub(places, "", played.out), re.sub(places, "", played.err)


@pytest.mark.parametrize(
    "name", VARIATIONS if os.environ.get("OUTPUTS") == "each" else [EVERYTHING]
)
def test_the_same_bytes(show: Show, tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("0")
    backwards = name in (EVERYTHING, "history in another order")
    world = make_world(folder, WORDS, named, backwards=backwards)
    if name == "warm cache":
        for project in ("base", "head"):
            for cache in (show.world / project / "target").glob("*.sqlite"):
                shutil.copy(cache, world / project / "target")
    before = files_of(world)
    options, env = VARIATIONS[name]
    played = play(world, *options, **ENVIRONMENT, **env)
    for command in COMMANDS:
        ours, theirs = played[command.words], show.played[command.words]
        assert _said(world, ours) == _said(show.world, theirs), command.words
    here, there = _bytes(world, before), _bytes(show.world, dict(show.before))
    assert here.keys() == there.keys()
    assert [n for n in here if here[n] != there[n]] == []
