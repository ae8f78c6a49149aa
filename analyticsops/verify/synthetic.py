"""Rows that nobody has: made from types, names' constraints and the query's constants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from analyticsops.verify.literals import cast_literal, distinct_literal, random_literal
from analyticsops.verify.sandbox import Sandbox
from analyticsops.verify.tables import Column, Input, Table, quoted

Cells = list[list[str]]
"""Rows of SQL literals."""


def synthetic_rows(
    sandbox: Sandbox,
    tables: Sequence[Table],
    chance: Random,
    *,
    rows: int,
    nulls: float = 0.12,
    hints: tuple[str, ...] = (),
) -> dict[str, Cells]:
    """Rows for each table, by its id, as far as possible within what its tests promise.

    Args:
        rows: of each table.
        nulls: share of NULLs where they are allowed.
        hints: constants of the query.
    """
    made: dict[Input, list[str]] = {}
    found: dict[str, Cells] = {}
    for table in _referred_first(tables):
        columns = [
            _column(sandbox, column, chance, rows, nulls, hints, made) for column in table.columns
        ]
        for column, cells in zip(table.columns, columns, strict=True):
            made[table.id, column.name] = cells
        found[table.id] = [list(row) for row in zip(*columns, strict=True)]
    return found


def _referred_first(tables: Sequence[Table]) -> list[Table]:
    """Tables before those that refer to them; a cycle is entered anywhere."""
    waiting = {table.id: table for table in tables}
    order: list[Table] = []
    while waiting:
        free = [t for t in waiting.values() if not (_refers(t) & (waiting.keys() - {t.id}))]
        chosen = free or list(waiting.values())[:1]
        order.extend(waiting.pop(table.id) for table in chosen)
    return order


def _refers(table: Table) -> set[str]:
    return {column.refers[0] for column in table.columns if column.refers}


def _column(
    sandbox: Sandbox,
    column: Column,
    chance: Random,
    rows: int,
    nulls: float,
    hints: tuple[str, ...],
    made: Mapping[Input, list[str]],
) -> list[str]:
    kind = sandbox.sql_type(column.type)
    if kind is None:
        return ["null"] * rows
    referred = made.get(column.refers, []) if column.refers else []
    known = [cell for cell in referred if cell != "null"]
    if column.unique:
        distinct = [distinct_literal(kind, number) for number in range(rows)]
        if known:
            distinct = list(dict.fromkeys(known))
        if len(distinct) == rows and None not in distinct:
            return chance.sample([cell for cell in distinct if cell is not None], rows)
    allowed = 0.0 if column.required else nulls

    def cell() -> str:
        if chance.random() < allowed:
            return "null"
        if known:
            return chance.choice(known)
        if column.accepted:
            return cast_literal(chance.choice(column.accepted), kind)
        return random_literal(kind, chance, hints)

    return [cell() for _ in range(rows)]


def rows_query(table: Table, cells: Cells) -> str:
    """A query that yields these rows with the table's types."""
    chosen = ", ".join(
        f"c{n}::{column.type} as {quoted(column.name)}" for n, column in enumerate(table.columns)
    )
    names = ", ".join(f"c{n}" for n in range(len(table.columns)))
    lines = cells or [["null"] * len(table.columns)]
    values = ", ".join(f"({', '.join(row)})" for row in lines)
    limit = "" if cells else " limit 0"
    return f"select {chosen} from (values {values}) as _v({names}){limit}"
