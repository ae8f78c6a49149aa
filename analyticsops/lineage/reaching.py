"""What stands above many columns at once: each column is looked at once for all of them.

Sets are integers, one bit for each column that somebody asks about, so that a union is one
operation. Columns that depend on each other (a table that reads itself) share one set; they
are found as in Tarjan's algorithm (Depth-first search and linear graph algorithms, 1972).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.sql.facts import Kind


class Reaching:
    """The marked columns above a column, itself left out unless it reads itself.

    Args:
        marked: True for columns that are asked about.
        direct: only edges through which values flow.
    """

    def __init__(
        self, graph: ColumnGraph, marked: Callable[[ColumnRef], bool], *, direct: bool
    ) -> None:
        self._graph = graph
        self._marked = marked
        self._direct = direct
        self._bits: dict[ColumnRef, int] = {}
        self._marks: dict[ColumnRef, int] = {}
        self._sets: dict[ColumnRef, int] = {}

    def above(self, ref: ColumnRef) -> list[ColumnRef]:
        """Those above a column, in no particular order."""
        if ref not in self._sets:
            self._search(ref)
        bits = self._sets[ref]
        return [mark for mark, bit in self._marks.items() if bits & bit]

    def _parents(self, ref: ColumnRef) -> list[ColumnRef]:
        edges = self._graph.feeding(ref)
        if self._direct:
            edges = (e for e in edges if isinstance(e.kind, Kind) and e.kind.direct)
        return list(dict.fromkeys(edge.source for edge in edges))

    def _bit(self, ref: ColumnRef) -> int:
        bit = self._bits.get(ref)
        if bit is None:
            bit = 1 << len(self._marks) if self._marked(ref) else 0
            self._bits[ref] = bit
            if bit:
                self._marks[ref] = bit
        return bit

    def _search(self, start: ColumnRef) -> None:
        number: dict[ColumnRef, int] = {}
        low: dict[ColumnRef, int] = {}
        open_refs: list[ColumnRef] = []
        parents: dict[ColumnRef, list[ColumnRef]] = {}
        stack: list[tuple[ColumnRef, Iterator[ColumnRef]]] = []

        def enter(ref: ColumnRef) -> None:
            number[ref] = low[ref] = len(number)
            open_refs.append(ref)
            parents[ref] = self._parents(ref)
            stack.append((ref, iter(parents[ref])))

        enter(start)
        while stack:
            ref, left = stack[-1]
            parent = next(left, None)
            if parent is not None:
                if parent in self._sets:
                    continue
                if parent in number:
                    low[ref] = min(low[ref], number[parent])
                else:
                    enter(parent)
                continue
            stack.pop()
            if stack:
                below = stack[-1][0]
                low[below] = min(low[below], low[ref])
            if low[ref] == number[ref]:
                self._close(ref, open_refs, parents)

    def _close(
        self,
        ref: ColumnRef,
        open_refs: list[ColumnRef],
        parents: dict[ColumnRef, list[ColumnRef]],
    ) -> None:
        """A column and those that depend on it and it on them are done."""
        place = open_refs.index(ref)
        ring = open_refs[place:]
        del open_refs[place:]
        bits = 0
        for member in ring:
            for parent in parents[member]:
                bits |= self._bit(parent) | self._sets.get(parent, 0)
        for member in ring:
            self._sets[member] = bits


def all_above(graph: ColumnGraph, starts: Iterable[ColumnRef]) -> set[ColumnRef]:
    """Everything that any of these depends on, and they themselves."""
    found = set(starts)
    stack = list(found)
    while stack:
        for edge in graph.feeding(stack.pop()):
            if edge.source not in found:
                found.add(edge.source)
                stack.append(edge.source)
    return found
