"""Small databases for a job, one after the other: the smallest first, since whoever looks at a
difference wants to see few rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random

import msgspec

from analyticsops.evidence.pair import Job
from analyticsops.evidence.stage import Database, Row
from analyticsops.verify.sandbox import Sandbox
from analyticsops.verify.synthetic import Cells, rows_query, synthetic_rows
from analyticsops.verify.tables import Table

_SMALL = (1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3)
"""Rows of every table in the first databases; the others mix empty and larger ones."""

_MIXED = (0, 2, 4, 6, 9)
_LARGER = (3, 6, 9, 12)
"""Rows where models are built on models: of few rows none gets through many joins."""

_NULLS = (0.0, 0.12, 0.3)


def databases(sandbox: Sandbox, job: Job, types: Mapping[str, Sequence[str]]) -> Iterator[Database]:
    """As many as the limits say, each within what tests promise."""
    tables = [_typed(one.table, types[one.table.id]) for one in job.inputs]
    name = f"{job.limits.seed} {' '.join(model.id for model in job.models)}"
    for number in range(job.limits.databases):
        chance = Random(f"{name} {number}")
        rows = {table.id: _size(job, number, chance) for table in tables}
        made = synthetic_rows(
            sandbox,
            tables,
            chance,
            rows=rows,
            nulls=_NULLS[number % len(_NULLS)],
            hints=job.hints,
        )
        yield kept_promises(tables, {t.id: _texts(sandbox, t, made[t.id]) for t in tables})


def _size(job: Job, number: int, chance: Random) -> int:
    if job.built == "downstream":
        return chance.choice(_LARGER)
    return _SMALL[number] if number < len(_SMALL) else chance.choice(_MIXED)


def _typed(table: Table, types: Sequence[str]) -> Table:
    columns = [
        msgspec.structs.replace(column, type=type_)
        for column, type_ in zip(table.columns, types, strict=True)
    ]
    return msgspec.structs.replace(table, columns=tuple(columns))


def _texts(sandbox: Sandbox, table: Table, cells: Cells) -> list[Row]:
    """Literals as the values that DuckDB makes of them."""
    if not cells:
        return []
    shown = ", ".join(f"c{n}::varchar" for n in range(len(table.columns)))
    names = ", ".join(f"c{n}" for n in range(len(table.columns)))
    query = f"select {shown} from ({rows_query(table, cells)}) as _q({names})"
    return sandbox.connection.execute(query).fetchall()


def kept_promises(tables: Sequence[Table], database: Database) -> Database:
    """The database without rows that break a promise: a NULL where none may be, a key that
    another row has, a value that the table it refers to has not."""
    found = {table.id: _unique(table, database[table.id]) for table in tables}
    for _ in tables:  # what refers to a row that went goes as well
        for table in tables:
            found[table.id] = _referring(tables, table, found)
    return found


def _unique(table: Table, rows: Sequence[Row]) -> list[Row]:
    required = [n for n, column in enumerate(table.columns) if column.required]
    names = {column.name.lower(): n for n, column in enumerate(table.columns)}
    alone = [[n] for n, column in enumerate(table.columns) if column.unique]
    together = [[names[name] for name in key] for key in table.keys if names.keys() >= {*key}]
    taken: set[tuple[int, tuple[str | None, ...]]] = set()
    kept = []
    for row in rows:
        keys = [
            (number, tuple(row[n] for n in key))
            for number, key in enumerate([*alone, *together])
            if any(row[n] is not None for n in key)
        ]
        if any(row[n] is None for n in required) or taken & {*keys}:
            continue
        taken.update(keys)
        kept.append(row)
    return kept


def _referring(tables: Sequence[Table], table: Table, database: Database) -> list[Row]:
    rows = [*database[table.id]]
    for n, column in enumerate(table.columns):
        other = next((t for t in tables if column.refers and t.id == column.refers[0]), None)
        if other is None or column.refers is None:
            continue
        name = column.refers[1].lower()
        place = next((m for m, c in enumerate(other.columns) if c.name.lower() == name), None)
        if place is not None:
            known = {row[place] for row in database[other.id]}
            rows = [row for row in rows if row[n] is None or row[n] in known]
    return rows


def is_promised(tables: Sequence[Table], database: Database) -> bool:
    """True if a database keeps all promises."""
    kept = kept_promises(tables, database)
    return all(len(kept[table.id]) == len(database[table.id]) for table in tables)
