"""All ways from one column to another, shortest first, within a budget."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from typing import NamedTuple

from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge
from analyticsops.lineage.hops import Hop, hop, is_value, readers_of

BUDGET = 100_000
"""Beginnings of ways that are looked at; a dense graph has more ways than atoms."""


class Ways(NamedTuple):
    """Ways without a column twice, shortest first.

    ``cut`` is true if there may be more than those found.
    """

    found: tuple[tuple[Hop, ...], ...]
    cut: bool


def find_ways(
    graph: ColumnGraph,
    start: ColumnRef,
    end: ColumnRef,
    *,
    direct: bool = False,
    shortest: bool = False,
    limit: int = 20,
) -> Ways:
    """The ways by which ``start`` reaches ``end``.

    Args:
        direct: only steps along which values flow.
        shortest: only the ways with the fewest steps.
        limit: at most so many.
    """
    below = _below(graph, start, direct)
    left = _steps_left(below, end)
    if start not in left:
        return Ways((), cut=False)
    found: list[tuple[Hop, ...]] = []
    for way in _by_length(below, left, start, end):
        if way is None or len(found) == limit:
            return Ways(tuple(found), cut=True)
        if shortest and len(way) > left[start]:
            break
        found.append(way)
    return Ways(tuple(found), cut=False)


def _below(graph: ColumnGraph, start: ColumnRef, direct: bool) -> Mapping[ColumnRef, list[Hop]]:
    """The steps out of everything that the start reaches."""
    below: dict[ColumnRef, list[Hop]] = {}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if here in below:
            continue
        by_target: dict[ColumnRef, list[Edge]] = {}
        for edge in readers_of(graph, here):
            if not direct or is_value(edge):
                by_target.setdefault(edge.target, []).append(edge)
        below[here] = [hop(by_target[target]) for target in sorted(by_target)]
        queue.extend(by_target)
    return below


def _steps_left(below: Mapping[ColumnRef, list[Hop]], end: ColumnRef) -> Mapping[ColumnRef, int]:
    """How many steps at least lead from a column to the end; nothing for dead ends."""
    above: dict[ColumnRef, list[ColumnRef]] = {}
    for source, hops in below.items():
        for step in hops:
            above.setdefault(step.target, []).append(source)
    left = {end: 0}
    queue = deque([end])
    while queue:
        here = queue.popleft()
        for source in above.get(here, []):
            if source not in left:
                left[source] = left[here] + 1
                queue.append(source)
    return left


def _by_length(
    below: Mapping[ColumnRef, list[Hop]],
    left: Mapping[ColumnRef, int],
    start: ColumnRef,
    end: ColumnRef,
) -> Iterator[tuple[Hop, ...] | None]:
    """Ways in the order of their length, then of their columns; None when the budget is
    spent. The beginning whose way can become shortest is always continued first."""
    heap: list[tuple[int, tuple[ColumnRef, ...], tuple[Hop, ...]]] = [(left[start], (start,), ())]
    for _ in range(BUDGET):
        if not heap:
            return
        _, refs, way = heappop(heap)
        if refs[-1] == end:
            yield way
            continue
        for step in below[refs[-1]]:
            if step.target in left and step.target not in refs:
                length = len(way) + 1 + left[step.target]
                heappush(heap, (length, (*refs, step.target), (*way, step)))
    yield None
