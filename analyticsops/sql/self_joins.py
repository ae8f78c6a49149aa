"""Tables that are read twice for one row: a join of a table with itself on a key of it finds the
row that is there already.

``o JOIN o AS p ON p.id = o.id``, and ``i JOIN o ON o.id = i.order_id LEFT JOIN o AS p ON p.id =
i.order_id``: whatever is said of ``p`` is said of ``o``. Behind a LEFT JOIN with some of the rows,
``p.x`` is ``CASE WHEN`` the row is one of them ``THEN o.x END``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from analyticsops.sql.branches import OWN_ROWS, Side
from analyticsops.sql.canonical_rows import Promise
from analyticsops.sql.determined import UniqueTexts
from analyticsops.sql.forms import NULL, TRUE, digest
from analyticsops.sql.replacing import rebuilt
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.text_logic import Use

_MOST = 12
"""Tables of one product; pairs of them are looked at."""


class _Twin(NamedTuple):
    """A reading of a table that is another reading of it, row by row.

    Attributes:
        leaf: of this reading, whose use has a number.
        used: the table in this use.
        number: of the other use; empty if it has none.
        promises: without which they would be two.
    """

    leaf: str
    used: Use
    number: str
    promises: frozenset[Promise]


class _Choice(NamedTuple):
    """What a LEFT JOIN finds, where that is there already.

    Attributes:
        unit: of the join.
        condition: when it finds something.
        twins: what its tables are.
        done: values with what it finds.
    """

    unit: str
    condition: str
    twins: Sequence[_Twin]
    done: dict[str, str]


class SelfJoins:
    """Takes out readings that are another one.

    Args:
        unique: values that no two rows of a table have in common.
        partners: what outer joins look up, by their units; more are added.
    """

    def __init__(self, logic: RowLogic, unique: UniqueTexts, partners: dict[str, str]) -> None:
        self._logic = logic
        self._forms = logic.forms
        self._unique = unique
        self.partners = partners
        self.assumed: set[Promise] = set()
        """The promises that something here rests on."""
        self._done: dict[tuple[str, _Twin], str] = {}

    def over(self, rows: str, texts: Sequence[str]) -> tuple[str, list[str]]:
        """Rows of which each is read once, and values over them."""
        if not self._unique or self._forms.how(rows) != "rows":
            return rows, [*texts]
        leaves, predicates = self._logic.product(rows)
        values = {str(place): text for place, text in enumerate(texts)}
        given = Side(tuple(leaves), frozenset(predicates), values)
        found = self.merged(given)
        if found == given:
            return rows, [*texts]
        made = self._logic.rows(found.leaves, found.predicates, self._logic.inside(rows))
        return made, [value or "" for value in found.values.values()]

    def merged(self, side: Side) -> Side:
        """The side with each row of a table read once."""
        if not self._unique:
            return side
        side = self._looked_up(side)
        while True:
            twins = self._twins(side.leaves, side.predicates)
            merged = next(filter(None, (self._without(side, twin) for twin in twins)), None)
            if merged is None:
                return side
            side = merged

    # -- inner joins ----------------------------------------------------------------------

    def _without(self, side: Side, twin: _Twin) -> Side | None:
        """The side without a reading; None if something else may speak of it."""
        rest = [*side.leaves]
        rest.remove(twin.leaf)
        leaves = [self._moved(leaf, twin) for leaf in rest]
        asked = [self._moved(part, twin) for part in side.predicates]
        values = {k: self._moved(v, twin) if v else v for k, v in side.values.items()}
        texts = [*leaves, *asked, *(value for value in values.values() if value)]
        if any(twin.used in self._logic.tables_used(text) for text in texts):
            return None
        self.assumed |= twin.promises
        found = self._logic.settled(map(self._filled_if_equal, asked)).predicates
        return Side(tuple(sorted(leaves)), found, values)

    def _filled_if_equal(self, condition: str) -> str:
        """``x = x`` as a filter."""
        parts = self._forms.parts(condition)
        if self._forms.how(condition) != "eq" or parts[0] != parts[1]:
            return condition
        return self._logic.negation(self._logic.is_null(parts[0]))

    def _twins(self, leaves: Sequence[str], predicates: Iterable[str]) -> Iterator[_Twin]:
        tables = [leaf for leaf in leaves if self._forms.how(self._logic.uses(leaf)[1]) == "table"]
        if len(tables) > _MOST:
            return
        equal = self._equal(predicates)
        for place, leaf in enumerate(tables):
            for other in [*tables[:place], *tables[place + 1 :]]:
                found = self._as_twin(leaf, other, equal)
                if found is not None:
                    yield found
                    break

    def _as_twin(self, leaf: str, other: str, equal: Mapping[str, set[str]]) -> _Twin | None:
        numbers, table = self._logic.uses(leaf)
        others, same = self._logic.uses(other)
        if table != same or len(numbers) != 1 or len(others) > 1:
            return None
        if others and others[0] <= numbers[0]:
            return None  # of two, one stays
        number = others[0] if others else ""
        used = self._logic.table(leaf)
        twin = _Twin(leaf, used, number, frozenset())
        for key, promise in self._unique.items():
            owners = frozenset().union(*map(self._logic.tables_used, key))
            if owners not in ({used}, {self._logic.table(other)}):
                continue
            if all(self._is_one_value(self._moved(part, twin), twin, equal) for part in key):
                return twin._replace(promises=frozenset({promise}))
        return None

    def _is_one_value(self, part: str, twin: _Twin, equal: Mapping[str, set[str]]) -> bool:
        """True if a value is equal in both readings, or to one other value in both."""
        here = equal.get(part, set()) | {part}
        return any(
            not here.isdisjoint(equal[one])
            for one in equal
            if self._logic.tables_used(one) == {twin.used} and self._moved(one, twin) == part
        )

    def _equal(self, predicates: Iterable[str]) -> dict[str, set[str]]:
        """Value -> those that it is compared with and equal to."""
        found: dict[str, set[str]] = {}
        for predicate in predicates:
            if self._forms.how(predicate) == "eq":
                one, other = self._forms.parts(predicate)
                found.setdefault(one, set()).add(other)
                found.setdefault(other, set()).add(one)
        return found

    def _moved(self, text: str, twin: _Twin) -> str:
        """What is said of one reading, said of the other."""
        key = (text, twin)
        if key not in self._done:
            self._done[key] = self._moved_anew(text, twin)
        return self._done[key]

    def _moved_anew(self, text: str, twin: _Twin) -> str:
        how, parts = self._forms.how(text), self._forms.parts(text)
        if how == "use":
            if self._logic.tables_used(text) != {twin.used} or parts[0] != twin.used[0]:
                return text
            return self._logic.used(twin.number, parts[1])
        if twin.used not in self._logic.tables_used(text) and how != "optional":
            return text
        if how == "exists":
            return self._moved_exists(text, twin)
        if how == "optional":
            return self._moved_optional(parts, twin)
        if how in ("over", "window", "query"):
            return text
        new = [self._moved(part, twin) for part in parts]
        if how in ("outer", "by"):
            return self._forms.form(how, *new)
        return text if new == [*parts] else rebuilt(how, new, self._logic)

    def _moved_exists(self, text: str, twin: _Twin) -> str:
        leaves, asked = self._logic.product(self._forms.parts(text)[0])
        inside = self._logic.inside(text)
        if inside is None or twin.used in inside:
            return text
        moved = [self._moved(part, twin) for part in asked]
        return self._logic.exists(self._logic.rows(leaves, moved, inside))

    def _moved_optional(self, parts: Sequence[str], twin: _Twin) -> str:
        unit, inner = parts
        partner = self.partners.get(unit)
        if partner is not None and twin.used in self._logic.tables_used(partner):
            rows, *on = self._forms.parts(partner)
            partner = self._forms.form("outer", rows, *sorted(self._moved(c, twin) for c in on))
            unit = digest(partner)
            self.partners[unit] = partner
        return self._forms.form("optional", unit, self._moved(inner, twin))

    # -- outer joins ----------------------------------------------------------------------

    def _looked_up(self, side: Side) -> Side:
        """What a LEFT JOIN finds of rows that are there already."""
        texts = [text for text in (*side.values.values(), *side.predicates) if text]
        for unit in sorted({*self._units(texts)}):
            partner = self.partners.get(unit)
            found = (
                self._condition(side, partner) if partner and partner not in side.leaves else None
            )
            if found is None:
                continue
            choice = _Choice(unit, *found, {})
            values = {k: self._chosen(v, choice) if v else v for k, v in side.values.items()}
            asked = [self._chosen(part, choice) for part in side.predicates]
            side = Side(side.leaves, self._logic.settled(asked).predicates, values)
        return side

    def _units(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            for part in self._forms.below(text, OWN_ROWS | {"optional"}):
                if self._forms.how(part) == "optional":
                    yield self._forms.parts(part)[0]

    def _condition(self, side: Side, partner: str) -> tuple[str, list[_Twin]] | None:
        """When there is a partner, and what its tables are; None if they are others."""
        rows, *on = self._forms.parts(partner)
        own, asked = self._logic.product(rows)
        if not own:
            return None
        leaves, conditions = [*side.leaves, *own], [*asked, *on]
        twins: list[_Twin] = []
        while own:
            known = {*side.predicates, *conditions}
            twin = next((t for t in self._twins(leaves, known) if t.leaf in own), None)
            if twin is None:
                return None
            own.remove(twin.leaf)
            leaves.remove(twin.leaf)
            twins.append(twin)
            conditions = [self._moved(part, twin) for part in conditions]
            if any(twin.used in self._logic.tables_used(part) for part in conditions):
                return None
        for twin in twins:
            self.assumed |= twin.promises
        needed = self._logic.conjuncts(map(self._filled_if_equal, conditions))
        left = [self._logic.told(part, side.predicates) for part in needed]
        return self._logic.conjunction(left), twins

    def _chosen(self, text: str, choice: _Choice) -> str:
        """A value with what the LEFT JOIN finds."""
        if text not in choice.done:
            choice.done[text] = self._chosen_anew(text, choice)
        return choice.done[text]

    def _chosen_anew(self, text: str, choice: _Choice) -> str:
        how, parts = self._forms.how(text), self._forms.parts(text)
        if how == "optional" and parts[0] == choice.unit:
            value = parts[1]
            for twin in choice.twins:
                value = self._moved(value, twin)
            if any(twin.used in self._logic.tables_used(value) for twin in choice.twins):
                return text
            if choice.condition == TRUE:
                return value
            return self._logic.case([(choice.condition, value)], NULL)
        if not parts or how in OWN_ROWS or how in ("outer", "rows", "table"):
            return text
        new = [self._chosen(part, choice) for part in parts]
        return text if new == [*parts] else rebuilt(how, new, self._logic)
