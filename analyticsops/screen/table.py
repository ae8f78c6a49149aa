"""Tables whose names are folded where a reader would break them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from analyticsops.screen.fitting import fold

GAP = 2
"""Cells between columns."""


class Folded:
    """A cell of a table: a text that is folded as :func:`fold` does."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """For rich: the lines."""
        yield Text("\n").join(fold(self._text, options.max_width))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """For rich: how wide it would be, and how narrow it may become."""
        width = self._text.cell_len
        return Measurement(min(width, 8), width).with_maximum(options.max_width)


class Column:
    """How a column of a table is shown.

    Args:
        right: numbers, which stand below each other at their ends.
        whole: never folded.
    """

    def __init__(self, heading: str, *, right: bool = False, whole: bool = False) -> None:
        self.heading, self.right, self.whole = heading, right, whole


def table(columns: Sequence[Column], rows: Iterable[Sequence[Text]]) -> Table:
    """An aligned table without lines, with headings."""
    made = Table(box=None, header_style="bold", pad_edge=False, padding=(0, GAP, 0, 0))
    for column in columns:
        made.add_column(
            Text(column.heading),
            justify="right" if column.right else "left",
            no_wrap=column.right or column.whole,
        )
    for row in rows:
        cells = zip(columns, row, strict=True)
        made.add_row(*(c if column.right or column.whole else Folded(c) for column, c in cells))
    return made


def listing(
    widths: Sequence[int | None], rows: Iterable[Sequence[Text]], *, indent: int = 0
) -> Padding:
    """An aligned table without headings.

    Args:
        widths: of columns in cells; None for as much as there is.
        indent: cells that are left free on the left.
    """
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, GAP, 0, 0))
    for width in widths:
        made.add_column(width=width)
    for row in rows:
        made.add_row(*map(Folded, row))
    return Padding(made, (0, 0, 0, indent))
