"""The types of what dbt adds to a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyticsops.project.snapshots import own_names
from analyticsops.sql.facts import Problem
from analyticsops.sql.types.engines import engine_of
from analyticsops.sql.types.spelling import type_text
from analyticsops.sql.types.sqltype import SqlType
from analyticsops.sql.types.typed import TypedColumn

_NOW = {
    "bigquery": "TIMESTAMPTZ",
    "databricks": "TIMESTAMPTZ",
    "duckdb": "TIMESTAMP",
    "postgres": "TIMESTAMP",
    "redshift": "TIMESTAMP",
    "snowflake": "TIMESTAMP",
    "spark": "TIMESTAMPTZ",
}
"""What the adapter's ``snapshot_get_time`` yields."""


def snapshot_types(
    config: Mapping[str, Any], columns: Mapping[str, TypedColumn], dialect: str
) -> dict[str, TypedColumn]:
    """dbt's own columns by name in lower case.

    Args:
        config: of the snapshot.
        columns: of its query.
    """
    text = type_text(engine_of(dialect).constants.string, dialect)
    moment, problem = _moment(config, columns, dialect)
    found: dict[str, TypedColumn] = {}
    for name, real in own_names(config).items():
        textual = name in ("dbt_scd_id", "dbt_is_deleted")
        column = TypedColumn(real, text, None) if textual else TypedColumn(real, moment, problem)
        if real.lower() not in columns:
            found[real.lower()] = column
    return found


def _moment(
    config: Mapping[str, Any], columns: Mapping[str, TypedColumn], dialect: str
) -> tuple[str, Problem | None]:
    """The type of ``updated_at``; without one that of the adapter's clock."""
    updated_at = config.get("updated_at")
    if isinstance(updated_at, str) and updated_at:
        column = columns.get(updated_at.strip('"`').lower())
        if column is not None:
            return column.type, column.problem
        return "", Problem("type not known", f"updated_at is {updated_at}")
    if dialect in _NOW:
        return type_text(SqlType(_NOW[dialect]), dialect), None
    return "", Problem("type not known", f"dbt's clock on {dialect}")
