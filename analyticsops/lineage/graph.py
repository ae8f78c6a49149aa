"""The column graph of a project: which column feeds which, through models to ends.

What a query says stays packed until somebody asks: edges are made for the columns that
a traversal comes to, so that a project of 10,000 models is loaded in a moment.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import msgspec

from analyticsops.collecting import uncollected
from analyticsops.lineage.analyst import Analysed
from analyticsops.lineage.unpacked import Unpacked
from analyticsops.sql.facts import Kind, Problem, Sure

_NOTHING: Mapping[str, tuple[Problem, ...]] = {}


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
    """One step: ``source`` takes part in ``target``.

    ``path`` is that of a field inside the source column, such as ``info.city``.
    """

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


class NodeLineage(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A node as lineage sees it.

    Attributes:
        complete: True if there are no columns but those of ``names``.
        problems: everything that keeps the node from being proven.
        names: of its columns, in order.
        doubts: problems of single columns, by name.
        inferred: names that are known only because something downstream reads them.
    """

    node: str
    status: Status
    complete: bool
    problems: tuple[Problem, ...] = ()
    names: tuple[str, ...] = ()
    doubts: Mapping[str, tuple[Problem, ...]] = _NOTHING
    inferred: frozenset[str] = frozenset()

    @cached_property
    def columns(self) -> Mapping[str, ColumnLineage]:
        """By name, in order."""
        return {name: self._column(name) for name in self.names}

    def _column(self, name: str) -> ColumnLineage:
        if self.status is Status.UNKNOWN:
            problems, status = self.problems, Status.UNKNOWN
        else:
            problems = self.doubts.get(name, ())
            status = Status.PARTIAL if problems else Status.PROVEN
        return ColumnLineage(
            name=name, status=status, problems=problems, inferred=name in self.inferred
        )

    def spelled(self, column: str) -> str:
        """The name of a column as the node itself spells it."""
        if column in self._exact:
            return column
        return self._folded.get(column.lower(), column)

    @cached_property
    def _exact(self) -> frozenset[str]:
        return frozenset(self.names)

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        return {name.lower(): name for name in reversed(self.names)}


class HookLineage(msgspec.Struct, frozen=True, kw_only=True):
    """A hook, operation or analysis as lineage sees it.

    Attributes:
        node: its id (:mod:`analyticsops.project.hooks`).
        owner: id of the node that it belongs to; its own for operations and analyses.
        status: how much is known of what it reads and writes.
        statements: ids of those of its statements that read or write columns; none if it
            is proven that it does neither: it grants, sets, comments.
        problems: why it is not proven.
    """

    node: str
    owner: str
    status: Status
    statements: tuple[str, ...] = ()
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
        made: the edges that come from no query, sorted: to tests, metrics, exposures,
            from Python models.
        queries: what each node's queries say, by ``unique_id``.
        read_by: the nodes whose queries may read a node, by ``unique_id``.
        hooks: what runs SQL and builds no table. Their statements are among ``queries``:
            a statement has the columns that it writes, and edges lead from those to the
            columns of its target.
    """

    nodes: Mapping[str, NodeLineage]
    made: tuple[Edge, ...]
    queries: Mapping[str, Sequence[Analysed]] = {}
    read_by: Mapping[str, Sequence[str]] = {}
    hooks: tuple[HookLineage, ...] = ()

    @cached_property
    def hooks_of(self) -> Mapping[str, Sequence[HookLineage]]:
        """The hooks of each node that has some."""
        found: dict[str, list[HookLineage]] = {}
        for hook in self.hooks:
            found.setdefault(hook.owner, []).append(hook)
        return found

    @cached_property
    def _into(self) -> Mapping[ColumnRef, list[Edge]]:
        return _grouped(self.made, lambda edge: edge.target)

    @cached_property
    def _out_of(self) -> Mapping[ColumnRef, list[Edge]]:
        return _grouped(self.made, lambda edge: edge.source)

    @cached_property
    def _named(self) -> Mapping[str, Sequence[str]]:
        """What the queries of a node may read, whatever dbt knows."""
        named: dict[str, list[str]] = {}
        for parent in sorted(self.read_by):
            for reader in self.read_by[parent]:
                named.setdefault(reader, []).append(parent)
        return named

    def near(self, unique_id: str, depends_on: Iterable[str]) -> list[str]:
        """What a node's queries may read besides itself: what dbt knows, in its order, then
        what only its SQL names."""
        known = dict.fromkeys([*depends_on, *self._named.get(unique_id, ())])
        known.pop(unique_id, None)
        return [parent for parent in known if parent in self.nodes]

    @cached_property
    def _unpacked(self) -> dict[str, Unpacked]:
        return {}

    def _node(self, unique_id: str) -> Unpacked:
        found = self._unpacked.get(unique_id)
        if found is None:
            facts = [analysed.facts for analysed in self.queries.get(unique_id, ())]
            found = self._unpacked[unique_id] = Unpacked(unique_id, facts, self._spelled)
        return found

    def _spelled(self, unique_id: str, column: str) -> str:
        node = self.nodes.get(unique_id)
        return node.spelled(column) if node else column

    def _query_edges(self, ref: ColumnRef) -> list[Edge]:
        """What queries say of one target."""
        if ref.node not in self.queries:
            return []
        inputs, tables = self._node(ref.node).into(ref.column)
        edges = [Edge(ColumnRef(i.table, i.column), ref, i.kind, i.sure, i.path) for i in inputs]
        edges += [Edge(ColumnRef(table), ref, Link.ROWS) for table in tables]
        return edges

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, sorted: for an export, not for a question."""
        found = set(self.made)
        for unique_id in self.queries:
            found.update(self.into_node(unique_id))
        return tuple(sorted(found))

    def into_node(self, unique_id: str) -> Iterator[Edge]:
        """The edges that the queries of a node make, in no particular order."""
        for column in self._node(unique_id).targets():
            yield from self._query_edges(ColumnRef(unique_id, column))

    def parents(self, ref: ColumnRef) -> list[Edge]:
        """The edges that end in ``ref``, sorted."""
        return sorted(set(self.feeding(ref)))

    def feeding(self, ref: ColumnRef) -> Iterable[Edge]:
        """The edges that end in ``ref``, in no particular order, some perhaps twice."""
        return chain(self._into.get(ref, ()), self._query_edges(ref))

    def readers(self, ref: ColumnRef) -> list[Edge]:
        """The edges that start in ``ref``, sorted."""
        found = set(self._out_of.get(ref, ()))
        for reader in self.read_by.get(ref.node, ()):
            node = self._node(reader)
            if ref.column:
                for target, how in node.out_of(ref.node, ref.column):
                    into = ColumnRef(reader, target)
                    found.add(Edge(ref, into, how.kind, how.sure, how.path))
            elif node.made_of(ref.node):
                found.add(Edge(ref, ColumnRef(reader), Link.ROWS))
        return sorted(found)

    def ends(self, ref: ColumnRef) -> list[Edge]:
        """The edges that start in ``ref`` and come from no query, sorted."""
        found = self._out_of.get(ref)
        return sorted(set(found)) if found else []

    def targets(self, unique_id: str) -> frozenset[str]:
        """The columns of a node at which edges of its queries may end, and, with an empty
        name, its rows. No facts are unpacked for it."""
        queries = self.queries.get(unique_id, ())
        return frozenset(["", *(name for query in queries for name in query.outline.columns)])

    def upstream(
        self, ref: ColumnRef, *, depth: int | None = None, direct: bool = True
    ) -> list[Reached]:
        """Everything that ``ref`` comes from, nearest first.

        Args:
            depth: at most so many steps; None for all.
            direct: only edges through which values flow; otherwise also conditions,
                windows, filters, joins, grouping and sorting.
        """
        return self.walk([ref], self.parents, depth=depth, direct=direct)

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
        return [*edges, *(Edge(ref, e.target, e.kind) for e in self.whole_readers(ref.node))]

    def whole_readers(self, unique_id: str) -> list[Edge]:
        """The edges to whoever depends on a whole node without a word about columns, sorted.
        No query says so."""
        edges = self._out_of.get(ColumnRef(unique_id), ())
        return [edge for edge in edges if edge.kind is Link.DEPENDS]

    def walk(
        self,
        starts: list[ColumnRef],
        edges_of: Callable[[ColumnRef], Sequence[Edge]],
        *,
        depth: int | None = None,
        direct: bool = False,
    ) -> list[Reached]:
        """What leads to ``starts`` along these edges, nearest first."""
        return self._walk(starts, edges_of, lambda edge: edge.source, depth, direct)

    def _walk(
        self,
        starts: list[ColumnRef],
        edges_of: Callable[[ColumnRef], Sequence[Edge]],
        other_end: Callable[[Edge], ColumnRef],
        depth: int | None,
        direct: bool,
    ) -> list[Reached]:
        # Facts are unpacked on the way: no cycles, and a large graph around them to be scanned.
        with uncollected():
            return list(self._steps(starts, edges_of, other_end, depth, direct))

    def _steps(
        self,
        starts: list[ColumnRef],
        edges_of: Callable[[ColumnRef], Sequence[Edge]],
        other_end: Callable[[Edge], ColumnRef],
        depth: int | None,
        direct: bool,
    ) -> Iterator[Reached]:
        seen = set(starts)
        queue = deque(Reached(ref, None, 0) for ref in starts)
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
                    queue.append(step)
                    yield step

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
