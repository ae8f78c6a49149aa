"""Canonical texts with other values in the place of some, made canonical again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analyticsops.sql.constant_rules import calculated
from analyticsops.sql.forms import FALSE, NULL

if TYPE_CHECKING:
    from analyticsops.sql.logic import Logic
    from analyticsops.sql.row_logic import RowLogic

_CLOSED = frozenset(
    {
        *("all", "cell", "column", "element", "exists", "explode", "full", "group", "in"),
        *("limit", "marked", "optional", "outer", "over", "packed", "query", "rolled", "rows"),
        *("sealed",),
        *("table", "union all", "use", "window"),
    }
)
"""What speaks of rows of its own, or is a value that is known by its name: it is replaced
as a whole or not at all."""


_STRICT = frozenset({"cast", "div", "neg"})
"""What is NULL if its first part is, besides what :mod:`constant_rules` knows."""


def replaced(
    text: str, values: Mapping[str, str], logic: RowLogic, filled: frozenset[str] = frozenset()
) -> str:
    """The text with each value in the place of another.

    Args:
        filled: values that are not NULL there.
    """
    if not (values or filled):
        return text
    return _replaced(text, values, logic, {}, filled)


def _replaced(
    text: str,
    values: Mapping[str, str],
    logic: RowLogic,
    done: dict[str, str],
    filled: frozenset[str],
) -> str:
    found = values.get(text) or done.get(text)
    if found is not None:
        return found
    how, parts = logic.forms.how(text), logic.forms.parts(text)
    if not parts or how in _CLOSED:
        return text
    new = [_replaced(part, values, logic, done, filled) for part in parts]
    if how == "coalesce" and filled:
        done[text] = logic.coalesce(new, filled)
    elif how == "is" and new[1] == NULL and logic.is_filled(new[0], filled):
        done[text] = FALSE
    else:
        done[text] = text if new == [*parts] else rebuilt(how, new, logic)
    return done[text]


def used(number: str, text: str, logic: RowLogic) -> str:
    """The value or leaf in the n-th use of its rows: what is calculated from columns is
    calculated from those of that use. Without a number it is the only one."""
    if not number:
        return text
    how, parts = logic.forms.how(text), logic.forms.parts(text)
    if how in _CLOSED:
        return logic.forms.form("use", number, text)
    if not parts:
        return text
    return rebuilt(how, [logic.used(number, part) for part in parts], logic)


def relabelled(text: str, leaf: str, number: str, logic: RowLogic) -> str | None:
    """What is said of one use of a base table said of another use of it.

    Args:
        leaf: the table in the use that the text speaks of.
        number: of the other use.

    Returns:
        None if something else in the text may speak of the table, too.
    """
    how, parts = logic.forms.how(text), logic.forms.parts(text)
    numbers, inner = uses(text, logic)
    if logic.forms.how(inner) == "column":
        same = (numbers, logic.forms.parts(inner)[0]) == _table(leaf, logic)
        return used(number, inner, logic) if same else text
    if how in _CLOSED:
        _, table = _table(leaf, logic)
        return None if table in logic.tables_in(text) else text
    if not parts:
        return text
    found = [logic.relabelled(part, leaf, number) for part in parts]
    new = [part for part in found if part is not None]
    return rebuilt(how, new, logic) if len(new) == len(parts) else None


def _table(leaf: str, logic: RowLogic) -> tuple[list[str], str]:
    numbers, table = uses(leaf, logic)
    return numbers, logic.forms.parts(table)[0]


def uses(text: str, logic: Logic) -> tuple[list[str], str]:
    """The numbers of the uses that a value or leaf is in, and it itself."""
    numbers: list[str] = []
    while logic.forms.how(text) == "use":
        number, text = logic.forms.parts(text)
        numbers.append(number)
    return numbers, text


def found_or_null(text: str, unit: str, logic: RowLogic) -> str:
    """What an outer join finds, or NULL: of what is calculated from nothing but NULLs to
    NULL, it is the same calculation with what is found."""
    how, parts = logic.forms.how(text), logic.forms.parts(text)
    if how in _CLOSED or not parts or _of_nulls(text, logic, {}) != NULL:
        return text if text == NULL else logic.forms.form("optional", unit, text)
    return _all_found(text, unit, logic, {})


def _of_nulls(text: str, logic: RowLogic, done: dict[str, str]) -> str:
    """The value where all columns are NULL."""
    how, parts = logic.forms.how(text), logic.forms.parts(text)
    if how in _CLOSED:
        return NULL
    if not parts:
        return text
    if text not in done:
        new = [_of_nulls(part, logic, done) for part in parts]
        made = rebuilt(how, new, logic)
        strict = (how in _STRICT and new[0] == NULL) or NULL in logic.strict_operands(made)
        done[text] = NULL if strict else made
    return done[text]


def _all_found(text: str, unit: str, logic: RowLogic, done: dict[str, str]) -> str:
    how, parts = logic.forms.how(text), logic.forms.parts(text)
    if how in _CLOSED:
        return logic.forms.form("optional", unit, text)
    if not parts:
        return text
    if text not in done:
        new = [_all_found(part, unit, logic, done) for part in parts]
        done[text] = rebuilt(how, new, logic)
    return done[text]


class Rebase:
    """Values with their aggregates (``over``) or windows (``window``) over other rows."""

    def __init__(self, kind: str, before: str, after: str, logic: RowLogic) -> None:
        self._kind, self._before, self._after = kind, before, after
        self._logic = logic
        self._done: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """One of them."""
        if text not in self._done:
            self._done[text] = self._rebased(text)
        return self._done[text]

    def _rebased(self, text: str) -> str:
        forms = self._logic.forms
        how, parts = forms.how(text), forms.parts(text)
        if how in ("over", "window"):
            *inner, rows = parts
            moved = how == self._kind and rows == self._before
            return forms.form(how, *map(self, inner), self._after if moved else rows)
        if not parts or how in _CLOSED:
            return text
        new = [self(part) for part in parts]
        return text if new == [*parts] else rebuilt(how, new, self._logic)


def rebuilt(how: str, parts: Sequence[str], logic: RowLogic) -> str:
    """The form of these parts, as if it had been written with them."""
    if how == "and":
        return logic.conjunction(parts)
    if how == "or":
        return logic.disjunction(parts)
    if how == "not":
        return logic.negation(parts[0])
    if how in ("eq", "neq", "lt", "lte"):
        return logic.compare(how, *parts)
    if how == "is" and parts[1] == NULL:
        return logic.is_null(parts[0])
    if how == "case":
        *flat, default = parts
        return logic.case(list(zip(flat[::2], flat[1::2], strict=True)), default)
    if how == "coalesce":
        return logic.coalesce(parts)
    if how in ("add", "mul", "sub"):
        known = calculated(how, *parts)
        return known or logic.forms.form(how, *(parts if how == "sub" else sorted(parts)))
    return logic.called(how, *parts)
