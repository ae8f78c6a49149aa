"""Who was told, on standard error, for each command that tells."""

from __future__ import annotations

from collections import Counter
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
    faults = Counter((one.receiver, one.error) for one in failed)
    for (name, error), count in faults.items():
        several = f" of {count} incidents" if count > 1 else ""
        lines.append(f"could not tell {name}{several}: {error}; tried again next time")
    for line in (*lines, *problems):
        click.echo(one_line(line), err=True)
