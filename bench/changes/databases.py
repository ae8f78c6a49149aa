"""Random databases for the sources of generated projects, and models built on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

import duckdb

from bench.changes.expressions import WORDS
from tests.sql.case_files import Table
from tests.sql.databases import Database, connect, load


class Column(NamedTuple):
    """A column of a model; ``kind`` is ``number``, ``word``, or what it is the id of."""

    name: str
    kind: str


SOURCES: Mapping[str, tuple[Column, ...]] = {
    "raw.customers": (
        Column("customer_id", "customer"),
        Column("name", "word"),
        Column("country", "word"),
        Column("score", "number"),
    ),
    "raw.orders": (
        Column("order_id", "order"),
        Column("customer_id", "customer"),
        Column("status", "word"),
        Column("amount", "number"),
        Column("discount", "number"),
        Column("day", "number"),
    ),
    "raw.payments": (
        Column("payment_id", "payment"),
        Column("order_id", "order"),
        Column("method", "word"),
        Column("paid", "number"),
        Column("fee", "number"),
    ),
    "raw.items": (
        Column("item_id", "item"),
        Column("order_id", "order"),
        Column("product_id", "product"),
        Column("quantity", "number"),
        Column("price", "number"),
    ),
    "raw.products": (
        Column("product_id", "product"),
        Column("category", "word"),
        Column("cost", "number"),
    ),
}
"""The first column of each is unique and never NULL."""

TABLES = [
    Table(
        name,
        tuple((c.name, "varchar" if c.kind == "word" else "int") for c in columns),
        complete=True,
    )
    for name, columns in SOURCES.items()
]

TABLE_NAME = re.compile(r"@(\w+(?:\.\w+)?)")


class Answer(NamedTuple):
    """What a model yields on one database."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def database(seed: int) -> duckdb.DuckDBPyConnection:
    """The database of a seed, with the sources in it."""
    connection = connect()
    load(connection, TABLES, random_database(Random(seed), Manner(_NULLS[seed % 3])))
    return connection


_NULLS = (0.0, 0.08, 0.2)
_ROWS = {"customer": 10, "order": 22, "payment": 26, "item": 26, "product": 8}
"""The most rows of a table, by what its rows are."""


class Manner(NamedTuple):
    """How a random database is filled.

    Attributes:
        nulls: share of NULLs outside keys.
        size: of the tables, 1 if as many rows as usual.
        numbers: the lowest, and how many there are.
        words: that there are.
    """

    nulls: float
    size: float = 1
    numbers: tuple[int, int] = (0, 6)
    words: Sequence[str] = WORDS


def other_database(seed: int) -> duckdb.DuckDBPyConnection:
    """A database of another manner for each seed: nearly empty or larger, with few values or
    more, with many NULLs or none."""
    chance = Random(f"other {seed}")
    manner = Manner(
        chance.choice((0.0, 0.05, 0.2, 0.5)),
        chance.choice((0.25, 0.6, 1, 2)),
        (chance.choice((0, 0, -2)), chance.choice((3, 6, 9))),
        chance.sample(WORDS, chance.choice((2, 3, len(WORDS)))),
    )
    connection = connect()
    load(connection, TABLES, random_database(chance, manner))
    return connection


def random_database(chance: Random, manner: Manner) -> Database:
    """Rows of the sources: their keys are kept, references may lead nowhere, values are few,
    so that joins match and groups have ties; now and then a table is empty."""
    database: Database = {}
    for name, (own, *others) in SOURCES.items():
        most = _most(own.kind, manner)
        count = 0 if chance.random() < 0.04 else chance.randint(most // 2, most)
        idents = sorted(chance.sample(range(most + 2), count))
        database[name] = [
            (ident, *(_value(column.kind, chance, manner) for column in others)) for ident in idents
        ]
    return database


def _most(kind: str, manner: Manner) -> int:
    return max(round(_ROWS[kind] * manner.size), 2)


def _value(kind: str, chance: Random, manner: Manner) -> int | str | None:
    if chance.random() < manner.nulls:
        return None
    if kind == "word":
        return chance.choice(manner.words)
    if kind in _ROWS:
        return chance.randrange(_most(kind, manner) + 2)
    lowest, count = manner.numbers
    return lowest + chance.randrange(count)


def make(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    sql: str,
    renamed: Mapping[str, str] | None = None,
) -> Answer | None:
    """Build a model; None if DuckDB refuses.

    Args:
        renamed: models that are found under another name.
    """
    text = TABLE_NAME.sub(lambda match: (renamed or {}).get(match[1], match[1]), sql)
    try:
        connection.execute(f"create or replace table {name} as {text}")
        result = connection.sql(f"select * from {name}")
        return Answer(tuple(column.lower() for column in result.columns), result.fetchall())
    except duckdb.Error:
        return None


@lru_cache(maxsize=8)
def column_types(sql: tuple[tuple[str, str], ...]) -> Mapping[str, Mapping[str, str]]:
    """The types of the columns of models, given with their SQL, as a warehouse knows them;
    without models that cannot be built."""
    connection = connect()
    load(connection, TABLES, {table.name: [] for table in TABLES})
    found: dict[str, dict[str, str]] = {}
    todo = dict(sql)
    while todo:
        built = [name for name, text in todo.items() if make(connection, name, text) is not None]
        for name in built:
            columns = connection.sql(f"describe {name}").fetchall()
            found[name] = {column.lower(): kind for column, kind, *_ in columns}
            del todo[name]
        if not built:
            break
    connection.close()
    return found
