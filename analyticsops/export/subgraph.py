"""The part of a column graph that is exported."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from analyticsops.artifacts.run_results import RunResults
from analyticsops.lineage.graph import ColumnGraph, Edge
from analyticsops.project.hooks import find_node, owner_id
from analyticsops.project.model import Node, Project


class Settings(NamedTuple):
    """What a format may ask for beside the graph.

    Attributes:
        namespace: OpenLineage's namespace of the warehouse; empty if it was not said.
        events: OpenLineage's kind of event: ``job`` or ``run``.
        sql: True for OpenLineage's events with the compiled SQL of jobs.
        run_results: of the last run, for the times and outcomes of ``run`` events.
    """

    namespace: str = ""
    events: str = "job"
    sql: bool = False
    run_results: RunResults | None = None


class Subgraph(NamedTuple):
    """Nodes, and every edge into them.

    Attributes:
        chosen: ids of the nodes, in the manifest's order.
        edges: sorted.
        settings: what single formats want to know.
    """

    project: Project
    graph: ColumnGraph
    chosen: tuple[str, ...]
    edges: tuple[Edge, ...]
    settings: Settings = Settings()

    def ids(self) -> tuple[str, ...]:
        """The chosen nodes, and after them, sorted, those that the edges come from or, of
        hooks, lead to."""
        ends = {ref.node for edge in self.edges for ref in (edge.source, edge.target)}
        return (*self.chosen, *sorted(ends - set(self.chosen)))

    def node(self, unique_id: str) -> Node:
        """A node or a hook; one outside of the project has the kind ``external``."""
        known = find_node(self.project, unique_id)
        return known or Node(unique_id=unique_id, kind="external", name=unique_id)


def subgraph(
    project: Project,
    graph: ColumnGraph,
    nodes: Collection[str],
    settings: Settings = Settings(),  # noqa: B008 (it is immutable)
) -> Subgraph:
    """The edges into these nodes and into their hooks: where their columns and rows come
    from."""
    chosen = set(nodes)
    if chosen >= set(project.nodes):
        edges = graph.edges
    else:
        edges = tuple(edge for edge in graph.edges if owner_id(edge.target.node) in chosen)
    return Subgraph(project, graph, tuple(i for i in project.nodes if i in chosen), edges, settings)
