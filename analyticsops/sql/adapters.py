"""Which SQL dialect a dbt adapter speaks."""

from __future__ import annotations

ADAPTERS = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "fabric": "fabric",
    "glue": "spark",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "spark": "spark",
    "sqlite": "sqlite",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "teradata": "teradata",
    "trino": "trino",
}


def dialect_of(adapter: str) -> str:
    """The sqlglot dialect of a dbt adapter type; the adapter's own name if unlisted."""
    return ADAPTERS.get(adapter, adapter)
