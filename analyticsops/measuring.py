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
    database: str | Path,
    *,
    by: Sequence[str] = (),
    where: Sequence[str] = (),
    order: Sequence[str] = (),
    limit: int = 0,
) -> MetricRows:
    """Compute metrics on a DuckDB file, which is only read.

    Args:
        database: of the dbt project; the rest as :func:`metric_sql` takes it. Without an
            order rows are sorted by what they are grouped by.

    Raises:
        NotFoundError: no such metric.
        UsageError: the question is refused; or the project is not written for DuckDB.
        ArtifactError: the database cannot be read, or lacks what the query reads.
    """
    if workspace.dialect != "duckdb":
        raise UsageError(
            f"the project is written for {workspace.dialect or 'an unknown adapter'}",
            hint="`metrics sql` gives the query; run it where the data is",
        )
    shown = order or [group_of(text).column for text in by]
    sql = _sql(workspace, metrics, by, where, shown, limit)
    import duckdb

    safe: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoload_known_extensions": False,
    }
    try:
        with duckdb.connect(str(database), read_only=True, config=safe) as connection:
            found = connection.execute(sql)
            columns = tuple(column[0] for column in found.description or ())
            return MetricRows(columns=columns, rows=tuple(found.fetchall()), sql=sql)
    except duckdb.Error as fault:
        first = str(fault).strip().splitlines()[0]
        hint = "`dbt build` makes what the metrics read"
        raise ArtifactError(first, path=Path(database), hint=hint) from fault
