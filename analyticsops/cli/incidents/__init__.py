"""incidents: what is wrong, by what caused it."""

from __future__ import annotations

from typing import ClassVar

import click

from analyticsops.cli.groups import Commands, LazyGroup

_COMMANDS: dict[str, tuple[str, str]] = {
    "list": ("looking", "List what is wrong now, by what caused it."),
    "show": ("looking", "Show one incident: alerts, what it reaches, what happened."),
    "acknowledge": ("acting", "Say that you look after it."),
    "silence": ("acting", "Tell nobody of it, or of all that match, for a while."),
    "unsilence": ("acting", "End a silence before its time."),
    "timeline": ("looking", "Write it as the beginning of a post-mortem, in Markdown."),
}


class _Incidents(LazyGroup):
    commands_by_name: ClassVar[Commands] = {
        name: (f"analyticsops.cli.incidents.{module}", text)
        for name, (module, text) in _COMMANDS.items()
    }


@click.group(cls=_Incidents)
def incidents() -> None:
    """What is wrong, by what caused it: show, acknowledge, silence, look back."""
