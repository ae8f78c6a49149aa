"""VAL: what a column's values mean."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.assumptions import promises_of
from analyticsops.changes.compare import NodeChange
from analyticsops.changes.rules.context import Context, about, changed_line
from analyticsops.changes.rules.evidence import value_evidence
from analyticsops.changes.rules.value_claims import (
    AGGREGATE_CHANGED,
    DETERMINISTIC,
    MEANING_CHANGED,
    NONDETERMINISTIC,
    NULL_DEFAULT,
    OTHER_TABLE,
    REFACTORED,
    ROUNDING_CHANGED,
    TIME_CHANGED,
    VALUE_UNPROVEN,
    WINDOW_CHANGED,
)
from analyticsops.findings import Finding, Rule
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.project.model import Node
from analyticsops.sql.facts import Kind, Problem
from analyticsops.wording import listed

RULES = (
    REFACTORED,
    MEANING_CHANGED,
    NULL_DEFAULT,
    AGGREGATE_CHANGED,
    WINDOW_CHANGED,
    TIME_CHANGED,
    OTHER_TABLE,
    ROUNDING_CHANGED,
    NONDETERMINISTIC,
    DETERMINISTIC,
    VALUE_UNPROVEN,
)

_BY_MEANING = {
    "became nondeterministic": NONDETERMINISTIC,
    "became deterministic": DETERMINISTIC,
    "null default": NULL_DEFAULT,
    "rounding": ROUNDING_CHANGED,
    "time": TIME_CHANGED,
    "aggregate": AGGREGATE_CHANGED,
    "window": WINDOW_CHANGED,
    "expression": MEANING_CHANGED,
}
"""By the words of :class:`analyticsops.changes.meaning.Meaning`, which needs sqlglot."""

_PLAIN = frozenset({Kind.IDENTITY, Kind.RENAME})


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for change in context.defined():
        moved = _moved_to_other_side(context, change) if change.values else frozenset()
        for column in change.values:
            if column.lower() not in moved:
                yield _changed(context, change, column)
        rewritten = change.base.raw_code != change.head.raw_code
        if change.verdict == "refactored" and rewritten and change.marks is not None:
            yield _refactored(context, change)


def _refactored(context: Context, change: NodeChange) -> Finding:
    with_what = f", with what changed in {', '.join(change.undone)}," if change.undone else ""
    return about(
        context,
        REFACTORED,
        change.head,
        f"{change.head.label} was rewritten and{with_what} yields the same",
        location=changed_line(change, context.locate_head),
        assumptions=promises_of(context.comparison, change),
    )


def _moved_to_other_side(context: Context, change: NodeChange) -> frozenset[str]:
    """Columns that only an outer join makes others: `may-now-be-null` tells of them."""
    from analyticsops.changes.nullable import from_outer_side
    from analyticsops.sql.clauses import projections

    comparison = context.comparison
    trees = comparison.base.own_tree(change.base), comparison.head.own_tree(change.head)
    if isinstance(trees[0], Problem) or isinstance(trees[1], Problem):
        return frozenset()
    before, after = (from_outer_side(tree) for tree in trees)
    flipped = (name for name in before if name in after and before[name] != after[name])
    texts = {name: [projections(tree, name) for tree in trees] for name in flipped}
    return frozenset(name for name, (old, new) in texts.items() if old == new)


def _changed(context: Context, change: NodeChange, column: str) -> Finding:
    node = change.head
    rule = _rule(context, change, column)
    return about(
        context,
        rule,
        node,
        _message(context, change, column, rule),
        column=column,
        location=changed_line(change, context.locate_head),
        evidence=value_evidence(context, change, column),
        affected=context.hit(node, [column]),
        proven=False,
        identity=_identity(change, column),
    )


def _message(context: Context, change: NodeChange, column: str, rule: Rule) -> str:
    label = f"{change.head.label}.{column}"
    if rule is OTHER_TABLE:
        comparison = context.comparison
        nodes = {**comparison.base.project.nodes, **comparison.head.project.nodes}
        before, after = (
            listed(sorted(nodes[i].label if i in nodes else i for i in tables))
            for tables in _taken_from(context, change, column)
        )
        return f"{label} is taken from {after}, no longer from {before}"
    # "Changed" is only said of expressions that were both understood.
    said = "could not be compared" if rule is VALUE_UNPROVEN else "changed"
    return f"the expression of {label} {said}"


def _rule(context: Context, change: NodeChange, column: str) -> Rule:
    """The rule that says most precisely what changed."""
    from analyticsops.changes.meaning import Meaning, classify
    from analyticsops.sql.clauses import projections

    comparison = context.comparison
    understood = all(_identity(change, column))
    trees = comparison.base.own_tree(change.base), comparison.head.own_tree(change.head)
    if isinstance(trees[0], Problem) or isinstance(trees[1], Problem):
        return MEANING_CHANGED if understood else VALUE_UNPROVEN
    meaning = classify(column, *(projections(tree, column) for tree in trees))
    if meaning in (Meaning.VOLATILE, Meaning.STEADY):
        return _BY_MEANING[meaning]
    before, after = _taken_from(context, change, column)
    if understood and before and after and before != after:
        return OTHER_TABLE
    return _BY_MEANING[meaning] if understood else VALUE_UNPROVEN


def _taken_from(context: Context, change: NodeChange, column: str) -> tuple[set[str], set[str]]:
    comparison = context.comparison
    return (
        _plain_inputs(comparison.base.graph, change.base, column),
        _plain_inputs(comparison.head.graph, change.head, column),
    )


def _plain_inputs(graph: ColumnGraph, node: Node, column: str) -> set[str]:
    """The tables that a column is handed on from as it is; empty if it is computed."""
    spelled = graph.nodes[node.unique_id].spelled(column)
    edges = [e for e in graph.parents(ColumnRef(node.unique_id, spelled)) if _is_value(e.kind)]
    if any(edge.kind not in _PLAIN for edge in edges):
        return set()
    return {edge.source.node for edge in edges}


def _is_value(kind: object) -> bool:
    return isinstance(kind, Kind) and kind.direct


def _identity(change: NodeChange, column: str) -> list[str]:
    """Both expressions: an acceptance is void when either becomes another."""
    return [
        expression
        for mark in change.marks or ()
        for _key, name, _text, expression in mark.columns
        if name.lower() == column.lower()
    ]
