"""Which type holds the values of two others."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from analyticsops.sql.types.sqltype import NULL, SqlType

Widen: TypeAlias = Callable[[SqlType, SqlType], SqlType | None]

NUMBERS = frozenset({"decimal", "float", "integer"})
"""Families of numbers."""


def wider_nested(left: SqlType, right: SqlType, widen: Widen) -> SqlType | None:
    """Arrays, maps and structs of the same fields, part by part."""
    if left.name != right.name or len(left.of) != len(right.of) or not left.of:
        return None
    if [name.lower() for name in left.fields] != [name.lower() for name in right.fields]:
        return None
    parts: list[SqlType] = []
    for one, other in zip(left.of, right.of, strict=True):
        part = other if one == NULL else one if other in (NULL, one) else widen(one, other)
        if part is None:
            return None
        parts.append(part)
    return SqlType(left.name, (), tuple(parts), left.fields)
