"""PIVOT and UNPIVOT: columns made of values, and values made of columns."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.facts import Problem
from analyticsops.sql.relation import Named, Opening, Relation
from analyticsops.sql.scope import Scope, line_of

V = TypeVar("V")
R = TypeVar("R")


def pivoted(
    pivot: exp.Pivot, relation: Relation[V, R], scope: Scope[V, R], algebra: Algebra[V, R]
) -> Relation[V, R]:
    """The relation after one PIVOT or UNPIVOT clause.

    Args:
        scope: sees the columns of ``relation`` and nothing else.
    """
    result = _unpivot(pivot, relation, scope, algebra) if pivot.args.get("unpivot") else None
    if result is None:
        result = _pivot(pivot, relation, scope, algebra)
    if result is not None:
        return result
    problem = Problem("unsupported", "this form of PIVOT", line_of(pivot))
    faulty = algebra.faulty(problem)
    opening = Opening("pivot", lambda _key, _name: faulty)
    return Relation([], algebra.faulty_rows(relation.rows, problem), [opening])


def _keys_used(nodes: list[exp.Expression], scope: Scope[V, R]) -> set[str]:
    return {
        scope.key(column.this)
        for node in nodes
        for column in node.find_all(exp.Column)
        if isinstance(column.this, exp.Identifier)
    }


def _pivot(
    pivot: exp.Pivot, relation: Relation[V, R], scope: Scope[V, R], algebra: Algebra[V, R]
) -> Relation[V, R] | None:
    """Every column neither aggregated nor pivoted on is a group key and stays."""
    names = pivot.args.get("columns") or []
    aggregates = list(pivot.expressions)
    fields = list(pivot.args.get("fields") or [])
    if not names or not aggregates or not fields or relation.openings:
        return None
    used = _keys_used([*aggregates, *fields], scope)
    kept = [column for column in relation.columns if column.key not in used]
    group = pivot.args.get("group")
    if group is not None:
        wanted = _keys_used(list(group.expressions), scope)
        kept = [column for column in kept if column.key in wanted]
    rows = algebra.grouped(relation.rows, [c.value for c in kept], "")
    made = []
    what = pivot.sql()
    for position, identifier in enumerate(names):
        aggregate = aggregates[position % len(aggregates)]
        chosen = exp.Case(ifs=[exp.If(this=fields[0].copy(), true=aggregate.unalias().copy())])
        value = algebra.cell([scope.evaluate(chosen)], position, what)
        made.append(Named(scope.key(identifier), identifier.name, value))
    return Relation([*kept, *made], rows)


def _unpivot(
    pivot: exp.Pivot, relation: Relation[V, R], scope: Scope[V, R], algebra: Algebra[V, R]
) -> Relation[V, R] | None:
    """``unpivot (value for name in (a, b))``: value comes from a or b, name from neither."""
    fields = list(pivot.args.get("fields") or [])
    values = list(pivot.expressions)
    if len(fields) != 1 or len(values) != 1 or not isinstance(fields[0], exp.In):
        return None
    sources = [node for node in fields[0].expressions if isinstance(node, exp.Expression)]
    used = _keys_used(sources, scope)
    kept = [column for column in relation.columns if column.key not in used]
    what = pivot.sql()
    value = algebra.cell([scope.evaluate(source) for source in sources], 1, what)
    name_key, name = _plain(fields[0].this, scope)
    value_key, value_name = _plain(values[0], scope)
    columns = [
        *kept,
        Named(name_key, name, algebra.cell([], 0, what)),
        Named(value_key, value_name, value),
    ]
    rows = algebra.exploded(relation.rows, value, what)
    return Relation(columns, rows, relation.openings)


def _plain(node: exp.Expression, scope: Scope[V, R]) -> tuple[str, str]:
    identifier = node.this if isinstance(node, exp.Column) else node
    if isinstance(identifier, exp.Identifier):
        return scope.key(identifier), identifier.name
    return scope.rules.fold(node.name, False), node.name
