"""The lineage algebra: a value is the set of source columns it comes from, by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import msgspec
from sqlglot import exp

from analyticsops.sql import value as values
from analyticsops.sql.access import ELEMENT, join_path, key_of
from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.collect import evaluate
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.facts import (
    ANY,
    SLOTS,
    UNNAMED,
    Base,
    OpenStar,
    OutputColumn,
    Problem,
    QueryFacts,
    Sure,
    TableColumns,
)
from analyticsops.sql.gaps import gap_relations
from analyticsops.sql.relation import Fields, Others, Relation, others_of
from analyticsops.sql.sources import Tables
from analyticsops.sql.value import Rows, Value
from analyticsops.sql.walk import Walk

_Base = tuple[str, str, str, Sure]
"""(table, column, path, sure) of a :class:`Base`."""


class Inputs:
    """The algebra of :data:`Value` and :data:`Rows` for one query."""

    tells_rows_apart = False
    constants = False
    calls = False
    nothing: Value = 0
    single_row: Rows = 0

    def __init__(self) -> None:
        self._bases: list[_Base] = []
        self._places: dict[_Base, int] = {}  # in :attr:`_bases`, in its order
        self._tables: dict[str, int] = {}
        self._problems: dict[Problem, int] = {}

    # -- leaves ----------------------------------------------------------------

    def column(self, table: TableColumns, name: str) -> Value:
        """One base per (table, column), as soon as it is read."""
        return self._base((table.id, name, "", Sure.EXACT))

    def columns(self, table: TableColumns) -> Sequence[Value]:
        """The same of all columns: in one loop, because stars over wide tables are usual."""
        ident, exact = table.id, Sure.EXACT
        known = self._places
        places = [known.setdefault((ident, name, "", exact), len(known)) for name in table.columns]
        self._bases += islice(known, len(self._bases), None)
        if len(known) > values.MAX_BASES:
            raise TooWideError
        return [1 << place * SLOTS for place in places]

    def demanded(self, table: TableColumns, name: str) -> Value:
        """A column that only its use shows."""
        return self._base((table.id, name, "", Sure.INFERRED))

    def _base(self, base: _Base) -> Value:
        place = self._places.get(base)
        if place is None:
            place = self._places[base] = len(self._bases)
            self._bases.append(base)
            if place >= values.MAX_BASES:
                raise TooWideError
        return values.bit(place)

    def table(self, table: TableColumns) -> Rows:
        """One bit per table."""
        return values.bit(self._tables.setdefault(table.id, len(self._tables)), values.TABLE)

    def faulty(self, problem: Problem) -> Value:
        """No input, but the problem travels with the value."""
        place = self._problems.setdefault(problem, len(self._problems))
        return values.bit(place, values.PROBLEM)

    def faulty_rows(self, rows: Rows, problem: Problem) -> Rows:
        """The problem travels with the rows."""
        return rows | self.faulty(problem)

    # -- values ----------------------------------------------------------------

    def evaluate(self, node: exp.Expression, scope: Surroundings[Value, Rows]) -> Value:
        """Collect the inputs below a node."""
        return evaluate(node, scope, self.field)

    def field(self, value: Value, path: str) -> Value:
        """Part of a struct is part of its base column, as it is."""
        if isinstance(value, values.Struct):
            if path == ELEMENT:
                return value
            wanted = key_of(path)
            for name, part in value.fields.items():
                if key_of(name) == wanted:
                    return part
            if (others := others_of(value.fields)) is not None:
                return others(path)
        return self._changed_bases(value, path=path)

    def row_of(
        self,
        row: Sequence[Value],
        names: Sequence[str] = (),
        others: Others[Value] | None = None,
    ) -> Value:
        """A row is made of all its columns."""
        whole = values.transformed(values.union(row))
        if others is not None:
            fields = Fields(zip(names, row, strict=True), others.demand)
            return values.with_fields(whole | self.faulty(others.problem), fields)
        if not names:
            return whole
        return values.with_fields(whole, dict(zip(names, row, strict=True)))

    def fields(self, value: Value) -> Mapping[str, Value] | None:
        """The fields of a struct that the query itself builds."""
        return value.fields if isinstance(value, values.Struct) else None

    def either(self, candidates: Sequence[Value], problem: Problem) -> Value:
        """All candidates, and the doubt."""
        union = values.union(candidates)
        return self._changed_bases(union, sure=Sure.AMBIGUOUS) | self.faulty(problem)

    def _changed_bases(self, value: Value, *, path: str = "", sure: Sure | None = None) -> Value:
        """The same kinds of the same columns: of a field of each, or not so sure."""
        known = self._bases
        changed = values.besides(value)
        for position in values.positions(value ^ changed):
            place, slot = divmod(position, SLOTS)
            table, column, inside, sureness = known[place]
            if path and (slot == 0 or inside):
                inside = join_path(inside, path)
            base = self._base((table, column, inside, sure or sureness))
            changed |= base << slot if not path or inside else values.transformed(base << slot)
        return changed

    def cell(self, cells: Sequence[Value], position: int, what: str) -> Value:
        """Any of them; constants have no source."""
        return values.union(cells)

    def ordered(self, value: Value, how: str) -> Value:
        """The direction is no source."""
        return value

    def merged(self, left: Value, right: Value, how: str) -> Value:
        """USING: the side that is never missing; both in a full join."""
        if how == "full":
            return values.transformed(left) | values.transformed(right)
        return right if how == "right" else left

    def equated(self, left: Value, right: Value) -> Value:
        """Both are join keys."""
        return left | right

    def depends(self, join: Rows, how: str) -> str:
        """What the join says."""
        return how

    def optional(self, value: Value, join: Rows) -> Value:
        """NULL has no source."""
        return value

    def instance(self, value: Value, number: int, rows: Rows) -> Value:
        """A second use of a table has the same columns."""
        return value

    def instance_rows(self, rows: Rows, number: int) -> Rows:
        """A second use of a table has the same rows."""
        return rows

    def use_number(self, around: Sequence[Rows], rows: Rows) -> int:
        """Uses need not be told apart."""
        return 0

    def element(self, rows: Rows, argument: Value, what: str) -> Value:
        """An element of an array is a part of it."""
        if isinstance(argument, values.Struct):
            return argument
        return values.transformed(self.field(argument, ELEMENT))

    def combined(self, how: str, left: Value, right: Value, rows: Rows) -> Value:
        """UNION takes from both sides; EXCEPT and INTERSECT only compare with the right."""
        return left | right if how.startswith("union") else left

    # -- rows ------------------------------------------------------------------

    def joined(self, left: Rows, right: Rows, how: str, conditions: Sequence[Value]) -> Rows:
        """Both sides' rows, and the keys."""
        return left | right | values.joining(values.union(conditions))

    def filtered(self, rows: Rows, condition: Value) -> Rows:
        """The columns of the condition."""
        return rows | values.filtering(condition)

    def grouped(self, rows: Rows, keys: Sequence[Value], how: str) -> Rows:
        """The columns of the keys."""
        return rows | values.grouping(values.union(keys))

    def distinct(self, rows: Rows, keys: Sequence[Value], order: Sequence[Value]) -> Rows:
        """DISTINCT groups by its keys; DISTINCT ON also sorts."""
        return self.limited(self.grouped(rows, keys, ""), order, "")

    def regarded(self, rows: Rows, keys: Sequence[Value], how: str) -> tuple[Rows, None]:
        """All of them."""
        return rows, None

    def windowed(self, before: Rows, after: Rows) -> None:
        """Values stay what they are."""

    def settled(self, rows: Rows) -> tuple[Rows, None]:
        """Values stay what they are."""
        return rows, None

    def limited(
        self, rows: Rows, order: Sequence[Value], limit: str, counts: Sequence[Value] = ()
    ) -> Rows:
        """The columns of the order decide which rows are first."""
        rows |= values.sorting(values.union(order))
        return self.filtered(rows, values.union(counts)) if counts else rows

    def marked(self, rows: Rows, what: str) -> Rows:
        """Constants choose the rows."""
        return rows

    def exploded(self, rows: Rows, argument: Value, what: str) -> Rows:
        """How many elements there are decides how many rows there are."""
        return self.filtered(rows, argument)

    def combined_rows(
        self, how: str, left: Rows, right: Rows, pairs: Sequence[tuple[Value, Value]]
    ) -> Rows:
        """UNION ALL only appends; the others compare whole rows."""
        rows = left | right
        if how == "union all":
            return rows
        return self.grouped(rows, [value for pair in pairs for value in pair], "")

    # -- out -------------------------------------------------------------------

    def facts(self, relation: Relation[Value, Rows], dialect: str) -> QueryFacts:
        """A finished relation, packed."""
        found = [c.value for c in relation.columns]
        for place, column in enumerate(relation.columns):
            if column.unnamed:
                doubt = Problem(UNNAMED, f"the name that {dialect} gives it is not known")
                found[place] |= self.faulty(doubt)
        stars = [opening.demand(ANY, ANY) for opening in relation.openings]
        used = values.union((*found, *stars, relation.rows))
        output = _Output(values.used_places(used))
        tables = list(self._tables)
        return QueryFacts(
            bases=tuple(Base(*self._bases[place]) for place in output.places),
            columns=tuple(
                [
                    output.column(column.name, value)
                    for column, value in zip(relation.columns, found, strict=True)
                ]
            ),
            row_codes=output.codes(relation.rows),
            tables=tuple(sorted(tables[n] for n in values.places(used, values.TABLE))),
            stars=tuple(
                OpenStar(opening.table, output.column(ANY, star), tuple(sorted(opening.without)))
                for opening, star in zip(relation.openings, stars, strict=True)
            ),
            problems=tuple(self._problems),
            row_problems=values.places(relation.rows, values.PROBLEM),
        )


class _Output:
    """Packs values, with the bases that are used numbered anew from 0."""

    def __init__(self, places: Sequence[int]) -> None:
        self.places = places
        # From the place in a value to the code: the shift of every base.
        self._shift = {place: (n - place) * SLOTS for n, place in enumerate(places)}

    def codes(self, value: Value) -> tuple[int, ...]:
        shift = self._shift
        return tuple([n + shift[n // SLOTS] for n in values.codes(value)])

    def column(self, name: str, value: Value) -> OutputColumn:
        n = value.bit_length() - 1
        if n >= 0 and n % SLOTS < values.TABLE and value == 1 << n:  # the usual one: one input
            return OutputColumn(name, (n + self._shift[n // SLOTS],))
        return OutputColumn(name, self.codes(value), values.places(value, values.PROBLEM))


class TooWideError(Exception):
    """A query reads more columns than can be kept apart."""


TOO_WIDE = Problem("budget", f"it reads more than {values.MAX_BASES:,} columns")


def analyse(
    query: exp.Expression, dialect: str, tables: Tables, gaps: Sequence[Problem] = ()
) -> QueryFacts | Problem:
    """The facts of one parsed query, or why there are none.

    Args:
        gaps: why each gap in it is there, see :mod:`analyticsops.sql.gaps`.
    """
    algebra = Inputs()
    rules = rules_of(dialect)
    walk: Walk[Value, Rows] = Walk(rules, tables, algebra)
    try:
        relation = walk.relation(query, gap_relations(gaps, rules, algebra))
        for problem in gaps:  # whether or not something of the result passes through it
            relation.rows = algebra.faulty_rows(relation.rows, problem)
        facts = algebra.facts(relation, dialect)
    except TooWideError:
        return TOO_WIDE
    seen = getattr(tables, "seen", ())
    return msgspec.structs.replace(facts, seen=tuple(dict.fromkeys(seen))) if seen else facts
