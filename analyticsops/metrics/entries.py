"""The metrics of a project as entries that people look up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from analyticsops.errors import NotFoundError
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Link
from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.settings import MetricSettings
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Kind


class MetricEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One metric, ready to be shown.

    Attributes:
        name: unique in the project.
        node: dbt ``unique_id``.
        type: ``simple``, ``ratio``, ``derived``, ``cumulative``, ``conversion``, ``sql``.
        owner: its own, else that of its group; empty if nobody.
        tier: ``draft``, ``reviewed``, ``certified``, ``deprecated``; empty if not said.
        version: of its meaning; empty if not said.
        formula: in one line, in terms of measures and other metrics.
        filters: SQL templates of its filters, one per line.
        metrics: names of the metrics it is computed from directly.
        columns: columns of models that its value is computed from, ``model.column``.
        sources: source columns at the far end, ``source.table.column``.
        decided_by: columns that only decide what is counted (filters, joins, grouping).
        used_by: exposures, saved queries and metrics that use it, as ``kind name``.
    """

    name: str
    node: str
    type: str
    label: str = ""
    description: str = ""
    owner: str = ""
    tier: str = ""
    version: str = ""
    unit: str = ""
    direction: str = ""
    why: str = ""
    synonyms: tuple[str, ...] = ()
    formula: str = ""
    filters: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    path: str = ""


def find_metric(entries: Iterable[MetricEntry], name: str) -> MetricEntry:
    """The metric of that name, label or synonym; case and blanks do not matter.

    Raises:
        NotFoundError: with the closest names.
    """
    known = list(entries)
    wanted = " ".join(name.lower().split())
    for words in (_names, _other_names):
        for entry in known:
            if wanted in words(entry):
                return entry
    every = [word for entry in known for word in (*_names(entry), *_other_names(entry))]
    raise NotFoundError("metric", name, every)


def _names(entry: MetricEntry) -> list[str]:
    return [entry.name.lower(), entry.node.lower()]


def _other_names(entry: MetricEntry) -> list[str]:
    return [" ".join(word.lower().split()) for word in (entry.label, *entry.synonyms)]


def entry_of(
    definition: Definition,
    settings: MetricSettings,
    owner: str,
    computed: str,
    ends: Ends,
) -> MetricEntry:
    """A metric as people look it up.

    Args:
        computed: its formula.
        ends: of its lineage.
    """
    return MetricEntry(
        name=definition.name,
        node=definition.node,
        type=definition.type,
        label=definition.label,
        description=definition.description,
        owner=owner,
        tier=settings.tier,
        version=settings.version,
        unit=settings.unit,
        direction=settings.direction,
        why=" ".join(settings.why.split()),
        synonyms=settings.synonyms,
        formula=computed,
        filters=_filters(definition),
        metrics=ends.metrics,
        columns=ends.columns,
        sources=ends.sources,
        decided_by=ends.decided_by,
        used_by=ends.used_by,
        path=definition.path,
    )


class Ends(NamedTuple):
    """Where a metric comes from and goes to: see :class:`MetricEntry`."""

    metrics: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    decided_by: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()


def ends_of(graph: ColumnGraph, project: Project, node: str) -> Ends:
    """The ends of a metric in the column graph."""
    ref = ColumnRef(node)
    columns, sources = _origins(graph, project, ref)
    return Ends(
        metrics=_parents(graph, project, ref),
        columns=columns,
        sources=sources,
        decided_by=_deciders(graph, project, ref, {*columns, *sources}),
        used_by=_users(graph, project, ref),
    )


def ends_of_columns(graph: ColumnGraph, project: Project, refs: Iterable[ColumnRef]) -> Ends:
    """The ends of a metric that reads these columns of models; rows have no column."""
    columns: dict[str, None] = {}
    sources: dict[str, None] = {}
    deciders: set[str] = set()
    for ref in refs:
        if ref.column:
            columns[_label(project, ref)] = None
            for step in graph.upstream(ref):
                if step.ref.column and _is_origin(project.nodes.get(step.ref.node)):
                    sources[_label(project, step.ref)] = None
        for step in graph.upstream(ref, direct=False):
            if step.ref.column and _is_origin(project.nodes.get(step.ref.node)):
                deciders.add(_label(project, step.ref))
    return Ends(
        columns=tuple(sorted(columns)),
        sources=tuple(sorted(sources)),
        decided_by=tuple(sorted(deciders - sources.keys() - columns.keys())),
    )


def _filters(definition: Definition) -> tuple[str, ...]:
    parts = [definition.filters, *(part.filters for part in definition.inputs)]
    return tuple(dict.fromkeys(text for texts in parts for text in texts))


# -- lineage -------------------------------------------------------------------


def _label(project: Project, ref: ColumnRef) -> str:
    node = project.nodes.get(ref.node)
    return f"{node.label if node else ref.node}.{ref.column}"


def _origins(
    graph: ColumnGraph, project: Project, ref: ColumnRef
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(columns of the semantic models' models, source columns) behind a metric's value."""
    columns: dict[str, None] = {}
    sources: dict[str, None] = {}
    for step in graph.upstream(ref):
        node = project.nodes.get(step.ref.node)
        if node is None or not node.has_columns or not step.ref.column or step.edge is None:
            continue
        below = project.nodes.get(step.edge.target.node)
        if below is not None and not below.has_columns:
            columns[_label(project, step.ref)] = None
        if node.kind in ("source", "seed"):
            sources[_label(project, step.ref)] = None
    return tuple(sorted(columns)), tuple(sorted(sources))


def _deciders(
    graph: ColumnGraph, project: Project, ref: ColumnRef, values: set[str]
) -> tuple[str, ...]:
    """Source columns that do not flow into the value but decide what is counted."""
    found = {
        _label(project, step.ref)
        for step in graph.upstream(ref, direct=False)
        if step.ref.column and _is_origin(project.nodes.get(step.ref.node))
    }
    return tuple(sorted(found - values))


def _is_origin(node: Node | None) -> bool:
    return node is not None and node.kind in ("source", "seed")


def _parents(graph: ColumnGraph, project: Project, ref: ColumnRef) -> tuple[str, ...]:
    names = {
        project.nodes[edge.source.node].name
        for edge in graph.parents(ref)
        if edge.kind is Kind.TRANSFORMATION
        and edge.source.node in project.nodes
        and project.nodes[edge.source.node].kind == "metric"
    }
    return tuple(sorted(names))


def _users(graph: ColumnGraph, project: Project, ref: ColumnRef) -> tuple[str, ...]:
    kinds = {"exposure": 0, "saved_query": 1, "metric": 2}
    found = set()
    for step in graph.downstream(ref):
        node = project.nodes.get(step.ref.node)
        if node is not None and node.kind in kinds and _is_use(step.edge):
            found.add((kinds[node.kind], f"{node.kind.replace('_', ' ')} {node.name}"))
    return tuple(text for _, text in sorted(found))


def _is_use(edge: Any) -> bool:
    return edge is not None and edge.kind is not Link.TESTS
