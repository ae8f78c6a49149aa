"""The column graph of a project: which column feeds which, through models to ends."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import msgspec

from analyticsops.sql.facts import Kind, Problem, Sure


class ColumnRef(NamedTuple):
    """A column of a node; with an empty ``column``, the node's rows (or, for metrics,
    exposures and tests, the node itself)."""

    node: str
    column: str = ""


class Link(enum.StrEnum):
    """Edges that no SQL expression makes."""

    ROWS = "rows"
    """The rows of the child are made of the rows of the parent."""
    DEPENDS = "depends"
    """The child uses the parent; which columns is not known (Python, exposures)."""
    TESTS = "tests"
    """The child is a test of the parent."""


class Edge(NamedTuple):
    """One step: ``source`` takes part in ``target``."""

    source: ColumnRef
    target: ColumnRef
    kind: Kind | Link
    sure: Sure = Sure.EXACT
    path: str = ""


class Status(enum.StrEnum):
    """How much is known about a node's lineage. Unknown is never shown as safe."""

    PROVEN = "proven"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


class ColumnLineage(msgspec.Struct, frozen=True, kw_only=True):
    """A column as lineage sees it.

    Attributes:
        name: of the column.
        status: of this column alone.
        problems: why it is not proven.
        inferred: known only because something downstream reads it.
    """

    name: str
    status: Status
    problems: tuple[Problem, ...] = ()
    inferred: bool = False


class NodeLineage(msgspec.Struct, frozen=True, kw_only=True):
    """A node as lineage sees it.

    Attributes:
        columns: by name, in order.
        complete: True if there are no others.
        problems: everything that keeps the node from being proven.
    """

    node: str
    status: Status
    columns: Mapping[str, ColumnLineage]
    complete: bool
    problems: tuple[Problem, ...] = ()


class Reached(NamedTuple):
    """A node of a traversal: how it was reached first, by which step, how far away."""

    ref: ColumnRef
    edge: Edge | None
    distance: int


class ColumnGraph(msgspec.Struct, frozen=True, dict=True):
    """Columns and typed edges of a whole project.

    Attributes:
        nodes: lineage of every node that has columns, by ``unique_id``.
        edges: all edges, sorted.
    """

    nodes: Mapping[str, NodeLineage]
    edges: tuple[Edge, ...]

    @cached_property
    def _into(self) -> Mapping[ColumnRef, list[Edge]]:
        return _grouped(self.edges, lambda edge: edge.target)

    @cached_property
    def _out_of(self) -> Mapping[ColumnRef, list[Edge]]:
        return _grouped(self.edges, lambda edge: edge.source)

    @cached_property
    def _columns_of(self) -> Mapping[str, list[ColumnRef]]:
        refs = {edge.target for edge in self.edges} | {edge.source for edge in self.edges}
        found: dict[str, list[ColumnRef]] = {}
        for ref in sorted(refs):
            found.setdefault(ref.node, []).append(ref)
        return found

    def parents(self, ref: ColumnRef) -> list[Edge]:
        """The edges that end in ``ref``."""
        return self._into.get(ref, [])

    def readers(self, ref: ColumnRef) -> list[Edge]:
        """The edges that start in ``ref``."""
        return self._out_of.get(ref, [])

    def upstream(
        self, ref: ColumnRef, *, depth: int | None = None, direct: bool = True
    ) -> list[Reached]:
        """Everything that ``ref`` comes from, nearest first.

        Args:
            depth: at most so many steps; None for all.
            direct: only edges through which values flow; otherwise also conditions,
                windows, filters, joins, grouping and sorting.
        """
        return self._walk([ref], self.parents, lambda edge: edge.source, depth, direct)

    def downstream(
        self, ref: ColumnRef, *, depth: int | None = None, direct: bool = False
    ) -> list[Reached]:
        """Everything that derives from ``ref`` or depends on it, nearest first."""
        return self._walk([ref], self.readers, lambda edge: edge.target, depth, direct)

    def impact(self, refs: Iterable[ColumnRef]) -> list[Reached]:
        """Everything that may change when any of ``refs`` changes, nearest first.

        Whoever depends on a whole node (an exposure, a Python model) is reached by any
        of its columns.
        """
        return self._walk(list(refs), self._impact_edges, lambda edge: edge.target, None, False)

    def _impact_edges(self, ref: ColumnRef) -> list[Edge]:
        edges = self.readers(ref)
        if not ref.column:
            return edges
        whole = [
            Edge(ref, edge.target, edge.kind)
            for edge in self.readers(ColumnRef(ref.node))
            if edge.kind is Link.DEPENDS
        ]
        return [*edges, *whole]

    def _walk(
        self,
        starts: list[ColumnRef],
        edges_of: Callable[[ColumnRef], list[Edge]],
        other_end: Callable[[Edge], ColumnRef],
        depth: int | None,
        direct: bool,
    ) -> list[Reached]:
        seen = set(starts)
        queue = deque(Reached(ref, None, 0) for ref in starts)
        found: list[Reached] = []
        while queue:
            here = queue.popleft()
            if depth is not None and here.distance >= depth:
                continue
            for edge in edges_of(here.ref):
                if direct and not (isinstance(edge.kind, Kind) and edge.kind.direct):
                    continue
                ref = other_end(edge)
                if ref not in seen:
                    seen.add(ref)
                    step = Reached(ref, edge, here.distance + 1)
                    found.append(step)
                    queue.append(step)
        return found

    def path(self, reached: Iterable[Reached], ref: ColumnRef) -> list[ColumnRef]:
        """The way by which a downstream traversal came to ``ref``, start first."""
        by_ref = {step.ref: step for step in reached}
        way = [ref]
        while (step := by_ref.get(way[-1])) is not None and step.edge is not None:
            way.append(step.edge.source)
        return way[::-1]

    def counts(self) -> Mapping[Status, int]:
        """Number of columns by status, over all nodes."""
        counted = dict.fromkeys(Status, 0)
        for column in self.columns():
            counted[column.status] += 1
        return counted

    def columns(self) -> Iterator[ColumnLineage]:
        """All columns of all nodes."""
        for node in self.nodes.values():
            yield from node.columns.values()


def _grouped(
    edges: Iterable[Edge], key: Callable[[Edge], ColumnRef]
) -> dict[ColumnRef, list[Edge]]:
    found: dict[ColumnRef, list[Edge]] = {}
    for edge in edges:
        found.setdefault(key(edge), []).append(edge)
    return found
