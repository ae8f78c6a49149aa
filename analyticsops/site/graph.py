"""The column graph as numbers: all nodes, and all edges between their slots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Link, Status
from analyticsops.lineage.tags import Carrier
from analyticsops.project.hooks import find_node
from analyticsops.project.model import Node, Project
from analyticsops.site.model.lineage import Edges, Nodes
from analyticsops.sql.facts import Kind, Sure

UNSHOWN = frozenset({"test", "unit_test"})
"""Kinds of nodes that are no boxes of their own: tests stand with the columns that they test."""

_STATUSES = {Status.PROVEN: 0, Status.PARTIAL: 1, Status.UNKNOWN: 2}
_NO_LINEAGE = 3
_SURE = {sure: place for place, sure in enumerate(Sure)}
_KINDS: tuple[Kind | Link, ...] = (*Kind, Link.ROWS, Link.DEPENDS)
_CONTROL = frozenset({Kind.CONDITIONAL, Kind.WINDOW})


class Slots(NamedTuple):
    """The numbers of nodes and columns.

    Attributes:
        ids: of the nodes, in their order; ``columns`` of each.
        place: of each node, by id.
        slot: of each column, by node and name; of a node's rows with an empty name.
        size: number of slots.
    """

    ids: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    place: Mapping[str, int]
    slot: Mapping[ColumnRef, int]
    size: int


class _Words:
    """Words and their numbers, in the order in which they came."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, word: str) -> int:
        """The number of a word."""
        return self.places.setdefault(word, len(self.places))

    @property
    def all(self) -> tuple[str, ...]:
        """The words, by number."""
        return tuple(self.places)


def slots_of(project: Project, graph: ColumnGraph) -> Slots:
    """Numbers for everything that is shown: parents before children, as far as dbt knows, then
    hooks, and what lies outside of the project."""
    named: dict[str, dict[str, None]] = {name: {} for name in project.topological}
    for name in sorted({*graph.nodes, *graph.queries}):
        named.setdefault(name, {})
    for name, lineage in graph.nodes.items():
        named[name].update(dict.fromkeys(lineage.names))
    for ref in _unlisted(graph):
        columns = named.setdefault(ref.node, {})
        if ref.column:
            columns.setdefault(ref.column)
    shown = {name: tuple(c) for name, c in named.items() if _is_shown(find_node(project, name))}
    slot: dict[ColumnRef, int] = {}
    for name, listed in shown.items():
        for column in ("", *listed):
            slot[ColumnRef(name, column)] = len(slot)
    places = {name: place for place, name in enumerate(shown)}
    return Slots(tuple(shown), tuple(shown.values()), places, slot, len(slot))


def _unlisted(graph: ColumnGraph) -> Iterator[ColumnRef]:
    """What edges join and no lineage lists: measures, what statements write, other projects."""
    for edge in graph.made:
        yield from (edge.source, edge.target)
    for name in sorted(graph.queries):
        if name not in graph.nodes:
            yield from sorted({edge.target for edge in graph.into_node(name)})


def _is_shown(node: Node | None) -> bool:
    return node is None or node.kind not in UNSHOWN


def nodes_of(
    project: Project, graph: ColumnGraph, slots: Slots, carriers: Iterable[Carrier]
) -> Nodes:
    """All nodes.

    Args:
        carriers: columns that carry tags.
    """
    kinds, folders, owners, built, tags = (_Words() for _ in range(5))
    found = [find_node(project, name) for name in slots.ids]
    rows = list(zip(slots.ids, found, strict=True))
    return Nodes(
        id=slots.ids,
        label=tuple(_label(name, node) for name, node in rows),
        kind=tuple(kinds.place(node.kind if node else "external") for node in found),
        folder=tuple(folders.place(_folder(project, node)) for node in found),
        owner=tuple(owners.place(node.owner.name if node and node.owner else "") for node in found),
        materialized=tuple(built.place(node.materialized if node else "") for node in found),
        status=tuple(_status(graph, name) for name in slots.ids),
        tags=tuple(tuple(map(tags.place, node.tags)) if node else () for node in found),
        parents=tuple(tuple(_parents(graph, slots, name, node)) for name, node in rows),
        columns=slots.columns,
        column_tags=_column_tags(slots, carriers, tags),
        kinds=kinds.all,
        folders=folders.all,
        owners=owners.all,
        materializations=built.all,
        tag_names=tags.all,
    )


def _label(name: str, node: Node | None) -> str:
    return node.label if node is not None else name


def _folder(project: Project, node: Node | None) -> str:
    if node is None:
        return ""
    folder = node.path.rpartition("/")[0]
    return folder if node.package == project.name else f"{node.package}/{folder}"


def _status(graph: ColumnGraph, name: str) -> int:
    lineage = graph.nodes.get(name)
    return _NO_LINEAGE if lineage is None else _STATUSES[lineage.status]


def _parents(graph: ColumnGraph, slots: Slots, name: str, node: Node | None) -> Iterator[int]:
    known = node.depends_on if node is not None else ()
    for parent in dict.fromkeys([*known, *graph.near(name, known)]):
        if parent in slots.place and parent != name:
            yield slots.place[parent]


def _column_tags(
    slots: Slots, carriers: Iterable[Carrier], tags: _Words
) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for carrier in carriers:
        slot = slots.slot.get(carrier.ref)
        if slot is not None:
            place = tags.place(carrier.tag)
            found.setdefault(slot, []).append(place if carrier.declared else -place - 1)
    return {slot: tuple(found[slot]) for slot in sorted(found)}


def edges_of(graph: ColumnGraph, slots: Slots) -> Edges:
    """All edges. Those that join tests, and those to what nobody lists, are left out."""
    into: list[list[tuple[int, int]]] = [[] for _ in range(slots.size)]
    codes = {kind: place * 4 for place, kind in enumerate(_KINDS)}
    for edge in _edges(graph):
        source, target = slots.slot.get(edge.source), slots.slot.get(edge.target)
        if source is not None and target is not None and edge.kind in codes:
            into[target].append((source, codes[edge.kind] + _SURE[edge.sure]))
    ordered = [sorted(set(found)) for found in into]
    return Edges(
        counts=tuple(map(len, ordered)),
        sources=tuple(source for found in ordered for source, _ in found),
        kinds=tuple(code for found in ordered for _, code in found),
        names=tuple(kind.value for kind in _KINDS),
        classes=tuple(map(_class, _KINDS)),
    )


def _edges(graph: ColumnGraph) -> Iterator[Edge]:
    yield from graph.made
    for name in graph.queries:
        yield from graph.into_node(name)


def _class(kind: Kind | Link) -> str:
    if isinstance(kind, Link):
        return kind.value
    if kind.direct:
        return "value"
    return "control" if kind in _CONTROL else "rows"
