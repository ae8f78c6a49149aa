"""Rows that nobody has: made from types, names' constraints and the query's constants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from analyticsops.verify.literals import cast_literal, distinct_literal, fits, random_literal
from analyticsops.verify.sandbox import Sandbox
from analyticsops.verify.tables import Column, Hints, Table, quoted

Cells = list[list[str]]
"""Rows of SQL literals."""

_HINTED = 0.5
"""Share of the values that are taken from the constants beside a column."""

_PARTNERED = 0.5
"""Share of the values that a column takes from those it is joined with."""


def synthetic_rows(
    sandbox: Sandbox,
    tables: Sequence[Table],
    chance: Random,
    *,
    rows: int | Mapping[str, int],
    nulls: float = 0.12,
    hints: Hints | None = None,
) -> dict[str, Cells]:
    """Rows for each table, by its id, as far as possible within what its tests promise.

    Args:
        rows: of each table; or of each by its id.
        nulls: share of NULLs where they are allowed.
        hints: what the query compares its columns with.
    """
    maker = _Maker(sandbox, chance, nulls, hints or Hints())
    found: dict[str, Cells] = {}
    for table in _referred_first(tables):
        many = rows if isinstance(rows, int) else rows[table.id]
        columns = [maker.column(table, column, many) for column in table.columns]
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


class _Maker:
    """Columns, one after the other; what was made stands for those that repeat it."""

    def __init__(self, sandbox: Sandbox, chance: Random, nulls: float, hints: Hints) -> None:
        self._sandbox = sandbox
        self._chance = chance
        self._nulls = nulls
        self._hints = hints
        self._made: dict[tuple[str, str], list[str]] = {}
        self._groups: dict[tuple[str, str], list[str]] = defaultdict(list)

    def column(self, table: Table, column: Column, rows: int) -> list[str]:
        """Values for a column of a table."""
        cells = self._cells(column, rows)
        known = [cell for cell in cells if cell != "null"]
        self._made[table.id, column.name.lower()] = known
        name = self._hints.group(column.name)
        if name:
            group = self._groups[name, column.type]
            group += [cell for cell in known if cell not in group]
        return cells

    def _cells(self, column: Column, rows: int) -> list[str]:
        kind = self._sandbox.sql_type(column.type)
        if kind is None:
            return ["null"] * rows
        table, name = column.refers or ("", "")
        referred = self._made.get((table, name.lower()), [])
        near = [
            cast_literal(text, kind)
            for text in self._hints.of_column.get(column.name.lower(), ())
            if fits(text, kind)
        ]
        partners = list(self._groups[self._hints.group(column.name), column.type])
        if column.unique:
            distinct = list(self._distinct(column, referred, [*partners, *near], rows))
            if len(distinct) >= rows:
                chosen = self._chance.sample(distinct, rows)
                return [self._hole(column) or cell for cell in chosen]

        def cell() -> str:
            hole = self._hole(column)
            if hole:
                return hole
            if referred:
                return self._chance.choice(referred)
            if column.accepted:
                return cast_literal(self._chance.choice(column.accepted), kind)
            if partners and self._chance.random() < _PARTNERED:
                return self._chance.choice(partners)
            if near and self._chance.random() < _HINTED:
                return self._chance.choice(near)
            return random_literal(kind, self._chance, self._hints.values)

        return [cell() for _ in range(rows)]

    def _hole(self, column: Column) -> str:
        """Sometimes a NULL, where one is allowed: `unique` allows as many as there are."""
        allowed = 0.0 if column.required else self._nulls
        return "null" if self._chance.random() < allowed else ""

    def _distinct(
        self, column: Column, referred: Sequence[str], others: Sequence[str], rows: int
    ) -> Iterator[str]:
        """Values that are not the same, as far as their texts tell."""
        if referred:
            yield from dict.fromkeys(referred)
            return
        kind = self._sandbox.sql_type(column.type)
        texts = dict.fromkeys(others)
        if column.accepted and kind is not None:
            yield from dict.fromkeys(cast_literal(text, kind) for text in column.accepted)
            return
        if kind is not None:
            made = (distinct_literal(kind, number) for number in range(rows))
            texts.update(dict.fromkeys(text for text in made if text is not None))
        yield from texts


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
