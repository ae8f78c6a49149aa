"""Conditions that the keys of a group or of a partition decide."""

from __future__ import annotations

from analyticsops.sql.forms import NULL
from analyticsops.sql.implied import IDENTICAL
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.text_logic import Use

_OPAQUE = frozenset(
    {"cell", "column", "element", "exists", "optional", "over", "query", "row", "use", "window"}
)
"""Forms that are not made of the values that stand in them."""


def is_decided(
    condition: str, keys: frozenset[str], logic: RowLogic, inside: frozenset[Use] = frozenset()
) -> bool:
    """True for a condition that is the same for all rows of one group: it compares the keys that
    the rows have in common. A function of them need not be the same, since a collation may call
    texts equal that differ.

    Args:
        inside: tables that the condition has rows of its own of, as EXISTS does.
    """
    how, parts = logic.forms.how(condition), logic.forms.parts(condition)
    if how in ("and", "or", "not"):
        return all(is_decided(part, keys, logic, inside) for part in parts)
    if how == "exists":
        own = logic.inside(condition)
        leaves, asked = logic.product(parts[0])
        if own is None or not all(logic.tables_used(leaf) <= own for leaf in leaves):
            return False
        return all(is_decided(part, keys, logic, inside | own) for part in asked)
    compared = parts if logic.forms.is_comparison(condition) else (condition,)
    if how == "is" and parts[1] == NULL:
        compared = parts[:1]
    return all(_is_shared(part, keys, logic, inside) for part in compared)


def _is_shared(value: str, keys: frozenset[str], logic: RowLogic, inside: frozenset[Use]) -> bool:
    if value in keys or _is_of_identical(value, keys, logic):
        return True
    return logic.tables_used(value) <= inside and not logic.is_aggregated(value)


def _is_of_identical(value: str, keys: frozenset[str], logic: RowLogic) -> bool:
    """True for what is made of keys, of which equal ones are the same, and of constants."""
    if value in keys:
        return logic.family(value) in IDENTICAL
    if logic.forms.how(value) in _OPAQUE:
        return False
    return all(_is_of_identical(part, keys, logic) for part in logic.forms.parts(value))
