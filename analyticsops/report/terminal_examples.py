"""Counterexamples on a terminal: small tables whose columns stand below each other."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from analyticsops.executed import Counterexample, Rows
from analyticsops.report.encode import one_line, shorten
from analyticsops.report.examples import SAID, grid, left_out, parts_of

_WORD = 32


def terminal_rows(example: Counterexample, width: int) -> Iterator[tuple[str, str]]:
    """(lead, line) for each line of a counterexample; columns stand below each other, if that
    fits into the width."""
    names = {table.name for _, table in parts_of(example)}
    margin = min(max(cell_len(one_line(name)) for name in names), _WORD)
    for part, table in parts_of(example):
        name = _padded(shorten(one_line(table.name), _WORD), margin)
        for number, line in enumerate(_lines(table, width - margin - 10)):
            lead = f"{SAID[part]:<8}{name}  " if number == 0 else " " * (margin + 10)
            yield lead, line


def _lines(table: Rows, width: int) -> list[str]:
    cells = grid(table)
    if not cells:
        return ["no row"]
    rest = [left_out(table)] if left_out(table) else []
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    aligned = [
        "  ".join(_padded(cell, size) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    if all(cell_len(line) <= width for line in aligned):
        return aligned + rest
    told = [
        ", ".join(f"{name} {cell}" for name, cell in zip(cells[0], row, strict=True))
        for row in cells[1:]
    ]
    return told + rest


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
