"""Who was told, on standard error, for each command that tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from analyticsops.telling.delivery import Told


def show_told(told: Sequence[Told], failed: Sequence[Told], problems: Sequence[str]) -> None:
    """Who was told and who could not be, a line each; not what is printed anyway."""
    from analyticsops.report.encode import one_line
    from analyticsops.telling.due import STDOUT

    lines = [f"told {one.receiver}: {one.headline}" for one in told if one.receiver != STDOUT]
    lines += [
        f"could not tell {one.receiver}: {one.error}; tried again next time" for one in failed
    ]
    for line in dict.fromkeys((*lines, *problems)):
        click.echo(one_line(line), err=True)
