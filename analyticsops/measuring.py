"""Metrics as SQL, and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.errors import ArtifactError, UsageError
from analyticsops.metrics.query.request import group_of, make_query
from analyticsops.workspace import Workspace


class MetricRows(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question.

    Attributes:
        columns: their names.
        rows: values as DuckDB gives them.
        sql: what was run.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    sql: str


def metric_sql(
    workspace: Workspace,
    metrics: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Sequence[str] = (),
    order: Sequence[str] = (),
    limit: int = 0,
    dialect: str = "",
) -> str:
    """The query that computes metrics, as MetricFlow would.

    Args:
        metrics: names, labels or synonyms.
        by: ``metric_time__month``, ``customer__country``, or a call such as
            ``Dimension('customer__country')``.
        where: conditions with ``{{ Dimension('customer__country') }}`` in them.
        order: columns of the result; with ``-`` in front the largest first.
        limit: at most so many rows; 0 for all.
        dialect: sqlglot's name of another dialect than the project's.

    Raises:
        NotFoundError: no such metric.
        UsageError: it cannot be asked so; or the question is refused, with the reason.
    """
    sql = _sql(workspace, metrics, by, where, order, limit)
    if dialect and dialect != workspace.dialect:
        from analyticsops.sql.time_functions import transpiled

        return transpiled(sql, workspace.dialect, dialect)
    return sql


def _sql(
    workspace: Workspace,
    metrics: Sequence[str],
    by: Sequence[str],
    where: Sequence[str],
    order: Sequence[str],
    limit: int,
) -> str:
    from analyticsops.metrics.entries import find_metric
    from analyticsops.metrics.query.compiler import compile_query

    registry = workspace.registry
    known = registry.definitions
    names = [
        name if name in known else find_metric(registry.entries, name).name for name in metrics
    ]
    query = make_query(tuple(names), tuple(by), tuple(where), tuple(order), limit)
    return compile_query(known, registry.layer, workspace.dialect, query)


def query_metrics(
    workspace: Workspace,
    metrics: Sequence[str],
    database: str | Path | None = None,
    *,
    target: str | None = None,
    by: Sequence[str] = (),
    where: Sequence[str] = (),
    order: Sequence[str] = (),
    limit: int = 0,
) -> MetricRows:
    """Compute metrics on a DuckDB file, which is only read, or through dbt.

    Args:
        database: a DuckDB file of the project.
        target: of dbt's profile, instead of a database; empty for the default. `dbt show`
            then runs the query, and writes nothing.
        by: as :func:`metric_sql` takes it, as is the rest. Without an order rows are sorted
            by what they are grouped by.

    Raises:
        NotFoundError: no such metric.
        UsageError: the question is refused; or the project is not written for DuckDB.
        ArtifactError: the database cannot be read, or lacks what the query reads.
        ProcessError: dbt is missing or fails.
    """
    shown = order or [group_of(text).column for text in by]
    if target is not None:
        sql = _sql(workspace, metrics, by, where, shown, limit)
        return _through_dbt(workspace, sql, target, limit)
    path = duckdb_file(workspace, database)
    sql = _sql(workspace, metrics, by, where, shown, limit)
    (answer,) = ask_duckdb(path, [sql])
    if isinstance(answer, str):
        raise ArtifactError(answer, path=path, hint="`dbt build` makes what the metrics read")
    return answer


def duckdb_file(workspace: Workspace, database: str | Path | None) -> Path:
    """The file on which a project's queries can be run.

    Raises:
        UsageError: there is none, or the project is not written for DuckDB.
    """
    if workspace.dialect != "duckdb":
        raise UsageError(
            f"the project is written for {workspace.dialect or 'an unknown adapter'}",
            where="--database",
            hint="run it where the data is, through dbt: --target NAME",
        )
    if database is None:
        hint = "name a DuckDB file with --database, or a target of dbt's with --target"
        raise UsageError("no database to ask", hint=hint)
    return Path(database)


_MANY = 1_000_000
"""Rows of an answer through dbt, which always has a limit."""

DBT_SECONDS = 600.0
"""So long is waited for dbt and the warehouse."""


def _through_dbt(workspace: Workspace, sql: str, target: str, limit: int) -> MetricRows:
    from analyticsops.commits.show import show

    rows = show(
        sql,
        project_folder(workspace, "--target"),
        target=target,
        like=workspace.args,
        limit=limit or _MANY,
        seconds=DBT_SECONDS,
    )
    columns = tuple(rows[0]) if rows else ()
    return MetricRows(columns=columns, rows=tuple(tuple(row.values()) for row in rows), sql=sql)


def project_folder(workspace: Workspace, where: str) -> Path:
    """The folder in which dbt is run.

    Raises:
        UsageError: it is not known.
    """
    if workspace.project_dir is None:
        hint = "name it with --project-dir"
        raise UsageError("the folder of the dbt project is not known", where=where, hint=hint)
    return workspace.project_dir


def ask_duckdb(database: Path, queries: Sequence[str]) -> list[MetricRows | str]:
    """The answer to each query, or why there is none. The file is read, never written, and
    nothing else can be reached.

    Raises:
        ArtifactError: it is no database that can be read.
    """
    import duckdb

    safe: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoload_known_extensions": False,
    }
    found: list[MetricRows | str] = []
    try:
        with duckdb.connect(str(database), read_only=True, config=safe) as connection:
            for sql in queries:
                try:
                    answer = connection.execute(sql)
                    columns = tuple(column[0] for column in answer.description or ())
                    rows = tuple(answer.fetchall())
                    found.append(MetricRows(columns=columns, rows=rows, sql=sql))
                except duckdb.Error as fault:
                    found.append(_first_line(fault))
    except duckdb.Error as fault:
        raise ArtifactError(_first_line(fault), path=database, hint="a DuckDB file") from fault
    return found


def _first_line(fault: Exception) -> str:
    return str(fault).strip().splitlines()[0]
