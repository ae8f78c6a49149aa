"""One module per engine, and which of them speaks a dialect."""

from __future__ import annotations

from functools import lru_cache

from analyticsops.sql.types.engine import Engine
from analyticsops.sql.types.engines.bigquery import BIGQUERY
from analyticsops.sql.types.engines.duckdb import DUCKDB
from analyticsops.sql.types.engines.postgres import POSTGRES
from analyticsops.sql.types.engines.redshift import REDSHIFT
from analyticsops.sql.types.engines.snowflake import SNOWFLAKE
from analyticsops.sql.types.engines.spark import DATABRICKS, SPARK
from analyticsops.sql.types.engines.standard import standard
from analyticsops.sql.types.engines.trino import ATHENA, PRESTO, TRINO
from analyticsops.sql.types.engines.tsql import FABRIC, TSQL

_ALL = (
    *(ATHENA, BIGQUERY, DATABRICKS, DUCKDB, FABRIC, POSTGRES, PRESTO, REDSHIFT, SNOWFLAKE),
    *(SPARK, TRINO, TSQL),
)
_OF_DIALECT = {engine.dialect: engine for engine in _ALL}


@lru_cache(maxsize=64)
def engine_of(dialect: str) -> Engine:
    """The engine of a dialect; for one that has no module, what all have in common."""
    return _OF_DIALECT.get(dialect) or standard(dialect)
