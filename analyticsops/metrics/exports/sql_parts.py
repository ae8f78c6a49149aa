"""The SQL of a metric of ``analyticsops/metrics.yml``, taken apart into dbt's measures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlglot import exp

from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.registry import Registry
from analyticsops.sql.facts import Problem
from analyticsops.sql.fragments import parse_expression

_AGGREGATES: Mapping[type[exp.Expression], str] = {
    exp.Sum: "sum",
    exp.Min: "min",
    exp.Max: "max",
    exp.Avg: "average",
    exp.Median: "median",
}


class SqlParts(NamedTuple):
    """A SQL metric in dbt's words.

    Attributes:
        ref: of its model, as dbt writes it; ``node`` is its ``unique_id``.
        semantic_model: the name of the one that is made for it.
        time: column of its model, as are the dimensions.
        measures: as dbt's YAML has them.
        expression: over the measures' metrics; empty if the one measure is the metric.
    """

    ref: str
    node: str
    semantic_model: str
    time: str
    dimensions: tuple[str, ...]
    measures: tuple[dict[str, Any], ...]
    expression: str


def sql_parts(registry: Registry, definition: Definition) -> SqlParts | str:
    """The parts, or why there are none."""
    nodes = registry.project.nodes.values()
    node = next((n for n in nodes if n.kind == "model" and n.label == definition.model), None)
    if node is None:
        return f"its model {definition.model!r} is no model of dbt"
    if not definition.time:
        return "it has no `time`, which dbt asks every measure for"
    tree = parse_expression(definition.expr, registry.dialect)
    if isinstance(tree, Problem):
        return f"its SQL cannot be read: {tree}"
    condition = " and ".join(f"({text})" for text in definition.filters)
    columns = _columns(registry, node.unique_id)
    taken = {name.lower() for name in columns}
    measures: list[dict[str, Any]] = []
    wrapper = exp.Paren(this=tree)
    for aggregate in [*wrapper.find_all(exp.AggFunc)]:
        measure = _measure(aggregate, condition, registry.dialect)
        if isinstance(measure, str):
            return measure
        part = f"_part_{len(measures) + 1}" if aggregate is not tree else ""
        name = definition.name + part
        name += "_value" if name in taken else ""  # names are unique within a semantic model
        measures.append({"name": name, **measure})
        aggregate.replace(exp.column(name))
    names = {measure["name"] for measure in measures}
    rest = wrapper.this
    if not measures:
        return "it aggregates nothing"
    if any(column.name not in names for column in rest.find_all(exp.Column)):
        return "it mixes aggregates with columns"
    version = f", v={node.version}" if node.version else ""
    time = definition.time.lower()
    return SqlParts(
        ref=f"ref('{node.name}'{version})",
        node=node.unique_id,
        semantic_model=f"{node.name}_by_{definition.time}",
        time=definition.time,
        dimensions=tuple(name for name in columns if name.lower() != time),
        measures=tuple(measures),
        expression="" if isinstance(rest, exp.Column) else str(rest.sql(registry.dialect)),
    )


def _columns(registry: Registry, node: str) -> tuple[str, ...]:
    found = registry.graph.nodes.get(node)
    return tuple(found.names) if found is not None else ()


def _measure(aggregate: exp.AggFunc, condition: str, dialect: str) -> dict[str, Any] | str:
    """dbt's words for an aggregate; a string if it has none."""
    agg = _AGGREGATES.get(type(aggregate), "")
    value = aggregate.this
    if isinstance(aggregate, exp.Count):
        if isinstance(value, exp.Distinct) and len(value.expressions) == 1:
            agg, value = "count_distinct", value.expressions[0]
        elif isinstance(value, exp.Star) or value is None:
            agg, value = "sum", exp.Literal.number(1)
        elif not isinstance(value, exp.Distinct):
            agg = "count"
    if not agg or aggregate.find_ancestor(exp.Window, exp.Filter):
        return f"dbt has no measure for {aggregate.sql(dialect=dialect)}"
    text = str(value.sql(dialect=dialect))
    return {"agg": agg, "expr": f"case when {condition} then {text} end" if condition else text}
