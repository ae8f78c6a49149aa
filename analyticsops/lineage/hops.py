"""Everything that leads from one column to the next, as one step."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Link, Reached
from analyticsops.sql.facts import Kind, Sure

_DOUBT = (Sure.EXACT, Sure.INFERRED, Sure.AMBIGUOUS, Sure.PARTIAL)


class Hop(NamedTuple):
    """All edges between two columns.

    Attributes:
        kinds: how the source takes part, values before conditions.
        sure: of the least sure of them.
        fields: which fields inside the source are read; empty for the whole.
    """

    source: ColumnRef
    target: ColumnRef
    kinds: tuple[Kind | Link, ...]
    sure: Sure
    fields: tuple[str, ...] = ()


def least_sure(doubts: Iterable[Sure]) -> Sure:
    """A chain is as sure as its least sure link."""
    return max(doubts, key=_DOUBT.index, default=Sure.EXACT)


def is_value(edge: Edge) -> bool:
    """True if a value flows along the edge."""
    return isinstance(edge.kind, Kind) and edge.kind.direct


def hop(edges: Iterable[Edge]) -> Hop:
    """The step that edges between the same two columns make together."""
    found = list(edges)
    kinds = dict.fromkeys(sorted((edge.kind for edge in found), key=_order))
    fields = sorted({edge.path for edge in found if edge.path})
    sure = least_sure(edge.sure for edge in found)
    return Hop(found[0].source, found[0].target, tuple(kinds), sure, tuple(fields))


def _order(kind: Kind | Link) -> tuple[bool, int]:
    if isinstance(kind, Kind):
        return False, list(Kind).index(kind)
    return True, list(Link).index(kind)


def readers_of(graph: ColumnGraph, ref: ColumnRef, *, queries: bool = True) -> list[Edge]:
    """The edges that start in a column; whoever depends on its whole node without a word
    about columns (an exposure, a Python model) counts as a reader of it.

    Args:
        queries: False for those alone that no query makes.
    """
    edges = graph.readers(ref) if queries else graph.ends(ref)
    if not ref.column:
        return list(edges)
    whole = graph.whole_readers(ref.node)
    return [*edges, *(edge._replace(source=ref) for edge in whole)]


def parents_of(graph: ColumnGraph, ref: ColumnRef) -> list[Edge]:
    """The edges that end in a column or an end; an end that depends on a whole node (an
    exposure, a unit test) may read every column of it."""
    edges = graph.parents(ref)
    if ref.node in graph.nodes:
        return edges
    whole = [edge for edge in edges if reads_whole(edge) and edge.source.node in graph.nodes]
    return [
        *edges,
        *(
            edge._replace(source=ColumnRef(edge.source.node, name))
            for edge in whole
            for name in graph.nodes[edge.source.node].names
        ),
    ]


def reads_whole(edge: Edge) -> bool:
    """True if the edge says that a node is read, and not what of it."""
    return edge.kind in (Link.DEPENDS, Link.TESTS) and not edge.source.column


def upstream_of(
    graph: ColumnGraph, ref: ColumnRef, *, depth: int | None = None, direct: bool = False
) -> list[Reached]:
    """Everything that a column, the rows of a node or an end comes from, nearest first."""
    return graph.walk([ref], partial(parents_of, graph), depth=depth, direct=direct)


def rows_upstream(graph: ColumnGraph, node: str, *, depth: int | None = None) -> list[Reached]:
    """What decides which rows a node has, and likewise of the rows that those are made of,
    nearest first: each table once. Where the columns among it come from is left out.

    Returns:
        nothing if the rows are those of other tables and nothing decides about them.
    """

    def parents(ref: ColumnRef) -> list[Edge]:
        return [] if ref.column else graph.parents(ref)

    found = graph.walk([ColumnRef(node)], parents, depth=depth)
    return found if any(step.ref.column for step in found) else []


def between(graph: ColumnGraph, edge: Edge, *, direct: bool) -> Hop:
    """The step that an edge is part of.

    Args:
        direct: without the edges through which no value flows.
    """
    twins = [
        twin
        for twin in graph.parents(edge.target)
        if twin.source == edge.source and (not direct or is_value(twin))
    ]
    return hop(twins or [edge])
