"""The lineage algebra: a value is the set of source columns it comes from, by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.collect import collect
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
from analyticsops.sql.value import Rows, Value, transformed, union, union_rows
from analyticsops.sql.walk import Walk

_K = TypeVar("_K")


class Inputs:
    """The algebra of :class:`Value` and :class:`Rows` for one query."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], int] = {}
        self._tables: dict[str, int] = {}
        self._problems: dict[Problem, int] = {}

    constants = False
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
        return collect(node, scope)

    def field(self, value: Value, path: str) -> Value:
        """Part of a value is a transformation of it."""
        return transformed(value)

    def row_of(self, values: Sequence[Value], names: Sequence[str] = ()) -> Value:
        """A row is made of all its columns."""
        return transformed(union(values))

    def either(self, values: Sequence[Value], problem: Problem) -> Value:
        """All candidates, and the doubt."""
        merged = union(values)
        return merged._replace(problems=merged.problems | _bit(self._problems, problem))

    def cell(self, values: Sequence[Value], position: int, what: str) -> Value:
        """Any of them; constants have no source."""
        return union(values)

    def ordered(self, value: Value, how: str) -> Value:
        """The direction is no source."""
        return value

    def merged(self, left: Value, right: Value, how: str) -> Value:
        """USING: the side that is never missing; both in a full join."""
        if how == "full":
            return union([transformed(left), transformed(right)])
        return right if how == "right" else left

    def equated(self, left: Value, right: Value) -> Value:
        """Both are join keys."""
        return union([left, right])

    def optional(self, value: Value, join: Rows) -> Value:
        """NULL has no source."""
        return value

    def instance(self, value: Value, number: int) -> Value:
        """A second use of a table has the same columns."""
        return value

    def instance_rows(self, rows: Rows, number: int) -> Rows:
        """A second use of a table has the same rows."""
        return rows

    def use_number(self, around: Sequence[Rows], rows: Rows) -> int:
        """Uses need not be told apart."""
        return 0

    def element(self, rows: Rows, argument: Value, what: str) -> Value:
        """An element of an array is a transformation of it."""
        return transformed(argument)

    def combined(self, how: str, left: Value, right: Value) -> Value:
        """UNION takes from both sides; EXCEPT and INTERSECT only compare with the right."""
        return union([left, right]) if how.startswith("union") else left

    # -- rows ------------------------------------------------------------------

    def joined(self, left: Rows, right: Rows, how: str, conditions: Sequence[Value]) -> Rows:
        """Both sides' rows, and the keys."""
        both = union_rows(left, right)
        keys = union(conditions)
        return _touched(both._replace(join=both.join | keys.columns), keys)

    def filtered(self, rows: Rows, condition: Value) -> Rows:
        """The columns of the condition."""
        return _touched(rows._replace(filter=rows.filter | condition.columns), condition)

    def grouped(self, rows: Rows, keys: Sequence[Value], how: str) -> Rows:
        """The columns of the keys."""
        merged = union(keys)
        return _touched(rows._replace(group=rows.group | merged.columns), merged)

    def distinct(self, rows: Rows, keys: Sequence[Value], order: Sequence[Value]) -> Rows:
        """DISTINCT groups by its keys; DISTINCT ON also sorts."""
        return self.limited(self.grouped(rows, keys, ""), order, "")

    def limited(self, rows: Rows, order: Sequence[Value], limit: str) -> Rows:
        """The columns of the order decide which rows are first."""
        merged = union(order)
        return _touched(rows._replace(sort=rows.sort | merged.columns), merged)

    def marked(self, rows: Rows, what: str) -> Rows:
        """Constants choose the rows."""
        return rows

    def exploded(self, rows: Rows, argument: Value, what: str) -> Rows:
        """How many elements there are decides how many rows there are."""
        return self.filtered(rows, argument)

    def combined_rows(
        self, how: str, left: Rows, right: Rows, values: Sequence[tuple[Value, Value]]
    ) -> Rows:
        """UNION ALL only appends; the others compare whole rows."""
        rows = union_rows(left, right)
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

    def tables(self, bits: int) -> tuple[str, ...]:
        """Ids of the tables of a bit set, sorted."""
        names = list(self._tables)
        return tuple(sorted(names[n] for n in _positions(bits)))

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

    def output(name: str, value: Value, unnamed: bool = False) -> OutputColumn:
        problems = algebra.problems(value.problems)
        if unnamed:
            doubt = Problem("unnamed column", f"the name that {dialect} gives it is not known")
            problems = (*problems, doubt)
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
        columns=tuple(output(c.name, c.value, c.unnamed) for c in relation.columns),
        rows=algebra.row_inputs(relation.rows),
        tables=algebra.tables(
            relation.rows.tables | union([c.value for c in relation.columns]).tables
        ),
        open_tables=tuple(sorted({opening.table for opening in relation.openings})),
        problems=algebra.problems(relation.rows.problems),
    )
    return Analysis(facts, demand)


def _touched(rows: Rows, by: Value) -> Rows:
    """Doubts about a value are doubts about the rows that it decides about."""
    return rows._replace(problems=rows.problems | by.problems, tables=rows.tables | by.tables)


def _bit(index: dict[_K, int], key: _K) -> int:
    return 1 << index.setdefault(key, len(index))


def _positions(bits: int) -> Iterator[int]:
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
