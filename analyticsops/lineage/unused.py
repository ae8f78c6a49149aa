"""Columns that nobody reads, as far as one project can tell.

A column is called unused only if every node that could read it is understood. What counts
as a reader: a value, a condition, a filter, join, grouping or sorting, a metric, a test,
an exposure. Whoever depends on a whole model (an exposure, a saved query) reads all of it.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Link, Status
from analyticsops.lineage.hops import readers_of
from analyticsops.lineage.names import column_label
from analyticsops.project.model import TABLES, Node, Project
from analyticsops.project.snapshots import compared_names, is_own
from analyticsops.sql.facts import UNNAMED, Problem

_HARMLESS = frozenset(
    {
        "ambiguous column",
        "alias or column",
        "star over unknown columns",
        UNNAMED,
    }
)
"""Reasons for which a reader is partial, and yet hides no column that it reads."""


class Use(enum.StrEnum):
    """What is known of a column's readers."""

    UNUSED = "unused"
    """Nobody in the project reads it."""
    TESTED = "only tested"
    """Tests read it, and nobody else."""
    UNKNOWN = "not known"
    """Nobody is known to read it, but somebody may."""


class IdleColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column without a known reader; ``reason`` says why it is not known."""

    name: str
    use: Use
    reason: str = ""


class IdleNode(msgspec.Struct, frozen=True, kw_only=True):
    """A node with columns that have no known reader.

    Attributes:
        node: ``unique_id``.
        name: what people call it.
        kind: dbt's resource type.
        owner: empty if nobody.
        path: of its file.
        final: true if nothing but tests depends on the node at all.
        columns: those without a known reader, in the node's order; of a node that is
            final, all of them.
    """

    node: str
    name: str
    kind: str
    owner: str
    path: str
    final: bool
    columns: tuple[IdleColumn, ...]


def find_unused(
    project: Project, graph: ColumnGraph, nodes: Collection[str]
) -> tuple[IdleNode, ...]:
    """Columns of these nodes that nobody is known to read, by model."""
    twins = _twins(project)
    found = []
    for unique_id in nodes:
        node = project.nodes[unique_id]
        if unique_id not in graph.nodes:
            continue
        table = _Table(project, graph, node, twins.get(unique_id, ()))
        columns = tuple(table.idle())
        if columns:
            found.append(
                IdleNode(
                    node=unique_id,
                    name=node.label,
                    kind=node.kind,
                    owner=node.owner.name if node.owner else "",
                    path=node.path,
                    final=table.is_final,
                    columns=columns,
                )
            )
    return tuple(sorted(found, key=lambda idle: (idle.name, idle.node)))


def _twins(project: Project) -> Mapping[str, tuple[str, ...]]:
    """Node -> others that are the same relation: a seed that is also read as a source."""
    by_relation: dict[str, list[str]] = {}
    for node in project.of_kind(*TABLES):
        if node.relation is not None and node.materialized != "ephemeral":
            by_relation.setdefault(str(node.relation).lower(), []).append(node.unique_id)
    return {
        unique_id: tuple(other for other in same if other != unique_id)
        for same in by_relation.values()
        if len(same) > 1
        for unique_id in same
    }


def _hides(problems: Iterable[Problem]) -> list[str]:
    """The reasons for which a reader may read what nobody sees."""
    return [problem.reason for problem in problems if problem.reason not in _HARMLESS]


def _is_read_by_dbt(node: Node, column: str) -> bool:
    """True for what dbt adds to a snapshot for its own use, and for what it compares."""
    if node.kind != "snapshot":
        return False
    return is_own(node.config, column) or column.lower() in compared_names(node.config)


class _Table:
    """One relation and whoever reads it, under whichever of its names."""

    def __init__(
        self, project: Project, graph: ColumnGraph, node: Node, twins: Sequence[str]
    ) -> None:
        self._project = project
        self._graph = graph
        self._node = node
        self._lineage = graph.nodes[node.unique_id]
        self._ids = (node.unique_id, *twins)
        self._children = [
            project.nodes[child] for unique_id in self._ids for child in project.children[unique_id]
        ]

    @property
    def is_final(self) -> bool:
        """True if nothing but tests depends on it."""
        return all(child.kind in ("test", "unit_test") for child in self._children)

    def idle(self) -> Iterator[IdleColumn]:
        """Its columns without a known reader."""
        doubt = self._doubt()
        for name in self._lineage.columns:
            if _is_read_by_dbt(self._node, name):
                continue
            readers = [
                edge for i in self._ids for edge in readers_of(self._graph, ColumnRef(i, name))
            ]
            if any(self._reads(edge) for edge in readers):
                continue
            if doubt:
                yield IdleColumn(name=name, use=Use.UNKNOWN, reason=doubt)
            elif readers or self._tested_whole:
                yield IdleColumn(name=name, use=Use.TESTED)
            else:
                yield IdleColumn(name=name, use=Use.UNUSED)

    @property
    def _tested_whole(self) -> bool:
        edges = [edge for i in self._ids for edge in self._graph.readers(ColumnRef(i))]
        return any(edge.kind is Link.TESTS for edge in edges)

    def _reads(self, edge: Edge) -> bool:
        """True if the edge alone shows that somebody reads the column. A table of unknown
        lineage that depends on the whole node shows nothing."""
        if edge.kind is Link.TESTS:
            return False
        return edge.kind is not Link.DEPENDS or edge.target.node not in self._graph.nodes

    def _doubt(self) -> str:
        """Why somebody may read columns without our knowing; empty if nobody."""
        for child in (self._node, *self._children):
            for hook in self._graph.hooks_of.get(child.unique_id, ()):
                if hook.status is not Status.PROVEN and _hides(hook.problems):
                    name = column_label(self._project, ColumnRef(hook.node))
                    return f"{name}, which may read it, is not fully understood"
        for child in self._children:
            reader = self._graph.nodes.get(child.unique_id)
            if reader is None:
                continue
            if reader.status is Status.UNKNOWN:
                return f"the lineage of {child.label}, which reads it, is unknown"
            hidden = _hides(reader.problems)
            if hidden:
                return f"{child.label}, which reads it, is only partly understood ({hidden[0]})"
        if self._node.access == "public":
            return "public: other projects may read it"
        if not self._lineage.complete:
            return f"the columns of {self._node.label} are not all known"
        return ""
