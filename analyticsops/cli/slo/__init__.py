"""slo: objectives, budgets and what burns them, one file a kind of question."""

from __future__ import annotations

from typing import ClassVar

import click

from analyticsops.cli.groups import Commands, LazyGroup

_COMMANDS: dict[str, tuple[str, str]] = {}


class _Slo(LazyGroup):
    commands_by_name: ClassVar[Commands] = {
        name: (f"analyticsops.cli.slo.{module}", text) for name, (module, text) in _COMMANDS.items()
    }


@click.group(cls=_Slo)
def slo() -> None:
    """Objectives of data products: met, burning, used up, and why."""
