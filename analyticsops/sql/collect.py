"""The inputs of one expression: which columns take part, and how.

Every node is visited once, without recursion, because AND chains run deep. The visit
sorts references by what is built on them (a *mode*); the shifts of
:mod:`analyticsops.sql.value` are applied once per mode, at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

from sqlglot import exp

from analyticsops.sql import value as values
from analyticsops.sql.access import split_access
from analyticsops.sql.aggregates import is_aggregate
from analyticsops.sql.algebra import Surroundings, windows_of
from analyticsops.sql.arguments import ARGUED, arguments_of, bracketed, owner
from analyticsops.sql.dynamic import is_dynamic
from analyticsops.sql.facts import ANY
from analyticsops.sql.masking import COUNTS, HASHES, is_mask
from analyticsops.sql.structs import BUILDING, fields_of
from analyticsops.sql.syntax import POSITIONAL, DynamicIdentifier, kinds
from analyticsops.sql.value import Rows, Value

PASS, CAST, TRANSFORM, MASK, AGGREGATE, COUNT, CONDITION, WINDOW = range(8)
"""What is built on a reference, from nothing to deciding only."""

_MOVES: Sequence[Callable[[Value], Value]] = (
    lambda value: value,
    values.cast,
    values.transformed,
    values.masked,
    values.aggregated,
    values.counted,
    values.condition,
    values.window,
)

# Which mode the operand of a cast, a function, ... has, by the mode around it.
_IN_CAST = (CAST, CAST, TRANSFORM, MASK, AGGREGATE, COUNT, CONDITION, WINDOW)
_IN_FUNCTION = (TRANSFORM, TRANSFORM, TRANSFORM, MASK, AGGREGATE, COUNT, CONDITION, WINDOW)
_IN_MASK = (MASK, MASK, MASK, MASK, MASK, COUNT, CONDITION, WINDOW)
_IN_AGGREGATE = (AGGREGATE, AGGREGATE, AGGREGATE, MASK, AGGREGATE, COUNT, CONDITION, WINDOW)
_IN_COUNT = (COUNT, COUNT, COUNT, COUNT, COUNT, COUNT, CONDITION, WINDOW)
_DECIDES = (CONDITION,) * 7 + (WINDOW,)
_ORDERS = (WINDOW,) * 6 + (CONDITION, WINDOW)

_IN = {
    "computed": _IN_FUNCTION,
    "cast": _IN_CAST,
    "aggregated": _IN_AGGREGATE,
    "counted": _IN_COUNT,
}

Names: TypeAlias = frozenset[str]
"""Parameters of lambdas around a node: no columns, whatever their names."""

Extract: TypeAlias = Callable[[Value, str], Value]
"""(value, path) -> the value of a field of it."""

Todo: TypeAlias = list[tuple[exp.Expression, int, Names]]

_NOBODY: Names = frozenset()


def evaluate(
    node: exp.Expression,
    scope: Surroundings[Value, Rows],
    extract: Extract,
    around: Names = _NOBODY,
) -> Value:
    """The value of an expression; one that builds a struct remembers its fields."""
    while isinstance(node, exp.Paren):
        node = node.this
    if type(node) is exp.Column and not around and isinstance(node.this, exp.Identifier):
        return scope.column(node)
    collected = _Collector(scope, extract).collect(node, around)
    if not isinstance(node, BUILDING):
        return collected
    fields = fields_of(node, lambda part: evaluate(part, scope, extract, around), scope)
    return collected if fields is None else values.with_fields(collected, fields)


class _Collector:
    """One visit of one expression."""

    def __init__(self, scope: Surroundings[Value, Rows], extract: Extract) -> None:
        self.scope = scope
        self.extract = extract
        self.found = [0] * len(_MOVES)

    def collect(self, root: exp.Expression, around: Names) -> Value:
        found, rules = self.found, _RULES
        todo: Todo = [(root, PASS, around)]
        while todo:
            node, mode, names = todo.pop()
            rule = rules.get(type(node))
            if rule is None:
                rule = _rule_of(type(node))
            rule(self, node, mode, names, todo)
        result = found[PASS]
        for mode, value in enumerate(found):
            if value and mode:
                result |= _MOVES[mode](value)
        return result

    # -- references ----------------------------------------------------------------

    def nothing(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        """Names, constants and types have no input."""

    def column(self, node: exp.Column, mode: int, names: Names, todo: Todo) -> None:
        if type(node.args["this"]) is exp.Star:
            self.found[mode] |= values.union(self.scope.everything(node))
        elif not (names and node.parts[0].name in names):
            self.found[mode] |= self.scope.column(node)

    def star(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        """``*`` and ``COLUMNS(...)`` inside an expression stand for all that they choose."""
        self.found[mode] |= values.union(self.scope.everything(node))

    def position(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        """``#1`` of DuckDB and ``$1`` of Snowflake are columns; a parameter is a constant."""
        self.found[mode] |= values.union(self.scope.by_position(node))

    def dynamic(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        """``IDENTIFIER('a')``."""
        self.found[mode] |= self.scope.dynamic(node)

    def access(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        """``(s).a``, ``m['k']``, ``j ->> '$.a.b'``: a part of a value, by its path."""
        column = bracketed(node)
        if column is not None:
            self.found[mode] |= self.scope.column(column)
            return
        split = split_access(node)
        if split is None:
            self.function(node, mode, names, todo)
            return
        value = evaluate(split.base, self.scope, self.extract, names)
        for step in split.path:
            value = self.extract(value, step)
        self.found[_IN_FUNCTION[mode] if split.decoded else mode] |= value
        todo.extend((key, _IN_FUNCTION[mode], names) for key in split.keys)

    # -- subqueries ------------------------------------------------------------------

    def subquery(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        """A subquery as a value: its columns are values, its rows decide about them."""
        relation = self.scope.query(node)
        value = values.union(column.value for column in relation.columns)
        value |= values.deciding(relation.rows)
        for opening in relation.openings:
            what = f"a subquery with unknown columns of {opening.table}"
            value |= values.besides(opening.demand(ANY, ANY)) | self.scope.unsupported(node, what)
        self.found[mode] |= value

    def exists(self, node: exp.Exists, mode: int, names: Names, todo: Todo) -> None:
        """EXISTS asks for rows; what the subquery selects does not matter."""
        query = node.this
        while isinstance(query, exp.Subquery):
            query = query.this
        if isinstance(query, exp.Query):
            self.found[_DECIDES[mode]] |= values.deciding(self.scope.query(query).rows)
        else:  # Spark's EXISTS(array, lambda) is a function of that name
            self.function(node, mode, names, todo)

    def member(self, node: exp.In, mode: int, names: Names, todo: Todo) -> None:
        """``x in (select ...)``: the subquery decides."""
        query = _looked_up(node, self.scope)
        if query is None:
            self.function(node, mode, names, todo)
            return
        todo.append((node.this, _IN_FUNCTION[mode], names))
        todo.append((query, _DECIDES[mode], names))

    def quantified(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        """``x > ALL (select ...)``; without a query, an array or an aggregate of Spark."""
        if isinstance(node.this.unnest(), exp.Query):
            todo.append((node.this, _DECIDES[mode], names))
        else:
            self.called(node, mode, names, todo)

    # -- what only passes on -----------------------------------------------------------

    def same(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        todo.append((node.this, mode, names))

    def function(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        self._all(node, _IN_FUNCTION[mode], names, todo)

    def cast(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        todo.append((node.this, _IN_CAST[mode], names))

    def mask(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        self._all(node, _IN_MASK[mode], names, todo)

    def aggregate(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        self._all(node, _IN_AGGREGATE[mode], names, todo)

    def count(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        if not isinstance(node.this, exp.Star):  # count(*) counts rows
            self._all(node, _IN_COUNT[mode], names, todo)

    def called(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        """A function that sqlglot does not know, or whose arguments differ in meaning."""
        arguments = arguments_of(node)
        if arguments is not None:
            below = _IN[arguments.how]
            todo.extend((part, below[mode], names) for part in arguments.values)
            todo.extend((part, _DECIDES[mode], names) for part in arguments.conditions)
        elif is_dynamic(node):
            self.dynamic(node, mode, names, todo)
        elif is_aggregate(node, self.scope.dialect):
            self.aggregate(node, mode, names, todo)
        else:
            masks = isinstance(node, exp.Anonymous) and is_mask(node)
            self._all(node, (_IN_MASK if masks else _IN_FUNCTION)[mode], names, todo)

    def dotted(self, node: exp.Dot, mode: int, names: Names, todo: Todo) -> None:
        """A part of a struct, a method of a column, or a function of a schema."""
        column = owner(node)
        if column is not None:
            todo.append((column, _IN_FUNCTION[mode], names))
            todo.append((node.expression, _IN_FUNCTION[mode], names))
        elif is_aggregate(node, self.scope.dialect):
            self.aggregate(node, mode, names, todo)
        else:
            self.access(node, mode, names, todo)

    def _all(self, node: exp.Expression, mode: int, names: Names, todo: Todo) -> None:
        for value in node.args.values():
            kind = type(value)
            if kind is exp.Column:
                self.column(value, mode, names, todo)
            elif kind is list:
                todo += [(item, mode, names) for item in value if isinstance(item, exp.Expression)]
            elif kind not in _SKIPPED and isinstance(value, exp.Expression):
                todo.append((value, mode, names))

    # -- what also decides ---------------------------------------------------------------

    def case(self, node: exp.Case, mode: int, names: Names, todo: Todo) -> None:
        below, decides = _IN_FUNCTION[mode], _DECIDES[mode]
        if node.this is not None:
            todo.append((node.this, decides, names))
        for branch in node.args.get("ifs") or ():
            todo.append((branch.this, decides, names))
            todo.append((branch.args["true"], below, names))
        if node.args.get("default") is not None:
            todo.append((node.args["default"], below, names))

    def if_(self, node: exp.If, mode: int, names: Names, todo: Todo) -> None:
        todo.append((node.this, _DECIDES[mode], names))
        branches = (node.args.get("true"), node.args.get("false"))
        todo.extend((part, _IN_FUNCTION[mode], names) for part in branches if part is not None)

    def filter(self, node: exp.Filter, mode: int, names: Names, todo: Todo) -> None:
        todo.append((node.this, _IN_FUNCTION[mode], names))
        todo.append((node.expression, _DECIDES[mode], names))

    def windowed(self, node: exp.Window, mode: int, names: Names, todo: Todo) -> None:
        below = _IN_AGGREGATE if isinstance(node.this, exp.Anonymous) else _IN_FUNCTION
        todo.append((node.this, below[mode], names))
        parts = _window_parts(node, self.scope)
        todo.extend((part, _ORDERS[mode], names) for part in parts)

    def ordered(self, node: exp.Ordered, mode: int, names: Names, todo: Todo) -> None:
        inside = mode in (AGGREGATE, COUNT, MASK)
        todo.append((node.this, WINDOW if inside else _IN_FUNCTION[mode], names))

    def within_group(self, node: exp.WithinGroup, mode: int, names: Names, todo: Todo) -> None:
        by_value = isinstance(node.this, _ORDER_IS_VALUE)
        how = _IN_AGGREGATE[mode] if by_value else _ORDERS[mode]
        todo.append((node.this, _IN_FUNCTION[mode], names))
        ordered = node.expression.find_all(exp.Ordered)
        todo.extend((item.this, how, names) for item in ordered)

    # -- parameters that hide columns --------------------------------------------------------

    def lambda_(self, node: exp.Lambda, mode: int, names: Names, todo: Todo) -> None:
        """``x -> x + y``: `x` is an element, whatever columns there are."""
        inside = names | {parameter.name for parameter in node.expressions}
        todo.append((node.this, _IN_FUNCTION[mode], inside))

    def comprehension(self, node: exp.Comprehension, mode: int, names: Names, todo: Todo) -> None:
        """``[x + y for x in xs if x > z]``."""
        inside, below = names | {node.expression.name}, _IN_FUNCTION[mode]
        todo.append((node.this, below, inside))
        todo.append((node.args["iterator"], below, names))
        if node.args.get("condition") is not None:
            todo.append((node.args["condition"], below, inside))


_ORDER_IS_VALUE = kinds("PercentileCont", "PercentileDisc", "Mode", "Anonymous")
"""Aggregates whose WITHIN GROUP orders the very values that they return."""

Rule: TypeAlias = Callable[[_Collector, exp.Expression, int, Names, Todo], None]

_SKIPPED = frozenset({str, bool, type(None), exp.Literal, exp.Identifier, exp.DataType})
"""What an argument often is and never has an input."""

_KINDS: tuple[tuple[tuple[type, ...], object], ...] = (
    (
        # The parser leaves out parts of broken calls: None, False, texts.
        (exp.Identifier, exp.Literal, exp.DataType, exp.Null, exp.Boolean, exp.Var, bool, str),
        _Collector.nothing,
    ),
    ((exp.Column,), _Collector.column),
    ((exp.Star, exp.Columns), _Collector.star),
    ((exp.Parameter, *POSITIONAL), _Collector.position),
    ((DynamicIdentifier,), _Collector.dynamic),
    ((exp.Exists,), _Collector.exists),
    ((exp.Query,), _Collector.subquery),
    ((exp.Alias, exp.Paren), _Collector.same),
    ((exp.Lambda,), _Collector.lambda_),
    ((exp.Comprehension,), _Collector.comprehension),
    ((exp.Case,), _Collector.case),
    ((exp.If,), _Collector.if_),
    ((exp.Filter,), _Collector.filter),
    ((exp.In,), _Collector.member),
    ((exp.Any, exp.All), _Collector.quantified),
    ((exp.List,), _Collector.called),
    ((exp.Window,), _Collector.windowed),
    ((exp.Ordered,), _Collector.ordered),
    ((exp.WithinGroup,), _Collector.within_group),
    ((exp.Cast,), _Collector.cast),
    ((exp.Dot,), _Collector.dotted),
    (
        (exp.Bracket, exp.JSONExtract, exp.JSONExtractScalar, exp.StructExtract),
        _Collector.access,
    ),
    (ARGUED, _Collector.called),
    (COUNTS, _Collector.count),
    (HASHES, _Collector.mask),
    ((exp.AggFunc,), _Collector.aggregate),
    ((exp.Anonymous,), _Collector.called),
)
"""Tried in this order; a node of no listed kind is a function of its parts."""

_RULES: dict[type, Rule] = {}
"""What was found in :data:`_KINDS`, by exact type."""


def _rule_of(kind: type) -> Rule:
    found = next((rule for kinds, rule in _KINDS if issubclass(kind, kinds)), _Collector.function)
    # A rule takes only nodes of the kinds that it stands beside.
    _RULES[kind] = cast("Rule", found)
    return _RULES[kind]


def _window_parts(node: exp.Expression, scope: Surroundings[Value, Rows]) -> list[exp.Expression]:
    """PARTITION BY, ORDER BY and frame, following `OVER w` to its definition and those that
    it is built on."""
    parts: list[exp.Expression] = []
    for window in windows_of(node, scope):
        parts += window.args.get("partition_by") or ()
        parts += [p for p in (window.args.get("order"), window.args.get("spec")) if p is not None]
    return parts


def _looked_up(node: exp.In, scope: Surroundings[Value, Rows]) -> exp.Expression | None:
    """The query in ``x IN (SELECT ...)``; ClickHouse also has ``x IN t``."""
    query, field = node.args.get("query"), node.args.get("field")
    if isinstance(query, exp.Expression):
        return query
    if isinstance(field, exp.Column) and scope.names_table(field):
        table = exp.Table(this=field.this.copy(), db=field.args.get("table"))
        return exp.select(exp.Star()).from_(table)
    return None
