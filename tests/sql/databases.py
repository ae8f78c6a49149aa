"""Small random DuckDB databases for the tables of a case: NULLs, duplicates, ties."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import duckdb

from .case_files import Table

Rows = list[tuple[Any, ...]]
Database = dict[str, Rows]

_WORDS = ("a", "b", "ab", "Ab", "", "x y")


def connect() -> duckdb.DuckDBPyConnection:
    """One thread, so that equal data in equal order give equal answers."""
    return duckdb.connect(config={"threads": 1})


def random_value(kind: str, chance: Random) -> Any:
    """A value of a SQL type; small domains, so that joins match and groups have ties."""
    if kind.endswith("[]"):
        return [random_value(kind[:-2], chance) for _ in range(chance.randrange(4))]
    if kind.startswith("struct"):
        return {"p": random_value("int", chance), "q": random_value("varchar", chance)}
    if kind == "varchar":
        return chance.choice(_WORDS)
    if kind == "date":
        return dt.date(2024, 1, 1) + dt.timedelta(days=chance.randrange(90))
    if kind == "json":
        return json.dumps({"a": chance.randrange(4), "b": chance.choice(_WORDS)})
    if kind == "boolean":
        return chance.random() < 0.5
    return chance.randrange(5)


def random_database(tables: Sequence[Table], chance: Random, *, nulls: float = 0.12) -> Database:
    """Up to a dozen rows a table; sometimes none."""
    database: Database = {}
    for table in tables:
        count = chance.choice((0, 3, 6, 9, 12)) if nulls else chance.choice((6, 12))
        database[table.name] = [
            tuple(
                None if chance.random() < nulls else random_value(kind, chance)
                for _, kind in table.columns
            )
            for _ in range(count)
        ]
    return database


def with_keys(database: Database, chance: Random) -> Database:
    """The same with first columns that are unique but for NULL."""

    def keyed(rows: Rows) -> Rows:
        ids = chance.sample(range(len(rows) + 3), len(rows))
        return [
            (row[0] if row[0] is None else ident, *row[1:])
            for row, ident in zip(rows, ids, strict=True)
        ]

    return {name: keyed(rows) for name, rows in database.items()}


def load(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], database: Mapping[str, Rows]
) -> None:
    """Create the tables, in the place of those of the same name."""
    for table in tables:
        name = _quoted(table.name)
        if "." in table.name:
            connection.execute(f"create schema if not exists {name.split('.')[0]}")
        columns = ", ".join(f'"{column}" {kind}' for column, kind in table.columns)
        connection.execute(f"create or replace table {name} ({columns})")
        fill(connection, table, database[table.name])


def fill(connection: duckdb.DuckDBPyConnection, table: Table, rows: Rows) -> None:
    """Replace the rows of a table."""
    name = _quoted(table.name)
    connection.execute(f"truncate {name}")
    if rows:
        marks = f"({', '.join('?' for _ in table.columns)})"
        values = [value for row in rows for value in row]
        connection.execute(f"insert into {name} values {', '.join([marks] * len(rows))}", values)


def _quoted(name: str) -> str:
    return ".".join(f'"{part}"' for part in name.split("."))


def mutations(rows: Rows, position: int, kind: str, chance: Random) -> Iterator[Rows]:
    """The table with one column nulled, changed, partly changed, permuted."""

    def replaced(values: Sequence[Any]) -> Rows:
        return [
            (*row[:position], value, *row[position + 1 :])
            for row, value in zip(rows, values, strict=True)
        ]

    values = [row[position] for row in rows]
    yield replaced([None] * len(rows))
    yield replaced([random_value(kind, chance) for _ in rows])
    yield replaced([random_value(kind, chance) if n % 3 else v for n, v in enumerate(values)])
    yield replaced(chance.sample(values, len(values)))


def multiset(values: Sequence[Any]) -> Counter[str]:
    """Values without their order."""
    return Counter(repr(value) for value in values)
