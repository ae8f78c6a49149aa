"""One module per engine, and which of them speaks a dialect."""

from __future__ import annotations

from analyticsops.sql.types.engine import Engine
from analyticsops.sql.types.engines.duckdb import DUCKDB

_ENGINES = {engine.dialect: engine for engine in (DUCKDB,)}


def engine_of(dialect: str) -> Engine:
    """The engine of a dialect."""
    return _ENGINES[dialect]
