"""What a walk over a query computes: the walk knows SQL, an algebra knows values.

The walk (:mod:`analyticsops.sql.walk`) resolves names, expands stars, follows CTEs
and joins. What a column *is* meanwhile is up to an algebra: bit sets of source
columns for lineage (:mod:`analyticsops.sql.inputs`), canonical text for
fingerprints (:mod:`analyticsops.sql.canonical`). One walk, several meanings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from sqlglot import exp

from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.relation import Others, Relation

V = TypeVar("V")
R = TypeVar("R")


class Surroundings(Protocol[V, R]):
    """What an expression sees: the scope it stands in."""

    @property
    def dialect(self) -> str:
        """The dialect that the expression is written in."""

    @property
    def rows(self) -> R:
        """The rows that the expression is computed over."""

    @property
    def ungrouped(self) -> R:
        """The rows that its aggregates are computed over."""

    @property
    def windowed(self) -> R:
        """The rows that its windows are over."""

    @property
    def adds_groups(self) -> bool:
        """True if what is known of the rows is not known of all groups."""

    def column(self, node: exp.Column) -> V:
        """The value of a column reference."""

    def query(self, node: exp.Expression) -> Relation[V, R]:
        """The relation of a nested query, which may refer to this scope."""

    def named_window(self, name: str) -> exp.Expression | None:
        """The definition in the WINDOW clause, None if there is none."""

    def everything(self, node: exp.Expression) -> list[V]:
        """The values that a star inside an expression stands for."""

    def names_table(self, node: exp.Column) -> bool:
        """True if what looks like a column behind IN is a table."""

    def dynamic(self, node: exp.Expression) -> V:
        """The value of ``IDENTIFIER(...)``."""

    def by_position(self, node: exp.Expression) -> list[V]:
        """The value of ``#1`` or ``$1``; none for a parameter, which is a constant."""

    def unsupported(self, node: exp.Expression, what: str) -> V:
        """The value of something that is not understood."""


def windows_of(node: exp.Expression, scope: Surroundings[V, R]) -> list[exp.Expression]:
    """A window, and the named ones that it is built on: ``OVER (w ROWS ...)``. One that is
    not defined is left out."""
    found = [node]
    while True:
        alias = found[-1].args.get("alias")
        if not isinstance(alias, exp.Expression):
            return found
        named = scope.named_window(alias.name)
        if named is None or named in found:
            return found
        found.append(named)


class Algebra(Protocol[V, R]):
    """How values and rows are made and combined. All methods are pure."""

    constants: bool
    """Whether constants in VALUES matter; if not, they are not evaluated."""

    calls: bool
    """Whether ``EXPLODE(x)`` in FROM is asked for as a call, and its columns are of that; if
    not, they are elements of `x`."""

    @property
    def tells_rows_apart(self) -> bool:
        """False if :meth:`optional` and :meth:`instance` change nothing."""

    @property
    def nothing(self) -> V:
        """The value of a constant."""

    @property
    def single_row(self) -> R:
        """The rows of a SELECT without FROM."""

    def column(self, table: TableColumns, name: str) -> V:
        """A listed column of a base table."""

    def columns(self, table: TableColumns) -> Sequence[V]:
        """All of them, in order."""

    def demanded(self, table: TableColumns, name: str) -> V:
        """A column that the table must have because the query reads it."""

    def table(self, table: TableColumns) -> R:
        """The rows of a base table."""

    def evaluate(self, node: exp.Expression, scope: Surroundings[V, R]) -> V:
        """The value of an expression."""

    def field(self, value: V, path: str) -> V:
        """A field of a struct."""

    def row_of(
        self, row: Sequence[V], names: Sequence[str] = (), others: Others[V] | None = None
    ) -> V:
        """A whole row taken as one value; ``names`` are those of its columns, if known,
        ``others`` are columns that it may have besides."""

    def fields(self, value: V) -> Mapping[str, V] | None:
        """The fields of a struct by name, if the query itself builds it."""

    def cell(self, values: Sequence[V], position: int, what: str) -> V:
        """A column of VALUES: one of these; ``what`` is the whole clause."""

    def ordered(self, value: V, how: str) -> V:
        """A key of ORDER BY; ``how`` says in which direction and where NULLs go."""

    def either(self, values: Sequence[V], problem: Problem) -> V:
        """One of these, and it is not known which."""

    def faulty(self, problem: Problem) -> V:
        """A value about which nothing is known."""

    def faulty_rows(self, rows: R, problem: Problem) -> R:
        """Rows that depend on something not understood."""

    def merged(self, left: V, right: V, how: str) -> V:
        """The single column that USING makes of two."""

    def equated(self, left: V, right: V) -> V:
        """The condition that USING makes of two columns."""

    def depends(self, join: R, how: str) -> str:
        """The side of a join, ``left``, ``right``, ``full`` or another word for none, whose
        partners decide about the values of the other, see :meth:`optional`; ``how`` is
        what the join says."""

    def optional(self, value: V, join: R) -> V:
        """A value that an outer join may replace by NULL."""

    def instance(self, value: V, number: int, rows: R) -> V:
        """The value in another use of these rows."""

    def instance_rows(self, rows: R, number: int) -> R:
        """The rows in another use."""

    def use_number(self, around: Sequence[R], rows: R) -> int:
        """Which use of its tables ``rows`` is among those ``around``: 0 if no other has
        them, else a number that no other use has, for :meth:`instance`."""

    def joined(self, left: R, right: R, how: str, conditions: Sequence[V]) -> R:
        """``how`` is ``inner``, ``left``, ``right``, ``full``, ``semi``, ``anti``,
        ``cross`` or ``lateral``; or other words, which say what is special, followed by
        one of these."""

    def filtered(self, rows: R, condition: V) -> R:
        """The rows for which the condition holds."""

    def settled(self, rows: R) -> tuple[R, Callable[[V], V] | None]:
        """The rows behind FROM and WHERE, and what becomes of the values over them; None if
        they stay what they are."""

    def regarded(self, rows: R, keys: Sequence[V], how: str) -> tuple[R, Callable[[V], V] | None]:
        """The rows that aggregates of such groups are over, and what becomes of values that
        are computed already; None if they stay what they are."""

    def windowed(self, before: R, after: R) -> Callable[[V], V] | None:
        """What becomes of values whose windows are over other rows than those for which
        they were computed; None if they stay what they are."""

    def grouped(self, rows: R, keys: Sequence[V], how: str) -> R:
        """One row per group; ``how`` names GROUP BY forms that add rows, else ''."""

    def distinct(self, rows: R, keys: Sequence[V], order: Sequence[V]) -> R:
        """One row per distinct key; the order decides which, if there is one."""

    def limited(self, rows: R, order: Sequence[V], limit: str, counts: Sequence[V] = ()) -> R:
        """The first rows in an order; any rows if there is none. ``counts`` are values in the
        limit that queries decide."""

    def marked(self, rows: R, what: str) -> R:
        """The rows after a clause that always chooses the same ones: time travel."""

    def exploded(self, rows: R, argument: V, what: str) -> R:
        """The rows multiplied by the elements of a value."""

    def element(self, rows: R, argument: V, what: str) -> V:
        """One element of a value that is exploded over ``rows``, or a table function's
        column."""

    def combined(self, how: str, left: V, right: V, rows: R) -> V:
        """A column of a set operation with these rows: ``union``, ``union all``, ..."""

    def combined_rows(self, how: str, left: R, right: R, values: Sequence[tuple[V, V]]) -> R:
        """The rows of a set operation over these columns."""
