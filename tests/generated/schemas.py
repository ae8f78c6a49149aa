"""Random tables. A name has the same kind of values wherever it stands, so that USING,
NATURAL and UNION BY NAME meet well-typed columns, and names collide often."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from analyticsops.verify.tables import Column, Table

TYPES = {
    "int": "INTEGER",
    "num": "DECIMAL(9,2)",
    "text": "VARCHAR",
    "date": "DATE",
    "ts": "TIMESTAMP",
    "bool": "BOOLEAN",
    "ints": "INTEGER[]",
    "texts": "VARCHAR[]",
    "rec": "STRUCT(p INTEGER, q VARCHAR)",
    "json": "JSON",
}
"""Kind of expression -> type of a column of a table."""

NAMES = {
    "int": ("k", "x", "y", "z", "n"),
    "num": ("amt", "fee"),
    "text": ("s", "name", "Mixed Case"),
    "date": ("d", "due"),
    "ts": ("ts", "order"),
    "bool": ("f", "ok"),
    "ints": ("l", "xs"),
    "texts": ("tags",),
    "rec": ("st",),
    "json": ("j",),
}
"""Of columns in tables and of results, by kind."""

_KINDS = ("int", "int", "int", "text", "text", "num", "date", "ts", "bool", "ints", "rec", "json")
_TABLES = ("t", "u", "w", "Big Table", "sh.v", "orders")


class Col(NamedTuple):
    """A column that an expression may use: its name and kind."""

    name: str
    kind: str

    @property
    def sql(self) -> str:
        """The name as SQL."""
        return ident(self.name)


def ident(name: str) -> str:
    """Quoted where it must be."""
    plain = name.isidentifier() and name == name.lower() and name not in ("order", "all", "end")
    return name if plain else f'"{name}"'


def kind_of(type_: str) -> str:
    """The kind of a type as DuckDB tells it; empty for one that expressions do not use."""
    for kind, known in TYPES.items():
        if type_ == known:
            return kind
    if type_ in ("BIGINT", "HUGEINT", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER"):
        return "int"
    if type_.startswith("DECIMAL") or type_ in ("DOUBLE", "FLOAT"):
        return "num"
    return "ints" if type_ in ("BIGINT[]", "HUGEINT[]") else ""


def random_schema(chance: Random) -> list[Table]:
    """Three or four tables, each with a unique `id` and some columns."""
    names = chance.sample(_TABLES, chance.choice((3, 3, 4)))
    return [_table(name, chance) for name in names]


def _table(name: str, chance: Random) -> Table:
    columns = {"id": Column("id", TYPES["int"], unique=True)}
    for kind in chance.sample(_KINDS, chance.randrange(3, 7)):
        column = chance.choice(NAMES[kind])
        columns.setdefault(column, Column(column, TYPES[kind]))
    return Table(name, tuple(name.split(".")), tuple(columns.values()))
