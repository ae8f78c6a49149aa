"""KPI: metrics and saved queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analyticsops.changes.rules.context import Context, about, told
from analyticsops.changes.rules.evidence import cut
from analyticsops.changes.rules.metric_claims import (
    AGGREGATION_CHANGED,
    EXPRESSION_CHANGED,
    LABEL_CHANGED,
    METRIC_ADDED,
    METRIC_FILTER_CHANGED,
    METRIC_GRAIN_CHANGED,
    METRIC_REMOVED,
    METRIC_RENAMED,
    METRIC_WINDOW_CHANGED,
    SAVED_QUERY_CHANGED,
    TYPE_CHANGED,
)
from analyticsops.findings import Finding, Rule, Severity
from analyticsops.lineage.ends import filter_texts
from analyticsops.project.model import Node
from analyticsops.wording import listed

RULES = (
    METRIC_REMOVED,
    TYPE_CHANGED,
    METRIC_FILTER_CHANGED,
    METRIC_WINDOW_CHANGED,
    METRIC_RENAMED,
    LABEL_CHANGED,
    METRIC_ADDED,
    SAVED_QUERY_CHANGED,
)

_INPUTS = ("measure", "numerator", "denominator")
_CONVERSIONS = ("base_measure", "conversion_measure", "base_metric", "conversion_metric")

Definition = Mapping[Rule, tuple[str, ...]]
"""Rule -> the parts of a metric's definition whose change it reports, as texts."""


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    comparison = context.comparison
    new = [node for node in comparison.added if node.kind == "metric"]
    renamed: set[str] = set()
    for node in comparison.removed:
        if node.kind == "metric":
            twin = next((n for n in new if _same(n, node) and n.unique_id not in renamed), None)
            if twin is not None:
                renamed.add(twin.unique_id)
            yield _gone(context, node, twin)
        elif node.kind == "saved_query":
            message = f"saved query {node.label} was removed"
            affected = context.hit(node)
            yield about(
                context, SAVED_QUERY_CHANGED, node, message, weighs=False, affected=affected
            )
    for node in new:
        if node.unique_id not in renamed:
            yield about(context, METRIC_ADDED, node, f"metric {node.label} is new")
    for base, head in context.pairs("metric"):
        yield from _compared(context, base, head)
    for base, head in context.pairs("saved_query"):
        yield from _saved_query(context, base, head)


def _gone(context: Context, node: Node, twin: Node | None) -> Finding:
    what = f"was renamed to {twin.label}" if twin else "was removed"
    return about(
        context,
        METRIC_RENAMED if twin else METRIC_REMOVED,
        node,
        f"metric {node.label} {what}",
        weighs=False,
        affected=context.hit(node),
        identity=[twin.unique_id] if twin else (),
    )


def _same(one: Node, other: Node) -> bool:
    return (
        one.metric is not None
        and other.metric is not None
        and one.metric.type == other.metric.type
        and definition_of(one) == definition_of(other)
    )


def _compared(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    old, new = base.metric, head.metric
    if old is None or new is None:
        return
    if old.type != new.type:
        what = f"is of type {new.type}, no longer {old.type}"
        yield _changed(context, TYPE_CHANGED, head, what, (old.type,), (new.type,))
    else:
        before, after = definition_of(base), definition_of(head)
        for rule, what in _SAID.items():
            if before[rule] != after[rule]:
                yield _changed(context, rule, head, what, before[rule], after[rule])
    yield from _words(
        context,
        head,
        {"label": (old.label, new.label), "description": (base.description, head.description)},
    )


def _words(context: Context, head: Node, pairs: Mapping[str, tuple[str, str]]) -> Iterator[Finding]:
    """Of what people read and nothing is computed from."""
    changed = {word: pair for word, pair in pairs.items() if pair[0] != pair[1]}
    if changed:
        yield about(
            context,
            LABEL_CHANGED,
            head,
            f"{listed([*changed])} of metric {head.label} changed",
            evidence=[
                f"{word}: {cut(told(old))} -> {cut(told(new))}"
                for word, (old, new) in changed.items()
            ],
            identity=[new for _, new in pairs.values()],
        )


_SAID = {
    EXPRESSION_CHANGED: "is computed from something else",
    METRIC_FILTER_CHANGED: "has another filter",
    AGGREGATION_CHANGED: "is aggregated in another way",
    METRIC_GRAIN_CHANGED: "has another grain or time axis",
    METRIC_WINDOW_CHANGED: "has another window or offset",
}


def _changed(
    context: Context,
    rule: Rule,
    node: Node,
    what: str,
    before: tuple[str, ...],
    after: tuple[str, ...],
) -> Finding:
    return about(
        context,
        rule,
        node,
        f"metric {node.label} {what}",
        weighs=False,
        affected=context.hit(node),
        evidence=[
            *(f"was: {text}" for text in before if text not in after),
            *(f"now: {text}" for text in after if text not in before),
        ],
        identity=(*before, "", *after),
    )


# -- what a metric says ------------------------------------------------------------


def definition_of(node: Node) -> Definition:
    """The definition of a metric, sorted by the rule that reports a change of it."""
    info = node.metric
    params = info.type_params if info else {}
    inputs = list(_inputs(params))
    conversion = _mapping(params.get("conversion_type_params"))
    cumulative = _mapping(params.get("cumulative_type_params"))
    aggregation = _mapping(params.get("metric_aggregation_params"))
    expression = [f"{role} {_name(part)}{_filling(part)}" for role, part in inputs]
    expression += _stated(params, "expr", "fill_nulls_with", "join_to_timespine")
    expression += _stated(conversion, "entity", "calculation", "constant_properties")
    filters = [f"{role} where {text}" for role, part in inputs for text in _filter_texts(part)]
    windows = _stated(params, "window", "grain_to_date")
    windows += _stated(cumulative, "window", "grain_to_date")
    if info is not None and info.type == "cumulative":
        # dbt writes MetricFlow's default down since 1.9: an upgrade of dbt changes no metric.
        windows.append(f"period_agg: {cumulative.get('period_agg') or 'first'}")
    windows += _stated(conversion, "window")
    for role, part in inputs:
        windows += [f"{role} {text}" for text in _stated(part, "offset_window", "offset_to_grain")]
    grains = _stated(aggregation, "agg_time_dimension", "non_additive_dimension")
    grains += (
        [f"time_granularity: {info.time_granularity}"] if info and info.time_granularity else []
    )
    own = [" ".join(text.split()) for text in filter_texts(info.filter if info else None)]
    return {
        EXPRESSION_CHANGED: tuple(expression),
        METRIC_FILTER_CHANGED: (*own, *filters),
        AGGREGATION_CHANGED: tuple(_stated(aggregation, "agg", "agg_params")),
        METRIC_GRAIN_CHANGED: tuple(grains),
        METRIC_WINDOW_CHANGED: tuple(dict.fromkeys(windows)),
    }


def _inputs(params: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(role, input) of each measure or metric that a metric is computed from."""
    for role in _INPUTS:
        if params.get(role):
            yield role, _mapping(params[role])
    metrics = params.get("metrics")
    for part in metrics if isinstance(metrics, list) else ():
        entry = _mapping(part)
        yield f"metric {entry.get('alias') or entry.get('name')}", entry
    nested = _mapping(params.get("cumulative_type_params")).get("metric")
    if nested:
        yield "metric", _mapping(nested)
    for role in _CONVERSIONS:
        part = _mapping(params.get("conversion_type_params")).get(role)
        if part:
            yield role, _mapping(part)


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, str):
        return {"name": value}
    return value if isinstance(value, dict) else {}


def _name(part: Mapping[str, Any]) -> str:
    return str(part.get("name") or "?")


def _filling(part: Mapping[str, Any]) -> str:
    stated = _stated(part, "fill_nulls_with", "join_to_timespine")
    return f" ({', '.join(stated)})" if stated else ""


def _filter_texts(part: Mapping[str, Any]) -> list[str]:
    return [" ".join(text.split()) for text in filter_texts(part.get("filter"))]


def _stated(entry: Mapping[str, Any], *keys: str) -> list[str]:
    """``key: value`` of what is set, without what dbt writes for "not set"."""
    found = ((key, entry.get(key)) for key in keys)
    # Zero is something: `fill_nulls_with: 0`.
    return [
        f"{key}: {told(value)}"
        for key, value in found
        if value is not None and value is not False and value not in ("", [], {})
    ]


# -- saved queries -----------------------------------------------------------------


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _saved_query(context: Context, base: Node, head: Node) -> Iterator[Finding]:
    before, after = _asked(base), _asked(head)
    gone = [text for text in before if text not in after]
    new = [text for text in after if text not in before]
    if gone or new:
        yield about(
            context,
            SAVED_QUERY_CHANGED,
            head,
            f"saved query {head.label} asks for something else",
            default=None
            if gone or any(text.startswith("where: ") for text in new)
            else Severity.WARNING,
            weighs=False,
            affected=context.hit(head),
            evidence=[*(f"was: {text}" for text in gone), *(f"now: {text}" for text in new)],
            identity=(*before, "", *after),
        )


def _asked(node: Node) -> list[str]:
    info = node.saved_query
    params = info.query_params if info else {}
    found = [
        f"{key}: {value}"
        for key in ("metrics", "group_by", "order_by")
        for value in _listed(params.get(key))
    ]
    found += [f"where: {' '.join(text.split())}" for text in filter_texts(params.get("where"))]
    found += _stated(params, "limit")
    for export in info.exports if info else ():
        config = _mapping(export.get("unrendered_config")) or _mapping(export.get("config"))
        settings = ", ".join(_stated(config, "export_as", "alias", "schema"))
        found.append(f"export {export.get('name')} ({settings})")
    return found
