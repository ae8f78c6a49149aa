"""What a reviewer is shown as the reason for a finding about rows or values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analyticsops.changes.compare import NodeChange
from analyticsops.changes.rules.context import Context
from analyticsops.sql.facts import Problem

_LONGEST = 200
"""Characters of SQL shown per line."""

_AS_READ = "the column as it is read"


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
    texts = [projection_texts(tree, column, dialect) for tree in (before, after)]
    found = _differences(*texts)
    # Nothing but the column itself stands there, or a star.
    if found and not texts[0]:
        return [f"was: {_AS_READ}", *found]
    return [*found, f"now: {_AS_READ}"] if found and not texts[1] else found


def _differences(before: Sequence[str], after: Sequence[str]) -> list[str]:
    gone = Counter(before) - Counter(after)
    new = Counter(after) - Counter(before)
    lines = [f"was: {cut(text)}" for text in before if gone.pop(text, 0)]
    return lines + [f"now: {cut(text)}" for text in after if new.pop(text, 0)]


def cut(text: str) -> str:
    """On one line, and not longer than a reviewer reads."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
