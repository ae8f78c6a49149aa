"""DuckDB's numbers: constants, operations, and what two of them take together."""

from __future__ import annotations

from analyticsops.sql.types.sqltype import SqlType, decimal
from analyticsops.sql.types.typed import Typed

DOUBLE, FLOAT = SqlType("DOUBLE"), SqlType("FLOAT")

_SIGNED = ("TINYINT", "SMALLINT", "INT", "BIGINT", "INT128")
_UNSIGNED = ("UTINYINT", "USMALLINT", "UINT", "UBIGINT", "UINT128")
_INTEGERS = (*_SIGNED, *_UNSIGNED)
_DIGITS = dict(zip(_INTEGERS, (3, 5, 10, 19, 38, 3, 5, 10, 20, 38), strict=True))
_BITS = dict(zip(_INTEGERS, (7, 15, 31, 63, 127, 8, 16, 32, 64, 128), strict=True))

_FAST = 18
"""Digits of a decimal in 64 bits: a product stays within them if its factors are."""


def integer(digits: str) -> SqlType:
    """The smallest of INTEGER, BIGINT and HUGEINT that holds a constant."""
    value = int(digits)
    return next((SqlType(name) for name in _SIGNED[2:] if _holds(name, value)), DOUBLE)


def number(text: str) -> SqlType:
    """A decimal of as many digits as are written; DOUBLE if there is an exponent."""
    if "e" in text.lower():
        return DOUBLE
    whole, _, fraction = text.replace("_", "").partition(".")
    precision = len(whole or "0") + len(fraction)
    return decimal(precision, len(fraction)) if precision <= 38 else DOUBLE


def bent(kind: SqlType, value: int) -> SqlType | None:
    """What an integer takes together with a constant: its own type, if that fits."""
    if kind.name not in _BITS:
        return None
    if _holds(kind.name, value):
        return kind
    return _wider_integer(kind.name, integer(str(value)).name)


def wider(left: SqlType, right: SqlType) -> SqlType:
    """What two numbers take together in CASE and UNION."""
    names = {left.name, right.name}
    if names & {"DOUBLE", "FLOAT"}:
        return DOUBLE if "DOUBLE" in names else FLOAT
    if "DECIMAL" not in names:
        return _wider_integer(left.name, right.name)
    (p1, s1), (p2, s2) = _sized(left), _sized(right)
    scale = max(s1, s2)
    return decimal(min(max(p1 - s1, p2 - s2) + scale, 38), scale)


def operated(operator: str, left: Typed, right: Typed) -> SqlType | None:
    """What an operation on two numbers yields."""
    one, other = left.type, right.type
    if one is None or other is None:
        return None
    names = {one.name, other.name}
    if names & {"DOUBLE", "FLOAT"}:
        return DOUBLE if "DOUBLE" in names else FLOAT
    if operator == "/" or (operator == "//" and "DECIMAL" in names):
        return DOUBLE
    if "DECIMAL" in names:
        return _decimals(operator, one, other)
    if right.form == "integer" and not left.form:
        return bent(one, int(right.text))
    if left.form == "integer" and not right.form:
        return bent(other, int(left.text))
    return _operated_integer(one.name, other.name)


def _holds(name: str, value: int) -> bool:
    lowest = -(1 << _BITS[name]) if name in _SIGNED else 0
    return lowest <= value < 1 << _BITS[name]


def _sized(kind: SqlType) -> tuple[int, int]:
    """Precision and scale of a decimal or an integer."""
    if kind.name == "DECIMAL":
        return kind.sizes[0], kind.sizes[1]
    return _DIGITS.get(kind.name, 38), 0


def _wider_integer(left: str, right: str) -> SqlType:
    order = _UNSIGNED if left in _UNSIGNED and right in _UNSIGNED else _SIGNED
    bits = max(_BITS.get(left, 127), _BITS.get(right, 127))
    return next((SqlType(name) for name in order if _BITS[name] >= bits), DOUBLE)


def _operated_integer(left: str, right: str) -> SqlType:
    """Signed with unsigned is BIGINT or more, unless the signed one holds both."""
    if (left in _SIGNED) == (right in _SIGNED):
        return _wider_integer(left, right)
    signed, unsigned = (left, right) if left in _SIGNED else (right, left)
    if unsigned == "UINT128":
        return DOUBLE
    if _BITS[signed] >= _BITS[unsigned]:
        return SqlType(signed)
    return SqlType("INT128" if unsigned == "UBIGINT" else "BIGINT")


def _decimals(operator: str, left: SqlType, right: SqlType) -> SqlType:
    (p1, s1), (p2, s2) = _sized(left), _sized(right)
    if operator == "*":
        precision, scale = p1 + p2, s1 + s2
        if precision > _FAST and max(p1, p2) <= _FAST and scale < _FAST:
            precision = _FAST
        return decimal(min(precision, 38), scale) if scale <= 38 else DOUBLE
    scale, before = max(s1, s2), max(p1 - s1, p2 - s2)
    if operator == "%":
        if {left.name, right.name} & {"INT128", "UINT128"}:
            return DOUBLE
        return decimal(min(before + scale, 38), scale)
    return decimal(min(before + scale + 1, 38), scale)
