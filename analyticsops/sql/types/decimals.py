"""Precision and scale of what is computed from decimals, as each engine documents it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from analyticsops.sql.types.sqltype import SqlType, decimal

Sized: TypeAlias = tuple[int, int]
"""Precision and scale."""

Sizes: TypeAlias = Callable[[str, Sized, Sized], Sized | None]
"""(operator, left, right) -> the size of the result; None if it is not documented."""

UNSIZED = SqlType("DECIMAL")
"""A decimal of a size that is not known."""


def constants_or(otherwise: SqlType) -> Callable[[str], SqlType]:
    """text of a constant -> its type: a decimal of as many digits as are written;
    `otherwise` if there is an exponent, or if those are too many."""

    def constant(text: str) -> SqlType:
        whole, _, fraction = text.partition(".")
        precision = max(len(whole.lstrip("0")) + len(fraction), 1)
        exact = precision <= 38 and "e" not in text.lower()
        return decimal(precision, len(fraction)) if exact else otherwise

    return constant


def sized(kind: SqlType, digits: dict[str, int]) -> Sized | None:
    """Precision and scale of a decimal, or of an integer by its digits; None if the size
    is not known."""
    if kind.name in digits:
        return digits[kind.name], 0
    return (kind.sizes[0], kind.sizes[1]) if len(kind.sizes) == 2 else None


def operated(
    operator: str, left: SqlType, right: SqlType, sizes: Sizes, digits: dict[str, int]
) -> SqlType:
    """What an operation on two decimals, or a decimal and an integer, yields."""
    one, other = sized(left, digits), sized(right, digits)
    if one is None or other is None:
        return UNSIZED
    found = sizes(operator, one, other)
    return decimal(*found) if found is not None else UNSIZED


def wider(left: SqlType, right: SqlType, digits: dict[str, int]) -> SqlType:
    """The decimal that holds both."""
    one, other = sized(left, digits), sized(right, digits)
    if one is None or other is None:
        return UNSIZED
    scale = max(one[1], other[1])
    return decimal(min(max(one[0] - one[1], other[0] - other[1]) + scale, 38), scale)


# -- rules of engines -------------------------------------------------------------


def snowflake(operator: str, left: Sized, right: Sized) -> Sized | None:
    """https://docs.snowflake.com/en/sql-reference/operators-arithmetic"""
    (p1, s1), (p2, s2) = left, right
    before1, before2 = p1 - s1, p2 - s2
    if operator == "*":
        scale, before = min(s1 + s2, max(s1, s2, 12)), before1 + before2
    elif operator == "/":
        scale, before = max(s1, min(s1 + 6, 12)), before1 + s2
    elif operator in ("+", "-"):
        scale, before = max(s1, s2), max(before1, before2) + 1
    else:
        return None
    return min(38, before + scale), scale


def redshift(operator: str, left: Sized, right: Sized) -> Sized | None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html"""
    (p1, s1), (p2, s2) = left, right
    if operator == "*":
        precision, scale = p1 + p2 + 1, s1 + s2
    elif operator == "/":
        scale = max(4, s1 + p2 - s2 + 1)
        precision = p1 - s1 + s2 + scale
    elif operator in ("+", "-"):
        scale = max(s1, s2)
        precision = max(p1 - s1, p2 - s2) + scale + 1
    else:
        return None
    return (precision, scale) if precision <= 38 else None


def spark(operator: str, left: Sized, right: Sized) -> Sized | None:
    """Spark's DecimalPrecision: digits behind the point give way, but not below six."""
    found = _unlimited(operator, left, right)
    if found is None or found[0] <= 38:
        return found
    precision, scale = found
    return 38, max(38 - (precision - scale), min(scale, 6))


def tsql(operator: str, left: Sized, right: Sized) -> Sized | None:
    """Precision, scale, and length (Transact-SQL): digits behind the point give way."""
    found = _unlimited(operator, left, right)
    if found is None or found[0] <= 38:
        return found
    precision, scale = found
    whole = precision - scale
    if operator in ("+", "-"):
        return 38, max(0, scale - (precision - 38))
    return 38, max(38 - whole, min(scale, 6)) if whole > 32 or scale > 6 else scale


def _unlimited(operator: str, left: Sized, right: Sized) -> Sized | None:
    """What holds every result: SQL Server's rules, which Hive and Spark took over."""
    (p1, s1), (p2, s2) = left, right
    if operator == "*":
        return p1 + p2 + 1, s1 + s2
    if operator == "/":
        scale = max(6, s1 + p2 + 1)
        return p1 - s1 + s2 + scale, scale
    scale = max(s1, s2)
    if operator in ("+", "-"):
        return max(p1 - s1, p2 - s2) + scale + 1, scale
    return (min(p1 - s1, p2 - s2) + scale, scale) if operator == "%" else None


def trino(operator: str, left: Sized, right: Sized) -> Sized | None:
    """https://trino.io/docs/current/functions/decimal.html"""
    (p1, s1), (p2, s2) = left, right
    if operator == "*":
        precision, scale = p1 + p2, s1 + s2
    elif operator == "/":
        precision, scale = p1 + s2 + max(0, s2 - s1), max(s1, s2)
    elif operator in ("+", "-"):
        scale = max(s1, s2)
        precision = max(p1 - s1, p2 - s2) + scale + 1
    elif operator == "%":
        scale = max(s1, s2)
        precision = min(p1 - s1, p2 - s2) + scale
    else:
        return None
    return min(precision, 38), scale
