"""Every command, in every format, with names of all kinds in it: read by what reads the format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from analyticsops.export.formats import FORMATS as LINEAGE
from analyticsops.report.formats import FORMATS as REPORT
from tests.commands import judges
from tests.commands.conftest import Show
from tests.commands.table import APART, COMMANDS, LEAVES, Command
from tests.hostile import NAMES

CHOSEN = ("--format", "--to")
"""Options that choose a format."""


def test_every_command_is_here() -> None:
    here = {command.path for command in COMMANDS}
    assert here | APART.keys() == LEAVES.keys()
    assert not here & APART.keys()
    for reason in APART.values():
        assert Path(reason.split(":")[0]).is_file(), reason


def _formats(command: click.Command) -> Iterator[str]:
    choices = {
        option: tuple(map(str, param.type.choices))
        for param in command.params
        if isinstance(param.type, click.Choice)
        for option in param.opts
    }
    # Where there are both, --format is how losses are listed.
    yield from choices.get("--to", choices.get("--format", ()))


@pytest.mark.parametrize("path", sorted(LEAVES.keys() - APART.keys()))
def test_every_format_is_here(path: str) -> None:
    """A format that a command gets is judged from that day on."""
    words = [set(command.words.split()) for command in COMMANDS if command.path == path]
    plain = [w for w in words if not w & set(CHOSEN)]
    for name in _formats(LEAVES[path]):
        default = name in {p.default for p in LEAVES[path].params}
        assert [w for w in words if name in w] or (default and plain), f"{path} --format {name}"


def test_every_format_of_a_report_and_of_lineage_is_here() -> None:
    for path, formats in (("check", REPORT), ("diff", REPORT), ("render", REPORT)):
        assert {c.sink for c in COMMANDS if c.path == path} == formats.keys()
    assert {c.sink for c in COMMANDS if c.path == "lineage export"} == LINEAGE.keys()
    sinks = {command.sink for command in COMMANDS}
    assert sinks == judges.OUTPUTS.keys() | judges.FILES.keys()


def _files(show: Show, command: Command) -> Iterator[Path]:
    for name in command.files:
        path = show.world / name
        assert path.exists(), name
        yield from [path] if path.is_file() else (p for p in path.rglob("*") if p.is_file())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.words)
def test_a_reader_of_the_format_reads_it(show: Show, command: Command) -> None:
    played = show.played[command.words]
    assert played.code in (0, 1), played.err
    assert "Traceback" not in played.err
    judges.text(played.err)
    (judges.text if command.files else judges.OUTPUTS[command.sink])(played.out)
    for path in _files(show, command):
        if command.sink in judges.FILES:
            judges.FILES[command.sink](path)
        elif command.sink == "text":
            judges.BY_NAME[path.suffix](path.read_text("utf-8"))
        else:
            judges.OUTPUTS[command.sink](path.read_text("utf-8"))


def test_the_names_are_there(show: Show) -> None:
    """A judge who sees no hostile name says nothing."""
    assert len(set(NAMES)) >= 60
    said = "".join(played.out for played in show.played.values())
    for word in ("onerror=alert", "evil.example", "::error::owned", "calc", "größe_日本語"):
        assert word in said, word
