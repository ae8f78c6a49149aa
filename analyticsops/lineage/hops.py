"""Everything that leads from one column to the next, as one step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Link
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
