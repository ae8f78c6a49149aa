"""Counterexamples and executions: what all formats share, and how Markdown shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyticsops.executed import Counterexample, Execution, Rows, told
from analyticsops.report.encode import markdown_code, markdown_prose, one_line, shorten
from analyticsops.report.summary import execution_name
from analyticsops.wording import quantity

_WORD = 32
_ROWS = 10
SAID = {"input": "given", "base": "before", "head": "after"}
"""What people call the parts of a counterexample."""


def parts_of(example: Counterexample) -> Iterator[tuple[str, Rows]]:
    """The tables of a counterexample: ``input``, ``base`` and ``head``."""
    yield from (("input", table) for table in example.inputs)
    yield "base", example.base
    yield "head", example.head


def cell_text(value: str | None) -> str:
    """A value as people see it; a text that shows nothing is quoted."""
    if value is None:
        return "NULL"
    shown = shorten(one_line(value), _WORD)
    return shown if shown.strip() == shown and shown else f"'{shown}'"


def grid(table: Rows) -> list[list[str]]:
    """The names of the columns, and the rows below them; nothing if there are no rows."""
    if not table.rows:
        return []
    names = [shorten(one_line(name), _WORD) for name in table.columns]
    return [names, *([cell_text(value) for value in row] for row in table.rows[:_ROWS])]


def left_out(table: Rows) -> str:
    """How many rows are not in its :func:`grid`; empty if all are."""
    rest = len(table.rows) - _ROWS
    return f"… {quantity(rest, 'more row')}" if rest > 0 else ""


def markdown_rows(example: Counterexample) -> Iterator[str]:
    """A counterexample as tables, folded."""
    many = sum(len(table.rows) for table in example.inputs)
    yield ""
    rows = quantity(many, "made-up row")
    yield f"<details><summary>{rows} on which both versions differ</summary>"
    for part, table in parts_of(example):
        yield ""
        cells = grid(table)
        name = markdown_code(shorten(one_line(table.name), _WORD), cell=False)
        yield f"{SAID[part].capitalize()} {name}{':' if cells else ': no row'}"
        if cells:
            yield ""
            yield _row(cells[0])
            yield f"|{'---|' * len(cells[0])}"
            yield from map(_row, cells[1:])
        rest = left_out(table)
        if rest:
            yield ""
            yield rest
    yield ""
    yield "</details>"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(markdown_code(cell, cell=True) for cell in cells)} |"


def execution_row(execution: Execution) -> str:
    """An execution as a row of a Markdown table."""
    name = markdown_code(shorten(one_line(execution_name(execution)), 120), cell=True)
    return f"| {name} | {markdown_prose(shorten(one_line(told(execution)), 600), cell=True)} |"
