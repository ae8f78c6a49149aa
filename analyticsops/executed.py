"""What became of a change when both versions were executed on the same data: plain data
that findings and reports carry."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

DataKind: TypeAlias = Literal["generated", "sample", "target"]
"""``generated`` from types, tests and the constants of the SQL; a ``sample`` of a DuckDB
database; the tables of a dbt ``target``."""


class Rows(msgspec.Struct, frozen=True, gc=False):
    """A few rows of one table, as text.

    Attributes:
        name: what people call the table.
        columns: names of the columns that are shown.
        rows: a value as text, or null, for each of them.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


class Counterexample(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The smallest input found on which both versions differ. Its values are made up:
    rows of a real database are never shown.

    Attributes:
        inputs: the tables that are read; columns that do not matter are left out.
        base: rows that only the old version yields.
        head: rows that only the new version yields.
    """

    inputs: tuple[Rows, ...]
    base: Rows
    head: Rows

    @property
    def largest(self) -> int:
        """Rows of the largest input."""
        return max((len(table.rows) for table in self.inputs), default=0)


class ColumnShare(msgspec.Struct, frozen=True, gc=False):
    """A column, and the share of its values that differ among the rows that are compared,
    between 0 and 1."""

    column: str
    differing: float


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """Both versions of one model, executed on the same data.

    Attributes:
        node: dbt ``unique_id``.
        name: display name.
        data: what they ran on.
        built: ``model`` if its own SQL ran over the same inputs; ``downstream`` if
            everything before it that the change may reach was built in both versions.
        outcome: ``differs``, ``no difference`` (which proves nothing) or ``unknown``.
        reason: why it is unknown, or what was left out.
        databases: number of databases on which both answered.
        differing: number of those on which they differ.
        key: columns by which rows are paired; without any, rows are paired by all
            columns whose values are not said to have changed.
        rows: rows of the base, over all databases.
        rows_removed: of them, those that the head does not have.
        rows_added: rows that only the head has.
        columns: those that differ, the most first.
        refuted: what was said to be equal and is not: a defect of analyticsops.
    """

    node: str
    name: str
    data: DataKind
    built: Literal["model", "downstream"] = "model"
    outcome: Literal["differs", "no difference", "unknown"]
    reason: str = ""
    databases: int = 0
    differing: int = 0
    key: tuple[str, ...] = ()
    rows: int = 0
    rows_removed: int = 0
    rows_added: int = 0
    columns: tuple[ColumnShare, ...] = ()
    refuted: tuple[str, ...] = ()
