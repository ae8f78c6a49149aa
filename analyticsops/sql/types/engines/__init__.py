"""One module per engine, and which of them speaks a dialect."""

from __future__ import annotations

from functools import lru_cache

from analyticsops.sql.types.engine import Engine
from analyticsops.sql.types.engines.duckdb import DUCKDB
from analyticsops.sql.types.engines.postgres import POSTGRES
from analyticsops.sql.types.engines.snowflake import SNOWFLAKE
from analyticsops.sql.types.engines.standard import standard

_ENGINES = {engine.dialect: engine for engine in (DUCKDB, POSTGRES, SNOWFLAKE)}


@lru_cache(maxsize=64)
def engine_of(dialect: str) -> Engine:
    """The engine of a dialect; for one that has no module, what all have in common."""
    return _ENGINES.get(dialect) or standard(dialect)
