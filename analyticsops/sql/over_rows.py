"""Windows and aggregates as they are compared: without what makes no difference to them.

* What is the same in all rows of a partition is no order: ``row_number() OVER (PARTITION BY
  customer ORDER BY total, id)``, where ``total`` is ``sum(paid) OVER (PARTITION BY customer)``,
  numbers the rows by ``id``.
* A condition on the keys of a partition keeps it or drops it as a whole, so that a window is over
  the same rows with it and without it; so does a join that looks something up by these keys.
* Aggregates that leave out NULL are over the rows in which their argument is none:
  ``sum(CASE WHEN ok THEN paid END)`` is ``sum(paid)`` over those that are ok.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from analyticsops.sql.branches import OWN_ROWS
from analyticsops.sql.canonical_rows import Promise
from analyticsops.sql.constant_rules import integer, is_constant
from analyticsops.sql.decided import is_decided
from analyticsops.sql.determined import Partition, UniqueTexts, without_whole_partitions
from analyticsops.sql.forms import NULL
from analyticsops.sql.replacing import rebuilt
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.self_joins import SelfJoins

_WHOLE = frozenset({"avg", "count", "max", "min", "sum"})
"""Aggregates that leave out NULL, and are one value for all rows of a partition without an
order."""

_MADE = frozenset(
    {"add", "and", "case", "coalesce", "eq", "is", "lt", "lte", "mul", "neq", "not", "or", "sub"}
)
"""Forms that of the same values are the same."""

_ASCENDING = frozenset({"this:", "nulls_first:"})
"""What stands with a key of an ascending order."""

_ROWS = frozenset({"exists", "group", "limit", "query", "rows", "union all"})
"""Forms of rows that are known by nothing but their text."""


def is_one_value(text: str, logic: RowLogic) -> bool:
    """True for what is the same in all rows: made of queries that speak of no row around them,
    and of constants."""
    how, parts = logic.forms.how(text), logic.forms.parts(text)
    if how == "query":
        inside = logic.inside(parts[0])
        return inside is not None and logic.tables_used(text) <= inside
    if is_constant(text, logic.forms):
        return True
    return how in _MADE and all(is_one_value(part, logic) for part in parts)


class OverRows:
    """Rewrites values and conditions; each is, for every row, what it was."""

    def __init__(self, logic: RowLogic, unique: UniqueTexts, self_joins: SelfJoins) -> None:
        self._forms = logic.forms
        self._logic = logic
        self._unique = unique
        self._self_joins = self_joins
        self.assumed: set[Promise] = set()
        """The promises that something here rests on."""
        self._done: dict[str, str] = {}

    def plain(self, text: str) -> str:
        """A value, condition or leaf without what makes no difference."""
        found = self._done.get(text)
        if found is None:
            found = self._done[text] = self._rewritten(text)
        return found

    def _rewritten(self, text: str) -> str:
        how, parts = self._forms.how(text), self._forms.parts(text)
        if how == "over":
            return self._over(parts)
        if how == "window":
            return self._window(parts)
        if how == "rows":
            return self._rows(text)
        of_rows = any(self._forms.how(part) == "rows" for part in parts)
        if not parts or (of_rows and how not in _ROWS):
            return text
        new = [*map(self.plain, parts)]
        if how == "limit":
            new = [*map(self.sorted_by, new)]
        if new == [*parts]:
            return text
        if how == "exists":
            return self._logic.exists(new[0])
        return self._forms.form(how, *new) if how in _ROWS else rebuilt(how, new, self._logic)

    def _rows(self, text: str) -> str:
        leaves, predicates = self._logic.product(text)
        new = [*map(self.plain, leaves)], [*map(self.plain, predicates)]
        if new == (leaves, predicates):
            return text
        return self._logic.rows(*new, self._logic.inside(text))

    # -- aggregates ----------------------------------------------------------------------

    def _over(self, parts: Sequence[str]) -> str:
        function, rows = map(self.plain, parts)
        asked = self._asked(function) if self._forms.how(rows) == "rows" else None
        if asked is None:
            return self._forms.form("over", function, rows)
        function, conditions = asked
        return self._forms.form("over", function, self._restricted(rows, conditions))

    def _asked(self, function: str) -> tuple[str, list[str]] | None:
        """An aggregate that leaves out NULL, as one of rows in which there is none: (it,
        conditions). None for another one, and where nothing is asked for."""
        how, parts = self._forms.how(function), self._forms.parts(function)
        counts = how == "count" and len(parts) == 1
        given = parts if counts else self._logic.argument(function)
        if how not in _WHOLE or len(given) != 1 or given[0] == "*":
            return None
        listed = self._listed_once(given[0])
        value, conditions = self._where_filled(listed or given[0])
        if not conditions:
            return None
        if listed:
            value = self._forms.form("distinct", self._forms.form("expressions:", value))
        elif counts:
            value = "*"
        whole = value if counts else self._forms.form("this:", value)
        return self._forms.form(how, whole), conditions

    def _listed_once(self, argument: str) -> str:
        """The value behind DISTINCT."""
        parts = self._forms.parts(argument)
        if self._forms.how(argument) != "distinct" or len(parts) != 1:
            return ""
        values = self._forms.parts(parts[0])
        return values[0] if len(values) == 1 else ""

    def _where_filled(self, value: str) -> tuple[str, list[str]]:
        """A value in the rows in which it is not NULL, and the conditions of these."""
        conditions = []
        parts = self._forms.parts(value)
        while self._forms.how(value) == "case" and len(parts) == 3 and parts[2] == NULL:
            conditions.append(parts[0])
            value = parts[1]
            parts = self._forms.parts(value)
        if not self._logic.is_filled(value):
            conditions.append(self._logic.negation(self._logic.is_null(value)))
        return value, conditions

    def _restricted(self, rows: str, conditions: Iterable[str]) -> str:
        leaves, predicates = self._logic.product(rows)
        asked = [self._logic.as_filter(condition) for condition in conditions]
        found = self._logic.conjuncts([*predicates, *asked])
        return self._logic.rows(leaves, found, self._logic.inside(rows))

    # -- windows -------------------------------------------------------------------------

    def _window(self, parts: Sequence[str]) -> str:
        *inner, rows = parts
        hows = [self._forms.how(part) for part in inner]
        if hows[:2] != ["function", "by"] or self._forms.how(rows) != "rows":
            return self._forms.form("window", *parts)
        function, by, *others = inner
        texts = [*map(self.plain, (*self._forms.parts(function), *self._forms.parts(by))), *others]
        rows, texts = self._self_joins.over(self.plain(rows), texts)
        called, keys = texts[0], frozenset(texts[1 : len(texts) - len(others)])
        others = texts[len(texts) - len(others) :]
        rows, keys = self._without_whole_partitions(rows, keys, (called, *others))
        if hows in (["function", "by"], ["function", "by", "order"]):
            filled = self._logic.never_null(self._logic.product(rows)[1])
            others = [self.known(other, filled) for other in others]
            own = self._own_value(called, others)
            if own and self._logic.is_filled(own, filled):
                return own
            asked = self._asked(called)
            if asked is not None:
                called, conditions = asked
                rows = self._restricted(rows, conditions)
            leaves, _ = self._logic.product(rows)
            others = [order for part in others for order in self.needed(part, keys, leaves)]
        return self._forms.form(
            "window",
            self._forms.form("function", called),
            self._forms.form("by", *sorted(keys)),
            *others,
            rows,
        )

    def known(self, text: str, filled: frozenset[str]) -> str:
        """A value, condition or order in rows of which something is known.

        Args:
            filled: values that are not NULL there.
        """
        windows = {part: self._own_value_of(part) for part in self._windows(text)}
        own = {part: value for part, value in windows.items() if value}
        own = {part: value for part, value in own.items() if self._logic.is_filled(value, filled)}
        return self._logic.replaced(text, own) if own else text

    def _windows(self, text: str) -> Iterator[str]:
        """The window functions in it that are over the rows that it is of."""
        parts = self._forms.below(text, OWN_ROWS)
        return (part for part in parts if self._forms.how(part) == "window")

    def _own_value_of(self, window: str) -> str:
        function, by, *others, _ = self._forms.parts(window)
        hows = [self._forms.how(part) for part in (function, by, *others)]
        if hows != ["function", "by", "order"]:
            return ""
        (called,) = self._forms.parts(function)
        return self._own_value(called, others)

    def _own_value(self, called: str, orders: Sequence[str]) -> str:
        """The x of ``max(x) OVER (... ORDER BY x)``: where it is not NULL, no x before it is
        larger."""
        argument = self._logic.argument(called) if self._forms.how(called) == "max" else ()
        listed = self._forms.parts(orders[0]) if orders else ()
        first = self._forms.parts(listed[0])[:1] if len(listed) == 1 else ()
        parts = self._forms.parts(first[0]) if first else ()
        named = {self._forms.how(part): self._forms.parts(part) for part in parts}
        if not argument or named.get("this:") != argument or not named.keys() <= _ASCENDING:
            return ""
        return argument[0]

    def _without_whole_partitions(
        self, rows: str, keys: frozenset[str], others: Sequence[str]
    ) -> tuple[str, frozenset[str]]:
        """The rows, and the keys by which they are parted."""
        given = Partition(*self._logic.product(rows), keys)
        found = without_whole_partitions(given, others, self._unique, self._logic)
        self.assumed |= found.promises
        if (found.leaves, found.predicates) == (given.leaves, given.predicates):
            return rows, keys
        return self._logic.rows(
            found.leaves, found.predicates, self._logic.inside(rows)
        ), found.keys

    def needed(
        self, order: str, groups: frozenset[str], leaves: Sequence[str] | None = None
    ) -> list[str]:
        """The order without keys that are the same in the whole partition; as it is if that
        would be no order.

        Args:
            leaves: of the rows.
        """
        listed = self._forms.parts(order)
        given = self._forms.parts(listed[0]) if len(listed) == 1 else ()
        keys = [*map(self.sorted_by, given)]
        needed = [key for key in keys if not self._is_needless(key, groups, leaves)] or keys
        if not needed or needed == [*given]:
            return [order]
        expressions = self._forms.form(self._forms.how(listed[0]), *needed)
        return [self._forms.form(self._forms.how(order), expressions)]

    def sorted_by(self, key: str) -> str:
        """A key of an order by what is calculated of integers, so that it grows where they do, as
        one by these: ``ORDER BY day * 2 + 1`` is ``ORDER BY day``."""
        if self._forms.how(key) != "ordered":
            return key
        parts = self._forms.parts(key)
        new = [
            self._forms.form("this:", *map(self._grows_with, self._forms.parts(part)))
            if self._forms.how(part) == "this:"
            else self._grows_with(part)
            for part in parts
        ]
        return self._forms.form("ordered", *new)

    def _grows_with(self, value: str) -> str:
        how, parts = self._forms.how(value), self._forms.parts(value)
        if self._logic.overflows or how not in ("add", "mul", "sub") or len(parts) != 2:
            return value
        for one, other in (parts, parts[::-1]):
            number = integer(other)
            grows = number is not None and (how != "mul" or number > 0)
            if grows and self._logic.family(one) == "integer":
                return self._grows_with(one)
            if how == "sub":
                break  # 1 - x falls
        return value

    def _is_needless(self, key: str, groups: frozenset[str], leaves: Sequence[str] | None) -> bool:
        """True for a key of an order by which no rows of a partition differ."""
        if self._forms.how(key) != "ordered":
            return False
        parts = [part for part in self._forms.parts(key) if self._forms.how(part) == "this:"]
        values = self._forms.parts(parts[0]) if parts else ()
        return len(values) == 1 and self.is_steady(values[0], groups, leaves)

    def is_steady(
        self, text: str, groups: frozenset[str], leaves: Sequence[str] | None = None
    ) -> bool:
        """True for one value in all rows that have these in common.

        Args:
            leaves: of the rows, if they are known.
        """
        how, parts = self._forms.how(text), self._forms.parts(text)
        if text in groups or is_constant(text, self._forms):
            return True
        if how == "window":
            hows = [self._forms.how(part) for part in parts[:-1]]
            return (
                hows == ["function", "by"]
                and self._forms.how(self._forms.parts(parts[0])[0]) in _WHOLE
                and frozenset(self._forms.parts(parts[1])) <= groups
            )
        if how == "optional" and leaves is not None:
            return self._is_looked_up(parts, groups, leaves)
        return how in _MADE and all(self.is_steady(part, groups, leaves) for part in parts)

    def _is_looked_up(
        self, parts: Sequence[str], groups: frozenset[str], leaves: Sequence[str]
    ) -> bool:
        """True for what a LEFT JOIN looks up by these."""
        unit, value = parts
        partner = self._self_joins.partners.get(unit)
        if partner is None or partner in leaves:  # of several partners, each is in a row
            return False
        rows, *on = self._forms.parts(partner)
        own = self._logic.inside(rows)
        if own is None or not self._logic.tables_used(value) <= own:
            return False
        asked = [*self._logic.product(rows)[0], *self._logic.product(rows)[1]]
        if not all(self._logic.tables_used(part) <= own for part in asked):
            return False
        return all(is_decided(part, groups, self._logic, own) for part in on)
