"""Values and rows of the lineage algebra, as single integers.

A value is a bit set over (base column, kind): base ``n`` owns the bits from
``n * SLOTS``, one per kind. A union is one ``|``, and what becomes of an input when
something is built on it is a shift of the bits of some kinds. The last two places of
each base stand for tables (whose rows decide about a value) and problems, which are
numbered on their own. Rows are values too: they hold join, filter, group and sort bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from analyticsops.sql.facts import PACKED, SLOTS, Kind

Value: TypeAlias = int
Rows: TypeAlias = int

MAX_BASES = 65_536
"""Columns that one query may read; beyond this it is not analysed."""

_EACH = ((1 << SLOTS * MAX_BASES) - 1) // ((1 << SLOTS) - 1)

_IDENTITY, _CAST, _TRANSFORMATION, _MASKED, _AGGREGATION, _COUNT, _CONDITIONAL, _WINDOW = range(8)
_JOIN, _FILTER, _GROUP, _SORT, TABLE, PROBLEM = range(8, SLOTS)

_IDENTITIES = _EACH << _IDENTITY
_CASTS = _EACH << _CAST
_TRANSFORMED = _EACH << _TRANSFORMATION
_PLAIN = _IDENTITIES | _CASTS | _TRANSFORMED
_READABLE = _PLAIN | _EACH << _AGGREGATION
_DIRECT = _READABLE | _EACH << _MASKED | _EACH << _COUNT
_COLUMNS = _DIRECT | _EACH << _CONDITIONAL | _EACH << _WINDOW
_ROW_KINDS = _EACH << _JOIN | _EACH << _FILTER | _EACH << _GROUP | _EACH << _SORT
_TABLES = _EACH << TABLE
_PROBLEMS = _EACH << PROBLEM
_BESIDES = _TABLES | _PROBLEMS

assert PACKED[_SORT] is Kind.SORT  # both count the same places


def bit(place: int, slot: int = _IDENTITY) -> Value:
    """The set of one base (or table, or problem) in one kind."""
    return 1 << place * SLOTS + slot


def union(values: Iterable[Value]) -> Value:
    """All of them together."""
    result = 0
    for value in values:
        result |= value
    return result


# -- what becomes of a value when something is built on it ---------------------------


def cast(value: Value) -> Value:
    """Only the type changes."""
    moved = value & _IDENTITIES
    return (value ^ moved) | moved << _CAST


def transformed(value: Value) -> Value:
    """Something is computed from it."""
    same, casts = value & _IDENTITIES, value & _CASTS
    return (value ^ same ^ casts) | same << _TRANSFORMATION | casts << _TRANSFORMATION - _CAST


def masked(value: Value) -> Value:
    """A hash or a redaction of it."""
    moved = value & _READABLE
    return (value ^ moved) | _gathered(moved) << _MASKED


def aggregated(value: Value) -> Value:
    """An aggregate over it."""
    moved = value & _PLAIN
    return (value ^ moved) | _gathered(moved) << _AGGREGATION


def counted(value: Value) -> Value:
    """How many there are of it."""
    moved = value & _DIRECT
    return (value ^ moved) | _gathered(moved) << _COUNT


def condition(value: Value) -> Value:
    """It decides which value there is."""
    return _gathered(value & _COLUMNS) << _CONDITIONAL | value & _BESIDES


def window(value: Value) -> Value:
    """It divides or sorts the rows of a window."""
    return _gathered(value & _COLUMNS) << _WINDOW | value & _BESIDES


def _gathered(value: Value) -> Value:
    """One bit at the first place of each base that has any bit in the places of kinds.

    The shifts carry bits into the base below, but never as far as its first place.
    (Differences are written with ``^``: ``~`` would copy a whole mask.)
    """
    value |= value >> 4
    value |= value >> 2
    value |= value >> 1
    return value & _EACH


# -- what decides about rows -----------------------------------------------------------


def joining(value: Value) -> Rows:
    """Rows are joined by it. Doubts about a value are doubts about the rows."""
    return _gathered(value & _COLUMNS) << _JOIN | value & _BESIDES


def filtering(value: Value) -> Rows:
    """Rows are filtered by it."""
    return _gathered(value & _COLUMNS) << _FILTER | value & _BESIDES


def grouping(value: Value) -> Rows:
    """Rows are grouped by it."""
    return _gathered(value & _COLUMNS) << _GROUP | value & _BESIDES


def sorting(value: Value) -> Rows:
    """Rows are sorted by it, and a limit follows."""
    return _gathered(value & _COLUMNS) << _SORT | value & _BESIDES


def deciding(rows: Rows) -> Value:
    """What decides about rows as what decides about a value: a subquery's rows."""
    rest = rows & _BESIDES
    value = (rows ^ rest) >> _JOIN
    value |= value >> 2
    value |= value >> 1
    return (value & _EACH) << _CONDITIONAL | rest


# -- reading -----------------------------------------------------------------------------


def besides(value: Value) -> Value:
    """Its tables and problems alone."""
    return value & _BESIDES


def is_bare(value: Value) -> bool:
    """True if it is one base column (or field of one) as it is, and nothing else."""
    return value != 0 and value & (value - 1) == 0 and value & _IDENTITIES != 0


def positions(value: Value) -> Iterator[int]:
    """The places of the bits, lowest first."""
    while value:
        low = value & -value
        yield low.bit_length() - 1
        value ^= low


def codes(value: Value) -> list[int]:
    """The bits of kinds, lowest first: ``base * SLOTS + kind``."""
    value ^= value & _BESIDES
    found = []
    while value:
        low = value & -value
        found.append(low.bit_length() - 1)
        value ^= low
    return found


def used_places(value: Value) -> list[int]:
    """The bases that have any bit of any kind."""
    value = _kinds_gathered(value ^ (value & _BESIDES))
    return [n // SLOTS for n in codes(value)]


def _kinds_gathered(value: Value) -> Value:
    """One bit at the first place of each base that has a bit of any of the twelve kinds."""
    rows = value & _ROW_KINDS
    return _gathered(value ^ rows) | _gathered(rows >> _JOIN)


def places(value: Value, slot: int) -> tuple[int, ...]:
    """The numbers of the tables or problems in it."""
    chosen = value & (_TABLES if slot == TABLE else _PROBLEMS)
    return tuple(n // SLOTS for n in positions(chosen)) if chosen else ()


class Struct(int):
    """A value whose fields are known: ``{'a': x}``. Whatever is computed from it is a
    plain value again, because the operators of integers make integers."""

    fields: Mapping[str, Value]


def with_fields(value: Value, fields: Mapping[str, Value]) -> Struct:
    """A value that remembers what its fields are."""
    made = Struct(value)
    made.fields = fields
    return made
