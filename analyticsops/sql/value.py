"""Values and rows of the lineage algebra, as bit sets.

A value is a tuple of integer bit sets over the query's base columns. References pass
it on as it is, a union is ``|``, an aggregation moves bits from one set to another:
the cost of a wide query is a few machine words per reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Value(NamedTuple):
    """Bit sets over base columns, one per kind; ``problems`` is one over problems and
    ``tables`` one over tables whose rows decide about the value (those of subqueries)."""

    identity: int = 0
    transformation: int = 0
    aggregation: int = 0
    conditional: int = 0
    window: int = 0
    problems: int = 0
    tables: int = 0

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

    @property
    def columns(self) -> int:
        """Every base column that takes part in any way."""
        return self.join | self.filter | self.group | self.sort


def union(values: Sequence[Value]) -> Value:
    """All of them together."""
    i = t = a = c = w = p = r = 0
    for value in values:
        i |= value.identity
        t |= value.transformation
        a |= value.aggregation
        c |= value.conditional
        w |= value.window
        p |= value.problems
        r |= value.tables
    return Value(i, t, a, c, w, p, r)


def union_rows(left: Rows, right: Rows) -> Rows:
    """Both together."""
    return Rows(*(a | b for a, b in zip(left, right, strict=True)))


def transformed(value: Value) -> Value:
    """The value after something was computed from it."""
    return Value(
        0,
        value.identity | value.transformation,
        value.aggregation,
        value.conditional,
        value.window,
        value.problems,
        value.tables,
    )
