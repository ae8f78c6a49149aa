"""What the formats that draw have in common: boxes with columns, and lines between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from analyticsops.export.subgraph import Subgraph
from analyticsops.lineage.graph import ColumnRef, Edge
from analyticsops.lineage.hops import Hop, hop
from analyticsops.sql.facts import Kind, Sure


class Box(NamedTuple):
    """A node under an id without foreign characters; column -> its own id in the box."""

    id: str
    kind: str
    name: str
    columns: dict[str, str]

    def port(self, ref: ColumnRef) -> str:
        """The id of a column, or of the rows."""
        return self.columns.get(ref.column, "rows")


class Line(NamedTuple):
    """All edges between two columns.

    ``how`` is ``direct`` if a value flows, ``indirect`` if it only decides, ``link`` if no
    SQL says anything about it.
    """

    source: ColumnRef
    target: ColumnRef
    how: str
    label: str


def boxes(part: Subgraph) -> dict[str, Box]:
    """The nodes with those of their columns that have edges here."""
    used: dict[str, dict[str, None]] = {}
    for edge in part.edges:
        for ref in (edge.source, edge.target):
            columns = used.setdefault(ref.node, {})
            if ref.column:
                columns[ref.column] = None
    drawn: dict[str, Box] = {}
    for unique_id in part.ids():
        if unique_id in used:
            node, lineage = part.node(unique_id), part.graph.nodes.get(unique_id)
            order = {name: place for place, name in enumerate(lineage.names if lineage else ())}
            names = sorted(used[unique_id], key=lambda name: (order.get(name, len(order)), name))
            ports = {name: f"c{place}" for place, name in enumerate(names)}
            drawn[unique_id] = Box(f"n{len(drawn)}", node.kind, node.label, ports)
    return drawn


def joined(part: Subgraph) -> Iterator[Line]:
    """One line for all edges between two columns."""
    found: dict[tuple[ColumnRef, ColumnRef], list[Edge]] = {}
    for edge in part.edges:
        found.setdefault((edge.source, edge.target), []).append(edge)
    for edges in found.values():
        step = hop(edges)
        label = ", ".join(kind.value for kind in step.kinds)
        label += f" ({step.sure.value})" if step.sure is not Sure.EXACT else ""
        yield Line(step.source, step.target, _how(step), label)


def _how(step: Hop) -> str:
    kinds = [kind for kind in step.kinds if isinstance(kind, Kind)]
    if any(kind.direct for kind in kinds):
        return "direct"
    return "indirect" if kinds else "link"
