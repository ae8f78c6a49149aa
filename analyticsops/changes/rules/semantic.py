"""KPI: measures, dimensions and entities of semantic models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyticsops.changes.rules.context import Context, about, told
from analyticsops.changes.rules.metric_claims import (
    AGGREGATION_CHANGED,
    DIMENSION_ADDED,
    DIMENSION_REMOVED,
    ENTITY_TYPE_CHANGED,
    EXPRESSION_CHANGED,
    METRIC_GRAIN_CHANGED,
)
from analyticsops.findings import Finding, Rule
from analyticsops.project.model import Node, SemanticModelInfo

RULES = (
    EXPRESSION_CHANGED,
    AGGREGATION_CHANGED,
    METRIC_GRAIN_CHANGED,
    DIMENSION_REMOVED,
    ENTITY_TYPE_CHANGED,
    DIMENSION_ADDED,
)

Part = Mapping[str, Any]

_OF_MEASURES = (
    ("agg", AGGREGATION_CHANGED),
    ("agg_params", AGGREGATION_CHANGED),
    ("expr", EXPRESSION_CHANGED),
    ("agg_time_dimension", METRIC_GRAIN_CHANGED),
    ("non_additive_dimension", METRIC_GRAIN_CHANGED),
)
_OF_DIMENSIONS = (
    ("type", DIMENSION_REMOVED),
    ("expr", DIMENSION_REMOVED),
    ("is_partition", DIMENSION_REMOVED),
    ("type_params", METRIC_GRAIN_CHANGED),
)
_OF_ENTITIES = (("type", ENTITY_TYPE_CHANGED), ("expr", DIMENSION_REMOVED))


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    comparison = context.comparison
    for node in comparison.removed:
        info = node.semantic_model
        # Measures alone are only read by metrics, which dbt holds to exist.
        if info is not None and (info.dimensions or info.entities):
            yield about(
                context,
                DIMENSION_REMOVED,
                node,
                f"semantic model {node.label} was removed, with its dimensions and entities",
                weighs=False,
                affected=context.hit(node, _names(info)),
            )
    for node in comparison.added:
        if node.semantic_model is not None:
            yield about(context, DIMENSION_ADDED, node, f"semantic model {node.label} is new")
    for base, head in context.pairs("semantic_model"):
        if base.semantic_model is not None and head.semantic_model is not None:
            yield from _compared(context, head, base.semantic_model, head.semantic_model)


def _names(info: SemanticModelInfo) -> list[str]:
    return [str(part.get("name")) for part in (*info.measures, *info.dimensions, *info.entities)]


def _compared(
    context: Context, head: Node, old: SemanticModelInfo, new: SemanticModelInfo
) -> Iterator[Finding]:
    if _model(old) != _model(new):
        what = f"semantic model {head.label} stands on {_model(new)}, no longer {_model(old)}"
        yield about(
            context,
            EXPRESSION_CHANGED,
            head,
            what,
            weighs=False,
            affected=context.hit(head, _names(new)),
            identity=(old.model, new.model),
        )
    axes = [info.defaults.get("agg_time_dimension") for info in (old, new)]
    if axes[0] != axes[1]:
        what = f"has the time axis {axes[1]}" if axes[1] else "has no time axis any more"
        what += f", no longer {axes[0]}" if axes[0] and axes[1] else ""
        yield about(
            context,
            METRIC_GRAIN_CHANGED,
            head,
            f"semantic model {head.label} {what}",
            weighs=False,
            affected=context.hit(head, _names(new)),
            identity=[str(axis) for axis in axes],
        )
    for kind, before, after, judged in (
        ("measure", old.measures, new.measures, _OF_MEASURES),
        ("dimension", old.dimensions, new.dimensions, _OF_DIMENSIONS),
        ("entity", old.entities, new.entities, _OF_ENTITIES),
    ):
        yield from _parts(context, head, kind, before, after, judged)


def _model(info: SemanticModelInfo) -> str:
    return " ".join(info.model.replace('"', "'").split())


def _parts(
    context: Context,
    head: Node,
    kind: str,
    before: Sequence[Part],
    after: Sequence[Part],
    judged: Sequence[tuple[str, Rule]],
) -> Iterator[Finding]:
    old, new = ({str(part.get("name")): part for part in parts} for parts in (before, after))
    for name in old:
        if name not in new:
            rule = EXPRESSION_CHANGED if kind == "measure" else DIMENSION_REMOVED
            yield _about(context, rule, head, kind, name, "was removed")
            continue
        for key, rule in judged:
            values = _value(old[name], key), _value(new[name], key)
            if values[0] != values[1]:
                what = f"has {key} {values[1] or 'none'}, no longer {values[0] or 'none'}"
                yield _about(context, rule, head, kind, name, what, values)
    for name in new:
        if name not in old and kind != "measure":
            yield _about(context, DIMENSION_ADDED, head, kind, name, "is new")


def _value(part: Part, key: str) -> str:
    """A setting as text. Without an expression a part is the column of its name."""
    value = part.get(key)
    if key == "expr":
        return " ".join(str(value or part.get("name") or "").split())
    return "" if value is None or value is False else told(value)


def _about(
    context: Context,
    rule: Rule,
    head: Node,
    kind: str,
    name: str,
    what: str,
    values: tuple[str, str] = ("", ""),
) -> Finding:
    return about(
        context,
        rule,
        head,
        f"{kind} {name} of {head.label} {what}",
        column=name,
        weighs=False,
        affected=context.hit(head, [name]),
        identity=(what, *values),
    )
