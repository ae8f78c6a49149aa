"""Models made slow: by a query that keeps DuckDB busy for about so long, and changes nothing."""

from __future__ import annotations

import time
from pathlib import Path

from analyticsops.chaos.data import opened

_TRIED = 20_000
_SIDE = 10_000
"""Rows of the one side of a join of all with all; the other one's grow with the time."""


def busy_rows(database: Path, seconds: float) -> int:
    """Rows with which :func:`slowed` takes about so long on this machine, measured."""
    with opened(database) as connection:
        begun = time.perf_counter()
        connection.execute(f"select {_busy(_TRIED)}").fetchall()
        took = time.perf_counter() - begun
    return max(_TRIED, round(_TRIED * seconds / max(took, 1e-3)))


def slowed(sql: str, rows: int) -> str:
    """A model's code whose query takes longer, and yields the same."""
    return f"select * from (\n{sql.strip()}\n) as as_before\nwhere {_busy(rows)}\n"


def _busy(rows: int) -> str:
    """A condition that is always true."""
    return (
        f"(select count(*) from range({rows}) as a(i), range({_SIDE}) as b(i) "
        "where hash(a.i + b.i * 7) = 0) >= 0"
    )
