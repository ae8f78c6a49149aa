"""Faults in the data of a copied DuckDB file, and the loader that fills its sources.

Whoever works here holds the file alone, and closes it before dbt comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from analyticsops.project.model import Node
from analyticsops.verify.tables import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AGE = timedelta(minutes=1)
"""Of the newest row of a source that was just loaded."""

AHEAD = timedelta(days=30)
DUPLICATES = 1000

_ZONED = "TIMESTAMP WITH TIME ZONE"
_TIMES = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE", _ZONED)
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "python_enable_replacements": False,
}


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The table of a source in the copy.

    Attributes:
        name: quoted, to be written in SQL.
        columns: name -> type, in order.
        loaded_at: the column that says when a row was loaded; empty if there is none that
            could be written.
        why: there is no such column.
    """

    name: str
    columns: Mapping[str, str]
    loaded_at: str = ""
    why: str = ""


@contextmanager
def opened(database: Path) -> Iterator[DuckDBPyConnection]:
    """The copy, to be written; nothing outside it can be reached."""
    import duckdb

    with duckdb.connect(str(database), config=_SETTINGS) as connection:
        yield connection


def table_of(connection: DuckDBPyConnection, source: Node) -> Table | str:
    """The table of a source, or why there is none that could be written."""
    relation = source.relation
    if relation is None:
        return "its manifest names no table"
    where = [part or "" for part in (relation.database, relation.schema, relation.identifier)]
    rows = connection.execute(
        "select table_catalog, table_schema, table_name, table_type from information_schema.tables "
        "where lower(table_name) = lower($3) and lower(table_schema) = lower($2) "
        "and ($1 = '' or lower(table_catalog) = lower($1))",
        where,
    ).fetchall()
    if not rows:
        return "it is no table of the database"
    *parts, kind = rows[0]
    if kind != "BASE TABLE":
        return "it is a view, and only tables can be written"
    name = ".".join(quoted(part) for part in parts)
    told = connection.execute(f"describe {name}").fetchall()
    columns = {str(row[0]): str(row[1]) for row in told}
    column, why = _loaded_at(source, columns)
    return Table(name=name, columns=columns, loaded_at=column, why=why)


def _loaded_at(source: Node, columns: Mapping[str, str]) -> tuple[str, str]:
    """(column, why there is none)."""
    info = source.source
    if info is None or info.loaded_at_query or not info.loaded_at_field:
        return "", "it has no plain loaded_at_field"
    wanted = info.loaded_at_field.strip().strip('"').lower()
    found = next((column for column in columns if column.lower() == wanted), "")
    if not found:
        return "", f"its loaded_at_field is no plain column: {info.loaded_at_field}"
    if columns[found] not in _TIMES:
        return "", f"its loaded_at_field is no time, but {columns[found]}"
    return found, ""


# -- what is done to it -----------------------------------------------------------


def load(connection: DuckDBPyConnection, table: Table, now: datetime) -> None:
    """What a loader does: the newest rows came just now."""
    column = quoted(table.loaded_at)
    connection.execute(
        f"update {table.name} set {column} = {_moment(table, now - AGE)} "
        f"where {column} = (select max({column}) from {table.name})"
    )


def delay(connection: DuckDBPyConnection, table: Table, by: timedelta) -> None:
    """Every row came so much earlier, as if nothing had come since."""
    column = quoted(table.loaded_at)
    moved = f"{column} - interval '{round(by.total_seconds())} seconds'"
    kind = table.columns[table.loaded_at]
    connection.execute(f"update {table.name} set {column} = cast({moved} as {kind})")


def run_ahead(connection: DuckDBPyConnection, table: Table, now: datetime) -> None:
    """One row comes from the future."""
    connection.execute(
        f"update {table.name} set {quoted(table.loaded_at)} = {_moment(table, now + AHEAD)} "
        f"where rowid = (select max(rowid) from {table.name})"
    )


def drop_column(connection: DuckDBPyConnection, table: Table, column: str) -> None:
    """The column is gone."""
    connection.execute(f"alter table {table.name} drop column {quoted(column)}")


def duplicate(connection: DuckDBPyConnection, table: Table) -> None:
    """Rows are loaded twice."""
    connection.execute(f"insert into {table.name} select * from {table.name} limit {DUPLICATES}")


def _moment(table: Table, at: datetime) -> str:
    """As dbt reads it: without a time zone it is UTC."""
    text = at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    kind = table.columns[table.loaded_at]
    zone = "+00" if kind == _ZONED else ""
    return f"cast('{text}{zone}' as {kind})"
