"""MATCH_RECOGNIZE: measures of runs of rows that fit a pattern."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.relation import Named, Relation
from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")

_KEYS_BEFORE_MEASURES = frozenset({"athena", "presto", "trino"})
"""Where ALL ROWS PER MATCH gives partition keys, sort keys and measures before the other
columns; elsewhere measures come last."""


def recognized(
    match: exp.Expression, relation: Relation[V, R], scope: Scope[V, R], algebra: Algebra[V, R]
) -> Relation[V, R]:
    """The relation after MATCH_RECOGNIZE.

    A row is in a match, and of which kind, because of the conditions in DEFINE and of the
    rows around it in its partition; so does every measure.

    Args:
        scope: sees the columns of ``relation`` and nothing else.
    """
    what = match.sql()
    partition = list(match.args.get("partition_by") or ())
    order = match.args.get("order")
    sorting = [item.this for item in order.expressions] if order is not None else []
    defines = [_without_variables(node.this) for node in match.args.get("define") or ()]
    keys = [_named(node, scope) for node in partition]
    measures = _measures(match, defines, scope, algebra, what)

    rows = relation.rows
    for condition in defines:
        rows = algebra.filtered(rows, scope.evaluate(condition))
    rows = algebra.grouped(rows, [column.value for column in keys], what)
    rows = algebra.limited(rows, [scope.evaluate(node) for node in sorting], what)

    if "ALL ROWS" not in str(match.args.get("rows") or "").upper():
        return Relation([*keys, *measures], rows)
    first = [*keys, *(_named(node, scope) for node in sorting)]
    if scope.rules.name not in _KEYS_BEFORE_MEASURES:
        return Relation([*relation.columns, *measures], rows, relation.openings)
    listed = {column.key for column in first}
    others = [column for column in relation.columns if column.key not in listed]
    return Relation([*first, *measures, *others], rows, relation.openings)


def _measures(
    match: exp.Expression,
    defines: list[exp.Expression],
    scope: Scope[V, R],
    algebra: Algebra[V, R],
    what: str,
) -> list[Named[V]]:
    found = []
    for position, measure in enumerate(match.args.get("measures") or ()):
        alias = measure.this if isinstance(measure.this, exp.Alias) else measure
        value = exp.Window(
            this=exp.AnyValue(this=_without_variables(alias.unalias())),
            partition_by=[node.copy() for node in match.args.get("partition_by") or ()],
            order=match.args["order"].copy() if match.args.get("order") is not None else None,
        )
        chosen: exp.Expression = value
        for condition in defines:
            chosen = exp.Case(ifs=[exp.If(this=condition.copy(), true=chosen)])
        key = scope.key(alias.args["alias"]) if alias.args.get("alias") is not None else ""
        cell = algebra.cell([scope.evaluate(chosen)], position, what)
        found.append(Named(key, alias.alias_or_name, cell))
    return found


def _named(node: exp.Expression, scope: Scope[V, R]) -> Named[V]:
    identifier = node.this if isinstance(node, exp.Column) else exp.to_identifier(node.sql())
    return Named(scope.key(identifier), identifier.name, scope.evaluate(node))


def _without_variables(node: exp.Expression) -> exp.Expression:
    """``down.price`` is the column `price` of the row that the variable `down` matched."""

    def bare(part: exp.Expression) -> exp.Expression:
        qualified = isinstance(part, exp.Column) and part.args.get("table") is not None
        return exp.column(part.this.copy()) if qualified else part

    return node.transform(bare)
