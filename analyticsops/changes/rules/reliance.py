"""Which models' meaning rests on what a test checks."""

from __future__ import annotations

from analyticsops.changes.compare import Comparison
from analyticsops.project.keys import UNIQUE_TESTS, tested_columns
from analyticsops.project.model import TestInfo
from analyticsops.sql.facts import Problem

_SHOWN = 5


def reliance(comparison: Comparison, info: TestInfo) -> list[str]:
    """A line that names the models whose rows or values the test keeps as they are, by the
    proofs of the base: a join on the key finds one row at most, a DISTINCT does nothing."""
    if info.name not in UNIQUE_TESTS and info.name != "not_null":
        return []
    base = comparison.base
    readers = map(base.project.nodes.get, base.graph.read_by.get(info.tested, ()))
    # Hooks read tables as well, and are no nodes of dbt.
    models = [node for node in readers if node is not None and node.kind in ("model", "snapshot")]
    marks = base.fingerprints(models)
    found = [
        node.label
        for node in models
        if not isinstance(mark := marks[node.unique_id], Problem) and _rests(mark.assumed, info)
    ]
    if not found:
        return []
    named = ", ".join(sorted(found)[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return [f"what {named}{more} means rests on it"]


def _rests(assumed: tuple[tuple[str, tuple[str, ...]], ...], info: TestInfo) -> bool:
    tested = tested_columns(info)
    keys = [frozenset(columns) for table, columns in assumed if table == info.tested]
    if info.name == "not_null":  # a unique key with NULLs tells no rows apart
        return any(tested <= key for key in keys)
    return tested in keys
