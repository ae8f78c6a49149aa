"""Walking the graph of nodes, by layers and without recursion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from analyticsops.project.model import Node, Project


class Graph(msgspec.Struct, frozen=True):
    """The nodes that can be selected, and who reads whom.

    Attributes:
        nodes: by ``unique_id``, in the manifest's order.
        children: direct readers; may name nodes that are not in ``nodes``.
    """

    nodes: Mapping[str, Node]
    children: Mapping[str, tuple[str, ...]]


def graph_of(project: Project) -> Graph:
    """The project's graph without disabled nodes."""
    return Graph(project.enabled, project.children)


def parents(graph: Graph, start: Iterable[str], depth: int | None = None) -> set[str]:
    """Ancestors up to ``depth`` steps; nodes of ``start`` only if others descend from them."""
    found: set[str] = set()
    layer = set(start)
    while layer and depth != 0:
        above = set[str]().union(*(graph.nodes[unique_id].depends_on for unique_id in layer))
        layer = {parent for parent in above - found if parent in graph.nodes}
        found |= layer
        depth = None if depth is None else depth - 1
    return found


def children(graph: Graph, start: Iterable[str], depth: int | None = None) -> set[str]:
    """Descendants up to ``depth`` steps; the mirror image of :func:`parents`."""
    found: set[str] = set()
    layer = set(start)
    while layer and depth != 0:
        below = set[str]().union(*(graph.children[unique_id] for unique_id in layer))
        layer = {child for child in below - found if child in graph.nodes}
        found |= layer
        depth = None if depth is None else depth - 1
    return found


def childrens_parents(graph: Graph, start: Iterable[str]) -> set[str]:
    """Descendants of ``start``, and everything that is needed to build them."""
    below = children(graph, start) | set(start)
    return parents(graph, below) | below
