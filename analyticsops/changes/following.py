"""Where a change of contents arrives next, and where it is proven not to."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence, Set as AbstractSet

from analyticsops.changes.compare import Comparison
from analyticsops.collecting import uncollected
from analyticsops.lineage.graph import ColumnRef, Edge, Link, Reached
from analyticsops.lineage.hops import readers_of


def arrivals(comparison: Comparison, ref: ColumnRef, *, spared: bool = True) -> Iterator[Edge]:
    """The steps that a change of a column, or with an empty name of the rows, takes next.
    Rows lead to the columns in which other rows take part, too; so does what decides about
    rows that are the same, as the key does by which an outer join finds its partner.

    Args:
        spared: leave out what is proven to be the same.
    """
    yield from _read(comparison, ref, spared=spared)
    for unique_id in _over_rows(comparison, ref):
        yield from _into_rows(comparison, ref, unique_id, spared=spared)


def _read(comparison: Comparison, ref: ColumnRef, *, spared: bool) -> Sequence[Edge]:
    """The steps to what reads a column or rows."""
    if not spared:
        return readers_of(comparison.head.graph, ref)
    found = comparison.arrivals.get(ref)
    if found is None:  # the ways of most findings meet soon
        found = _spared(comparison, readers_of(comparison.head.graph, ref))
        comparison.arrivals[ref] = found
    return found


def _spared(comparison: Comparison, edges: Iterable[Edge]) -> Sequence[Edge]:
    """The steps without those to what is the same."""
    return [
        step
        for edge in edges
        for step in ([edge] if not comparison.is_same(edge.target) else _past(comparison, edge))
    ]


def _past(comparison: Comparison, edge: Edge) -> list[Edge]:
    """The steps to where other rows take part, past the rows of a node that are the same."""
    if edge.target.column:
        return []
    node = edge.target.node
    return [edge._replace(target=ColumnRef(node, name)) for name in comparison.by_rows(node)]


def _over_rows(comparison: Comparison, ref: ColumnRef) -> Sequence[str]:
    """The nodes that have columns of these rows: their own, and whoever reads it."""
    if ref.column:
        return ()
    return (ref.node, *comparison.head.graph.read_by.get(ref.node, ()))


def _into_rows(
    comparison: Comparison, ref: ColumnRef, unique_id: str, *, spared: bool
) -> Iterator[Edge]:
    """The steps from rows to the columns of a node in which other rows take part."""
    for name in comparison.by_rows(unique_id):
        target = ColumnRef(unique_id, name)
        if not (spared and comparison.is_same(target)):
            yield Edge(ref, target, Link.ROWS)


def follow(
    comparison: Comparison, refs: Iterable[ColumnRef], *, spared: bool = True
) -> list[Reached]:
    """Everything that a change of ``refs`` arrives at, nearest first."""
    with uncollected():  # no cycles, and a large graph around them to be scanned
        return _Following(comparison, list(refs), spared=spared).found


class _Following:
    """A traversal. Rows reach all columns of a node at once, so that soon most nodes have
    nothing left at which the ways of its single columns could arrive: those are not looked at.
    """

    def __init__(
        self, comparison: Comparison, starts: Sequence[ColumnRef], *, spared: bool
    ) -> None:
        self.found: list[Reached] = []
        self._comparison = comparison
        self._graph = comparison.head.graph
        self._spared = spared
        self._starts = {ref.node for ref in starts}
        self._seen = defaultdict[str, set[str]](set)
        self._over = set[str]()
        """Nodes to whose columns rows have led already."""
        self._done = set[str]()
        """Nodes whose readers have nothing left."""
        for ref in starts:
            self._seen[ref.node].add(ref.column)
        self._todo = deque(Reached(ref, None, 0) for ref in starts)
        while self._todo:
            self._leave(self._todo.popleft())

    def _leave(self, here: Reached) -> None:
        ref, distance = here.ref, here.distance + 1
        self._arrive(self._steps(ref), distance)
        for unique_id in _over_rows(self._comparison, ref):
            if unique_id not in self._over:
                self._over.add(unique_id)
                into = _into_rows(self._comparison, ref, unique_id, spared=self._spared)
                self._arrive(into, distance)

    def _arrive(self, edges: Iterable[Edge], distance: int) -> None:
        for edge in edges:
            (node, column), kind = edge.target, edge.kind
            seen = self._seen[node]
            if column in seen or (kind is Link.ROWS and node in self._starts):
                continue
            seen.add(column)
            step = Reached(edge.target, edge, distance)
            self.found.append(step)
            self._todo.append(step)

    def _steps(self, ref: ColumnRef) -> Sequence[Edge]:
        if not self._is_done(ref.node):
            return _read(self._comparison, ref, spared=self._spared)
        ends = readers_of(self._graph, ref, queries=False)
        return _spared(self._comparison, ends) if ends and self._spared else ends

    def _is_done(self, unique_id: str) -> bool:
        """True if a change has arrived wherever it can in the queries that read a node."""
        if unique_id not in self._done:
            for reader in self._graph.read_by.get(unique_id, ()):
                if not self._seen[reader].issuperset(self._within_reach(reader)):
                    return False
            self._done.add(unique_id)
        return True

    def _within_reach(self, unique_id: str) -> AbstractSet[str]:
        """The columns of a node, and with an empty name its rows, at which a step may arrive."""
        comparison, known = self._comparison, self._comparison.within_reach
        if not self._spared:
            return self._graph.targets(unique_id)
        found = known.get(unique_id)
        if found is None:
            targets = self._graph.targets(unique_id)
            differing = {t for t in targets if not comparison.is_same(ColumnRef(unique_id, t))}
            found = known[unique_id] = differing.union(comparison.by_rows(unique_id))
        return found
