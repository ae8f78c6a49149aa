"""The inputs of one expression: which columns take part, and how."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from analyticsops.sql.aggregates import is_aggregate
from analyticsops.sql.algebra import Surroundings, windows_of
from analyticsops.sql.arguments import arguments_of, bracketed, owner
from analyticsops.sql.dynamic import is_dynamic
from analyticsops.sql.value import Rows, Value, transformed, union

# What becomes of an input when an expression of this kind is built on it.
_PASS, _TRANSFORM, _AGGREGATE, _CONDITION, _WINDOW = range(5)

_NO_VALUE = (exp.Identifier, exp.Literal, exp.DataType, exp.Null, exp.Boolean)

_ORDER_IS_VALUE = (exp.PercentileCont, exp.PercentileDisc, exp.Mode, exp.Anonymous)
"""Aggregates whose WITHIN GROUP orders the very values that they return."""


def collect(root: exp.Expression, scope: Surroundings[Value, Rows]) -> Value:
    """The inputs below a node; iterative, because AND chains run deep."""
    i = t = a = c = w = p = r = 0
    stack: list[tuple[exp.Expression, int, frozenset[str]]] = [(root, _PASS, frozenset())]
    while stack:
        node, mode, shadowed = stack.pop()
        if isinstance(node, _NO_VALUE):
            continue
        if isinstance(node, _REFERENCES) or is_dynamic(node):
            for value in _references(node, scope, shadowed):
                p |= value.problems
                r |= value.tables
                if mode == _PASS:
                    i |= value.identity
                if mode in (_PASS, _TRANSFORM):
                    t |= value.transformation | (value.identity if mode == _TRANSFORM else 0)
                    a |= value.aggregation
                    c |= value.conditional
                    w |= value.window
                elif mode == _AGGREGATE:
                    a |= value.identity | value.transformation | value.aggregation
                    c |= value.conditional
                    w |= value.window
                elif mode == _CONDITION:
                    c |= value.columns
                else:
                    w |= value.columns
        elif isinstance(node, (exp.Query, exp.Exists)):
            value = _subquery(node, mode, scope)
            i, t, a = i | value.identity, t | value.transformation, a | value.aggregation
            c, w, p = c | value.conditional, w | value.window, p | value.problems
            r |= value.tables
        else:
            stack.extend(_children(node, mode, shadowed, scope))
    return Value(i, t, a, c, w, p, r)


_REFERENCES = (
    exp.Column,
    exp.Star,
    exp.Columns,
    exp.PositionalColumn,
    exp.Parameter,
    exp.DynamicIdentifier,
)


def _references(
    node: exp.Expression, scope: Surroundings[Value, Rows], shadowed: frozenset[str]
) -> Sequence[Value]:
    if is_dynamic(node):
        return (scope.dynamic(node),)
    if isinstance(node, (exp.Parameter, exp.PositionalColumn)):
        return scope.by_position(node)
    if isinstance(node, (exp.Star, exp.Columns)) or isinstance(node.this, exp.Star):
        return scope.everything(node)
    if shadowed and node.parts[0].name in shadowed:
        return ()
    return (scope.column(node),)


def _subquery(node: exp.Query | exp.Exists, mode: int, scope: Surroundings[Value, Rows]) -> Value:
    if not isinstance(node, exp.Exists):
        return _nested(node, mode, scope)
    query = node.this
    while isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, exp.Query):
        # EXISTS asks for rows; what the subquery selects does not matter.
        rows = scope.query(query).rows
        return Value(conditional=rows.columns, problems=rows.problems, tables=rows.tables)
    # Spark's EXISTS(array, lambda) is a function of that name.
    found = [collect(child, scope) for child in node.iter_expressions()]
    return transformed(union(found))


def _nested(node: exp.Query, mode: int, scope: Surroundings[Value, Rows]) -> Value:
    """A subquery as a value: its columns are values, its rows decide about them."""
    relation = scope.query(node)
    own = union([column.value for column in relation.columns])
    rows = relation.rows
    value = own._replace(
        conditional=own.conditional | rows.columns,
        problems=own.problems | rows.problems,
        tables=own.tables | rows.tables,
    )
    for opening in relation.openings:
        problem = scope.unsupported(node, f"a subquery with unknown columns of {opening.table}")
        value = value._replace(problems=value.problems | problem.problems)
    if mode == _PASS:
        return value
    if mode == _TRANSFORM:
        return transformed(value)
    moved = Value(problems=value.problems, tables=value.tables)
    if mode == _CONDITION:
        return moved._replace(conditional=value.columns)
    if mode == _WINDOW:
        return moved._replace(window=value.columns)
    direct = value.identity | value.transformation | value.aggregation
    return moved._replace(aggregation=direct, conditional=value.conditional, window=value.window)


def _children(
    node: exp.Expression,
    mode: int,
    shadowed: frozenset[str],
    scope: Surroundings[Value, Rows],
) -> list[tuple[exp.Expression, int, frozenset[str]]]:
    """What to visit below a node, and what each part of it means for the result."""
    below = _TRANSFORM if mode == _PASS else mode
    if isinstance(node, (exp.Alias, exp.Paren)):
        return [(node.this, mode, shadowed)]
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Star):
        return []  # count(*) counts rows
    if isinstance(node, (exp.Lambda, exp.Comprehension)):
        return _shadowing(node, below, shadowed)
    if isinstance(node, exp.Dot) and (column := owner(node) or bracketed(node)) is not None:
        # `(t).x` is a column, `doc.value('/a')` a call on one.
        call = [] if column.name == node.name else [node.expression]
        return [(part, mode if not call else below, shadowed) for part in (column, *call)]
    if mode in (_CONDITION, _WINDOW):
        return [(child, mode, shadowed) for child in _visited(node, scope)]
    arguments = arguments_of(node)
    if arguments is not None:
        how = _AGGREGATE if arguments.aggregated else below
        values = [(part, how, shadowed) for part in arguments.values]
        return values + [(part, _CONDITION, shadowed) for part in arguments.conditions]
    if isinstance(node, exp.Case):
        return _case(node, below, shadowed)
    if isinstance(node, exp.If):
        return _if(node, below, shadowed)
    if isinstance(node, exp.Filter):
        return [(node.this, below, shadowed), (node.expression, _CONDITION, shadowed)]
    if isinstance(node, (exp.Any, exp.All)) and isinstance(node.this.unnest(), exp.Query):
        return [(node.this, _CONDITION, shadowed)]
    if isinstance(node, exp.In) and (query := _looked_up(node, scope)) is not None:
        return [(node.this, below, shadowed), (query, _CONDITION, shadowed)]
    if isinstance(node, exp.Window):
        called = isinstance(node.this, exp.Anonymous)
        function = [(node.this, _AGGREGATE if called else below, shadowed)]
        return function + [(part, _WINDOW, shadowed) for part in _window_parts(node, scope)]
    if is_aggregate(node, scope.dialect):
        return [(child, _AGGREGATE, shadowed) for child in node.iter_expressions()]
    if isinstance(node, exp.Ordered):
        return [(node.this, _WINDOW if mode == _AGGREGATE else below, shadowed)]
    if isinstance(node, exp.WithinGroup):
        how = _AGGREGATE if isinstance(node.this, _ORDER_IS_VALUE) else _WINDOW
        ordered = [item.this for item in node.expression.find_all(exp.Ordered)]
        return [(node.this, below, shadowed), *((item, how, shadowed) for item in ordered)]
    return [(child, below, shadowed) for child in node.iter_expressions()]


def _looked_up(node: exp.In, scope: Surroundings[Value, Rows]) -> exp.Expression | None:
    """The query in ``x IN (SELECT ...)``; ClickHouse also has ``x IN t``."""
    query, field = node.args.get("query"), node.args.get("field")
    if isinstance(query, exp.Expression):
        return query
    if isinstance(field, exp.Column) and scope.names_table(field):
        table = exp.Table(this=field.this.copy(), db=field.args.get("table"))
        return exp.Select(expressions=[exp.Star()], from_=exp.From(this=table))
    return None


def _shadowing(
    node: exp.Lambda | exp.Comprehension, below: int, shadowed: frozenset[str]
) -> list[tuple[exp.Expression, int, frozenset[str]]]:
    """``x -> x + y`` and ``[x + y for x in xs if x > z]``: `x` is an element, whatever
    columns there are."""
    if isinstance(node, exp.Lambda):
        names = {parameter.name for parameter in node.expressions}
        return [(node.this, below, shadowed | names)]
    inside = shadowed | {node.expression.name}
    parts = [(node.this, below, inside), (node.args["iterator"], below, shadowed)]
    condition = node.args.get("condition")
    return parts + ([(condition, below, inside)] if condition is not None else [])


def _if(
    node: exp.If, below: int, shadowed: frozenset[str]
) -> list[tuple[exp.Expression, int, frozenset[str]]]:
    branches = [node.args.get("true"), node.args.get("false")]
    found = [(branch, below, shadowed) for branch in branches if branch is not None]
    return [(node.this, _CONDITION, shadowed), *found]


def _case(
    node: exp.Case, below: int, shadowed: frozenset[str]
) -> list[tuple[exp.Expression, int, frozenset[str]]]:
    parts = [(node.this, _CONDITION, shadowed)] if node.this is not None else []
    for branch in node.args.get("ifs") or ():
        parts.append((branch.this, _CONDITION, shadowed))
        parts.append((branch.args["true"], below, shadowed))
    if node.args.get("default") is not None:
        parts.append((node.args["default"], below, shadowed))
    return parts


def _visited(node: exp.Expression, scope: Surroundings[Value, Rows]) -> list[exp.Expression]:
    if isinstance(node, exp.Window):
        return [node.this, *_window_parts(node, scope)]
    return list(node.iter_expressions())


def _window_parts(node: exp.Expression, scope: Surroundings[Value, Rows]) -> list[exp.Expression]:
    """PARTITION BY, ORDER BY and frame, following `OVER w` to its definition and those that
    it is built on."""
    parts: list[exp.Expression] = []
    for window in windows_of(node, scope):
        parts += window.args.get("partition_by") or ()
        parts += [p for p in (window.args.get("order"), window.args.get("spec")) if p is not None]
    return parts
