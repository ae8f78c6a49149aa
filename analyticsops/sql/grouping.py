"""GROUP BY, DISTINCT, ORDER BY with LIMIT: which rows are left, and what decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.facts import Problem
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Relation
from analyticsops.sql.scope import Scope
from analyticsops.sql.stars import is_star
from analyticsops.sql.traits import Traits

V = TypeVar("V")
R = TypeVar("R")


_ADDING = (exp.Cube, exp.GroupingSets, exp.Rollup)
"""Forms of GROUP BY that add rows: of no rows a grand total is one."""


def group_rows(
    query: exp.Select, scope: Scope[V, R], result: Relation[V, R], traits: Sequence[Traits]
) -> Callable[[V], V] | None:
    """GROUP BY, or the single group of an aggregate without it; what becomes of the values
    of the result."""
    group = query.args.get("group")
    if group is not None:
        scope.grouped = set(_grouped_names(query, group, scope))
        return scope.group(*_group_keys(query, group, scope, result, traits))
    return scope.group([], "") if makes_groups(query, traits) else None


def makes_groups(query: exp.Select, traits: Sequence[Traits]) -> bool:
    """True if its rows are groups of those behind WHERE."""
    clauses = query.args.get("group"), query.args.get("having")
    return clauses != (None, None) or any(trait.aggregate for trait in traits)


def adds_groups(query: exp.Select) -> bool:
    """True for ROLLUP and its like, which make rows in which keys are NULL that are not NULL
    in any row of the group."""
    group = query.args.get("group")
    return group is not None and bool(_adding_forms(group))


def _adding_forms(group: exp.Group) -> list[str]:
    forms = [form for form in ("grouping_sets", "cube", "rollup", "totals") if group.args.get(form)]
    # GROUP BY ROLLUP (a), b: there they stand among the keys.
    return forms + [node.key for node in group.expressions if isinstance(node, _ADDING)]


def _grouped_names(query: exp.Select, group: exp.Group, scope: Scope[V, R]) -> Iterator[str]:
    """The keys of plain columns in GROUP BY, by name or by position."""
    stack = [(node, True) for node in group.iter_expressions()]
    while stack:
        node, written = stack.pop()
        # A number in a projection that a position means is no position again.
        at = int(node.name) - 1 if written and isinstance(node, exp.Literal) and node.is_int else -1
        if 0 <= at < len(query.expressions):
            node, written = query.expressions[at].unalias(), False
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            yield scope.key(node.this)
        elif isinstance(node, (exp.Rollup, exp.Cube, exp.GroupingSets, exp.Tuple, exp.Paren)):
            stack.extend((part, written) for part in node.iter_expressions())


def _group_keys(
    query: exp.Select,
    group: exp.Group,
    scope: Scope[V, R],
    result: Relation[V, R],
    traits: Sequence[Traits],
) -> tuple[list[V], str]:
    if group.args.get("all"):
        return _all_keys(query, scope, result, traits), ""
    keys = [_group_key(node, scope, result) for node in group.expressions]
    forms = _adding_forms(group)
    for form in forms:
        parts = group.args[form] if isinstance(group.args.get(form), list) else []
        keys += [_group_key(part, scope, result) for part in parts]
    return keys, " ".join(forms)


def _group_key(node: exp.Expression, scope: Scope[V, R], result: Relation[V, R]) -> V:
    """A key, or ROLLUP and its like, in which the order of keys means something."""
    if isinstance(node, exp.Paren):
        return _group_key(node.this, scope, result)
    if isinstance(node, (exp.Rollup, exp.Cube, exp.GroupingSets, exp.Tuple)):
        keys = [_group_key(part, scope, result) for part in node.expressions]
        return scope.algebra.field(scope.algebra.row_of(keys), node.key)
    return _position_or_value(node, scope, result)


def _all_keys(
    query: exp.Select, scope: Scope[V, R], result: Relation[V, R], traits: Sequence[Traits]
) -> list[V]:
    """GROUP BY ALL: every projection without an aggregate or a window is a key."""
    keys: list[V] = []
    position = 0
    for projection, trait, width in zip(query.expressions, traits, scope.widths, strict=True):
        if trait.many or is_star(projection):
            scope.rows = _faulty_if_open(scope.rows, scope, result, "grouping")
        columns = result.columns[position : position + width]
        position += width
        if not trait.aggregate and not trait.windowed:
            keys += [column.value for column in columns]
    return keys


def _faulty_if_open(rows: R, scope: Scope[V, R], result: Relation[V, R], what: str) -> R:
    for opening in result.openings:
        problem = Problem(f"{what} over unknown columns", opening.table)
        rows = scope.algebra.faulty_rows(rows, problem)
    return rows


def _position_or_value(node: exp.Expression, scope: Scope[V, R], result: Relation[V, R]) -> V:
    found = _at_position(node, scope, result)
    if found is not None:
        return found
    return scope.evaluate(node, "before" if scope.rules.alias_wins_in_group else "after")


def _at_position(node: exp.Expression, scope: Scope[V, R], result: Relation[V, R]) -> V | None:
    """The column that a number in GROUP BY or ORDER BY means."""
    if not (isinstance(node, exp.Literal) and node.is_int):
        return None
    if result.openings:
        problem = Problem("position behind unknown columns", node.name, line_of(node))
        return scope.algebra.faulty(problem)
    position = int(node.name) - 1
    if 0 <= position < len(result.columns):
        return result.columns[position].value
    return None


def distinct_rows(query: exp.Select, scope: Scope[V, R], result: Relation[V, R]) -> R:
    """DISTINCT and DISTINCT ON."""
    distinct = query.args.get("distinct")
    if distinct is None:
        return scope.rows
    on = distinct.args.get("on")
    if on is None:
        rows = _faulty_if_open(scope.rows, scope, result, "distinct")
        return scope.algebra.distinct(rows, [column.value for column in result.columns], [])
    nodes = on.expressions if isinstance(on, exp.Tuple) else [on]
    keys = [_position_or_value(node, scope, result) for node in nodes]
    order = _order(query, scope, result)
    rows = scope.algebra.distinct(scope.rows, keys, order)
    # Without an order the engine takes any row of each key.
    return rows if order else scope.algebra.limited(rows, [], "any of each key")


def limited_rows(query: exp.Expression, scope: Scope[V, R], rows: R, result: Relation[V, R]) -> R:
    """LIMIT, FETCH and OFFSET, with the order that decides."""
    limit = limit_text(query)
    if not limit:
        return rows
    keys = query.args["limit"].expressions if query.args.get("limit") is not None else []
    if keys:  # ClickHouse: LIMIT 2 BY k
        values = [_position_or_value(node, scope, result) for node in keys]
        rows = scope.algebra.grouped(rows, values, limit)
    return scope.algebra.limited(rows, _order(query, scope, result), limit, _counts(query, scope))


def _counts(query: exp.Expression, scope: Scope[V, R]) -> list[V]:
    """The values in ``LIMIT (SELECT ...)`` and its like: those that are no constants."""
    clauses = [part for name in ("limit", "offset") if (part := query.args.get(name)) is not None]
    counts = [c.args.get("expression") or c.args.get("count") for c in clauses]
    return [
        scope.evaluate(count)
        for count in counts
        if isinstance(count, exp.Expression) and count.find(exp.Query)
    ]


def _order(query: exp.Expression, scope: Scope[V, R], result: Relation[V, R]) -> list[V]:
    order = query.args.get("order")
    values: list[V] = []
    for item in order.expressions if order else ():
        node = item.this if isinstance(item, exp.Ordered) else item
        how = _direction(item)
        if isinstance(node, exp.Var) and node.name.upper() == "ALL":
            values += [scope.algebra.ordered(c.value, how) for c in result.columns]
            continue
        value = _at_position(node, scope, result)
        if value is None:
            alone = isinstance(node, exp.Column) or not scope.rules.alias_alone_in_order
            value = scope.evaluate(node, "before" if alone else "after")
        values.append(scope.algebra.ordered(value, how))
    return values


def _direction(item: exp.Expression) -> str:
    """``desc`` and where NULLs go, empty for the engine's defaults."""
    if not isinstance(item, exp.Ordered):
        return ""
    return " ".join(name for name in ("desc", "nulls_first", "with_fill") if item.args.get(name))


def limit_text(query: exp.Expression) -> str:
    """LIMIT, FETCH and OFFSET as text, empty if there are none."""
    parts = [query.args.get(name) for name in ("limit", "offset")]
    return " ".join(part.sql() for part in parts if part is not None)
