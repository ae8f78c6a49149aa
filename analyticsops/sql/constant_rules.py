"""What is known of constants without asking an engine.

Only integers that every engine keeps in 32 bits are calculated with, so that no result
overflows or has another type in one engine than in another.
"""

from __future__ import annotations

import re

from analyticsops.sql.forms import FALSE, NULL, TRUE, Forms, is_literal

_LARGEST = 2**31 - 1
_WHOLE = re.compile(r"-?\d{1,10}")
_PLAIN = re.compile(r"'[a-z0-9]+'")
"""Texts of which no collation calls two equal, unless it ignores what they differ in."""


def integer(text: str) -> int | None:
    """The number that a text is; None for anything else."""
    if _WHOLE.fullmatch(text) is None or abs(int(text)) > _LARGEST:
        return None
    return int(text)


def calculated(how: str, left: str, right: str, *, whole: bool = False) -> str | None:
    """``left + right`` and its like; None if it is not known.

    Args:
        how: ``add``, ``sub``, ``mul`` or ``div``.
        whole: integers are divided without a rest.
    """
    if NULL in (left, right):
        return NULL
    a, b = integer(left), integer(right)
    if a is None or b is None:
        return None
    if how == "div":
        return str(a // b) if whole and b > 0 and a >= 0 else None
    result = {"add": a + b, "sub": a - b, "mul": a * b}[how]
    return str(result) if abs(result) <= _LARGEST else None


def compared(how: str, left: str, right: str) -> str | None:
    """TRUE, FALSE or NULL for ``eq``, ``neq``, ``lt`` or ``lte`` of two constants; None if
    it is not known."""
    if NULL in (left, right):
        return NULL
    a, b = integer(left), integer(right)
    if a is None or b is None:
        if how in ("eq", "neq") and _PLAIN.fullmatch(left) and _PLAIN.fullmatch(right):
            return TRUE if (left == right) == (how == "eq") else FALSE
        return None
    holds = {"eq": a == b, "neq": a != b, "lt": a < b, "lte": a <= b}[how]
    return TRUE if holds else FALSE


def is_constant(text: str, forms: Forms) -> bool:
    """True for what is the same for all rows, whatever they are."""
    how, parts = forms.how(text), forms.parts(text)
    if how in ("cast", "add", "sub", "mul", "and", "or", "not", "eq", "neq", "lt", "lte"):
        return all(is_constant(part, forms) for part in (parts[:1] if how == "cast" else parts))
    return is_literal(text) or text in (TRUE, FALSE, NULL)


def never_null(text: str) -> bool:
    """True for constants that are not NULL; to Oracle an empty text is."""
    return (is_literal(text) and text != "''") or text in (TRUE, FALSE)
