"""Tables and JSON on standard output, for commands that answer a question."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from analyticsops.cli.options import terminal_width


def print_json(value: Any) -> None:
    """Plain data as indented JSON with sorted keys."""
    import msgspec

    data = msgspec.json.encode(value, order="sorted")
    click.echo(msgspec.json.format(data, indent=2).decode())


def print_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str = "nothing"
) -> None:
    """An aligned table on a terminal; in a pipe one line a row, parts split by tabs.

    Names come from other people's projects: they are encoded, and never read as markup.
    """
    from analyticsops.report.encode import one_line

    cells = [[one_line(cell) for cell in row] for row in rows]
    if not cells:
        click.echo(empty, err=True)
        return
    if not sys.stdout.isatty():
        for row in cells:
            click.echo("\t".join(row))
        return
    _draw(headings, cells)


def _draw(headings: Sequence[str], cells: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from analyticsops.report.options import terminal_options

    options = terminal_options(os.environ, isatty=True, width=terminal_width())
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    Console(
        width=options.width, no_color=not options.color, markup=False, highlight=False, emoji=False
    ).print(table)


def heading(text: str) -> None:
    """A line above what follows."""
    click.secho(text, bold=True, color=None if sys.stdout.isatty() else False)
