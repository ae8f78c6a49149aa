"""MET1: what filters and saved queries reach, and how."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from analyticsops.findings import Finding, Rule, make_finding
from analyticsops.lineage.ends import filter_texts
from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.filters import Reference, parse_filter, parse_reference
from analyticsops.metrics.meaning import Leaf
from analyticsops.metrics.rules.context import Context, about
from analyticsops.metrics.rules.definition_claims import (
    GONE,
    NOT_UNIQUE,
    UNREACHABLE,
    WRONG_LITERAL,
)
from analyticsops.metrics.semantic_layer import METRIC_TIME, SemanticModel, Way, expression_of
from analyticsops.project.keys import promised_keys
from analyticsops.project.model import Node

RULES: tuple[Rule, ...] = ()
"""They are listed with the other rules about definitions."""


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for name in context.own():
        definition = context.registry.definitions[name]
        if definition.type in ("simple", "cumulative"):
            yield from _literals(context, definition)
            yield from _joins(context, definition)
    yield from _gone(context)
    for node in context.registry.project.of_kind("saved_query"):
        if node.package == context.registry.project.name:
            yield from _saved_query(context, node)


def _starts(context: Context, leaves: tuple[Leaf, ...]) -> list[tuple[SemanticModel, Leaf]]:
    models = context.registry.layer.models
    return [
        (models[leaf.aggregation.semantic_model], leaf)
        for leaf in leaves
        if leaf.aggregation is not None and leaf.aggregation.semantic_model in models
    ]


def _way(context: Context, start: SemanticModel, reference: Reference) -> Way | None:
    if reference.kind == "Metric" or reference.path == (METRIC_TIME,):
        return None
    return context.registry.layer.way(start, reference.path, reference.kind)


def _gone(context: Context) -> Iterator[Finding]:
    """Exposures and saved queries on metrics that are not there."""
    project = context.registry.project
    for node in project.of_kind("exposure", "saved_query"):
        lost = [n for n in node.depends_on if n.startswith("metric.") and n not in project.nodes]
        for name in lost if node.package == project.name else ():
            called = name.rpartition(".")[2]
            yield make_finding(
                GONE,
                node=node.unique_id,
                subject=node.name,
                message=f"{node.kind.replace('_', ' ')} {node.name} uses the metric {called}, "
                "which is not there",
                location=context.registry.locator.locate(node),
                owner=node.owner.name if node.owner else "",
                identity=(name,),
            )


# -- joins ----------------------------------------------------------------------------


def _joins(context: Context, definition: Definition) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    project = context.registry.project
    for start, leaf in _starts(context, context.registry.meant.metrics[definition.name].leaves):
        references = [r for text in leaf.filters for r in parse_filter(text).references]
        ways = [way for r in references if (way := _way(context, start, r)) is not None]
        for hop in [hop for way in ways for hop in way.hops]:
            node = project.nodes[hop.model.model]
            column = expression_of(hop.model.entities.get(hop.entity) or {"name": hop.entity})
            firm = [names for names, filled in promised_keys(project, node) if filled]
            if (column.lower(),) in firm or (hop.entity, node.unique_id) in told:
                continue
            told.add((hop.entity, node.unique_id))
            what = f"is joined with {node.label} by {column}, which no test says to be unique"
            yield about(
                context, NOT_UNIQUE, definition.name, what, identity=(node.unique_id, column)
            )


# -- literals -------------------------------------------------------------------------

_COMPARED = re.compile(r"^\s*(?:=|<>|!=|<=|>=|<|>)\s*'([^']*)'")
_TRUTH = frozenset({"true", "false", "t", "f"})
_NUMERIC = ("int", "bigint", "smallint", "number", "numeric", "decimal", "float", "double", "real")


def _literals(context: Context, definition: Definition) -> Iterator[Finding]:
    for start, leaf in _starts(context, context.registry.meant.metrics[definition.name].leaves):
        for template in leaf.filters:
            pieces = parse_filter(template).pieces
            for piece, after in pairwise(pieces):
                if isinstance(piece, str) or not isinstance(after, str):
                    continue
                found = _COMPARED.match(after)
                fault = _fault(context, start, piece, found[1]) if found else ""
                if fault:
                    what = f"compares {piece.name} with '{found[1] if found else ''}', {fault}"
                    yield about(
                        context, WRONG_LITERAL, definition.name, what, identity=(template, fault)
                    )


def _fault(context: Context, start: SemanticModel, reference: Reference, literal: str) -> str:
    way = _way(context, start, reference)
    if reference.path == (METRIC_TIME,) or (way and (way.element or {}).get("type") == "time"):
        return "" if _is_moment(literal) else "which is no date"
    if way is None or way.element is None:
        return ""
    at = way.hops[-1].model if way.hops else start
    kind = _kind(context, at, way.element)
    if kind == "boolean" and literal.lower() not in _TRUTH:
        return "and it is true or false"
    if kind == "number" and not re.fullmatch(r"[-+]?\d+(\.\d+)?", literal):
        return "and it is a number"
    return ""


def _kind(context: Context, model: SemanticModel, element: Any) -> str:
    """``boolean``, ``number``, or empty if that is not known."""
    column = expression_of(element).lower()
    node = context.registry.project.nodes.get(model.model)
    types = {name.lower(): c.type.lower() for name, c in node.columns.items()} if node else {}
    declared = types.get(column, "")
    meaning = context.registry.meant.tables.get(model.model)
    names = [name.lower() for name in meaning.names] if meaning is not None else []
    shape = meaning.about[names.index(column)].shape if meaning and column in names else ""
    if declared.startswith("bool") or shape == "condition":
        return "boolean"
    counted = shape in ("count", "distinct count")
    return "number" if counted or declared.startswith(_NUMERIC) else ""


def _is_moment(text: str) -> bool:
    try:
        datetime.datetime.fromisoformat(text.strip())
    except ValueError:
        return bool(re.search(r"[^\d\s:.TZ+-]", text))  # 'now', 'infinity': not a date at all
    return True


# -- saved queries -------------------------------------------------------------------------


def _saved_query(context: Context, node: Node) -> Iterator[Finding]:
    params = node.saved_query.query_params if node.saved_query is not None else {}
    grouped = [r for text in _texts(params.get("group_by"))
               if isinstance(r := parse_reference(text), Reference)]  # fmt: skip
    filtered = [
        r for text in filter_texts(params.get("where")) for r in parse_filter(text).references
    ]
    metrics = context.registry.meant.metrics
    for name in _texts(params.get("metrics")):
        leaves = metrics[name].leaves if name in metrics else ()
        for reference in dict.fromkeys([*grouped, *filtered]):
            ways = [
                (start, _way(context, start, reference)) for start, _ in _starts(context, leaves)
            ]
            lost = [start.name for start, way in ways if way is not None and way.element is None]
            if lost:
                yield make_finding(
                    UNREACHABLE,
                    node=node.unique_id,
                    subject=node.name,
                    message=f"saved query {node.name} asks for {name} by {reference.name}, "
                    f"which cannot be reached from {lost[0]}",
                    location=context.registry.locator.locate(node),
                    identity=(name, reference.name),
                )


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []
