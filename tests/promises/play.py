"""Plays every command in a place, in one process, and tells what it said and did.

``python -m tests.promises.play FOLDER RESULT.json`` where FOLDER is what
:func:`tests.promises.place.make_place` made. With ``AUDIT_LOG`` set it also tells what was noted by
``audit/sitecustomize.py`` during each command, in whatever process.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import msgspec

from analyticsops import on_call
from bench.scale.commands import FINDING, SILENCE
from tests.cli.shell import run
from tests.promises.place import every_command

PASSED_ON = ("AUDIT_LOG", "PYTHONPATH", "TZ", "LC_ALL", "TMPDIR", "HOME", "PYTHONHASHSEED")


class Played(msgspec.Struct):
    """One command.

    Attributes:
        changed: files that it made, changed or removed, relative to the folder, with a digest of
            what they hold; empty if it is gone.
        noted: what the audit saw.
    """

    name: str
    arguments: tuple[str, ...]
    code: int
    out: str
    err: str
    changed: dict[str, str]
    noted: list[str]


def play(folder: Path) -> list[Played]:
    """All commands, one after another."""
    log = os.environ.get("AUDIT_LOG")
    found = []
    before = snapshot(folder)
    for one in every_command():
        start = Path(log).stat().st_size if log else 0
        arguments = tuple(_known(folder, word) for word in one.arguments)
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        done = run(*arguments, cwd=folder / one.where, **environment)
        noted = Path(log).read_bytes()[start:].decode().splitlines() if log else []
        after = snapshot(folder)
        changed = {
            name: after.get(name, "")
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        }
        before = after
        name = f"{one.name} ({one.note})" if one.note else one.name
        found.append(Played(name, arguments, done.code, done.out, done.err, changed, noted))
    return found


def snapshot(folder: Path) -> dict[str, str]:
    """Path -> digest, of all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in folder.rglob("*")
        if path.is_file()
    }


def _known(folder: Path, word: str) -> str:
    if word == FINDING:
        found = msgspec.json.decode((folder / "out" / "findings.json").read_bytes())
        return str(found["findings"][0]["fingerprint"])
    if word == SILENCE:
        return on_call.list_incidents(folder / "out" / "incidents").silences[0].id
    return word


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(msgspec.json.encode(play(Path(sys.argv[1]))))
