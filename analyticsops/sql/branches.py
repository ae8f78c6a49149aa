"""Rows that are made of a UNION ALL, as one side for each of its branches.

A window belongs to one branch if its rows are parted by a constant that no other branch has:
``'web' AS channel`` in one and ``'shop' AS channel`` in the other, and ``PARTITION BY channel``.
Groups do as well if such a constant is among their keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from analyticsops.sql.constant_rules import compared, is_constant
from analyticsops.sql.forms import FALSE, TRUE, Forms
from analyticsops.sql.replacing import rebuilt
from analyticsops.sql.row_logic import RowLogic

OWN_ROWS = frozenset({"exists", "over", "query", "window"})
"""Forms that name the rows that they are over."""

_PLAIN = frozenset({"outer", "rows", "table"})
"""Forms that are no values."""


class Side(NamedTuple):
    """Rows and the values over them.

    Attributes:
        leaves: as in :class:`analyticsops.sql.canonical_rows.CanonicalRows`.
        values: texts by key; None where a value is not understood.
    """

    leaves: tuple[str, ...]
    predicates: frozenset[str]
    values: Mapping[str, str | None]


class Branches:
    """The branches of one side."""

    def __init__(self, forms: Forms, logic: RowLogic) -> None:
        self._forms = forms
        self._logic = logic
        self._count = 0
        self._split: dict[str, list[Side]] = {}
        """Leaf -> what it is in each branch."""
        self._grouped: set[tuple[str, frozenset[str]]] = set()
        """(leaf, conditions) of rows of which such a leaf is the groups."""
        self._done: dict[tuple[int, str], str] = {}

    def of(self, side: Side) -> list[Side] | None:
        """The side in each branch; None if it is not made of a union."""
        if len(side.leaves) != 1 or not self._learn(side.leaves[0]):
            return None
        return [
            Side(
                part.leaves,
                self._within(part, side.predicates, place),
                {
                    key: self._one(text, place) if text else text
                    for key, text in side.values.items()
                },
            )
            for place, part in enumerate(self._split[side.leaves[0]])
        ]

    def _within(self, part: Side, predicates: frozenset[str], place: int) -> frozenset[str]:
        """The conditions of a branch, and these in it."""
        found = [*part.predicates, *(self._one(text, place) for text in predicates)]
        return self._logic.conjuncts(map(self._logic.as_filter, found))

    # -- leaves ----------------------------------------------------------------------

    def _learn(self, leaf: str) -> bool:
        """True if the leaf is a union, or groups of one that are told apart by branch."""
        how, parts = self._forms.how(leaf), self._forms.parts(leaf)
        if how == "union all":
            return self._learn_union(leaf, parts)
        if how != "group" or parts[0] != "''" or self._forms.how(parts[1]) != "rows":
            return False
        leaves, predicates = self._logic.product(parts[1])
        if len(leaves) != 1 or not self._learn(leaves[0]):
            return False
        keys = parts[2:]
        if not all(self._is_apart(keys, place) for place in range(self._count)):
            return False
        self._grouped.add((leaves[0], frozenset(predicates)))
        self._split[leaf] = [
            self._group(part, frozenset(predicates), keys, place)
            for place, part in enumerate(self._split[leaves[0]])
        ]
        return True

    def _learn_union(self, leaf: str, parts: Sequence[str]) -> bool:
        if any(self._forms.how(part) != "rows" for part in parts):
            return False
        products = map(self._logic.product, parts)
        self._count = len(parts)
        self._split[leaf] = [Side(tuple(one), frozenset(two), {}) for one, two in products]
        return True

    def _group(
        self, part: Side, predicates: frozenset[str], keys: Sequence[str], place: int
    ) -> Side:
        """The groups of one branch, as if it were grouped by itself."""
        rows = self._logic.rows(part.leaves, self._within(part, predicates, place))
        texts = {self._one(key, place) for key in keys}
        others = [text for text in texts if not is_constant(text, self._forms)] or [TRUE]
        return Side((self._forms.form("group", "''", rows, *sorted(others)),), frozenset(), {})

    # -- values ----------------------------------------------------------------------

    def _is_apart(self, keys: Sequence[str], place: int) -> bool:
        """True if some key is a constant in this branch that it is in no other."""
        columns = [self._forms.parts(key) for key in keys if self._is_merged(key)]
        return any(
            all(
                compared("eq", column[place], other) == FALSE
                for n, other in enumerate(column)
                if n != place
            )
            for column in columns
        )

    def _is_merged(self, text: str) -> bool:
        return self._forms.how(text) == "union all" and len(self._forms.parts(text)) == self._count

    def _one(self, text: str, place: int) -> str:
        """A value in one branch; what is over other rows stays as it is."""
        found = self._done.get((place, text))
        if found is None:
            found = self._done[place, text] = self._in_branch(text, place)
        return found

    def _in_branch(self, text: str, place: int) -> str:
        how, parts = self._forms.how(text), self._forms.parts(text)
        if self._is_merged(text):
            return parts[place]
        if how in ("over", "window"):
            rows = self._rows_in(how, parts, place)
            if rows is None:
                return text
            return self._forms.form(how, *(self._one(part, place) for part in parts[:-1]), rows)
        if not parts or how in OWN_ROWS or how in _PLAIN:
            return text
        new = [self._one(part, place) for part in parts]
        if new == [*parts]:
            return text
        return (
            self._forms.form(how, *sorted(new)) if how == "by" else rebuilt(how, new, self._logic)
        )

    def _rows_in(self, how: str, parts: Sequence[str], place: int) -> str | None:
        """The rows of a branch that an aggregate or a window is over; None if it sees
        others as well."""
        leaves, predicates = self._logic.product(parts[-1])
        if self._forms.how(parts[-1]) != "rows" or len(leaves) != 1 or leaves[0] not in self._split:
            return None
        if how == "over" and not self._is_of_groups(leaves[0], frozenset(predicates)):
            return None
        if how == "window" and not self._is_apart(self._partition(parts), place):
            return None
        part = self._split[leaves[0]][place]
        return self._logic.rows(part.leaves, self._within(part, frozenset(predicates), place))

    def _is_of_groups(self, leaf: str, predicates: frozenset[str]) -> bool:
        """True for the rows that the groups are made of, or some of them."""
        return any(leaf == other and asked <= predicates for other, asked in self._grouped)

    def _partition(self, parts: Sequence[str]) -> list[str]:
        by = (part for part in parts if self._forms.how(part) == "by")
        return [key for part in by for key in self._forms.parts(part)]
