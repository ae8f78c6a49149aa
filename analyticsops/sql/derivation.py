"""The algebra of explanations: a value is the expression that it comes from, and the
values which that expression reads.

The third meaning of the walk, beside lineage (:mod:`analyticsops.sql.inputs`) and
fingerprints (:mod:`analyticsops.sql.canonical`). What stands between two expressions
without being one (a star) is told by :mod:`analyticsops.sql.steps`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from analyticsops.sql.access import ELEMENT, key_of
from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.origin import Conditions, Origin, together
from analyticsops.sql.reads import read_by
from analyticsops.sql.relation import Fields, Others, others_of

_CONSTANT = Origin("parts")
_ALL_ROWS: Conditions = frozenset()


class Origins:
    """The algebra of :class:`Origin` and :data:`Conditions`."""

    tells_rows_apart = False
    constants = False
    calls = False
    nothing = _CONSTANT
    single_row: Conditions = _ALL_ROWS

    # -- leaves ------------------------------------------------------------------------

    def column(self, table: TableColumns, name: str) -> Origin:
        """A base column: what steps end in."""
        return Origin("base", table=table.id, column=name)

    def columns(self, table: TableColumns) -> Sequence[Origin]:
        """One each."""
        return [self.column(table, name) for name in table.columns]

    def demanded(self, table: TableColumns, name: str) -> Origin:
        """A base column like the others."""
        return self.column(table, name)

    def table(self, table: TableColumns) -> Conditions:
        """Nothing decides about them yet."""
        return _ALL_ROWS

    def faulty(self, problem: Problem) -> Origin:
        """Nothing but the problem."""
        return Origin("parts", problems=(problem,))

    def faulty_rows(self, rows: Conditions, problem: Problem) -> Conditions:
        """The problem is among what decides."""
        return rows | {self.faulty(problem)}

    # -- values ------------------------------------------------------------------------

    def evaluate(self, node: exp.Expression, scope: Surroundings[Origin, Conditions]) -> Origin:
        """The expression, and what it reads."""
        return read_by(node, scope)

    def field(self, value: Origin, path: str) -> Origin:
        """A field of a struct that the query builds; else it is read with the whole."""
        if path == ELEMENT:
            return value
        wanted = key_of(path)
        fields = value.fields.items()
        part = next((part for name, part in fields if key_of(name) == wanted), None)
        if part is not None:
            return part
        others = others_of(value.fields)
        return others(path) if others is not None else value

    def row_of(
        self,
        row: Sequence[Origin],
        names: Sequence[str] = (),
        others: Others[Origin] | None = None,
    ) -> Origin:
        """All columns of the row."""
        if others is not None:
            fields = Fields(zip(names, row, strict=True), others.demand)
            return Origin("parts", parts=row, problems=(others.problem,), fields=fields)
        if not names:
            return together(row)
        return Origin("parts", parts=row, fields=dict(zip(names, row, strict=True)))

    def fields(self, value: Origin) -> Mapping[str, Origin] | None:
        """Those of a struct that the query builds."""
        return value.fields or None

    def cell(self, values: Sequence[Origin], position: int, what: str) -> Origin:
        """Any of them."""
        return together(values)

    def ordered(self, value: Origin, how: str) -> Origin:
        """The direction does not matter."""
        return value

    def either(self, values: Sequence[Origin], problem: Problem) -> Origin:
        """All candidates, and the doubt."""
        return together(values, (problem,))

    def merged(self, left: Origin, right: Origin, how: str) -> Origin:
        """USING: the side that is never missing; both in a full join."""
        if how == "full":
            return together([left, right])
        return right if how == "right" else left

    def equated(self, left: Origin, right: Origin) -> Origin:
        """Both are join keys."""
        return together([left, right])

    def depends(self, join: Conditions, how: str) -> str:
        """What the join says."""
        return how

    def optional(self, value: Origin, join: Conditions) -> Origin:
        """NULL comes from nowhere."""
        return value

    def instance(self, value: Origin, number: int, rows: Conditions) -> Origin:
        """A second use of a table has the same columns."""
        return value

    def instance_rows(self, rows: Conditions, number: int) -> Conditions:
        """A second use of a table has the same rows."""
        return rows

    def use_number(self, around: Sequence[Conditions], rows: Conditions) -> int:
        """Uses need not be told apart."""
        return 0

    def element(self, rows: Conditions, argument: Origin, what: str) -> Origin:
        """One element of what is exploded."""
        return argument

    def combined(self, how: str, left: Origin, right: Origin, rows: Conditions) -> Origin:
        """UNION takes from both sides; EXCEPT and INTERSECT only compare with the right."""
        return together([left, right]) if how.startswith("union") else left

    # -- rows --------------------------------------------------------------------------

    def joined(
        self, left: Conditions, right: Conditions, how: str, conditions: Sequence[Origin]
    ) -> Conditions:
        """Both sides', and the keys."""
        return left | right | frozenset(conditions)

    def filtered(self, rows: Conditions, condition: Origin) -> Conditions:
        """And the condition."""
        return rows | {condition}

    def grouped(self, rows: Conditions, keys: Sequence[Origin], how: str) -> Conditions:
        """And the keys."""
        return rows | frozenset(keys)

    def distinct(
        self, rows: Conditions, keys: Sequence[Origin], order: Sequence[Origin]
    ) -> Conditions:
        """And the keys, and the order."""
        return rows | frozenset(keys) | frozenset(order)

    def regarded(
        self, rows: Conditions, keys: Sequence[Origin], how: str
    ) -> tuple[Conditions, None]:
        """All of them."""
        return rows, None

    def windowed(self, before: Conditions, after: Conditions) -> None:
        """Values stay what they are."""

    def settled(self, rows: Conditions) -> tuple[Conditions, None]:
        """Values stay what they are."""
        return rows, None

    def limited(
        self,
        rows: Conditions,
        order: Sequence[Origin],
        limit: str,
        counts: Sequence[Origin] = (),
    ) -> Conditions:
        """And the order, and what says how many."""
        return rows | frozenset(order) | frozenset(counts)

    def marked(self, rows: Conditions, what: str) -> Conditions:
        """Constants choose the rows."""
        return rows

    def exploded(self, rows: Conditions, argument: Origin, what: str) -> Conditions:
        """How many elements there are decides how many rows there are."""
        return rows | {argument}

    def combined_rows(
        self,
        how: str,
        left: Conditions,
        right: Conditions,
        values: Sequence[tuple[Origin, Origin]],
    ) -> Conditions:
        """UNION ALL only appends; the others compare whole rows."""
        compared = () if how == "union all" else [value for pair in values for value in pair]
        return left | right | frozenset(compared)
