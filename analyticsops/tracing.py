"""Questions about single columns of a workspace, in one call each.

The answers are plain data with names that people know; :mod:`analyticsops.lineage` works
on ids. :mod:`analyticsops.api` hands all of it on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from analyticsops.lineage import impact, names, paths, why
from analyticsops.lineage.asked import status_of
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Reached
from analyticsops.lineage.hops import Hop, between, rows_upstream, upstream_of
from analyticsops.lineage.impact import Hit
from analyticsops.lineage.names import column_label
from analyticsops.lineage.why import WhyStep
from analyticsops.project.hooks import find_node
from analyticsops.project.model import Project
from analyticsops.workspace import Workspace


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A column on the way, how it takes part, and how many steps away it is.

    Attributes:
        node: ``unique_id``; of a table outside the project its name.
        name: what people call the node.
        column: empty for the rows of a node, and for ends (metrics, exposures, tests).
        kind: how it takes part; of several ways the one nearest to a value.
        kinds: all of them.
        sure: ``exact``, ``inferred``, ``ambiguous`` or ``partial``.
        fields: which fields inside the column are read; empty for the whole.
        distance: in steps.
        next: the column one step nearer to the one asked for.
        node_kind: dbt's resource type, ``hook`` for a hook of a node, ``external`` outside
            the project.
        owner: of the node, empty if nobody.
    """

    node: str
    name: str
    column: str
    kind: str
    kinds: tuple[str, ...] = ()
    sure: str = "exact"
    fields: tuple[str, ...] = ()
    distance: int
    next: str
    node_kind: str
    owner: str = ""


class ColumnAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Where a column comes from and goes to, or the rows of a model, or an end.

    Attributes:
        column: as ``model.column``; the name of the node for its rows, and for an end.
        node: ``unique_id`` of its node.
        status: ``proven``, ``partial`` or ``unknown``.
        problems: why it is not proven.
        upstream: nearest first.
        downstream: nearest first; ends (metrics, exposures, tests) included.
        what: ``column``, ``rows``, or dbt's resource type of an end.
        rows: of a column, what decides which rows its table has: filters, join keys,
            grouping, and those of the tables that the rows are made of, nearest first. Where
            the columns among them come from is left out.
    """

    column: str
    node: str
    status: str
    problems: tuple[str, ...]
    upstream: tuple[Step, ...]
    downstream: tuple[Step, ...]
    what: str = "column"
    rows: tuple[Step, ...] = ()


def trace(
    workspace: Workspace, column: str, *, depth: int | None = None, direct: bool = False
) -> ColumnAnswer:
    """Where ``model.column`` comes from and goes to.

    Args:
        column: ``orders.amount``, ``orders.v2.amount``, ``source.table.column`` or
            ``unique_id.column``; ``orders`` alone for its rows; ``metric:NAME``,
            ``exposure:NAME``, ``saved_query:NAME``, ``test:NAME`` or ``unit_test:NAME`` for
            an end. Case does not matter.
        depth: at most so many steps in each direction.
        direct: only edges through which values flow.

    Raises:
        NotFoundError: no such model or column; names the closest ones.
    """
    graph, project = workspace.graph, workspace.project
    ref = names.find_any(project, graph, column)
    status, problems = status_of(project, graph, ref)
    upstream = upstream_of(graph, ref, depth=depth, direct=direct)
    downstream = graph.downstream(ref, depth=depth, direct=direct)
    rows: Sequence[Reached] = ()
    if ref.column and not direct and all(step.ref != ColumnRef(ref.node) for step in upstream):
        rows = rows_upstream(graph, ref.node, depth=depth)
    told = [
        tuple(_step(project, step, _hop(graph, step, direct)) for step in steps)
        for steps in (upstream, downstream, rows)
    ]
    return ColumnAnswer(
        column=column_label(project, ref),
        node=ref.node,
        status=status.value,
        problems=problems,
        upstream=told[0],
        downstream=told[1],
        what=names.what_is(project, ref),
        rows=told[2],
    )


def find_column(workspace: Workspace, text: str) -> ColumnRef:
    """The column that ``model.column`` means, see
    :func:`analyticsops.lineage.names.find_column`.

    Raises:
        NotFoundError: with the closest names.
        UsageError: no column is named, or several sources have such a table.
    """
    return names.find_column(workspace.project, workspace.graph, text)


def _hop(graph: ColumnGraph, step: Reached, direct: bool) -> Hop:
    assert step.edge is not None, "a traversal leaves out its start"
    return between(graph, step.edge, direct=direct)


def _step(project: Project, step: Reached, hop: Hop) -> Step:
    node = find_node(project, step.ref.node)
    nearer = hop.target if step.ref == hop.source else hop.source
    return Step(
        node=step.ref.node,
        name=node.label if node else step.ref.node,
        column=step.ref.column,
        kind=hop.kinds[0].value,
        kinds=tuple(kind.value for kind in hop.kinds),
        sure=hop.sure.value,
        fields=hop.fields,
        distance=step.distance,
        next=column_label(project, nearer),
        node_kind=node.kind if node else "external",
        owner=node.owner.name if node and node.owner else "",
    )


# -- ways ------------------------------------------------------------------------


class WayStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a way: ``source`` takes part in ``target`` in these ways."""

    source: str
    target: str
    kinds: tuple[str, ...]
    sure: str
    fields: tuple[str, ...] = ()


class WaysAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The ways from one column to another.

    Attributes:
        start: as ``model.column``.
        end: as ``model.column``, or the name of a metric, exposure, test.
        rows: true if the start does not reach the column itself, and these are the ways
            to the rows of its model.
        ways: each from start to end, shortest first.
        cut: true if there may be more.
    """

    start: str
    end: str
    rows: bool
    ways: tuple[tuple[WayStep, ...], ...]
    cut: bool


def find_ways(
    workspace: Workspace,
    start: str,
    end: str,
    *,
    direct: bool = False,
    shortest: bool = False,
    limit: int = 20,
) -> WaysAnswer:
    """All ways from one column to another, each without a column twice.

    A filter or join key reaches the rows of a model, and no column of it: if there is no
    way to the column, the ways to the rows are given.

    Args:
        start: as :func:`trace` takes it.
        end: likewise, or ``metric:NAME``, ``exposure:NAME``, ``test:NAME``.
        direct: only steps along which values flow.
        shortest: only the ways with the fewest steps.
        limit: at most so many.

    Raises:
        NotFoundError: no such column, metric, exposure; names the closest ones.
    """
    graph, project = workspace.graph, workspace.project
    source = find_column(workspace, start)
    target = names.find_end(project, end) or find_column(workspace, end)
    found = paths.find_ways(graph, source, target, direct=direct, shortest=shortest, limit=limit)
    rows = not found.found and not direct and bool(target.column)
    if rows:
        to_rows = ColumnRef(target.node)
        found = paths.find_ways(graph, source, to_rows, shortest=shortest, limit=limit)
    return WaysAnswer(
        start=column_label(project, source),
        end=column_label(project, target),
        rows=rows and bool(found.found),
        ways=tuple(tuple(_way_step(project, hop) for hop in way) for way in found.found),
        cut=found.cut,
    )


def _path(project: Project, unique_id: str) -> str:
    node = find_node(project, unique_id)
    return node.path if node else ""


def _way_step(project: Project, hop: Hop) -> WayStep:
    return WayStep(
        source=column_label(project, hop.source),
        target=column_label(project, hop.target),
        kinds=tuple(kind.value for kind in hop.kinds),
        sure=hop.sure.value,
        fields=hop.fields,
    )


# -- impact ----------------------------------------------------------------------


class ImpactAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is hit when columns change.

    Attributes:
        columns: those that change, as ``model.column``.
        hits: exposures, metrics and saved queries first, then models, then tests.
        owners: (name, number of nodes hit), most first.
    """

    columns: tuple[str, ...]
    hits: tuple[Hit, ...]
    owners: tuple[tuple[str, int], ...]


def find_impact(workspace: Workspace, columns: str | Sequence[str]) -> ImpactAnswer:
    """Everything downstream that may change when any of these columns does.

    Args:
        columns: as :func:`trace` takes them; one or several.

    Raises:
        NotFoundError: no such model or column; names the closest ones.
    """
    asked = [columns] if isinstance(columns, str) else columns
    refs = list(dict.fromkeys(find_column(workspace, text) for text in asked))
    hits = impact.find_impact(workspace.project, workspace.graph, refs)
    owners = Counter(hit.owner for hit in hits if hit.owner)
    return ImpactAnswer(
        columns=tuple(column_label(workspace.project, ref) for ref in refs),
        hits=hits,
        owners=tuple(sorted(owners.items(), key=lambda item: (-item[1], item[0]))),
    )


# -- why ----------------------------------------------------------------------------


class WhyColumn(msgspec.Struct, frozen=True, kw_only=True):
    """How one column comes about.

    Attributes:
        column: as ``model.column``.
        node: ``unique_id``.
        path: of the model's file.
        steps: its expression and those of the CTEs below it, from the final SELECT inwards.
        sources: columns of other nodes that the steps end in, as ``model.column``.
        problems: why something may be missing.
        note: what there is to say where there are no steps: a source, a Python model.
        other: true for the other branch of ``is_incremental()``, where it differs.
    """

    column: str
    node: str
    path: str
    steps: tuple[WhyStep, ...]
    sources: tuple[str, ...]
    problems: tuple[str, ...]
    note: str
    other: bool


class WhyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A column, and everything that it comes from, nearest first; ``cut`` if there is
    more."""

    columns: tuple[WhyColumn, ...]
    cut: bool


def explain_column(workspace: Workspace, column: str, *, depth: int | None = None) -> WhyAnswer:
    """The expressions by which a column comes about, down to sources.

    Args:
        column: as :func:`trace` takes it.
        depth: at most so many models upwards; None for all, 0 for its own alone.

    Raises:
        NotFoundError: no such model or column; names the closest ones.
    """
    project = workspace.project
    ref = find_column(workspace, column)
    found = why.explain(
        project, workspace.graph, workspace.code, workspace.dialect, ref, depth=depth
    )
    return WhyAnswer(
        columns=tuple(
            WhyColumn(
                column=column_label(project, entry.ref),
                node=entry.ref.node,
                path=_path(project, entry.ref.node),
                steps=entry.steps,
                sources=tuple(column_label(project, source) for source in entry.sources),
                problems=entry.problems,
                note=entry.note,
                other=entry.other,
            )
            for entry in found.columns
        ),
        cut=found.cut,
    )
