"""SQL text -> its lineage, or the reason why there is none. Never an exception."""

from __future__ import annotations

from analyticsops.sql.facts import Problem
from analyticsops.sql.inputs import Analysis, analyse
from analyticsops.sql.parse import parse_query, release
from analyticsops.sql.sources import Tables


def read_sql(sql: str, dialect: str, tables: Tables) -> Analysis | Problem:
    """Parse and analyse one query."""
    tree = parse_query(sql, dialect, constants=False)
    if isinstance(tree, Problem):
        return tree
    try:
        return analyse(tree, dialect, tables)
    except RecursionError:
        return Problem("nested too deeply", "the analysis gave up")
    finally:
        release(tree)
