"""What a reviewer is shown as the reason for a finding about rows or values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analyticsops.changes.compare import NodeChange
from analyticsops.changes.rules.context import Context
from analyticsops.sql.facts import Problem

_LONGEST = 200
"""Characters of SQL shown per line."""


def row_evidence(context: Context, change: NodeChange) -> list[str]:
    """Predicates that only one side has."""
    from analyticsops.sql.clauses import predicate_texts

    comparison = context.comparison
    dialect = comparison.head.dialect
    before = comparison.base.tree(change.base)
    after = comparison.head.tree(change.head)
    if isinstance(before, Problem) or isinstance(after, Problem):
        return []
    return _differences(predicate_texts(before, dialect), predicate_texts(after, dialect))


def value_evidence(context: Context, change: NodeChange, column: str) -> list[str]:
    """Expressions of that name that only one side has."""
    from analyticsops.sql.clauses import projection_texts

    comparison = context.comparison
    dialect = comparison.head.dialect
    before = comparison.base.tree(change.base)
    after = comparison.head.tree(change.head)
    if isinstance(before, Problem) or isinstance(after, Problem):
        return []
    return _differences(
        projection_texts(before, column, dialect), projection_texts(after, column, dialect)
    )


def _differences(before: Sequence[str], after: Sequence[str]) -> list[str]:
    gone = Counter(before) - Counter(after)
    new = Counter(after) - Counter(before)
    lines = [f"was: {_cut(text)}" for text in before if gone.pop(text, 0)]
    return lines + [f"now: {_cut(text)}" for text in after if new.pop(text, 0)]


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
