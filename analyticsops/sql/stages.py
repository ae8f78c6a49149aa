"""The rows of one SELECT, clause by clause, and what becomes of its values meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.relation import Source

V = TypeVar("V")
R = TypeVar("R")

_GROUPS = "groups that are not made yet"


class Stages(Generic[V, R]):
    """Rows on their way from FROM to QUALIFY.

    Attributes:
        rows: those behind the clause that was read last.
        sources: the items of FROM.
        merged: columns that USING made of two.
        adds_groups: GROUP BY makes rows in which keys are NULL: nothing that FROM and WHERE say
            of values is true of them.
    """

    def __init__(self, algebra: Algebra[V, R], rows: R) -> None:
        self.algebra = algebra
        self.rows = rows
        self.sources: list[Source[V, R]] = []
        self.merged: dict[str, V] = {}
        self.adds_groups = False
        self._alias_values: dict[str, V] = {}
        self._ungrouped: R | None = None
        self._windowed: R | None = None

    @property
    def ungrouped(self) -> R:
        """The rows before GROUP BY."""
        return self.rows if self._ungrouped is None else self._ungrouped

    @property
    def windowed(self) -> R:
        """The rows that windows are over: those before QUALIFY."""
        return self.rows if self._windowed is None else self._windowed

    def expect_groups(self) -> None:
        """There will be groups, and windows will be over them: which ones, is known later."""
        self._windowed = self.algebra.marked(self.rows, _GROUPS)

    def group(self, keys: Sequence[V], how: str) -> Callable[[V], V] | None:
        """Make groups of the rows; what becomes of values that are computed already."""
        self._ungrouped, change = self.algebra.regarded(self.rows, keys, how)
        self.rows = self.algebra.grouped(self.rows, keys, how)
        return self._everywhere(change) if self.adds_groups else self._changed(change)

    def window(self) -> Callable[[V], V] | None:
        """GROUP BY and HAVING are done: what becomes of windows over the groups expected."""
        expected, self._windowed = self._windowed, self.rows
        if expected is None:
            return None
        return self._changed(self.algebra.windowed(expected, self.rows))

    def _changed(self, change: Callable[[V], V] | None) -> Callable[[V], V] | None:
        if change is not None:
            self._alias_values = {key: change(v) for key, v in self._alias_values.items()}
        return change

    def settle(self) -> None:
        """All of FROM and WHERE is known: what it says of values is true from here on."""
        self.rows, change = self.algebra.settled(self.rows)
        if not self.adds_groups:
            self._everywhere(change)

    def _everywhere(self, change: Callable[[V], V] | None) -> Callable[[V], V] | None:
        if change is None:
            return None
        for source in self.sources:
            source.relation = source.relation.mapped(change, source.relation.rows)
        self.merged = {key: change(value) for key, value in self.merged.items()}
        return self._changed(change)
