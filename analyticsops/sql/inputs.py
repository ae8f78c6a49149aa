"""The lineage algebra: a value is the set of source columns it comes from, by kind.

A value is a tuple of integer bit sets over the query's base columns. References pass
it on as it is, a union is ``|``, an aggregation moves bits from one set to another:
the cost of a wide query is a few machine words per reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import (
    Input,
    Kind,
    OutputColumn,
    Problem,
    QueryFacts,
    TableColumns,
)
from analyticsops.sql.sources import Tables
from analyticsops.sql.walk import Walk


class Value(NamedTuple):
    """Bit sets over base columns, one per kind; ``problems`` is one over problems."""

    identity: int = 0
    transformation: int = 0
    aggregation: int = 0
    conditional: int = 0
    window: int = 0
    problems: int = 0

    @property
    def columns(self) -> int:
        """Every base column that takes part in any way."""
        return (
            self.identity | self.transformation | self.aggregation | self.conditional | self.window
        )


class Rows(NamedTuple):
    """Bit sets over base columns for what decides about rows; over tables; over problems."""

    join: int = 0
    filter: int = 0
    group: int = 0
    sort: int = 0
    tables: int = 0
    problems: int = 0


# What becomes of an input when an expression of this kind is built on it.
_PASS, _TRANSFORM, _AGGREGATE, _CONDITION, _WINDOW = range(5)

_NO_VALUE = (exp.Identifier, exp.Literal, exp.DataType, exp.Null, exp.Boolean, exp.Star)


class Inputs:
    """The algebra of :class:`Value` and :class:`Rows` for one query."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], int] = {}
        self._tables: dict[str, int] = {}
        self._problems: dict[Problem, int] = {}

    nothing = Value()
    single_row = Rows()

    # -- leaves ----------------------------------------------------------------

    def column(self, table: TableColumns, name: str) -> Value:
        """One bit per (table, column)."""
        return Value(identity=_bit(self._columns, (table.id, name)))

    def table(self, table: TableColumns) -> Rows:
        """One bit per table."""
        return Rows(tables=_bit(self._tables, table.id))

    def faulty(self, problem: Problem) -> Value:
        """No input, but the problem travels with the value."""
        return Value(problems=_bit(self._problems, problem))

    def faulty_rows(self, rows: Rows, problem: Problem) -> Rows:
        """The problem travels with the rows."""
        return rows._replace(problems=rows.problems | _bit(self._problems, problem))

    # -- values ----------------------------------------------------------------

    def evaluate(self, node: exp.Expression, scope: Surroundings[Value, Rows]) -> Value:
        """Collect the inputs below a node; iterative, because AND chains run deep."""
        return _collect(node, scope)

    def field(self, value: Value, path: str) -> Value:
        """Part of a value is a transformation of it."""
        return _transformed(value)

    def row_of(self, values: Sequence[Value]) -> Value:
        """A row is made of all its columns."""
        return _transformed(_union(values))

    def either(self, values: Sequence[Value], problem: Problem) -> Value:
        """All candidates, and the doubt."""
        merged = _union(values)
        return merged._replace(problems=merged.problems | _bit(self._problems, problem))

    def merged(self, left: Value, right: Value, how: str) -> Value:
        """USING: the side that is never missing; both in a full join."""
        if how == "full":
            return _union([_transformed(left), _transformed(right)])
        return right if how == "right" else left

    def optional(self, value: Value, join: Rows) -> Value:
        """NULL has no source."""
        return value

    def instance(self, value: Value, number: int) -> Value:
        """A second use of a table has the same columns."""
        return value

    def instance_rows(self, rows: Rows, number: int) -> Rows:
        """A second use of a table has the same rows."""
        return rows

    def same_rows(self, left: Rows, right: Rows) -> bool:
        """Uses need not be told apart."""
        return False

    def element(self, rows: Rows, argument: Value, what: str) -> Value:
        """An element of an array is a transformation of it."""
        return _transformed(argument)

    def combined(self, how: str, left: Value, right: Value) -> Value:
        """UNION takes from both sides; EXCEPT and INTERSECT only compare with the right."""
        return _union([left, right]) if how.startswith("union") else left

    # -- rows ------------------------------------------------------------------

    def joined(self, left: Rows, right: Rows, how: str, conditions: Sequence[Value]) -> Rows:
        """Both sides' rows, and the keys."""
        both = _union_rows(left, right)
        keys = _union(conditions)
        return both._replace(join=both.join | keys.columns, problems=both.problems | keys.problems)

    def filtered(self, rows: Rows, condition: Value) -> Rows:
        """The columns of the condition."""
        return rows._replace(
            filter=rows.filter | condition.columns, problems=rows.problems | condition.problems
        )

    def grouped(self, rows: Rows, keys: Sequence[Value], how: str) -> Rows:
        """The columns of the keys."""
        merged = _union(keys)
        return rows._replace(
            group=rows.group | merged.columns, problems=rows.problems | merged.problems
        )

    def distinct(self, rows: Rows, keys: Sequence[Value], order: Sequence[Value]) -> Rows:
        """DISTINCT groups by its keys; DISTINCT ON also sorts."""
        return self.limited(self.grouped(rows, keys, ""), order, "")

    def limited(self, rows: Rows, order: Sequence[Value], limit: str) -> Rows:
        """The columns of the order decide which rows are first."""
        merged = _union(order)
        return rows._replace(
            sort=rows.sort | merged.columns, problems=rows.problems | merged.problems
        )

    def exploded(self, rows: Rows, argument: Value, what: str) -> Rows:
        """How many elements there are decides how many rows there are."""
        return self.filtered(rows, argument)

    def combined_rows(
        self, how: str, left: Rows, right: Rows, values: Sequence[tuple[Value, Value]]
    ) -> Rows:
        """UNION ALL only appends; the others compare whole rows."""
        rows = _union_rows(left, right)
        if how == "union all":
            return rows
        return self.grouped(rows, [value for pair in values for value in pair], "")

    # -- out -------------------------------------------------------------------

    def inputs(self, value: Value) -> tuple[Input, ...]:
        """The inputs of a value, sorted."""
        kinds = (
            (Kind.IDENTITY, value.identity),
            (Kind.TRANSFORMATION, value.transformation),
            (Kind.AGGREGATION, value.aggregation),
            (Kind.CONDITIONAL, value.conditional),
            (Kind.WINDOW, value.window),
        )
        return self._inputs(kinds)

    def row_inputs(self, rows: Rows) -> tuple[Input, ...]:
        """What decides about rows, sorted."""
        kinds = (
            (Kind.JOIN, rows.join),
            (Kind.FILTER, rows.filter),
            (Kind.GROUP_BY, rows.group),
            (Kind.SORT, rows.sort),
        )
        return self._inputs(kinds)

    def _inputs(self, kinds: Sequence[tuple[Kind, int]]) -> tuple[Input, ...]:
        names = list(self._columns)
        found = [Input(*names[n], kind) for kind, bits in kinds for n in _positions(bits)]
        return tuple(sorted(found))

    def tables(self, rows: Rows) -> tuple[str, ...]:
        """Ids of the tables whose rows flow into these, sorted."""
        names = list(self._tables)
        return tuple(sorted(names[n] for n in _positions(rows.tables)))

    def problems(self, bits: int) -> tuple[Problem, ...]:
        """The problems of a bit set, sorted."""
        known = list(self._problems)
        return tuple(sorted(known[n] for n in _positions(bits)))


class Analysis(NamedTuple):
    """The facts of a query, and a way to ask for columns behind its open stars."""

    facts: QueryFacts
    demand: Callable[[str], OutputColumn | None]


def analyse(query: exp.Expression, dialect: str, tables: Tables) -> Analysis:
    """The facts of one parsed query.

    ``demand(name)`` of the answer gives a column that is not listed but may come
    through a ``*`` over a table with unknown columns; None if there is no such star.
    """
    rules = rules_of(dialect)
    algebra = Inputs()
    walk: Walk[Value, Rows] = Walk(rules, tables, algebra)
    relation = walk.relation(query)

    def output(name: str, value: Value) -> OutputColumn:
        problems = algebra.problems(value.problems)
        return OutputColumn(name=name, inputs=algebra.inputs(value), problems=problems)

    def demand(name: str) -> OutputColumn | None:
        key = rules.fold(name, False)
        found = [(o.table, o.demand(key, name)) for o in relation.openings_for(key)]
        if not found:
            return None
        if len(found) == 1:
            return output(name, found[0][1])
        where = " or ".join(table for table, _ in found)
        problem = Problem("ambiguous column", f"{name} may come from {where}")
        return output(name, algebra.either([value for _, value in found], problem))

    facts = QueryFacts(
        columns=tuple(output(column.name, column.value) for column in relation.columns),
        rows=algebra.row_inputs(relation.rows),
        tables=algebra.tables(relation.rows),
        open_tables=tuple(sorted({opening.table for opening in relation.openings})),
        problems=algebra.problems(relation.rows.problems),
    )
    return Analysis(facts, demand)


def _bit(index: dict, key: object) -> int:  # type: ignore[type-arg]
    return 1 << int(index.setdefault(key, len(index)))


def _positions(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def _union(values: Sequence[Value]) -> Value:
    i = t = a = c = w = p = 0
    for value in values:
        i |= value.identity
        t |= value.transformation
        a |= value.aggregation
        c |= value.conditional
        w |= value.window
        p |= value.problems
    return Value(i, t, a, c, w, p)


def _union_rows(left: Rows, right: Rows) -> Rows:
    return Rows(*(a | b for a, b in zip(left, right, strict=True)))


def _transformed(value: Value) -> Value:
    return Value(
        0,
        value.identity | value.transformation,
        value.aggregation,
        value.conditional,
        value.window,
        value.problems,
    )


def _collect(root: exp.Expression, scope: Surroundings[Value, Rows]) -> Value:
    i = t = a = c = w = p = 0
    stack: list[tuple[exp.Expression, int, frozenset[str]]] = [(root, _PASS, frozenset())]
    while stack:
        node, mode, shadowed = stack.pop()
        if isinstance(node, _NO_VALUE):
            continue
        if isinstance(node, exp.Column):
            for value in _references(node, scope, shadowed):
                p |= value.problems
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
        elif isinstance(node, exp.Query):
            value = _nested(node, mode, scope)
            i, t, a = i | value.identity, t | value.transformation, a | value.aggregation
            c, w, p = c | value.conditional, w | value.window, p | value.problems
        else:
            stack.extend(_children(node, mode, shadowed, scope))
    return Value(i, t, a, c, w, p)


def _references(
    node: exp.Column, scope: Surroundings[Value, Rows], shadowed: frozenset[str]
) -> Sequence[Value]:
    if isinstance(node.this, exp.Star):
        return scope.everything(node)
    if shadowed and node.parts[0].name in shadowed:
        return ()
    return (scope.column(node),)


def _nested(node: exp.Query, mode: int, scope: Surroundings[Value, Rows]) -> Value:
    """A subquery as a value: its columns are values, its rows decide about them."""
    relation = scope.query(node)
    value = _union([column.value for column in relation.columns])
    rows = relation.rows
    value = value._replace(
        conditional=value.conditional | rows.join | rows.filter | rows.group | rows.sort,
        problems=value.problems | rows.problems,
    )
    if mode == _CONDITION:
        return Value(conditional=value.columns, problems=value.problems)
    if mode == _WINDOW:
        return Value(window=value.columns, problems=value.problems)
    if mode == _AGGREGATE:
        direct = value.identity | value.transformation | value.aggregation
        return Value(0, 0, direct, value.conditional, value.window, value.problems)
    return _transformed(value) if mode == _TRANSFORM else value


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
    if isinstance(node, exp.Subquery):
        return [(node.this, mode, shadowed)]
    if mode in (_CONDITION, _WINDOW):
        if isinstance(node, exp.Lambda):
            shadowed = shadowed | {parameter.name for parameter in node.expressions}
        return [(child, mode, shadowed) for child in _visited(node, scope)]
    if isinstance(node, exp.Case):
        return _case(node, below, shadowed)
    if isinstance(node, exp.If):
        branches = [node.args.get("true"), node.args.get("false")]
        return [(node.this, _CONDITION, shadowed)] + [
            (branch, below, shadowed) for branch in branches if branch is not None
        ]
    if isinstance(node, exp.Filter):
        return [(node.this, below, shadowed), (node.expression, _CONDITION, shadowed)]
    if isinstance(node, exp.Exists):
        return [(child, _CONDITION, shadowed) for child in node.iter_expressions()]
    if isinstance(node, exp.In) and node.args.get("query") is not None:
        return [(node.this, below, shadowed), (node.args["query"], _CONDITION, shadowed)]
    if isinstance(node, exp.Window):
        function = [(node.this, below, shadowed)]
        return function + [
            (part, _WINDOW, shadowed) for part in _window_parts(node, scope, named=True)
        ]
    if isinstance(node, exp.AggFunc):
        return [(child, _AGGREGATE, shadowed) for child in node.iter_expressions()]
    if isinstance(node, exp.Ordered):
        return [(node.this, _WINDOW if mode == _AGGREGATE else below, shadowed)]
    if isinstance(node, exp.Lambda):
        shadowed = shadowed | {parameter.name for parameter in node.expressions}
        return [(node.this, below, shadowed)]
    return [(child, below, shadowed) for child in node.iter_expressions()]


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
        return [node.this, *_window_parts(node, scope, named=True)]
    return list(node.iter_expressions())


def _window_parts(
    node: exp.Expression, scope: Surroundings[Value, Rows], *, named: bool
) -> list[exp.Expression]:
    """PARTITION BY, ORDER BY and frame, following `OVER w` to its definition."""
    parts = list(node.args.get("partition_by") or ())
    parts += [p for p in (node.args.get("order"), node.args.get("spec")) if p is not None]
    alias = node.args.get("alias")
    if named and isinstance(alias, exp.Expression):
        definition = scope.named_window(alias.name)
        if definition is not None:
            parts += _window_parts(definition, scope, named=False)
    return parts
