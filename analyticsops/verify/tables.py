"""Tables as an experiment sees them: what DuckDB calls them, and what their columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

Input: TypeAlias = tuple[str, str]
"""(id of a table, name of a column); the name is empty where rows are meant."""


class Column(msgspec.Struct, frozen=True, gc=False):
    """A column of a table that a query reads.

    Attributes:
        name: as the table spells it.
        type: in DuckDB's words.
        unique: no value twice.
        required: never NULL.
        accepted: the only values there are; any if empty.
        refers: the column whose values it repeats, if any.
    """

    name: str
    type: str
    unique: bool = False
    required: bool = False
    accepted: tuple[str, ...] = ()
    refers: Input | None = None


class Table(msgspec.Struct, frozen=True, gc=False):
    """A table that a query reads.

    Attributes:
        id: what the lineage calls it.
        name: what the query calls it: database, schema and identifier, or the last of them.
        columns: in their order.
        keys: columns, in lower case, that are unique together.
    """

    id: str
    name: tuple[str, ...]
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...] = ()

    @property
    def sql(self) -> str:
        """The name as SQL."""
        return ".".join(quoted(part) for part in self.name)


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """Values that are worth trying, since a query compares with them.

    Attributes:
        values: constants of the query, as text.
        of_column: those beside a column, by its name in lower case.
        partners: columns that take each other's values where they can, since a query
            joins by them: name of a column in lower case -> name of its group.
    """

    values: tuple[str, ...] = ()
    of_column: Mapping[str, tuple[str, ...]] = {}
    partners: Mapping[str, str] = {}

    def group(self, name: str) -> str:
        """The group of a column; empty if it is in none."""
        return self.partners.get(name.lower(), "")


def quoted(name: str) -> str:
    """An identifier as SQL."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"
