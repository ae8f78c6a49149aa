"""incidents: what is wrong, by what caused it."""

from __future__ import annotations

from typing import ClassVar

import click

from analyticsops.cli.groups import Commands, LazyGroup

_COMMANDS: dict[str, tuple[str, str]] = {}


class _Incidents(LazyGroup):
    commands_by_name: ClassVar[Commands] = {
        name: (f"analyticsops.cli.incidents.{module}", text)
        for name, (module, text) in _COMMANDS.items()
    }


@click.group(cls=_Incidents)
def incidents() -> None:
    """What is wrong, by what caused it: show, acknowledge, silence, look back."""
