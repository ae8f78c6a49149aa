"""Where a change of contents arrives next, and where it is proven not to."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from analyticsops.changes.compare import Comparison
from analyticsops.collecting import uncollected
from analyticsops.lineage.graph import ColumnRef, Edge, Link, Reached
from analyticsops.lineage.hops import readers_of


def arrivals(comparison: Comparison, ref: ColumnRef, *, spared: bool = True) -> Sequence[Edge]:
    """The steps that a change of a column, or with an empty name of the rows, takes next.
    Rows lead to the columns in which other rows take part, too; so does what decides about
    rows that are the same, as the key does by which an outer join finds its partner.

    Args:
        spared: leave out what is proven to be the same.
    """
    if not spared:
        return _steps(comparison, ref)
    found = comparison.arrivals.get(ref)
    if found is None:  # the ways of most findings meet soon
        found = [
            step
            for edge in _steps(comparison, ref)
            for step in ([edge] if not comparison.is_same(edge.target) else _past(comparison, edge))
        ]
        comparison.arrivals[ref] = found
    return found


def _past(comparison: Comparison, edge: Edge) -> list[Edge]:
    """The steps to where other rows take part, past the rows of a node that are the same."""
    if edge.target.column:
        return []
    node = edge.target.node
    return [edge._replace(target=ColumnRef(node, name)) for name in comparison.by_rows(node)]


def _steps(comparison: Comparison, ref: ColumnRef) -> list[Edge]:
    found = readers_of(comparison.head.graph, ref)
    return found if ref.column else [*found, *_over_rows(comparison, ref)]


def _over_rows(comparison: Comparison, ref: ColumnRef) -> Iterator[Edge]:
    for unique_id in (ref.node, *comparison.head.graph.read_by.get(ref.node, ())):
        for name in comparison.by_rows(unique_id):
            yield Edge(ref, ColumnRef(unique_id, name), Link.ROWS)


def follow(
    comparison: Comparison, refs: Iterable[ColumnRef], *, spared: bool = True
) -> list[Reached]:
    """Everything that a change of ``refs`` arrives at, nearest first."""
    starts = list(refs)
    seen, nodes = set(starts), {ref.node for ref in starts}
    queue = deque(Reached(ref, None, 0) for ref in starts)
    found: list[Reached] = []
    with uncollected():  # no cycles, and a large graph around them to be scanned
        while queue:
            here = queue.popleft()
            for edge in arrivals(comparison, here.ref, spared=spared):
                target = edge.target
                if target in seen or (target.node in nodes and edge.kind is Link.ROWS):
                    continue
                seen.add(target)
                step = Reached(target, edge, here.distance + 1)
                found.append(step)
                queue.append(step)
    return found
