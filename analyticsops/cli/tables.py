"""Tables and JSON on standard output, for commands that answer a question."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from analyticsops.cli.options import terminal_width


def print_json(value: Any) -> None:
    """Plain data as indented JSON, keys in the order of the reference."""
    import msgspec

    from analyticsops.report.encode import json_document

    click.echo(json_document(msgspec.to_builtins(value, enc_hook=_number)), nl=False)


def _number(value: object) -> float:
    """Shares are exact inside, and numbers from 0 to 1 for other programs."""
    from fractions import Fraction

    if isinstance(value, Fraction):
        return float(value)
    raise NotImplementedError(type(value).__name__)


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
    from rich.text import Text

    from analyticsops.screen.page import Page
    from analyticsops.screen.table import Column, table

    made = table([Column(heading) for heading in headings], [list(map(Text, row)) for row in cells])

    def draw(width: int, color: bool) -> str:
        page = Page(width, color=color)
        page.draw(made)
        return page.read()

    show_page(draw)


def show_page(draw: Callable[..., str]) -> None:
    """Print what ``draw`` makes for a terminal of this ``width``, with ``color`` or without."""
    from analyticsops.report.options import terminal_options

    options = terminal_options(os.environ, isatty=True, width=terminal_width())
    click.echo(draw(width=options.width, color=options.color), nl=False, color=True)


def print_facts(facts: Iterable[tuple[str, Sequence[str]]]) -> None:
    """``label  value`` lines; on a terminal long values are wrapped beside their label."""
    import textwrap

    from analyticsops.report.encode import one_line

    known = [(label, [one_line(value) for value in values]) for label, values in facts]
    indent = max((len(label) for label, _ in known), default=0) + 2
    room = max(terminal_width() - indent, 30) if sys.stdout.isatty() else 0
    for label, values in known:
        texts = [
            part for value in values for part in (textwrap.wrap(value, room) if room else [value])
        ]
        for position, text in enumerate(texts):
            click.echo(f"{'' if position else label:<{indent}}{text}")


def heading(text: str) -> None:
    """A line above what follows; bold where colours are welcome. It may hold foreign words."""
    from analyticsops.report.encode import one_line
    from analyticsops.report.options import terminal_options

    text = one_line(text)

    isatty = sys.stdout.isatty()
    options = terminal_options(os.environ, isatty=isatty, width=terminal_width())
    click.echo(click.style(text, bold=True) if options.color else text, color=isatty)
