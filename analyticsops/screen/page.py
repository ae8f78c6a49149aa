"""Lines for a terminal of a given width, as a text that a caller prints."""

from __future__ import annotations

from io import StringIO

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from analyticsops.screen.fitting import fold

_LEAST = 20
"""Cells beside a lead; with less room the text begins on a line of its own."""


class Page:
    """What is written line by line, with hanging indents.

    Args:
        width: of the terminal, in cells.
        color: write colours (SGR sequences, and no others).
    """

    def __init__(self, width: int, *, color: bool) -> None:
        self.width = width
        self._out = StringIO()
        # `_environ` keeps COLUMNS, NO_COLOR and friends of the caller's process
        # away: whoever calls has decided already, and same input is same bytes.
        self._console = Console(
            file=self._out,
            width=width,
            force_terminal=color,
            force_jupyter=False,
            color_system="standard" if color else None,
            no_color=not color,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
            _environ={},
        )

    def line(self, text: Text, lead: Text | None = None) -> None:
        """Write ``text`` after ``lead``; further lines align with its start."""
        lead = lead or Text()
        margin = cell_len(lead.plain)
        if margin > self.width - _LEAST:
            # No room beside it: it gets a line of its own.
            self.line(lead)
            lead = Text(" " * 4)
            margin = 4
        for number, part in enumerate(fold(text, self.width - margin)):
            row = Text.assemble(lead if number == 0 else " " * margin, part)
            row.rstrip()
            self._console.print(row, soft_wrap=True)

    def draw(self, drawing: RenderableType) -> None:
        """Write anything that rich can draw, without the blanks with which it fills lines."""
        with self._console.capture() as made:
            self._console.print(drawing)
        for row in made.get().splitlines():
            self._out.write(row.rstrip() + "\n")

    def gap(self) -> None:
        """Write an empty line."""
        self._console.print()

    def read(self) -> str:
        """Everything that was written."""
        return self._out.getvalue()
