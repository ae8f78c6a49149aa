"""What is the same in all rows, or in all rows of a partition, where no order can go by it.

``row_number() OVER (PARTITION BY customer ORDER BY total, id)``, where ``total`` is
``sum(paid) OVER (PARTITION BY customer)``, numbers the rows by ``id``.
"""

from __future__ import annotations

from collections.abc import Sequence

from analyticsops.sql.constant_rules import is_constant
from analyticsops.sql.forms import Forms
from analyticsops.sql.row_logic import RowLogic

_WHOLE = frozenset({"avg", "count", "max", "min", "sum"})
"""Aggregates that are one value for all rows of a partition without an order."""

_MADE = frozenset(
    {"add", "and", "case", "coalesce", "eq", "is", "lt", "lte", "mul", "neq", "not", "or", "sub"}
)
"""Forms that of the same values are the same."""

_KEPT = frozenset({"exists", "outer", "query", "rows", "table"})
"""Forms that are left as they are: they are rows, or speak of others."""


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


class SteadyOrders:
    """Rewrites the windows in values; each is the value that it was."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._done: dict[str, str] = {}

    def without(self, text: str) -> str:
        """The value without needless keys of the orders in it."""
        found = self._done.get(text)
        if found is None:
            found = self._done[text] = self._rewritten(text)
        return found

    def _rewritten(self, text: str) -> str:
        how, parts = self._forms.how(text), self._forms.parts(text)
        if not parts or how in _KEPT:
            return text
        if how == "window":
            return self._window(text, parts)
        new = tuple(map(self.without, parts))
        # What stands in the order of its texts would be written in another one.
        changed = new != parts and (how in ("case", "coalesce", "lt", "lte", "optional", "use"))
        return self._forms.form(how, *new) if changed else text

    def _window(self, text: str, parts: Sequence[str]) -> str:
        hows = [self._forms.how(part) for part in parts[:-1]]
        if hows != ["function", "by", "order"]:
            return text
        function, by, order, rows = parts
        listed = self._forms.parts(order)
        keys = self._forms.parts(listed[0]) if len(listed) == 1 else ()
        groups = frozenset(self._forms.parts(by))
        needed = [key for key in keys if not self._is_needless(key, groups)]
        if not needed or len(needed) == len(keys):
            return text
        expressions = self._forms.form(self._forms.how(listed[0]), *needed)
        new = self._forms.form(self._forms.how(order), expressions)
        return self._forms.form("window", function, by, new, rows)

    def _is_needless(self, key: str, groups: frozenset[str]) -> bool:
        """True for a key of an order by which no rows of a partition differ."""
        if self._forms.how(key) != "ordered":
            return False
        parts = [part for part in self._forms.parts(key) if self._forms.how(part) == "this:"]
        values = self._forms.parts(parts[0]) if parts else ()
        return len(values) == 1 and (values[0] in groups or self._is_steady(values[0], groups))

    def _is_steady(self, text: str, groups: frozenset[str]) -> bool:
        """True for one value in all rows that have these in common."""
        how, parts = self._forms.how(text), self._forms.parts(text)
        if is_constant(text, self._forms):
            return True
        if how == "window":
            hows = [self._forms.how(part) for part in parts[:-1]]
            return (
                hows == ["function", "by"]
                and self._forms.how(self._forms.parts(parts[0])[0]) in _WHOLE
                and frozenset(self._forms.parts(parts[1])) <= groups
            )
        return how in _MADE and all(self._is_steady(part, groups) for part in parts)
