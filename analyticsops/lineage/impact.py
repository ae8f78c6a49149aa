"""Who is hit when columns change: one entry per node downstream, whom it belongs to, how
it is hit, and the shortest way there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Link, Reached
from analyticsops.lineage.hops import least_sure
from analyticsops.lineage.names import column_label
from analyticsops.project.hooks import find_node
from analyticsops.project.model import Project
from analyticsops.sql.facts import Kind

_ORDER = {"breaks": 0, "loses": 1, "values": 2, "rows": 3, "depends": 4, "tests": 5}
"""Worst first: how a node is hit when it is hit in several ways."""

_ENDS_FIRST = {
    "exposure": 0,
    "metric": 1,
    "saved_query": 2,
    "semantic_model": 3,
    "model": 4,
    "snapshot": 4,
    "hook": 5,
    "operation": 5,
    "analysis": 5,
    "test": 6,
    "unit_test": 7,
}

_TIERS = {"certified": 0, "reviewed": 1, "draft": 3, "deprecated": 4}
"""Of several metrics the most trusted one is named first."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """Something downstream that a change reaches.

    Attributes:
        node: ``unique_id``.
        kind: dbt's resource type; ``hook`` for a hook of a model, seed or snapshot.
        name: what people call it.
        columns: those of it that are reached; empty for nodes without columns.
        owner: empty if nobody.
        via: ``breaks`` (its SQL reads what is gone), ``loses`` (its star no longer brings
            it), ``values`` (a value of it derives from the change), ``rows`` (which rows it
            has depends on it), ``depends`` (known only for whole nodes) or ``tests`` (a test
            of it).
        sure: of the least sure step of the way: ``exact``, ``inferred``, ``ambiguous``
            or ``partial``.
        path: the shortest way there, as ``model.column`` steps, both ends included.
        rows: True if which rows it has depends on the change, perhaps besides.
    """

    node: str
    kind: str
    name: str
    columns: tuple[str, ...] = ()
    owner: str = ""
    via: str = "values"
    sure: str = "exact"
    path: tuple[str, ...] = ()
    rows: bool = False


class Touch(NamedTuple):
    """A column that is hit, how, and by which step of a traversal."""

    ref: ColumnRef
    via: str
    step: Reached


def find_impact(project: Project, graph: ColumnGraph, refs: Sequence[ColumnRef]) -> tuple[Hit, ...]:
    """Everything that may change when any of ``refs`` does, tests of it included."""
    reached = graph.impact(refs)
    touches = [Touch(step.ref, via(step), step) for step in reached]
    return by_node(project, touches, reached, refs)


def via(step: Reached) -> str:
    """How the last step of a way hits what it leads to, as :class:`Hit` says."""
    kind = step.edge.kind if step.edge else Link.DEPENDS
    if kind in (Link.DEPENDS, Link.TESTS):
        return kind.value
    if not step.ref.column and not (isinstance(kind, Kind) and kind.direct):
        return "rows"
    return "values"


def by_node(
    project: Project,
    touches: Iterable[Touch],
    known: Iterable[Reached],
    starts: Sequence[ColumnRef],
) -> tuple[Hit, ...]:
    """One entry per node: its columns, the worst way it is hit, the shortest path.

    Args:
        known: the steps by which the paths are retraced.
        starts: where the paths begin; their nodes are left out.
    """
    by_ref = {step.ref: step for step in known}
    start_nodes = {ref.node for ref in starts}
    grouped: dict[str, list[Touch]] = {}
    for touch in touches:
        if touch.ref.node not in start_nodes:
            grouped.setdefault(touch.ref.node, []).append(touch)
    inside = [touched for node, touched in grouped.items() if _is_inside(project, node)]
    ranked = [_hit(project, by_ref, touched) for touched in inside]
    return tuple(hit for _, hit in sorted(ranked, key=lambda item: item[0]))


def _is_inside(project: Project, unique_id: str) -> bool:
    return unique_id in project.nodes or find_node(project, unique_id) is not None


def _hit(
    project: Project, by_ref: Mapping[ColumnRef, Reached], group: Sequence[Touch]
) -> tuple[tuple[int, int, int, int, str], Hit]:
    """The entry of one node, and where it stands among the others."""
    worst = min(group, key=lambda touch: (_ORDER[touch.via], touch.step.distance, touch.ref))
    node = find_node(project, worst.ref.node)
    assert node is not None, "nodes outside of the project are left out"
    way = _way(by_ref, worst.ref)
    steps = (by_ref.get(ref) for ref in way)
    hit = Hit(
        node=node.unique_id,
        kind=node.kind,
        name=node.label,
        columns=tuple(sorted({touch.ref.column for touch in group if touch.ref.column})),
        owner=node.owner.name if node.owner else "",
        via=worst.via,
        sure=least_sure(step.edge.sure for step in steps if step and step.edge).value,
        path=tuple(column_label(project, ref) for ref in way),
        rows=any(touch.via == "rows" for touch in group),
    )
    tier = _TIERS.get(str(node.settings.get("tier") or ""), 2)
    composed = int(node.metric is not None and node.metric.type != "simple")
    first = _ENDS_FIRST.get(node.kind, 9)
    return (first, tier, composed, worst.step.distance, node.unique_id), hit


def _way(by_ref: Mapping[ColumnRef, Reached], ref: ColumnRef) -> list[ColumnRef]:
    way = [ref]
    while (step := by_ref.get(way[-1])) is not None and step.edge is not None:
        if step.edge.source in way:
            break
        way.append(step.edge.source)
    return way[::-1]
