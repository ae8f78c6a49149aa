"""The metrics of a project as entries that people look up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from analyticsops.errors import NotFoundError
from analyticsops.lineage.ends import filter_texts
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Link
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Kind

TIERS = ("draft", "reviewed", "certified", "deprecated")


class MetricEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One metric, ready to be shown.

    Attributes:
        name: unique in the project.
        node: dbt ``unique_id``.
        type: ``simple``, ``ratio``, ``derived``, ``cumulative``, ``conversion``.
        owner: its own, else that of its group; empty if nobody.
        tier: ``draft``, ``reviewed``, ``certified``, ``deprecated``; empty if not said.
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


def list_metrics(project: Project, graph: ColumnGraph) -> tuple[MetricEntry, ...]:
    """Every metric of the project, by name."""
    nodes = sorted(project.of_kind("metric"), key=lambda node: (node.name, node.unique_id))
    return tuple(_entry(node, project, graph) for node in nodes)


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


def _entry(node: Node, project: Project, graph: ColumnGraph) -> MetricEntry:
    info = node.metric
    settings = node.settings
    params = info.type_params if info else {}
    ref = ColumnRef(node.unique_id)
    columns, sources = _origins(graph, project, ref)
    synonyms = settings.get("synonyms")
    return MetricEntry(
        name=node.name,
        node=node.unique_id,
        type=info.type if info else "",
        label=info.label if info else "",
        description=" ".join(node.description.split()),
        owner=node.owner.name if node.owner else "",
        tier=str(settings.get("tier") or ""),
        unit=str(settings.get("unit") or ""),
        direction=str(settings.get("direction") or ""),
        why=" ".join(str(settings.get("why") or "").split()),
        synonyms=tuple(str(s) for s in synonyms) if isinstance(synonyms, list) else (),
        formula=formula(info.type if info else "", params, project),
        filters=_filters(node),
        metrics=_parents(graph, project, ref),
        columns=columns,
        sources=sources,
        decided_by=_deciders(graph, project, ref, {*columns, *sources}),
        used_by=_users(graph, project, ref),
        path=node.path,
    )


def _filters(node: Node) -> tuple[str, ...]:
    info = node.metric
    if info is None:
        return ()
    params = info.type_params
    parts: list[Any] = [info.filter]
    for key in ("measure", "numerator", "denominator"):
        part = params.get(key)
        parts.append(part.get("filter") if isinstance(part, dict) else None)
    parts += [p.get("filter") for p in params.get("metrics") or () if isinstance(p, dict)]
    texts = [" ".join(text.split()) for part in parts for text in filter_texts(part)]
    return tuple(dict.fromkeys(texts))


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


# -- formulas ------------------------------------------------------------------


def formula(kind: str, params: Mapping[str, Any], project: Project) -> str:
    """What a metric computes, in one line; empty if its definition is not understood."""
    if kind == "ratio":
        return f"{_input(params.get('numerator'))} / {_input(params.get('denominator'))}"
    if kind == "derived":
        return _derived(params)
    if kind == "conversion":
        return _conversion(params.get("conversion_type_params"))
    if kind == "cumulative":
        return _cumulative(params, project)
    return _simple(params, project)


def _derived(params: Mapping[str, Any]) -> str:
    """The expression, and what those of its names mean that are no plain metrics."""
    told = []
    parts = params.get("metrics")
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict):
            called, meant = str(part.get("alias") or part.get("name")), _input(part) + _shift(part)
            if called != meant:
                told.append(f"{called} = {meant}")
    expression = " ".join(str(params.get("expr") or "").split())
    return f"{expression}, where {' and '.join(told)}" if told else expression


def _shift(part: Mapping[str, Any]) -> str:
    """In which other period an input is taken."""
    if part.get("offset_to_grain"):
        return f" at the start of the {part['offset_to_grain']}"
    return f" {_window(part['offset_window'])} earlier" if part.get("offset_window") else ""


def _window(window: Any) -> str:
    """``28 days``, ``1 month``, from what dbt writes in either spec."""
    if not isinstance(window, dict):
        return str(window)
    unit = str(window.get("granularity") or "").rstrip("s")
    return f"{window.get('count')} {unit}{'' if window.get('count') == 1 else 's'}"


def _input(part: Any) -> str:
    """Name of an input metric or measure; ``[filtered]`` if it has its own filter."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return "?"
    name = str(part.get("name") or "?")
    return f"{name} [filtered]" if part.get("filter") else name


def _simple(params: Mapping[str, Any], project: Project) -> str:
    aggregation = params.get("metric_aggregation_params")
    if isinstance(aggregation, dict):  # the newer spec
        return _aggregate(aggregation, str(params.get("expr") or ""))
    return _measure(params.get("measure"), project)


def _measure(part: Any, project: Project) -> str:
    name = _input(part).removesuffix(" [filtered]")
    for node in project.of_kind("semantic_model"):
        info = node.semantic_model
        for measure in info.measures if info else ():
            if measure.get("name") == name:
                return _aggregate(measure, name)
    return name


def _aggregate(measure: Mapping[str, Any], name: str) -> str:
    expression = " ".join(str(measure.get("expr") or name or "*").split())
    details = measure.get("agg_params")
    share = details.get("percentile") if isinstance(details, dict) else None
    more = f", {share}" if share is not None else ""
    return f"{measure.get('agg') or 'agg'}({expression}{more})"


def _cumulative(params: Mapping[str, Any], project: Project) -> str:
    own = params.get("cumulative_type_params")
    own = own if isinstance(own, dict) else {}
    window = own.get("window") or params.get("window")
    grain = own.get("grain_to_date") or params.get("grain_to_date")
    inner = _input(own["metric"]) if own.get("metric") else _measure(params.get("measure"), project)
    if window:
        return f"{inner} over the last {_window(window)}"
    return f"{inner}, {grain} to date" if grain else f"{inner}, all time"


def _conversion(params: Any) -> str:
    if not isinstance(params, dict):
        return ""
    base = _input(params.get("base_measure") or params.get("base_metric"))
    made = _input(params.get("conversion_measure") or params.get("conversion_metric"))
    within = f" within {_window(params['window'])}" if params.get("window") else ""
    calculation = str(params.get("calculation") or "conversion_rate").replace("_", " ")
    return f"{calculation} from {base} to {made} by {params.get('entity')}{within}"
