"""Who is hit by a change: downstream columns, tests, metrics, exposures and owners."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from analyticsops.changes.compare import Comparison
from analyticsops.changes.following import follow
from analyticsops.findings import Affected
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Edge, Link, Reached
from analyticsops.lineage.hops import readers_of
from analyticsops.lineage.impact import Touch, by_node, via
from analyticsops.project.hooks import HOLDERS, find_node, statement_place
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import UNKNOWN_COLUMN


def meaning_reach(
    comparison: Comparison, refs: Sequence[ColumnRef], *, graph: ColumnGraph | None = None
) -> tuple[Affected, ...]:
    """Whose values or rows may change because those of ``refs`` changed. What is proven to
    yield the same in both versions is not among them, unless ``refs`` are the same, too, and
    something else about them changed.

    Args:
        graph: the base's, for nodes that the head no longer has; else the head's.
    """
    if graph is not None:
        reached = graph.impact(refs)
    else:
        same = [ref for ref in refs if comparison.is_same(ref)]
        reached = follow(comparison, [ref for ref in refs if ref not in same])
        if same:
            known = {step.ref for step in reached}
            reached += [s for s in follow(comparison, same, spared=False) if s.ref not in known]
    hits = [Touch(step.ref, via(step), step) for step in reached if not _is_test(step)]
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
    hits: list[Touch] = []
    broken: list[ColumnRef] = []
    while lost:
        here = lost.popleft()
        writers = _writers(comparison, ref) if here.ref == ref else ()
        for edge in (*readers_of(graph, here.ref), *writers):
            target = edge.target
            how = _hit(comparison, here.ref, edge)
            if how == "adapted" or target in seen:
                continue
            seen.add(target)
            step = Reached(target, edge, here.distance + 1)
            steps.append(step)
            if how == "loses":
                hits.append(Touch(target, "loses", step))
                lost.append(step)
            else:
                hits.append(Touch(target, how, step))
                broken.append(target)
    behind = [step for step in graph.impact(broken) if step.ref not in seen]
    known = steps + behind
    hits += [Touch(step.ref, via(step), step) for step in behind if not _is_test(step)]
    return _affected(comparison.head.project, hits, known, [ref])


def _hit(comparison: Comparison, ref: ColumnRef, edge: Edge) -> str:
    """How a reader is hit: ``loses`` (its star passes the loss on), ``adapted`` (not at
    all), or as :class:`Affected` says."""
    child = find_node(comparison.head.project, edge.target.node)
    if child is None:
        return "adapted"
    if child.kind in HOLDERS:
        return "breaks" if _same_statement(comparison, edge.target.node) else "adapted"
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


def _writers(comparison: Comparison, ref: ColumnRef) -> Iterator[Edge]:
    """The steps from hooks that still write a column, from the column to them: they name it,
    and fail when it is gone."""
    for edge in comparison.base.graph.parents(ref):
        writer = find_node(comparison.head.project, edge.source.node)
        named = writer is not None and writer.kind in HOLDERS and edge.source.column
        if named and _same_statement(comparison, edge.source.node):
            yield Edge(ref, edge.source, edge.kind, edge.sure)


def _same_statement(comparison: Comparison, unique_id: str) -> bool:
    """True if a hook, operation or analysis runs what it ran."""
    holder, _ = statement_place(unique_id)
    sides = (comparison.base, comparison.head)
    texts = []
    for side in sides:
        hook = find_node(side.project, holder)
        texts.append(side.own_text(hook) if hook is not None else None)
    return texts[0] == texts[1]


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
        problem.reason == UNKNOWN_COLUMN
        and problem.detail.split(" in ")[0].lower() == column.lower()
        for problem in graph.nodes[unique_id].problems
    )


def _is_test(step: Reached) -> bool:
    return step.edge is not None and step.edge.kind is Link.TESTS


def _affected(
    project: Project,
    touches: Iterable[Touch],
    known: Iterable[Reached],
    starts: Sequence[ColumnRef],
) -> tuple[Affected, ...]:
    return tuple(
        Affected(
            node=hit.node,
            kind=hit.kind,
            name=hit.name,
            columns=hit.columns,
            owner=hit.owner,
            via=hit.via,
            path=hit.path,
            rows=hit.rows,
        )
        for hit in by_node(project, touches, known, starts)
    )
