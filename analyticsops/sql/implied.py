"""What a set of conditions that all hold says together: contradictions, what one of them
says of another, and which values are equal.

Conditions here are those of a filter, so each of them is true of every row that is left.
A comparison that is true has no NULL on either side. Of equal values one may stand for
another where their types make equal mean the same: not for texts, which a collation may
call equal, nor for decimals of different scale or for 0.0 and -0.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from analyticsops.sql.constant_rules import compared, integer
from analyticsops.sql.forms import FALSE, NULL, TRUE, Forms, is_literal

_COMPARISONS = ("eq", "neq", "lt", "lte")

IDENTICAL = frozenset({"boolean", "date", "integer", "uuid"})
"""Families of types of which equal values are the same value."""


class Settled(NamedTuple):
    """Conditions in their canonical form.

    Attributes:
        predicates: they, or FALSE alone if they contradict each other.
        values: what each of some values is, where the conditions hold; of the conditions
            themselves that they are true, and their opposites false.
        filled: values that are not NULL there.
    """

    predicates: frozenset[str]
    values: Mapping[str, str]
    filled: frozenset[str] = frozenset()


class Rules(Protocol):
    """What conditions are made with."""

    forms: Forms

    def family(self, text: str) -> str:
        """The family of the type of a value; empty if it is not known."""

    def origin(self, text: str) -> str:
        """The base column that a value is of, in whichever use; empty if it is none."""

    def negation(self, text: str) -> str:
        """NOT of it."""

    def conjuncts(self, parts: Iterable[str]) -> frozenset[str]:
        """The parts of an AND."""

    def replaced(
        self, text: str, values: Mapping[str, str], filled: frozenset[str] = frozenset()
    ) -> str:
        """The text with other values in it, some of which are not NULL."""

    def filled_by(self, conditions: Iterable[str]) -> frozenset[str]:
        """Values that are not NULL where all of these are true."""

    def is_place(self, text: str) -> bool:
        """True for ROW_NUMBER and its like."""

    def compare(self, how: str, left: str, right: str) -> str:
        """A comparison."""

    def as_filter(self, condition: str) -> str:
        """The condition where NULL counts as false."""


def settle(predicates: frozenset[str], rules: Rules) -> Settled:
    """The canonical form of conditions that all hold."""
    values: dict[str, str] = {}
    predicates = rules.conjuncts(_closed_bound(predicate, rules) for predicate in predicates)
    for _ in range(4):  # what is found out about one value may be used of another
        before = predicates
        predicates = _without_implied(predicates, rules)
        if FALSE in predicates:
            return Settled(frozenset({FALSE}), {})
        classes = _Classes(predicates, rules)
        values = classes.values
        predicates = _with_filled(classes.rewritten(predicates), rules)
        if FALSE in predicates:
            return Settled(frozenset({FALSE}), {})
        if predicates == before:
            break
    held = {rules.negation(predicate): FALSE for predicate in predicates}
    held |= dict.fromkeys(predicates, TRUE)
    return Settled(predicates, {**held, **values}, rules.filled_by(predicates))


def _with_filled(predicates: frozenset[str], rules: Rules) -> frozenset[str]:
    """The conditions with what they say of NULL: each that is told something by itself says
    the same again, but for ``x IS NOT NULL``."""
    filled = rules.filled_by(predicates)
    if not filled:
        return predicates
    forms = rules.forms
    found = set()
    for predicate in predicates:
        plain = forms.how(predicate) == "not" and forms.how(forms.parts(predicate)[0]) == "is"
        found.add(predicate if plain else rules.as_filter(rules.replaced(predicate, {}, filled)))
    return rules.conjuncts(found)


def _closed_bound(predicate: str, rules: Rules) -> str:
    """``x > 1`` of integers is ``x >= 2``; a place is 1 at least."""
    closed = _closed(predicate, rules)
    if rules.forms.how(closed) == "lte":
        low, high = rules.forms.parts(closed)
        numbers = integer(low), integer(high)
        if numbers[1] is not None and rules.is_place(low) and numbers[1] <= 1:
            return rules.compare("eq", low, high) if numbers[1] == 1 else FALSE
        if numbers[0] is not None and rules.is_place(high) and numbers[0] <= 1:
            return TRUE
    return closed


def _closed(predicate: str, rules: Rules) -> str:
    if rules.forms.how(predicate) != "lt":
        return predicate
    left, right = rules.forms.parts(predicate)
    for constant, value, step in ((left, right, 1), (right, left, -1)):
        number = integer(constant)
        moved = str(number + step) if number is not None else ""
        if integer(moved) is not None and rules.family(value) == "integer":
            return rules.compare("lte", *((moved, value) if step > 0 else (value, moved)))
    return predicate


# -- what one condition says of another -------------------------------------------------


def _without_implied(predicates: frozenset[str], rules: Rules) -> frozenset[str]:
    """Without conditions that others make sure of; FALSE if one excludes another."""
    forms = rules.forms
    if any(rules.negation(p) in predicates for p in predicates):
        return frozenset({FALSE})
    compared_values = {
        part for p in predicates if forms.how(p) in _COMPARISONS for part in forms.parts(p)
    }
    bounds: dict[str, list[tuple[str, str, bool]]] = {}
    found = set()
    for predicate in predicates:
        how, parts = forms.how(predicate), forms.parts(predicate)
        if how == "is" and parts[1] == NULL and parts[0] in compared_values:
            return frozenset({FALSE})
        if how == "not" and forms.how(parts[0]) == "is":
            inner = forms.parts(parts[0])
            if inner[1] == NULL and inner[0] in compared_values:
                continue
        found.add(predicate)
        if how in _COMPARISONS:
            left, right = parts
            for value, constant, first in ((left, right, False), (right, left, True)):
                if is_literal(constant) and not is_literal(value):
                    bounds.setdefault(value, []).append((predicate, constant, first))
    for group in bounds.values():
        if len(group) > 1:
            implied = _implied(group, forms)
            if implied is None:
                return frozenset({FALSE})
            found -= implied
    return frozenset(found)


def _implied(group: list[tuple[str, str, bool]], forms: Forms) -> set[str] | None:
    """Comparisons of one value with constants that others of them make sure of; None if
    they contradict each other."""
    equal = [(p, constant) for p, constant, _ in group if forms.how(p) == "eq"]
    if equal:
        chosen, value = equal[0]
        implied = set()
        for predicate, constant, first in group:
            pair = (constant, value) if first else (value, constant)
            # Other constants may be equal in the type of what they are compared with.
            numbers = all(integer(side) is not None for side in pair)
            holds = compared(forms.how(predicate), *pair) if numbers else None
            if holds == FALSE:
                return None
            if holds == TRUE and predicate != chosen:
                implied.add(predicate)
        return implied
    low, high = _strictest(group, forms, lower=True), _strictest(group, forms, lower=False)
    kept = {side[0] for side in (low, high) if side is not None}
    beyond = {p for p, constant, _ in group if _is_beyond(p, constant, low, high, forms)}
    if low is not None and high is not None:
        strict = "lt" in (forms.how(low[0]), forms.how(high[0]))
        if low[1] > high[1] or (low[1] == high[1] and strict):
            return None
    bounds = {p for p, _ in _sided(group, forms, True) + _sided(group, forms, False)}
    return (bounds - kept) | beyond


def _is_beyond(
    predicate: str,
    constant: str,
    low: tuple[str, int] | None,
    high: tuple[str, int] | None,
    forms: Forms,
) -> bool:
    """True for ``x <> 0`` where x is at least 1."""
    number = integer(constant)
    if forms.how(predicate) != "neq" or number is None:
        return False
    below = low is not None and (number, forms.how(low[0]) == "lte") < (low[1], True)
    above = high is not None and (-number, forms.how(high[0]) == "lte") < (-high[1], True)
    return below or above


def _sided(group: list[tuple[str, str, bool]], forms: Forms, lower: bool) -> list[tuple[str, int]]:
    """Lower or upper bounds that are integers."""
    found = []
    for predicate, constant, first in group:
        number = integer(constant)
        if forms.how(predicate) in ("lt", "lte") and first == lower and number is not None:
            found.append((predicate, number))
    return found


def _strictest(
    group: list[tuple[str, str, bool]], forms: Forms, *, lower: bool
) -> tuple[str, int] | None:
    def rank(side: tuple[str, int]) -> tuple[int, bool]:
        predicate, number = side
        return (number if lower else -number, forms.how(predicate) == "lt")

    return max(_sided(group, forms, lower), key=rank, default=None)


# -- equal values ---------------------------------------------------------------------


class _Classes:
    """Which values are equal, and which of them stands for the others.

    Attributes:
        values: value -> what may stand for it anywhere.
        compared: value -> what may stand for it where it is only compared with constants.
    """

    def __init__(self, predicates: frozenset[str], rules: Rules) -> None:
        self._rules = rules
        self._forms = rules.forms
        constants: dict[str, str] = {}
        links: list[tuple[str, str]] = []
        self.values: dict[str, str] = {}
        for predicate in sorted(predicates):
            how, parts = self._forms.how(predicate), self._forms.parts(predicate)
            if how == "is" and parts[1] == NULL and rules.family(parts[0]) in IDENTICAL:
                self.values[parts[0]] = NULL
            if how == "eq":
                constant = next((part for part in parts if integer(part) is not None), None)
                if constant is None:
                    links.append((parts[0], parts[1]))
                    continue
                value = parts[0] if parts[1] == constant else parts[1]
                if rules.family(value) == "integer":
                    constants[value] = constant
        self.values.update(self._standing(links, constants, self._same_value))
        self.compared = self._standing(links, {}, self._same_column)
        self.constants = constants

    def _same_value(self, one: str, other: str) -> bool:
        family = self._rules.family(one)
        return family in IDENTICAL and family == self._rules.family(other)

    def _same_column(self, one: str, other: str) -> bool:
        origin = self._rules.origin(one)
        return bool(origin) and origin == self._rules.origin(other)

    def _standing(
        self,
        links: list[tuple[str, str]],
        constants: Mapping[str, str],
        alike: Callable[[str, str], bool],
    ) -> dict[str, str]:
        """Value -> the least of those that it is equal to, or their constant."""
        group: dict[str, set[str]] = {}
        for one, other in links:
            if one != other and alike(one, other):
                joined = group.get(one, {one}) | group.get(other, {other})
                group.update(dict.fromkeys(joined, joined))
        found = dict(constants)
        for members in {id(members): members for members in group.values()}.values():
            known = sorted({constants[m] for m in members if m in constants})
            least = known[0] if known else min(members)
            found.update((value, least) for value in members if value != least)
        return found

    def rewritten(self, predicates: frozenset[str]) -> frozenset[str]:
        """The conditions with what stands for their values; which values are equal is said
        of each value and the one that stands for it."""
        if not self.values and not self.compared:
            return predicates
        rules, forms = self._rules, self._forms
        found = set()
        for value, by in self.values.items():
            found.add(
                forms.form("is", value, NULL) if by == NULL else rules.compare("eq", value, by)
            )
        for value, by in self.compared.items():
            if value not in self.values:
                found.add(rules.compare("eq", value, by))
        for predicate in predicates:
            how, parts = forms.how(predicate), forms.parts(predicate)
            if how == "is" and self.values.get(parts[0]) == NULL:
                continue
            if how == "eq" and self._says_equal(*parts):
                continue
            plain = rules.replaced(predicate, self.values)
            if self._is_comparison(plain):
                plain = rules.replaced(plain, self.compared)
            found.add(rules.as_filter(plain))
        return rules.conjuncts(found)

    def _says_equal(self, one: str, other: str) -> bool:
        """True if that is said by the values that stand for them."""
        for standing in (self.values, self.compared):
            if one in standing or other in standing:
                return standing.get(one, one) == standing.get(other, other)
        return False

    def _is_comparison(self, text: str) -> bool:
        """True for comparisons of values with constants, however they are combined."""
        how, parts = self._forms.how(text), self._forms.parts(text)
        if how in ("and", "or", "not"):
            return all(map(self._is_comparison, parts))
        if how == "is":
            return parts[1] == NULL
        return how in _COMPARISONS and any(is_literal(part) for part in parts)
