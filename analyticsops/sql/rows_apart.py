"""Rows of two versions that are not the same: which values of a row that both have may differ,
although their texts do not.

Equal texts of a column are not enough there: a join that finds another partner, or a window that
chooses another row of each group, gives the same expression other values. Then a column counts
as different unless what differs between the rows can only drop or add some.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analyticsops.sql.aligned import Aligner
from analyticsops.sql.branches import OWN_ROWS, Side
from analyticsops.sql.forms import FALSE, Forms
from analyticsops.sql.over_rows import OverRows, is_one_value
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.self_joins import SelfJoins


class Comparable(NamedTuple):
    """What the texts of both versions are made of.

    Attributes:
        partners: what the outer joins of either look up, by their units.
        over_rows: rewrites windows and aggregates as they are compared.
        self_joins: takes out tables that are read twice for one row.
    """

    forms: Forms
    logic: RowLogic
    partners: Mapping[str, str]
    over_rows: OverRows
    self_joins: SelfJoins


class _Loosened(NamedTuple):
    """Which values of a row may differ, although their texts do not, because rows differ.

    Attributes:
        everything: all of them, but for those in ``spared``.
        spared: texts of values that are the same in all rows among which one is chosen.
        tables: those that read any of these tables (ids as atoms).
        aggregates: those that aggregate.
    """

    everything: bool = False
    spared: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    aggregates: bool = False


def unequal(old: Mapping[str, str | None], new: Mapping[str, str | None]) -> set[str]:
    """Keys of both sides whose texts are not proven equal."""
    return {key for key in old.keys() & new.keys() if not old[key] or old[key] != new[key]}


class Comparer:
    """Looks for the reasons why rows differ."""

    def __init__(self, of: Comparable) -> None:
        self._over_rows = of.over_rows
        self._forms = of.forms
        self._logic = of.logic
        self._aligner = Aligner(of.forms, of.logic, of.partners)

    def loose(self, before: Side, after: Side) -> frozenset[str]:
        """Keys of columns of both whose values may differ for a row that both have."""
        if FALSE in before.predicates or FALSE in after.predicates:
            return frozenset()  # there is none
        return self._between(before, after)

    def _between(self, before: Side, after: Side) -> frozenset[str]:
        before, after = (self._spread(side) for side in (before, after))
        pairs = [self._aligner.branches(side) for side in (before, after)]
        if len(pairs[0]) > 1 or len(pairs[1]) > 1:
            found = self._by_branch(*pairs)
            if found is not None:
                return found
        before, after = self._aligner.align(before, after)
        loosened = self._products(
            (before.leaves, before.predicates), (after.leaves, after.predicates)
        )
        columns = unequal(*self._told_by_both(before, after))
        columns |= {
            key
            for values, others in ((before.values, after.values), (after.values, before.values))
            for key, text in values.items()
            if key in others and text and self._is_loose(text, loosened)
        }
        return frozenset(columns)

    def _is_loose(self, text: str, loosened: _Loosened) -> bool:
        if is_one_value(text, self._logic):
            return False
        if loosened.everything:
            return not self._over_rows.is_steady(text, loosened.spared)
        if loosened.aggregates and self._logic.is_aggregated(text):
            return True
        tables = self._logic.tables_in(text)
        return bool(loosened.tables) and not loosened.tables.isdisjoint(tables)

    def _told_by_both(
        self, before: Side, after: Side
    ) -> tuple[Mapping[str, str | None], Mapping[str, str | None]]:
        """The values, with what the conditions of both sides say of them: rows that both
        have fulfil both."""
        told = before.predicates | after.predicates
        old, new = (
            {key: self._logic.told(text, told) if text else text for key, text in side.items()}
            for side in (before.values, after.values)
        )
        return old, new

    def _spread(self, side: Side) -> Side:
        """DISTINCT and UNION only leave out rows that are there already."""
        while len(side.leaves) == 1 and self._forms.how(side.leaves[0]) == "group":
            how, inner, *keys = self._forms.parts(side.leaves[0])
            texts = [text for text in (*side.values.values(), *side.predicates) if text]
            if how != "''" or not set(side.values.values()) >= set(keys):
                break
            if any(self._logic.is_aggregated(text) for text in texts):
                break
            leaves, predicates = self._logic.product(inner)
            side = side._replace(leaves=tuple(leaves), predicates=side.predicates | set(predicates))
        return side

    def _by_branch(self, before: Sequence[Side], after: Sequence[Side]) -> frozenset[str] | None:
        """The same for the branches of unions: those of one side alone only add rows. None
        if nobody can tell which of them belong together."""
        found: set[str] = set()
        rest, left = [], list(after)
        for branch in before:
            twins = [n for n, other in enumerate(left) if _are_same_rows(branch, other)]
            equal = [n for n in twins if not unequal(branch.values, left[n].values)]
            if not twins:
                rest.append(branch)
                continue
            twin = left.pop((equal or twins)[0])
            found |= unequal(branch.values, twin.values)
        if not rest or not left:
            return frozenset(found)
        if len(rest) == 1 and len(left) == 1:
            return frozenset(found) | self._between(rest[0], left[0])
        return None

    def _products(
        self,
        before: tuple[Sequence[str], Iterable[str]],
        after: tuple[Sequence[str], Iterable[str]],
    ) -> _Loosened:
        gone = [*(Counter(before[0]) - Counter(after[0])).elements()]
        new = [*(Counter(after[0]) - Counter(before[0])).elements()]
        left, added = set(before[1]) - set(after[1]), set(after[1]) - set(before[1])
        predicates = left | added
        shared = {*self._in_both(before[0], after[0])}
        # Which of several rows is taken is another only if both sides take some: what one side
        # alone takes are rows of the other, and what it leaves out are rows and not values.
        one_sided = not (any(map(self._windows, left)) and any(map(self._windows, added)))
        if one_sided or self._is_coarser(predicates):
            predicates = {p for p in predicates if not self._windows(p)}
        found = [self._predicate(p, shared) for p in sorted(predicates)]
        for how in sorted({self._how(leaf) for leaf in (*gone, *new)}):
            old = [leaf for leaf in gone if self._how(leaf) == how]
            others = [leaf for leaf in new if self._how(leaf) == how]
            found.append(self._leaves(how, old, others))
        return _together(found)

    def _in_both(self, before: Sequence[str], after: Sequence[str]) -> Iterable[str]:
        """The leaves that both sides have, tables of which they hold other rows among them."""
        tables = {self._tables(leaf) for leaf in after if self._how(leaf) == "table"}
        for leaf in before:
            if leaf in after or (self._how(leaf) == "table" and self._tables(leaf) in tables):
                yield leaf

    def _is_coarser(self, predicates: set[str]) -> bool:
        """True if the first row of each group is taken on both sides, and the groups of one
        are made of those of the other: the first of a group is the first of its part."""
        chosen = [p for p in predicates if self._windows(p)]
        windows = [self._first_of(p) for p in chosen]
        if len(windows) != 2 or windows[0] is None or windows[1] is None:
            return False
        groups = [frozenset(self._partition(window)) for window in windows if window]
        finer = max(groups, key=len)
        rest = [self._order(window, finer) for window in windows if window]
        return groups[0] | groups[1] == finer and rest[0] == rest[1]

    def _order(self, window: str, groups: frozenset[str]) -> list[list[str]]:
        """What a window is, but for its partition, in the order that it has in these groups."""
        parts = [part for part in self._forms.parts(window) if self._forms.how(part) != "by"]
        return [
            self._over_rows.needed(part, groups) if self._forms.how(part) == "order" else [part]
            for part in parts
        ]

    def _first_of(self, text: str) -> str | None:
        """The window of ``row_number() over (...) = 1``."""
        parts = self._forms.parts(text)
        if self._forms.how(text) != "eq" or "1" not in parts:
            return None
        window = next((part for part in parts if self._forms.how(part) == "window"), None)
        number = "(function (rownumber))"
        return window if window and number in self._forms.parts(window) else None

    def _predicate(self, text: str, leaves: Iterable[str]) -> _Loosened:
        windows = self._windows(text)
        if windows:
            groups = [frozenset(self._partition(window)) for window in windows]
            return _Loosened(everything=True, spared=frozenset.intersection(*groups))
        read = self._logic.tables_in(text)
        touched = [tables for leaf in leaves if read & (tables := self._tables(leaf))]
        if len(touched) < 2:
            return _Loosened()
        return _Loosened(tables=frozenset().union(*touched))

    def _windows(self, text: str) -> list[str]:
        """The window functions of the rows themselves, not of queries about them."""
        parts = self._forms.below(text, OWN_ROWS)
        return [part for part in parts if self._forms.how(part) == "window"]

    def _partition(self, window: str) -> Iterable[str]:
        for part in self._forms.parts(window):
            if self._forms.how(part) == "by":
                yield from self._forms.parts(part)

    def _tables(self, leaf: str) -> frozenset[str]:
        """The tables whose columns a leaf brings."""
        found = set(self._logic.tables_in(leaf))
        for part in self._forms.below(leaf):
            if self._forms.how(part) == "table":
                found.add(self._forms.parts(part)[0])
        return frozenset(found)

    def _how(self, leaf: str) -> str:
        return self._forms.how(self._plain(leaf))

    def _plain(self, leaf: str) -> str:
        """The leaf, in whichever use."""
        while self._forms.how(leaf) == "use":
            leaf = self._forms.parts(leaf)[1]
        return leaf

    def _leaves(self, how: str, before: Sequence[str], after: Sequence[str]) -> _Loosened:
        """Leaves of one kind that only one side has."""
        if how in ("table", "outer"):
            return _Loosened()  # values of other tables, and of an outer join, say so
        if len(before) != 1 or len(after) != 1:
            return _Loosened(everything=True)
        old, new = (self._forms.parts(self._plain(leaf)) for leaf in (before[0], after[0]))
        if how == "group":
            if old[0] != "''" or new[0] != "''":
                spared = frozenset(old[2:]) & frozenset(new[2:])
                return _Loosened(everything=True, spared=spared)
            return _Loosened(aggregates=set(old[2:]) != set(new[2:]))
        if how == "limit":
            return self._inner(old[1], new[1])
        if how == "union all" and len(old) == len(new):
            branches = zip(*self._unshared(old, new), strict=True)
            return _together([self._inner(one, two) for one, two in branches])
        return _Loosened(everything=True)

    @staticmethod
    def _unshared(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
        return (
            sorted((Counter(old) - Counter(new)).elements()),
            sorted((Counter(new) - Counter(old)).elements()),
        )

    def _inner(self, before: str, after: str) -> _Loosened:
        if self._forms.how(before) != "rows" or self._forms.how(after) != "rows":
            return _Loosened(everything=before != after)
        return self._products(self._logic.product(before), self._logic.product(after))


def _are_same_rows(one: Side, other: Side) -> bool:
    return sorted(one.leaves) == sorted(other.leaves) and one.predicates == other.predicates


def _together(found: Sequence[_Loosened]) -> _Loosened:
    spared = [part.spared for part in found if part.everything]
    return _Loosened(
        everything=bool(spared),
        spared=frozenset.intersection(*spared) if spared else frozenset(),
        tables=frozenset().union(*(part.tables for part in found)),
        aggregates=any(part.aggregates for part in found),
    )
