"""Joins and filters of the fingerprint algebra: which of them keep, drop or only look up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analyticsops.sql.canonical_rows import CanonicalRows, Text
from analyticsops.sql.canonical_sets import SetForms
from analyticsops.sql.forms import FALSE, atom, digest
from analyticsops.sql.logic import Partner
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.text_logic import Use

NOTHING = "nothing"
"""The unit of an outer join that never finds anything."""

_MOST_KEYS = 16
"""Of one product: tables with two keys each have very many together."""


class _Joined(NamedTuple):
    """A table that EXISTS joins.

    Attributes:
        leaf: the table, in a use that nothing else is.
        conditions: what EXISTS asks for, said of that use.
        tables: all tables below it.
        uses: the number of the use.
    """

    leaf: str
    conditions: list[str]
    tables: frozenset[Use]
    uses: int


class JoinForms(SetForms):
    """What joins and filters make of rows."""

    def __init__(self, logic: RowLogic, *, with_rows: bool) -> None:
        super().__init__(logic)
        self._with_rows = with_rows
        self._outer: dict[str, str] = {}
        """That an outer join finds no partner -> its leaf."""

    @property
    def partners(self) -> Mapping[str, str]:
        """What outer joins look up, by their units."""
        return {unit: partner.leaf for unit, partner in self.logic.partners.items()}

    # -- joins ---------------------------------------------------------------------

    def joined(
        self, left: CanonicalRows, right: CanonicalRows, how: str, conditions: Sequence[Text]
    ) -> CanonicalRows:
        """Inner joins are products with predicates; outer ones are units of their own,
        unless they only look something up."""
        on = self.conditions(conditions)
        left, right = self.packed(left), self.packed(right)
        both = CanonicalRows(
            bases=left.bases | right.bases,
            filters=left.filters | right.filters,
            uses=max(left.uses, right.uses),
            tables=left.tables | right.tables,
            known=left.known and right.known and all(c.text is not None for c in conditions),
        )
        if how in ("semi", "anti"):
            exists = self.logic.exists(self.text(right.as_set), on)
            made = both._replace(
                leaves=left.leaves,
                predicates=left.predicates,
                keys=left.keys,
                matches=left.matches,
            )
            asked = self.logic.as_filter(exists) if how == "semi" else self.logic.negation(exists)
            return self._asked(made, self.logic.conjuncts([asked]))
        if how in ("inner", "cross") and (side := self._looked_up(left, right, on)):
            kept, other = (left, right) if side == "right" else (right, left)
            exists = self.logic.exists(self.text(other.as_set), on)
            return both._replace(
                leaves=kept.leaves,
                predicates=kept.predicates | self.logic.conjuncts([self.logic.as_filter(exists)]),
                keys=kept.keys,
                matches=kept.matches,
                unit=digest(self._partner(other, on)),
                lookup=side,
            )
        if how in ("inner", "cross", "lateral"):
            keys, matches = self._keys_of_both(left, right, on)
            return both._replace(
                leaves=tuple(sorted((*left.leaves, *right.leaves))),
                predicates=left.predicates | right.predicates | on,
                keys=keys,
                matches=matches,
            )
        if how in ("left", "right"):
            kept, other = (left, right) if how == "left" else (right, left)
            return self._outer_joined(both, kept, other, on)
        unit = self.forms.form(atom(how), self.text(left), self.text(right), *sorted(on))
        return both._replace(leaves=(unit,), unit=digest(unit))

    def _keys_of_both(
        self, left: CanonicalRows, right: CanonicalRows, on: frozenset[str]
    ) -> tuple[frozenset[frozenset[str]], frozenset[frozenset[str]]]:
        """Keys, and matches, of one side if the other only looks something up, else of both
        sides together."""
        keys: set[frozenset[str]] = set()
        matches: set[frozenset[str]] = set()
        for kept, other in ((left, right), (right, left)):
            needed = self.needed_for(_any_key(other), self._fixed(other.tables, on))
            if needed is None or not other.known:
                continue
            for key in _any_key(kept) if needed else ():
                self._resting[key] = self.rests_on(key) | needed
            keys |= kept.keys
            matches |= kept.matches
        if not (keys or matches):
            keys = {one | other for one in left.keys for other in right.keys}
            matches = {one | other for one in _any_key(left) for other in _any_key(right)}
        return _fewest(keys), _fewest(matches - keys)

    def _outer_joined(
        self, both: CanonicalRows, kept: CanonicalRows, other: CanonicalRows, on: frozenset[str]
    ) -> CanonicalRows:
        made = both._replace(leaves=kept.leaves, predicates=kept.predicates)
        if FALSE in on or other.empty:
            return made._replace(keys=kept.keys, matches=kept.matches, unit=NOTHING)
        leaf = self._partner(other, on)
        unit = digest(leaf)
        fixed = self._fixed(other.tables, on)
        missing = self.logic.negation(self.logic.exists(self.text(other.as_set), on))
        if self._with_rows:
            self.logic.partners[unit] = Partner(leaf, missing, fixed)
            self._outer[missing] = leaf
        if self._is_unique(other, fixed):
            return made._replace(keys=kept.keys, matches=kept.matches, unit=unit)
        return made._replace(leaves=tuple(sorted((*kept.leaves, leaf))), unit=unit)

    def _partner(self, other: CanonicalRows, on: frozenset[str]) -> str:
        """What an outer join adds to the rows of the side that it keeps."""
        return self.forms.form("outer", self.text(other), *sorted(on))

    def _looked_up(self, left: CanonicalRows, right: CanonicalRows, on: frozenset[str]) -> str:
        """The side of an inner join that has at most one row for each of the other."""
        sides = [
            side
            for side, other, kept in (("left", left, right), ("right", right, left))
            if kept.leaves and self._is_grouped(other, self._fixed(other.tables, on))
        ]
        # One to one: the same one wherever it is written.
        if len(sides) == 2:
            return "left" if self.text(left) > self.text(right) else "right"
        return sides[0] if sides else ""

    def _is_grouped(self, other: CanonicalRows, fixed: frozenset[str]) -> bool:
        """The same by the query itself. Tables with a promised key stay in the product, as
        they are where WHERE and not ON fixes the key."""
        keys = [key for key in other.keys if not self.rests_on(key)]
        return other.known and self.holds_key(keys, fixed)

    def _is_unique(self, other: CanonicalRows, fixed: frozenset[str]) -> bool:
        """True if all values of a key are fixed."""
        return other.known and self.holds_key(_any_key(other), fixed)

    def _fixed(self, own: frozenset[Use], on: frozenset[str]) -> frozenset[str]:
        """Values that ON equates with something of others than these tables, so that none of
        them is NULL where there is a partner."""
        fixed = set()
        for text in on:
            if self.forms.how(text) == "eq":
                one, two = self.forms.parts(text)
                for value, by in ((one, two), (two, one)):
                    if self.logic.is_plain(by) and own.isdisjoint(self.logic.tables_used(by)):
                        fixed.add(value)
        return frozenset(fixed)

    # -- filters -----------------------------------------------------------------

    def filtered(self, rows: CanonicalRows, condition: Text) -> CanonicalRows:
        """More predicates."""
        asked = self.conditions([condition])
        leaves = [*rows.leaves]
        for part in asked:  # without a partner, the row is there once
            if part in self._outer and self._outer[part] in leaves:
                leaves.remove(self._outer[part])
        made = rows._replace(
            leaves=tuple(leaves),
            filters=rows.filters | asked,
            known=rows.known and condition.text is not None,
            repeated=None,
            merge=None,
        )
        return self._asked(made, asked)

    def _asked(self, rows: CanonicalRows, predicates: Iterable[str]) -> CanonicalRows:
        """The rows for which these hold. EXISTS over a table of which there is one row at
        the most is a join with it."""
        for predicate in sorted(predicates):
            joined = self._joined_by(predicate, rows)
            if joined is None:
                rows = rows._replace(predicates=rows.predicates | {predicate})
                continue
            rows = rows._replace(
                leaves=tuple(sorted((*rows.leaves, joined.leaf))),
                predicates=rows.predicates | self.logic.conjuncts(joined.conditions),
                bases=rows.bases | self.tables_below(joined.leaf),
                tables=rows.tables | joined.tables,
                uses=max(rows.uses, joined.uses),
            )
        return rows

    def _joined_by(self, predicate: str, rows: CanonicalRows) -> _Joined | None:
        """The table of an EXISTS that fixes a promised key of it."""
        if self.forms.how(predicate) != "exists":
            return None
        leaves, conditions = self.logic.product(self.forms.parts(predicate)[0])
        below = self.tables_below(leaves[0]) if len(leaves) == 1 else frozenset()
        inside = self.logic.inside(predicate)
        if len(below) != 1 or inside is None:
            return None
        (leaf,), (ident,) = leaves, below
        fixed = self._fixed(inside, frozenset(conditions))
        if not self.holds_key(self._promised_of(ident, leaf), fixed):
            return None
        uses = rows.uses + 1 if ident in rows.bases else 0
        number = str(uses) if uses else ""
        found = [self.logic.relabelled(text, leaf, number) for text in conditions]
        new = [text for text in found if text is not None]
        table = self.logic.used(number, self.logic.uses(leaf)[1])
        tables = inside | {self.logic.table(table)}
        return _Joined(table, new, tables, uses) if len(new) == len(found) else None

    def _promised_of(self, ident: str, leaf: str) -> list[frozenset[str]]:
        """The keys that somebody promises of a table, in this use of it."""
        numbers, _ = self.logic.uses(leaf)
        found = []
        for key, (owner, names) in list(self.promised.items()):
            if owner == ident and all(self.forms.how(text) == "column" for text in key):
                for number in reversed(numbers):
                    key = frozenset(self.logic.used(number, text) for text in key)
                self.promised[key] = (owner, names)
                found.append(key)
        return found

    def tables_below(self, leaf: str) -> frozenset[str]:
        """The id of the table that a leaf is, in whichever use."""
        found = self.idents.get(self.logic.uses(leaf)[1])
        return frozenset() if found is None else frozenset({found})


def _fewest(keys: Iterable[frozenset[str]]) -> frozenset[frozenset[str]]:
    """As many keys as anybody may ask for, of the fewest values."""
    return frozenset(sorted(keys, key=lambda key: (len(key), sorted(key)))[:_MOST_KEYS])


def _any_key(rows: CanonicalRows) -> frozenset[frozenset[str]]:
    return rows.keys | rows.matches
