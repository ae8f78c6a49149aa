"""SQL types: the same under another name, wider, narrower, or another family."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


class TypeChange(enum.StrEnum):
    """What became of a column's type."""

    SAME = "same"
    WIDENED = "widened"
    NARROWED = "narrowed"
    INCOMPATIBLE = "incompatible"


# sqlglot's names of types; it is imported when there are two types to compare.
_INTEGERS = ("TINYINT", "SMALLINT", "INT", "BIGINT", "INT128")
_FLOATS = ("FLOAT", "DOUBLE")
_TEXTS = frozenset({"TEXT", "VARCHAR", "CHAR", "NVARCHAR", "NCHAR"})
_DECIMALS = frozenset({"DECIMAL", "BIGDECIMAL"})

_UNBOUNDED = 1 << 40
"""Stands for the length of a text type without one."""


def compare_types(old: str, new: str, dialect: str) -> TypeChange:
    """What a change from one SQL type to another means for who reads the column.

    Types that cannot be parsed are compared as text: different text is incompatible.
    """
    if _plain(old) == _plain(new):
        return TypeChange.SAME
    from analyticsops.sql.fragments import parse_type

    before, after = parse_type(old, dialect), parse_type(new, dialect)
    if before is None or after is None:
        return TypeChange.INCOMPATIBLE
    if before == after:
        return TypeChange.SAME
    for judge in (_texts, _decimals, _ranked):
        verdict = judge(before, after)
        if verdict is not None:
            return verdict
    return TypeChange.INCOMPATIBLE


def _kind(data_type: exp.DataType) -> str:
    return str(data_type.this.name)


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
    if _kind(before) not in _TEXTS or _kind(after) not in _TEXTS:
        return None
    lengths = [(_sizes(t) or [_UNBOUNDED])[0] for t in (before, after)]
    return _ordered(*lengths)


def _decimals(before: exp.DataType, after: exp.DataType) -> TypeChange | None:
    """decimal(p, s): the digits before and after the point may only grow."""
    if _kind(before) not in _DECIMALS or _kind(after) not in _DECIMALS:
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
        if _kind(before) in family and _kind(after) in family:
            return _ordered(family.index(_kind(before)), family.index(_kind(after)))
    return None


def is_nested(text: str) -> bool:
    """True for a type with fields or elements of its own."""
    plain = _plain(text)
    nested = ("struct", "row", "record", "object", "map", "array", "list", "tuple", "nested")
    return plain.endswith("[]") or plain.startswith(
        tuple(f"{word}{end}" for word in nested for end in "(<")
    )
