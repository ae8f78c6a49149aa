"""Who is hit by a change: downstream columns, tests, metrics, exposures and owners."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from analyticsops.changes.compare import Comparison
from analyticsops.findings import Affected
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Link, Reached
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Kind

_ORDER = {"breaks": 0, "values": 1, "rows": 2, "depends": 3}
"""Worst first: how a node is hit when it is hit in several ways."""

_ENDS_FIRST = {
    "exposure": 0,
    "metric": 1,
    "saved_query": 2,
    "semantic_model": 3,
    "model": 4,
    "snapshot": 4,
    "test": 5,
    "unit_test": 6,
}


_TIERS = {"certified": 0, "reviewed": 1, "draft": 3, "deprecated": 4}
"""Of several metrics the most trusted one is named first."""


def meaning_reach(
    comparison: Comparison, refs: Sequence[ColumnRef], *, graph: ColumnGraph | None = None
) -> tuple[Affected, ...]:
    """Whose values or rows may change because those of ``refs`` changed.

    Args:
        graph: the base's, for nodes that the head no longer has; else the head's.
    """
    reached = (graph or comparison.head.graph).impact(refs)
    hits = [(step.ref, _via(step), step) for step in reached if not _is_test(step)]
    return _affected(comparison.head.project, hits, reached, refs)


def removal_reach(comparison: Comparison, ref: ColumnRef) -> tuple[Affected, ...]:
    """Who still reads a column that is gone, and whoever stands behind them.

    A reader that the same change adapted is not hit. One whose star merely loses the
    column passes the loss on to its own readers.
    """
    graph = comparison.base.graph
    lost = deque([Reached(ref, None, 0)])
    seen = {ref}
    steps: list[Reached] = []
    hits: list[tuple[ColumnRef, str, Reached]] = []
    broken: list[ColumnRef] = []
    while lost:
        here = lost.popleft()
        for edge in _readers(graph, here.ref):
            target = edge.target
            how = _hit(comparison, here.ref, edge)
            if how == "adapted" or target in seen:
                continue
            seen.add(target)
            step = Reached(target, edge, here.distance + 1)
            steps.append(step)
            if how == "loses":
                hits.append((target, "breaks", step))
                lost.append(step)
            else:
                hits.append((target, how, step))
                broken.append(target)
    behind = [step for step in graph.impact(broken) if step.ref not in seen]
    known = steps + behind
    hits += [(step.ref, _via(step), step) for step in behind if not _is_test(step)]
    return _affected(comparison.head.project, hits, known, [ref])


def _readers(graph: ColumnGraph, ref: ColumnRef) -> list[Edge]:
    whole = [edge for edge in graph.readers(ColumnRef(ref.node)) if edge.kind is Link.DEPENDS]
    return [*graph.readers(ref), *(Edge(ref, edge.target, edge.kind) for edge in whole)]


def _hit(comparison: Comparison, ref: ColumnRef, edge: Edge) -> str:
    """How a reader is hit: ``loses`` (its star passes the loss on), ``adapted`` (not at
    all), or as :class:`Affected` says."""
    child = comparison.head.project.nodes.get(edge.target.node)
    if child is None:
        return "adapted"
    if edge.kind is Link.DEPENDS:
        return "depends"
    if not child.has_columns:
        before = comparison.base.project.nodes[child.unique_id]
        return "breaks" if _same_end(before, child, edge) else "adapted"
    if _misses(comparison.head.graph, child.unique_id, ref.column):
        return "breaks"
    change = comparison.nodes.get(child.unique_id)
    if change is not None and change.defined:
        return "adapted"
    if change is not None and edge.target.column in change.removed:
        return "loses"
    # The same SQL, and no error: the name now means a column of another table, or a
    # star that decides about rows (DISTINCT, NATURAL JOIN) is narrower.
    return "values" if edge.target.column else "rows"


def _same_end(before: Node, after: Node, edge: Edge) -> bool:
    """True if a test, metric, semantic model or exposure still reads what it read."""
    if before.test is not None or after.test is not None:
        return (before.test, before.raw_code) == (after.test, after.raw_code)
    if before.exposure is not None:
        return before.settings.get("columns") == after.settings.get("columns")
    if before.semantic_model is not None and after.semantic_model is not None:
        return _part(before, edge.target.column) == _part(after, edge.target.column)
    return before.metric == after.metric


def _part(node: Node, name: str) -> object:
    info = node.semantic_model
    parts = (*info.measures, *info.dimensions, *info.entities) if info else ()
    return next((part for part in parts if part.get("name") == name), None)


def _misses(graph: ColumnGraph, unique_id: str, column: str) -> bool:
    """True if the node's SQL names a column that is not there."""
    return any(
        problem.reason == "unknown column"
        and problem.detail.split(" in ")[0].lower() == column.lower()
        for problem in graph.nodes[unique_id].problems
    )


def _is_test(step: Reached) -> bool:
    return step.edge is not None and step.edge.kind is Link.TESTS


def _via(step: Reached) -> str:
    kind = step.edge.kind if step.edge else Link.DEPENDS
    if kind is Link.DEPENDS:
        return "depends"
    if not step.ref.column and kind not in (Kind.AGGREGATION, Kind.TRANSFORMATION, Kind.IDENTITY):
        return "rows"
    return "values"


def _affected(
    project: Project,
    hits: Iterable[tuple[ColumnRef, str, Reached]],
    known: Iterable[Reached],
    starts: Sequence[ColumnRef],
) -> tuple[Affected, ...]:
    """One entry per node: its columns, the worst way it is hit, the shortest path."""
    by_ref = {step.ref: step for step in known}
    start_nodes = {ref.node for ref in starts}
    grouped: dict[str, list[tuple[ColumnRef, str, Reached]]] = {}
    for hit in hits:
        if hit[0].node not in start_nodes:
            grouped.setdefault(hit[0].node, []).append(hit)
    found: list[tuple[tuple[int, int, int, int, str], Affected]] = []
    for unique_id, group in grouped.items():
        node = project.nodes.get(unique_id)
        if node is None:
            continue
        ref, via, step = min(group, key=lambda hit: (_ORDER[hit[1]], hit[2].distance, hit[0]))
        entry = Affected(
            node=unique_id,
            kind=node.kind,
            name=node.label,
            columns=tuple(sorted({r.column for r, _, _ in group if r.column})),
            owner=node.owner.name if node.owner else "",
            via=via,
            path=tuple(_label(project, r) for r in _path(by_ref, ref)),
        )
        tier = _TIERS.get(str(node.settings.get("tier") or ""), 2)
        composed = int(node.metric is not None and node.metric.type != "simple")
        rank = (_ENDS_FIRST.get(node.kind, 9), tier, composed, step.distance, unique_id)
        found.append((rank, entry))
    return tuple(entry for _, entry in sorted(found, key=lambda item: item[0]))


def _path(by_ref: dict[ColumnRef, Reached], ref: ColumnRef) -> list[ColumnRef]:
    way = [ref]
    while (step := by_ref.get(way[-1])) is not None and step.edge is not None:
        if step.edge.source in way:
            break
        way.append(step.edge.source)
    return way[::-1]


def _label(project: Project, ref: ColumnRef) -> str:
    node = project.nodes.get(ref.node)
    name = node.label if node else ref.node
    return f"{name}.{ref.column}" if ref.column else name
