"""Plays all commands in one process, and hands back what they said and wrote.

    python -m tests.commands.play WORLD RESULT [--elsewhere] [--shuffled] [--only WORDS ...]

``WORLD`` is a folder of :mod:`tests.commands.world`. The clock stands still.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import analyticsops
from tests.cli.shell import REPOSITORY, environment, run
from tests.commands.table import COMMANDS, Command
from tests.commands.world import NOW

WATCHED = Path(__file__).parent / "watched"


class Played(NamedTuple):
    """What came of a command.

    Attributes:
        watched: what its processes wrote or asked the network for: (event, path).
    """

    words: str
    code: int
    out: str
    err: str
    watched: list[tuple[str, str]]


def play(world: Path, *options: str, under: Sequence[str] = (), **env: str) -> dict[str, Played]:
    """All commands in a process of its own, by their words. ``env`` reaches the commands, too;
    ``under`` is a command that runs that process."""
    result, log = world / "played.json", world / "watched.log"
    log.touch()
    paths = os.pathsep.join(map(str, (WATCHED, REPOSITORY)))
    for folder in ("home", "tmp"):
        (world / folder).mkdir(exist_ok=True)
    whole = {
        **environment({}),
        "PYTHONPATH": paths,
        "WATCH_LOG": str(log),
        "HOME": str(world / "home"),
        "TMPDIR": str(world / "tmp"),
        **env,
    }
    ours = [sys.executable, "-m", "tests.commands.play", str(world), str(result), *options]
    done = subprocess.run([*under, *ours], env=whole, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(result.read_text(encoding="utf-8"))
    for path in (result, log):
        path.unlink()
    return {one["words"]: Played(**one) for one in told}


class _Frozen(type):
    def __getattr__(cls, name: str) -> Any:
        return getattr(datetime, name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return datetime(*args, **kwargs)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class _Clock(metaclass=_Frozen):
    """`datetime`, for which it is always the same moment."""

    @staticmethod
    def now(zone: Any = None) -> datetime:
        return NOW.astimezone(zone)


def _stop_the_clock() -> None:
    for found in pkgutil.walk_packages(analyticsops.__path__, "analyticsops."):
        spec = importlib.util.find_spec(found.name)
        path = Path(spec.origin or "") if spec is not None else Path()
        if path.suffix == ".py" and "datetime.now(" in path.read_text(encoding="utf-8"):
            vars(importlib.import_module(found.name))["datetime"] = _Clock


def _shuffle_folders() -> None:
    """Folders are listed in an order that no disk would have."""
    chance = random.Random(7)
    scan, listed = os.scandir, os.listdir

    class Shuffled:
        def __init__(self, *args: Any) -> None:
            with scan(*args) as entries:
                self._entries = list(entries)
            chance.shuffle(self._entries)

        def __enter__(self) -> Shuffled:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def __iter__(self) -> Shuffled:
            return self

        def __next__(self) -> Any:
            if not self._entries:
                raise StopIteration
            return self._entries.pop()

        def close(self) -> None:
            self._entries = []

    def list_shuffled(*args: Any) -> list[Any]:
        names = listed(*args)
        chance.shuffle(names)
        return names

    patch.multiple(os, scandir=Shuffled, listdir=list_shuffled).start()


def _words(command: Command, world: Path, elsewhere: bool) -> list[str]:
    words = command.words.split()
    if not elsewhere:
        return words
    # From another folder: paths that were relative to the project are so no more.
    words = [_moved(word, world) for word in words]
    takes = {name for p in command.made.params for name in p.opts}
    if "--project-dir" in takes and "--project-dir" not in words:
        words += ["--project-dir", str(world / "head")]
    return words


def _moved(word: str, world: Path) -> str:
    name, equals, path = word.rpartition("=")
    return f"{name}{equals}{world / path[3:]}" if path.startswith("../") else word


def main() -> None:
    """Play what the arguments ask for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("world", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--elsewhere", action="store_true")
    parser.add_argument("--shuffled", action="store_true")
    parser.add_argument("--one-processor", action="store_true")
    given = parser.parse_args()
    if given.one_processor:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    _stop_the_clock()
    if given.shuffled:
        _shuffle_folders()
    played = list(_played(given.world, COMMANDS, given.elsewhere))
    given.result.write_text(json.dumps([one._asdict() for one in played]), encoding="utf-8")


def _played(world: Path, commands: Iterable[Command], elsewhere: bool) -> Iterable[Played]:
    log = Path(os.environ["WATCH_LOG"])
    passed = dict(os.environ)
    for command in commands:
        folder = world / "elsewhere" if elsewhere and command.can_move else world / "head"
        folder.mkdir(exist_ok=True)
        before = log.stat().st_size
        words = _words(command, world, elsewhere and command.can_move)
        done = run(*words, cwd=folder, **passed)
        lines = log.read_bytes()[before:].decode().splitlines()
        watched = [(event, path) for event, _, path in (line.partition("\t") for line in lines)]
        yield Played(command.words, *done, watched)


if __name__ == "__main__":
    main()
