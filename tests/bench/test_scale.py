"""The bench of all commands: is it of all commands, and do they run on what it generates?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from analyticsops.cli import cli
from bench.scale.__main__ import growth, place_of
from bench.scale.commands import FINDING, SILENCE, UNMEASURED, commands
from bench.scale.project import write
from tests.cli.shell import run

READ = ("check", "doctor", "lineage show", "metrics show", "slo status", "runs show", "search")


def test_every_command_is_measured_or_it_is_said_why_not(tmp_path: Path) -> None:
    write(100, tmp_path)
    place = place_of(tmp_path)
    listed = commands(place)
    assert {one.name for one in listed} | UNMEASURED.keys() == set(command_names(cli, ()))
    assert not {one.name for one in listed} & UNMEASURED.keys()
    for one in listed:
        if one.name in READ and not {FINDING, SILENCE} & set(one.arguments):
            done = run(*one.arguments, cwd=tmp_path / one.where)
            assert done.code in (0, 1), (one, done.err)


def test_growth() -> None:
    assert growth((1_000, 1.0), (2_000, 2.0)) == "1.00"
    assert growth((1_000, 1.0), (2_000, 4.0)) == "2.00"
    assert growth((1_000, 0.01), (2_000, 4.0)) == ""


def command_names(command: click.Command, path: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from command_names(found, (*path, name))
