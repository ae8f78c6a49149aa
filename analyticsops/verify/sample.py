"""A few rows of each table of the user's database, copied before any SQL of a model runs.

The database is attached read-only, and only after that the sandbox is locked: views of
the project are read, but nothing outside the database can be reached through them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analyticsops.errors import ArtifactError
from analyticsops.project.model import Node, Project
from analyticsops.verify.sandbox import Sandbox
from analyticsops.verify.tables import Input, Table, quoted, text_literal

if TYPE_CHECKING:
    import duckdb

_STAGE = "memory._sample"

_PAIRS = 8
"""Pairs of join keys by which partners are looked for."""

_WITH_PARTNERS = 0.75
"""Share of the rows that have join partners, if so many have; the others show what an
outer join does without."""


def attach(sandbox: Sandbox, path: Path, name: str) -> None:
    """Attach the database under the name that the project's SQL gives it, and lock.

    Raises:
        ArtifactError: it cannot be read.
    """
    import duckdb

    try:
        sandbox.connection.execute(
            f"attach {text_literal(str(path))} as {quoted(name)} (read_only)"
        )
    except duckdb.Error as fault:
        what = str(fault).strip().splitlines()[0]
        raise ArtifactError(
            f"DuckDB cannot open it: {what}",
            path=path,
            hint="close other programs that write to it; a newer DuckDB reads older files",
        ) from None
    sandbox.lock()


def columns_in(path: Path, project: Project, database: str) -> dict[str, dict[str, str]]:
    """Columns with their types of all tables of the project that a database has, by
    ``unique_id``.

    Raises:
        ArtifactError: the database cannot be read.
    """
    found: dict[str, dict[str, str]] = {}
    with Sandbox() as sandbox:
        attach(sandbox, path, database)
        for node in project.nodes.values():
            if node.has_columns and node.relation is not None:
                columns = _described(sandbox, node, database)
                if columns:
                    found[node.unique_id] = columns
    return found


def _described(sandbox: Sandbox, node: Node, database: str) -> dict[str, str]:
    relation = node.relation
    if relation is None or (relation.database or database).lower() != database.lower():
        return {}
    return described(sandbox, (database, relation.schema or "main", relation.identifier))


def described(sandbox: Sandbox, name: Sequence[str]) -> dict[str, str]:
    """Columns of a table with their types; none if there is no such table."""
    where = ".".join(quoted(part) for part in name)
    try:
        rows = sandbox.connection.execute(f"describe {where}").fetchall()
    except sandbox.error:
        return {}
    return {str(row[0]): str(row[1]) for row in rows}


def copy_tables(
    sandbox: Sandbox,
    path: Path,
    database: str,
    tables: Sequence[Table],
    keys: Collection[Input],
    rows: int,
) -> str:
    """Fill the sandbox with samples of the tables, under their own names.

    Args:
        keys: columns that the model joins by.
        rows: of each table, at most.

    Returns:
        Why it did not work; empty if it did.
    """
    attach(sandbox, path, database)
    staged = stage_tables(sandbox, database, tables, keys, rows)
    if isinstance(staged, str):
        return staged
    for table in tables:
        names = ", ".join(quoted(column.name) for column in table.columns)
        sandbox.create(table, f"select {names} from {staged[table.id]}")
    return ""


def stage_tables(
    sandbox: Sandbox, database: str, tables: Sequence[Table], keys: Collection[Input], rows: int
) -> Mapping[str, str] | str:
    """Copy samples of the tables of an attached database, and detach it.

    Args:
        keys: columns that are joined by.
        rows: of each table, at most; 0 for all.

    Returns:
        Where the rows of each table are, by its id; or why it did not work.
    """
    import duckdb

    connection = sandbox.connection
    connection.execute(f"create schema {_STAGE}")
    staged: list[Table] = []
    try:
        for table in _largest_first(connection, tables):
            stage = f"{_STAGE}.t{len(staged)}"
            partners = _partners(table, staged, keys) if rows else ""
            connection.execute(f"create table {stage} as {_sampled(table, partners, rows)}")
            staged.append(table)
    except duckdb.Error as fault:
        return f"a table cannot be read: {str(fault).strip().splitlines()[0]}"
    connection.execute(f"detach {quoted(database)}")
    return {table.id: f"{_STAGE}.t{number}" for number, table in enumerate(staged)}


def _largest_first(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> list[Table]:
    """Facts before their dimensions: partners are looked for among rows already chosen."""
    sizes: Mapping[str, int] = {
        table.id: connection.execute(f"select count(*) from {table.sql}").fetchall()[0][0]
        for table in tables
    }
    return sorted(tables, key=lambda table: (-sizes[table.id], table.id))


def _partners(table: Table, staged: Sequence[Table], keys: Collection[Input]) -> str:
    """A condition that holds for rows with a partner among those already chosen."""
    conditions = [
        f"{quoted(own.name)} in (select {quoted(other.name)} from {_STAGE}.t{number})"
        for own in table.columns
        if (table.id, own.name) in keys
        for number, chosen in enumerate(staged)
        for other in chosen.columns
        if (chosen.id, other.name) in keys and other.type == own.type
    ]
    return " or ".join(conditions[:_PAIRS])


def _sampled(table: Table, partners: str, rows: int) -> str:
    """The rows, the same ones each time."""
    whole = f"from {table.sql} as _t"
    if not rows:
        return f"select _t.* {whole}"
    if not partners:
        return f"select _t.* {whole} order by hash(_t) limit {rows}"
    paired = max(1, int(rows * _WITH_PARTNERS))
    return (
        f"(select _t.* {whole} where {partners} order by hash(_t) limit {paired}) union all "
        f"(select _t.* {whole} where ({partners}) is not true order by hash(_t) "
        f"limit {rows - paired})"
    )
