"""SQL types: the same under another name, wider, narrower, or another family."""

from __future__ import annotations

import enum

from sqlglot import exp
from sqlglot.errors import SqlglotError


class TypeChange(enum.StrEnum):
    """What became of a column's type."""

    SAME = "same"
    WIDENED = "widened"
    NARROWED = "narrowed"
    INCOMPATIBLE = "incompatible"


_T = exp.DataType.Type

_INTEGERS = (_T.TINYINT, _T.SMALLINT, _T.INT, _T.BIGINT, _T.INT128)
_FLOATS = (_T.FLOAT, _T.DOUBLE)
_TEXTS = frozenset({_T.TEXT, _T.VARCHAR, _T.CHAR, _T.NVARCHAR, _T.NCHAR})
_DECIMALS = frozenset({_T.DECIMAL, _T.BIGDECIMAL})

_UNBOUNDED = 1 << 40
"""Stands for the length of a text type without one."""


def compare_types(old: str, new: str, dialect: str) -> TypeChange:
    """What a change from one SQL type to another means for who reads the column.

    Types that cannot be parsed are compared as text: different text is incompatible.
    """
    if _plain(old) == _plain(new):
        return TypeChange.SAME
    try:
        before = exp.DataType.build(old, dialect=dialect)
        after = exp.DataType.build(new, dialect=dialect)
    except (SqlglotError, ValueError, RecursionError):
        return TypeChange.INCOMPATIBLE
    if before == after:
        return TypeChange.SAME
    for judge in (_texts, _decimals, _ranked):
        verdict = judge(before, after)
        if verdict is not None:
            return verdict
    return TypeChange.INCOMPATIBLE


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _sizes(data_type: exp.DataType) -> list[int]:
    sizes = [parameter.name for parameter in data_type.expressions]
    return [int(size) for size in sizes if size.isdigit()]


def _ordered(before: int, after: int) -> TypeChange:
    if before == after:
        return TypeChange.SAME
    return TypeChange.WIDENED if after > before else TypeChange.NARROWED


def _texts(before: exp.DataType, after: exp.DataType) -> TypeChange | None:
    if before.this not in _TEXTS or after.this not in _TEXTS:
        return None
    lengths = [(_sizes(t) or [_UNBOUNDED])[0] for t in (before, after)]
    return _ordered(*lengths)


def _decimals(before: exp.DataType, after: exp.DataType) -> TypeChange | None:
    """decimal(p, s): the digits before and after the point may only grow."""
    if before.this not in _DECIMALS or after.this not in _DECIMALS:
        return None
    sizes = [_sizes(before), _sizes(after)]
    if not all(sizes):
        return TypeChange.INCOMPATIBLE  # an engine's default precision is not known here
    (p1, s1), (p2, s2) = [(s[0], s[1] if len(s) > 1 else 0) for s in sizes]
    if (p1 - s1, s1) == (p2 - s2, s2):
        return TypeChange.SAME
    grows = p2 - s2 >= p1 - s1 and s2 >= s1
    return TypeChange.WIDENED if grows else TypeChange.NARROWED


def _ranked(before: exp.DataType, after: exp.DataType) -> TypeChange | None:
    for family in (_INTEGERS, _FLOATS):
        if before.this in family and after.this in family:
            return _ordered(family.index(before.this), family.index(after.this))
    return None
