"""Joins and filters of the fingerprint algebra: which of them keep, drop or only look up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analyticsops.sql.canonical_rows import CanonicalRows, RowForms, Text
from analyticsops.sql.forms import NULL, Forms, atom, digest


class _Outer(NamedTuple):
    """A LEFT JOIN.

    Attributes:
        leaf: its text among the leaves.
        missing: the predicate that there is no partner.
        fixed: values of the joined side that are not NULL if there is one.
    """

    leaf: str
    missing: str
    fixed: frozenset[str]


class JoinForms(RowForms):
    """What joins and filters make of rows."""

    def __init__(self, forms: Forms, dialect: str) -> None:
        super().__init__(forms, dialect)
        self._outer: dict[str, _Outer] = {}
        """LEFT JOINs by their units."""

    @property
    def partners(self) -> Mapping[str, str]:
        """What outer joins look up, by their units."""
        return {unit: outer.leaf for unit, outer in self._outer.items()}

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
            return self._asked(made, {exists if how == "semi" else self.logic.negation(exists)})
        if how == "inner" and (side := self._looked_up(left, right, on)):
            kept, other = (left, right) if side == "right" else (right, left)
            exists = self.logic.exists(self.text(other.as_set), on)
            return both._replace(
                leaves=kept.leaves,
                predicates=kept.predicates | {exists},
                keys=kept.keys,
                matches=kept.matches,
                unit=digest(self._partner(other, on)),
                lookup=side,
            )
        if how in ("inner", "cross", "lateral"):
            return both._replace(
                leaves=tuple(sorted((*left.leaves, *right.leaves))),
                predicates=left.predicates | right.predicates | on,
                keys=frozenset(one | other for one in left.keys for other in right.keys),
            )
        if how in ("left", "right"):
            kept, other = (left, right) if how == "left" else (right, left)
            leaf = self._partner(other, on)
            unit = digest(leaf)
            exists = self.logic.exists(self.text(other.as_set), on)
            fixed = self._fixed(other, kept, on)
            self._outer[unit] = _Outer(leaf, self.logic.negation(exists), fixed)
            made = both._replace(leaves=kept.leaves, predicates=kept.predicates, unit=unit)
            if self._is_unique(other, fixed):
                return made._replace(keys=kept.keys, matches=kept.matches)
            return made._replace(leaves=tuple(sorted((*kept.leaves, leaf))))
        unit = self.forms.form(atom(how), self.text(left), self.text(right), *sorted(on))
        return both._replace(leaves=(unit,), unit=digest(unit))

    def _partner(self, other: CanonicalRows, on: frozenset[str]) -> str:
        """What an outer join adds to the rows of the side that it keeps."""
        return self.forms.form("outer", self.text(other), *sorted(on))

    def _looked_up(self, left: CanonicalRows, right: CanonicalRows, on: frozenset[str]) -> str:
        """The side of an inner join that has at most one row for each of the other."""
        sides = [
            side
            for side, other, kept in (("left", left, right), ("right", right, left))
            if kept.leaves and self._is_grouped(other, self._fixed(other, kept, on))
        ]
        # One to one: the same one wherever it is written.
        if len(sides) == 2:
            return "left" if self.text(left) > self.text(right) else "right"
        return sides[0] if sides else ""

    def _is_grouped(self, other: CanonicalRows, fixed: frozenset[str]) -> bool:
        """The same by the query itself. Tables with a promised key stay in the product, as
        they are where WHERE and not ON fixes the key."""
        keys = [key for key in other.keys if key and not any(p <= key for p in self.promised)]
        return other.known and self.holds_key(keys, fixed)

    def _is_unique(self, other: CanonicalRows, fixed: frozenset[str]) -> bool:
        """True if all values of a key are fixed."""
        keys = [key for key in (*other.keys, *other.matches) if key]
        return other.known and self.holds_key(keys, fixed)

    def _fixed(
        self, other: CanonicalRows, kept: CanonicalRows, on: frozenset[str]
    ) -> frozenset[str]:
        """Values that ON equates with something of other tables, so that none of them is
        NULL where there is a partner."""
        use = ""
        if not other.bases.isdisjoint(kept.bases):
            use = self._use_of(other, kept)
            if not use:
                return frozenset()
        tables = frozenset(map(atom, other.bases))
        fixed = set()
        for text in on:
            if self.forms.how(text) == "eq":
                one, two = self.forms.parts(text)
                for value, by in ((one, two), (two, one)):
                    apart = (
                        not self._speaks_of(by, use)
                        if use
                        else tables.isdisjoint(self.logic.tables_in(by))
                    )
                    if apart and self._is_plain(by):
                        fixed.add(value)
        return frozenset(fixed)

    def _use_of(self, rows: CanonicalRows, others: CanonicalRows) -> str:
        """The number of the use of tables that all texts of these rows speak of, and none of
        the others'; empty if there is none."""
        numbers = set(map(self._use_number, rows.leaves))
        use = numbers.pop() if len(numbers) == 1 else ""
        return "" if use in map(self._use_number, others.leaves) else use

    def _use_number(self, leaf: str) -> str:
        return self.forms.parts(leaf)[0] if self.forms.how(leaf) == "use" else ""

    def _speaks_of(self, text: str, use: str) -> bool:
        """True if some part of it is of that use. Uses inside of another one are its own."""
        stack = [text]
        while stack:
            part = stack.pop()
            if self.forms.how(part) != "use":
                stack += self.forms.parts(part)
            elif self.forms.parts(part)[0] == use:
                return True
        return False

    def _is_plain(self, text: str) -> bool:
        """True for what reads columns only: no elements, rows or queries."""
        how = self.forms.how(text)
        if how in ("", "column"):
            return True
        if how in ("element", "query", "exists", "row", "over", "window", "cell"):
            return False
        return all(map(self._is_plain, self.forms.parts(text)))

    # -- filters -----------------------------------------------------------------

    def filtered(self, rows: CanonicalRows, condition: Text) -> CanonicalRows:
        """More predicates."""
        asked = self.conditions([condition])
        leaves, found = [*rows.leaves], set()
        for part in asked:
            outer = self._without_partner(part)
            found.add(part if outer is None else outer.missing)
            if outer is not None and outer.leaf in leaves:
                leaves.remove(outer.leaf)
        made = rows._replace(
            leaves=tuple(leaves),
            filters=rows.filters | found,
            known=rows.known and condition.text is not None,
            repeated=None,
            merge=None,
        )
        return self._asked(made, found)

    def _asked(self, rows: CanonicalRows, predicates: Iterable[str]) -> CanonicalRows:
        """The rows for which these hold. EXISTS over a table of which there is one row at
        the most is a join with it, unless it is read a second time: which of the two a
        column is of would not be told apart."""
        joined = [(predicate, self._joined_by(predicate)) for predicate in sorted(predicates)]
        counts = Counter(table[0] for _, table in joined if table is not None)
        for predicate, table in joined:
            below = self.tables_below(table[0]) if table is not None else frozenset()
            if table is None or counts[table[0]] > 1 or not rows.bases.isdisjoint(below):
                rows = rows._replace(predicates=rows.predicates | {predicate})
                continue
            leaf, conditions = table
            rows = rows._replace(
                leaves=tuple(sorted((*rows.leaves, leaf))),
                predicates=rows.predicates | self.logic.conjuncts(conditions),
                bases=rows.bases | below,
            )
        return rows

    def _joined_by(self, predicate: str) -> tuple[str, list[str]] | None:
        """(the table, conditions) of an EXISTS that fixes a promised key of it."""
        if self.forms.how(predicate) != "exists":
            return None
        leaves, conditions = self.logic.product(self.forms.parts(predicate)[0])
        tables = self.tables_below(leaves[0]) if len(leaves) == 1 else frozenset()
        if len(tables) != 1:
            return None
        table = CanonicalRows(bases=tables)
        fixed = self._fixed(table, CanonicalRows(), frozenset(conditions))
        (ident,) = tables
        keys = [key for key, (owner, _) in self.promised.items() if owner == ident]
        return (leaves[0], conditions) if self.holds_key(keys, fixed) else None

    def tables_below(self, leaf: str) -> frozenset[str]:
        """The id of the table that a leaf is, in whichever use."""
        while self.forms.how(leaf) == "use":
            leaf = self.forms.parts(leaf)[1]
        found = self.idents.get(leaf)
        return frozenset() if found is None else frozenset({found})

    def _without_partner(self, condition: str) -> _Outer | None:
        """``LEFT JOIN b ... WHERE b.key IS NULL``: the join of which this keeps the rows
        that have no partner."""
        how, parts = self.forms.how(condition), self.forms.parts(condition)
        if how != "is" or len(parts) != 2 or parts[1] != NULL:
            return None
        if self.forms.how(parts[0]) != "optional":
            return None
        unit, value = self.forms.parts(parts[0])
        outer = self._outer.get(unit)
        return outer if outer is not None and value in outer.fixed else None
