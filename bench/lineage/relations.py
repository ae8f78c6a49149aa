"""Relations of a generated project, and picking columns of them by type.

Every relation holds at least two columns of each type in :data:`EVERYWHERE`, so that any
relation can be the parent of any model.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

KEY = "BIGINT"
AMOUNT = "DECIMAL(18,2)"
TEXT = "VARCHAR"
MOMENT = "TIMESTAMP"
DAY = "DATE"
FLAG = "BOOLEAN"

EVERYWHERE = (KEY, AMOUNT, TEXT, MOMENT)


class Column(NamedTuple):
    """A column of a relation, with DuckDB's name of its type."""

    name: str
    type: str


class Relation(NamedTuple):
    """A source, seed or model: what dbt calls it, and what it holds.

    Attributes:
        sql: what makes it; empty for sources and seeds.
        parents: the relations that it reads.
    """

    unique_id: str
    kind: str
    name: str
    schema: str
    folder: str
    columns: tuple[Column, ...]
    sql: str = ""
    parents: tuple[str, ...] = ()

    @property
    def quoted(self) -> str:
        """Its name in the warehouse, as dbt writes it into SQL."""
        return f'"db"."{self.schema}"."{self.name}"'


def of_type(columns: Sequence[Column], kind: str) -> list[str]:
    """Names of the columns of a type."""
    return [column.name for column in columns if column.type == kind]


def one(rng: Random, columns: Sequence[Column], kind: str) -> str:
    """Any column of a type."""
    return rng.choice(of_type(columns, kind))


def some(rng: Random, columns: Sequence[Column], count: int) -> list[Column]:
    """So many columns, in their order; two of each type in :data:`EVERYWHERE` come first."""
    must = [column for kind in EVERYWHERE for column in [c for c in columns if c.type == kind][:2]]
    rest = [column for column in columns if column not in must]
    more = rng.sample(rest, max(0, min(len(rest), count - len(must))))
    kept = {*must, *more}
    return [column for column in columns if column in kept]
