"""Two row sets that differ, brought closer: where they differ only in ways that add or drop
rows, the values of a row that both have become one text.

Each step rewrites the rows of a side, and the texts of values over them, into others that are
the same for every row that both sides have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from analyticsops.sql.branches import OWN_ROWS, Branches, Side
from analyticsops.sql.forms import Forms, digest
from analyticsops.sql.row_logic import RowLogic

_SORTED = frozenset({"add", "and", "by", "eq", "mul", "neq", "or"})
"""Forms whose parts stand in the order of their texts, which rewriting may change."""

_KEPT = "kept"
"""Instead of a text: the form as it is, with all that it is made of."""

_Change = Callable[[str, Sequence[str]], "str | None"]
"""(how, parts) of a form -> what stands in its place; None if it stays."""


class Aligner:
    """Rewrites sides whose texts are of the same forms.

    Args:
        partners: what the outer joins of either side look up, by their units.
    """

    def __init__(self, forms: Forms, logic: RowLogic, partners: Mapping[str, str]) -> None:
        self._forms = forms
        self._logic = logic
        self._partners = partners

    def align(self, before: Side, after: Side) -> tuple[Side, Side]:
        """Both sides, less what makes no difference to rows that both have."""
        before, after = (self._inner(side) for side in (before, after))
        before, after = self._full(before, after), self._full(after, before)
        return self._found(before, after), self._found(after, before)

    # -- kinds of joins --------------------------------------------------------------------

    def _full(self, side: Side, other: Side) -> Side:
        """A full join beside a left or an inner one: its rows that have no left side are
        only more rows."""
        for leaf in side.leaves:
            if self._forms.how(leaf) != "full" or leaf in other.leaves:
                continue
            left, right, *on = self._forms.parts(leaf)
            leaves, predicates = self._logic.product(left)
            if not self._has(other, leaves, predicates):
                continue
            sides = self._tables([left]), self._tables([right])
            if sides[0] & sides[1]:
                continue
            partner = self._forms.form("outer", right, *on)
            self._partners = {**self._partners, digest(partner): partner}
            changed = self._mapped(side, self._as_left(digest(leaf), partner, sides[1]))
            rest = [one for one in side.leaves if one != leaf]
            side = changed._replace(
                leaves=tuple(sorted([*rest, *leaves])),
                predicates=changed.predicates | set(predicates),
            )
        return side

    def _as_left(self, unit: str, partner: str, right: frozenset[str]) -> _Change:
        """Values that a full join may not find, as a left join would look them up."""

        def change(how: str, parts: Sequence[str]) -> str | None:
            if how != "optional" or parts[0] != unit:
                return None
            if not self._logic.tables_in(parts[1]) & right:
                return parts[1]
            return self._forms.form("optional", digest(partner), parts[1])

        return change

    def _inner(self, side: Side) -> Side:
        """A left join behind which something compares what it found: without a partner, the row
        would not be there."""
        filled = self._logic.never_null(side.predicates)
        needed = {self._forms.parts(v)[0] for v in filled if self._forms.how(v) == "optional"}
        for unit in sorted(needed):
            partner = self._partners.get(unit)
            if partner is not None:
                side = self._joined(side, unit, partner)
        return side

    def _found(self, side: Side, other: Side) -> Side:
        """A left join beside an inner one: rows that both have found their partner."""
        texts = [text for text in (*side.values.values(), *side.predicates) if text]
        units = {
            self._forms.parts(part)[0]
            for text in texts
            for part in self._forms.below(text)
            if self._forms.how(part) == "optional"
        }
        units |= {digest(leaf) for leaf in side.leaves if self._forms.how(leaf) == "outer"}
        for unit in sorted(units):
            partner = self._partners.get(unit)
            if partner is not None and self._has(other, *self._parts_of(partner)):
                side = self._joined(side, unit, partner)
        return side

    def _parts_of(self, partner: str) -> tuple[list[str], list[str]]:
        """(leaves, conditions) that an inner join with it would add."""
        rows, *on = self._forms.parts(partner)
        leaves, predicates = self._logic.product(rows)
        return leaves, [*predicates, *on]

    def _joined(self, side: Side, unit: str, partner: str) -> Side:
        """The side, of whose rows each has a partner, with the join as an inner one."""
        leaves, conditions = self._parts_of(partner)
        if not leaves or self._has(side, leaves, conditions):
            return side

        def change(how: str, parts: Sequence[str]) -> str | None:
            return parts[1] if how == "optional" and parts[0] == unit else None

        changed = self._mapped(side, change)
        rest = [one for one in side.leaves if one != partner]
        return changed._replace(
            leaves=tuple(sorted([*rest, *leaves])),
            predicates=changed.predicates | set(conditions),
        )

    def _has(self, side: Side, leaves: Iterable[str], predicates: Iterable[str]) -> bool:
        missing = Counter(leaves) - Counter(side.leaves)
        return not missing and set(predicates) <= side.predicates

    def _tables(self, texts: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        for text in texts:
            for part in self._forms.below(text):
                if self._forms.how(part) in ("table", "column"):
                    found.add(self._forms.parts(part)[0])
        return frozenset(found)

    # -- unions ------------------------------------------------------------------------------

    def branches(self, side: Side) -> list[Side]:
        """What a union is made of, with what is done to it done to each; the side itself if
        it is none."""
        found = Branches(self._forms, self._logic).of(side)
        return [side] if found is None else found

    # -- rewriting ----------------------------------------------------------------------------

    def _mapped(self, side: Side, change: _Change) -> Side:
        """With forms replaced, but for those over rows of their own, which speak of others."""
        known: dict[str, str] = {}

        def but_own_rows(how: str, parts: Sequence[str]) -> str | None:
            return _KEPT if how in OWN_ROWS else change(how, parts)

        return self._each(side, lambda text: self._rebuilt(text, but_own_rows, known))

    def _each(self, side: Side, change: Callable[[str], str]) -> Side:
        values = {key: change(text) if text else text for key, text in side.values.items()}
        return side._replace(predicates=frozenset(map(change, side.predicates)), values=values)

    def _rebuilt(
        self,
        text: str,
        change: _Change,
        known: dict[str, str],
    ) -> str:
        found = known.get(text)
        if found is not None:
            return found
        how, parts = self._forms.how(text), self._forms.parts(text)
        if not parts:
            return text
        new = change(how, parts)
        if new is _KEPT:
            new = text
        elif new is None:
            inner = [self._rebuilt(part, change, known) for part in parts]
            same = tuple(inner) == parts
            ordered = sorted(inner) if how in _SORTED else inner
            new = text if same else self._forms.form(how, *ordered)
        else:
            new = self._rebuilt(new, change, known)
        known[text] = new
        return new
