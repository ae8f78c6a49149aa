"""MET1: definitions that cannot work, or not as they are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyticsops.findings import Finding, Rule, make_finding
from analyticsops.lineage.meanings import Names
from analyticsops.metrics.definitions import Aggregation, Definition
from analyticsops.metrics.meaning import Leaf
from analyticsops.metrics.rules.context import Context, about
from analyticsops.metrics.rules.definition_claims import (
    BAD_AGGREGATION,
    BAD_JOIN,
    CYCLE,
    DEPRECATED_MODEL,
    MISSING_COLUMN,
    NO_TIME,
    RAW_COLUMN,
    RULES,
    UNDECLARED,
    UNKNOWN_DIMENSION,
    UNREADABLE,
    UNUSED_INPUT,
    UNUSED_MEASURE,
)

__all__ = ["RULES", "findings"]

_BY_TROUBLE: dict[str, Rule] = {
    "cycle": CYCLE,
    "dimension": UNKNOWN_DIMENSION,
    "join": BAD_JOIN,
    "model": BAD_AGGREGATION,
    "time": NO_TIME,
}


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for name in context.own():
        definition = context.registry.definitions[name]
        yield from _inputs(context, definition)
        yield from _troubles(context, definition)
        yield from _aggregation(context, definition)
        yield from _columns(context, definition)
        yield from _models(context, definition)
    yield from _measures(context)


def _measures(context: Context) -> Iterator[Finding]:
    registry = context.registry
    used = {
        part.name
        for definition in registry.definitions.values()
        for part in definition.inputs
        if "measure" in part.role
    }
    for model in registry.layer.models.values():
        if model.node.package != registry.project.name:
            continue
        for name in sorted(model.measures.keys() - used):
            yield make_finding(
                UNUSED_MEASURE,
                node=model.node.unique_id,
                subject=f"{model.name}.{name}",
                message=f"measure {name} of semantic model {model.name} is used by no metric",
                location=registry.locator.locate(model.node),
                identity=(name,),
            )


# -- what could not be resolved -----------------------------------------------------


def _troubles(context: Context, definition: Definition) -> Iterator[Finding]:
    meaning = context.registry.meant.metrics[definition.name]
    below = _troubles_of_inputs(context, definition)
    for trouble in meaning.troubles:
        if trouble.about == "expression" or trouble in below:
            continue  # told of the names that it uses, or of the metric that has it
        if trouble.about == "time" and not trouble.name:
            continue  # older versions of dbt let a measure have none
        rule = _BY_TROUBLE.get(trouble.about, UNREADABLE)
        what = trouble.text if trouble.about == "cycle" else f"does not work: {trouble.text}"
        yield about(context, rule, definition.name, what, identity=(trouble.text,))


def _troubles_of_inputs(context: Context, definition: Definition) -> set[object]:
    """A fault is told once, of the metric nearest to it; a circle of each in it."""
    metrics = context.registry.meant.metrics
    names = {part.name for part in definition.inputs if part.name in metrics}
    return {
        trouble
        for name in names - {definition.name}
        for trouble in metrics[name].troubles
        if trouble.about != "cycle" or definition.name not in trouble.name.split(" -> ")
    }


# -- expressions of derived metrics ---------------------------------------------------

_QUOTED = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?!\w)(?!\s*\()")
_SQL = frozenset(
    {
        "and", "as", "asc", "between", "bigint", "bool", "boolean", "by", "case", "cast",
        "current_date", "current_time", "current_timestamp", "date",
        "decimal", "desc", "distinct", "double", "else", "end", "false", "float", "float64",
        "from", "in", "int", "int64", "integer", "interval", "is", "like", "localtime",
        "localtimestamp", "not", "null",
        "numeric", "or", "over", "partition", "precision", "real", "safe", "then", "timestamp",
        "true", "varchar", "when", "where",
    }
)  # fmt: skip


def words_of(expression: str) -> list[str]:
    """The names that an expression uses: no functions, no words of SQL."""
    bare = _QUOTED.sub("''", expression)
    return [word for word in _WORD.findall(bare) if word.lower() not in _SQL]


def _inputs(context: Context, definition: Definition) -> Iterator[Finding]:
    if definition.type != "derived" or not definition.expr:
        return
    words = {word.lower() for word in words_of(definition.expr)}
    declared = {part.called.lower(): part for part in definition.inputs}
    for word in sorted(words - declared.keys()):
        what = f"uses {word}, which is none of its inputs"
        yield about(context, UNDECLARED, definition.name, what, identity=(word,))
    for called in sorted(declared.keys() - words):
        what = f"does not use its input {called}"
        yield about(context, UNUSED_INPUT, definition.name, what, identity=(called,))


# -- columns and models ---------------------------------------------------------------


def _leaves(context: Context, definition: Definition) -> list[Leaf]:
    """Aggregations that the metric makes itself, or by a measure: others are told of theirs."""
    simple = definition.type in ("simple", "cumulative", "sql")
    by_measure = not any(part.role == "metric" for part in definition.inputs)
    leaves = context.registry.meant.metrics[definition.name].leaves
    return list(leaves) if simple and by_measure else []


def _columns(context: Context, definition: Definition) -> Iterator[Finding]:
    for leaf in _leaves(context, definition):
        if leaf.sql is None:
            continue
        named = [
            context.registry.meant.read.get(q, Names()) for q in (leaf.sql.value, leaf.sql.rows)
        ]
        missing = dict.fromkeys(name for names in named for name in names.missing)
        for column in missing:
            filtered = definition.spec != "sql" and any(
                column.lower() in map(str.lower, words_of(text)) for text in leaf.sql.filters
            )
            what = (
                f"filters by {column}, which is a column and no dimension"
                if filtered
                else f"reads {column}, which its model does not have"
            )
            rule = RAW_COLUMN if filtered else MISSING_COLUMN
            yield about(context, rule, definition.name, what, identity=(column,))


def _models(context: Context, definition: Definition) -> Iterator[Finding]:
    nodes = context.registry.project.nodes
    for leaf in _leaves(context, definition):
        for _, table in leaf.sql.rows.tables if leaf.sql is not None else ():
            node = nodes.get(table) if isinstance(table, str) else None
            if node is not None and node.deprecation_date:
                what = f"stands on {node.label}, which is deprecated ({node.deprecation_date[:10]})"
                yield about(
                    context, DEPRECATED_MODEL, definition.name, what, identity=(node.unique_id,)
                )


# -- aggregations ----------------------------------------------------------------------


def _aggregation(context: Context, definition: Definition) -> Iterator[Finding]:
    for leaf in _leaves(context, definition):
        if leaf.aggregation is None or definition.spec == "sql":
            continue
        for fault in _faults(context, definition, leaf.aggregation):
            yield about(context, BAD_AGGREGATION, definition.name, fault, identity=(fault,))


def _faults(context: Context, definition: Definition, found: Aggregation) -> Iterator[str]:
    share = next((p.partition(": ")[2] for p in found.params if p.startswith("percentile: ")), "")
    if found.agg == "percentile":
        try:
            inside = 0 < float(share) < 1
        except ValueError:
            inside = False
        if not inside:
            told = f"the percentile {share}, which is not" if share else "no percentile"
            yield f"has {told} between 0 and 1"
    stated = definition.aggregation.expr if definition.aggregation is not None else found.expr
    if found.agg == "count" and not stated:
        yield "counts nothing: `agg: count` needs an `expr`"
    if found.agg == "count" and re.match(r"distinct\b", stated, re.IGNORECASE):
        yield "counts `distinct` by `agg: count`: that is `agg: count_distinct`"
    model = context.registry.layer.models.get(found.semantic_model)
    along = str(found.non_additive.get("name") or "")
    if model is not None and along and along not in model.dimensions:
        yield f"must not be summed along {along}, which is no dimension of {model.name}"
    choice = str(found.non_additive.get("window_choice") or "min").lower()
    if found.non_additive and choice not in ("min", "max"):
        yield f"chooses {choice} of a period, which is neither min nor max"
