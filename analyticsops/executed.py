"""What became of a change when both versions were executed on the same data: plain data
that findings and reports carry."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

DataKind: TypeAlias = Literal["generated", "sample", "target"]
"""``generated`` from types, tests and the constants of the SQL; a ``sample`` of a DuckDB
database; the tables of a dbt ``target``."""


Outcome: TypeAlias = Literal["differs", "no difference", "unknown"]


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
    """How much of a column differs.

    Attributes:
        column: its name.
        differing: share of its values, between 0 and 1, among the rows that both have.
    """

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
    outcome: Outcome
    reason: str = ""
    databases: int = 0
    differing: int = 0
    key: tuple[str, ...] = ()
    rows: int = 0
    rows_removed: int = 0
    rows_added: int = 0
    columns: tuple[ColumnShare, ...] = ()
    refuted: tuple[str, ...] = ()


def ran_on(execution: Execution) -> str:
    """What data an execution ran on, in words."""
    if execution.data == "generated":
        many = execution.databases
        return f"{many or ''} generated database{'' if many == 1 else 's'}".strip()
    return "rows of the database" if execution.data == "sample" else "the target"


def rows_told(execution: Execution) -> str:
    """``25 of 108 rows removed, 24 added, by order_id``."""
    removed, added = execution.rows_removed, execution.rows_added
    return f"{removed:,} of {execution.rows:,} rows removed, {added:,} added{by_key(execution)}"


def by_key(execution: Execution) -> str:
    """``, by order_id``; empty where rows have no key."""
    return f", by {', '.join(execution.key)}" if execution.key else ""


def percent(share: float) -> str:
    """A share as people write it; never 0 % for what is something."""
    return f"{share:.0%}" if share >= 0.01 else "less than 1%"


_COLUMNS_TOLD = 4


def told(execution: Execution) -> str:
    """The outcome in a line: ``differs on 17 of 60 generated databases: ...``."""
    if execution.outcome == "unknown":
        return f"unknown: {execution.reason}"
    where = ran_on(execution)
    if execution.outcome == "no difference":
        return f"no difference on {where}"
    parts = [rows_told(execution)] if execution.rows_removed or execution.rows_added else []
    shares = [f"{c.column} {percent(c.differing)}" for c in execution.columns[:_COLUMNS_TOLD]]
    if len(execution.columns) > _COLUMNS_TOLD:
        shares.append(f"{len(execution.columns) - _COLUMNS_TOLD:,} more columns")
    if shares:
        parts.append(f"values differ: {', '.join(shares)}")
    share = f"{execution.differing} of " if execution.data == "generated" else ""
    return f"differs on {share}{where}: {'; '.join(parts)}"
