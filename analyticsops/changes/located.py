"""Which clause a change of rows is in: what the fingerprints found different, located."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from analyticsops.changes.clauses import Clauses, JoinClause


T = TypeVar("T")


class Clause(enum.StrEnum):
    """A kind of change of the rows of a query."""

    FILTER = "filter"
    JOIN_TYPE = "join type"
    JOIN_KEY = "join key"
    JOIN_ADDED = "join added"
    JOIN_REMOVED = "join removed"
    GRAIN = "grain"
    CHOICE = "row choice"
    OPERATION = "set operation"
    LIMIT = "limit"
    UNNEST = "unnest"


Located = Mapping[Clause, Sequence[str]]
"""Kind of change -> what it was and is, one line each."""


def locate(before: Clauses, after: Clauses) -> Located:
    """The clauses that only one side has."""
    found: dict[Clause, list[str]] = {}
    for clause, old, new in (
        (Clause.FILTER, before.filters, after.filters),
        (Clause.GRAIN, before.groups, after.groups),
        (Clause.CHOICE, before.choices, after.choices),
        (Clause.OPERATION, before.operations, after.operations),
        (Clause.LIMIT, before.limits, after.limits),
        (Clause.UNNEST, before.unnested, after.unnested),
    ):
        lines = list(_lines(old, new))
        if lines:
            found[clause] = lines
    for clause, line in _join_lines(before.joins, after.joins):
        found.setdefault(clause, []).append(line)
    return found


def added_joins(before: Clauses, after: Clauses) -> list[JoinClause]:
    """Joins to tables that were not joined before."""
    gone, new = _left_over(before.joins, after.joins)
    sources = Counter(join.source for join in gone)
    return [join for join in new if not _take(sources, join.source)]


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    gone, come = _left_over(old, new)
    yield from (f"was: {text}" for text in gone)
    yield from (f"now: {text}" for text in come)


def _left_over(old: Iterable[T], new: Iterable[T]) -> tuple[list[T], list[T]]:
    before, after = list(old), list(new)
    return _without(before, after), _without(after, before)


def _without(some: list[T], others: list[T]) -> list[T]:
    left = Counter(others)
    return [item for item in some if not _take(left, item)]


def _take(counter: Counter[T], item: T) -> bool:
    if counter[item] <= 0:
        return False
    counter[item] -= 1
    return True


def _join_lines(
    old: Sequence[JoinClause], new: Sequence[JoinClause]
) -> Iterator[tuple[Clause, str]]:
    gone, come = _left_over(old, new)
    for join in gone:
        twins = [o for o in come if o.source == join.source]
        # Else the two tables of a join changed places.
        other = next(iter(twins or [o for o in come if o.condition == join.condition]), None)
        if other is None:
            yield Clause.JOIN_REMOVED, f"was: {join}"
            continue
        come.remove(other)
        same = join.condition == other.condition
        if join.kind != other.kind:
            yield Clause.JOIN_TYPE, f"was: {join}"
            yield Clause.JOIN_TYPE, f"now: {other}"
        if not same and not (join.kind != other.kind and not (join.condition and other.condition)):
            yield Clause.JOIN_KEY, f"was: {join}"
            yield Clause.JOIN_KEY, f"now: {other}"
    for join in come:
        yield Clause.JOIN_ADDED, f"now: {join}"
