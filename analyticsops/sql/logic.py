"""Normal forms of conditions and of values that choose, under SQL's three-valued logic.

Each rule here is an equivalence of Kleene's logic or of the function's definition; the
comment beside it says what it rests on. What holds only where NULL counts as false (in
WHERE, ON and HAVING) is :meth:`Logic.as_filter`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyticsops.sql.forms import FALSE, NULL, TRUE, Forms

_TOTAL_ORDER = frozenset(
    {"databricks", "duckdb", "materialize", "postgres", "redshift", "snowflake", "spark", "tsql"}
)
"""Where NaN is larger than all other numbers, or does not exist, so that NOT a < b is
a >= b. Elsewhere both are false of NaN."""

_OPPOSITE = {"eq": "neq", "neq": "eq"}


class Logic:
    """Makes conditions of one dialect."""

    def __init__(self, forms: Forms, dialect: str) -> None:
        self._forms = forms
        self._total = dialect in _TOTAL_ORDER

    # -- comparisons -------------------------------------------------------------

    def equal(self, left: str, right: str) -> str:
        """``left = right``; of two integers it is known."""
        if left.isdigit() and right.isdigit():
            return TRUE if int(left) == int(right) else FALSE
        return self._forms.form("eq", *sorted((left, right)))

    def member(self, value: str, items: Iterable[str]) -> str:
        """``value IN (items)`` is one equality or the other, also where one is NULL."""
        return self.disjunction(self.equal(value, item) for item in items)

    # -- AND, OR, NOT --------------------------------------------------------------

    def conjuncts(self, parts: Iterable[str]) -> frozenset[str]:
        """The parts of an AND: flat, each once, without what is always true."""
        found = set(self._flat("and", parts)) - {TRUE}
        return frozenset({FALSE}) if FALSE in found else frozenset(found)

    def conjunction(self, parts: Iterable[str]) -> str:
        """AND of these."""
        found = self.conjuncts(parts)
        if not found:
            return TRUE
        if len(found) == 1 and self._forms.is_condition(text := next(iter(found))):
            return text
        return self._forms.form("and", *sorted(found))

    def disjunction(self, parts: Iterable[str]) -> str:
        """OR of these. What all of them ask for is asked for once: AND and OR distribute."""
        found = set(self._flat("or", parts)) - {FALSE}
        if TRUE in found:
            return TRUE
        if not found:
            return FALSE
        if len(found) == 1 and self._forms.is_condition(text := next(iter(found))):
            return text
        branches = [frozenset(self._flat("and", [part])) for part in found]
        common = frozenset.intersection(*branches)
        if not common:
            return self._forms.form("or", *sorted(found))
        if common in branches:  # (a AND b) OR a is a
            return self.conjunction(common)
        rest = self.disjunction(self.conjunction(branch - common) for branch in branches)
        return self.conjunction([*common, rest])

    def negation(self, text: str) -> str:
        """NOT of it, pushed down: De Morgan's laws hold with NULL as well."""
        how, parts = self._forms.how(text), self._forms.parts(text)
        if text in (TRUE, FALSE):
            return FALSE if text == TRUE else TRUE
        if how in _OPPOSITE:
            return self._forms.form(_OPPOSITE[how], *parts)
        if how in ("lt", "lte") and self._total:  # NOT a < b is b <= a
            return self._forms.form("lte" if how == "lt" else "lt", *reversed(parts))
        if how == "and":
            return self.disjunction(self.negation(part) for part in parts)
        if how == "or":
            return self.conjunction(self.negation(part) for part in parts)
        if how == "not" and self._forms.is_condition(parts[0]):  # NOT NOT 5 is true, not 5
            return parts[0]
        return self._forms.form("not", text)

    def _flat(self, how: str, parts: Iterable[str]) -> Iterable[str]:
        stack = list(parts)
        while stack:
            part = stack.pop()
            if self._forms.how(part) == how:
                stack += self._forms.parts(part)
            else:
                yield part

    # -- values that choose ---------------------------------------------------------

    def case(self, branches: Sequence[tuple[str, str]], default: str) -> str:
        """CASE; the one that only replaces NULL is COALESCE."""
        if len(branches) == 1:
            ((condition, value),) = branches
            tested = self._null_test(condition)
            if tested is not None and tested == default:  # WHEN x IS NULL THEN y ELSE x
                return self.coalesce([default, value])
            tested = self._null_test(self.negation(condition))
            if tested is not None and tested == value:  # WHEN x IS NOT NULL THEN x ELSE y
                return self.coalesce([value, default])
        flat = [text for branch in branches for text in branch]
        return self._forms.form("case", *flat, default)

    def _null_test(self, condition: str) -> str | None:
        """The x of ``x IS NULL``."""
        parts = self._forms.parts(condition)
        null = self._forms.how(condition) == "is" and len(parts) == 2 and parts[1] == NULL
        return parts[0] if null else None

    def coalesce(self, values: Iterable[str]) -> str:
        """The first that is not NULL: what stands there twice counts once."""
        found = list(dict.fromkeys(self._in_order("coalesce", values)))
        return found[0] if len(found) == 1 else self._forms.form("coalesce", *found)

    def _in_order(self, how: str, values: Iterable[str]) -> Iterable[str]:
        for value in values:
            if self._forms.how(value) == how:
                yield from self._in_order(how, self._forms.parts(value))
            else:
                yield value

    # -- where NULL counts as false ---------------------------------------------------

    def as_filter(self, condition: str) -> str:
        """The condition of a filter: ``x IN (query)`` there is EXISTS."""
        how, parts = self._forms.how(condition), self._forms.parts(condition)
        if how == "and":
            return self.conjunction(self.as_filter(part) for part in parts)
        if how == "or":
            return self.disjunction(self.as_filter(part) for part in parts)
        if how == "in" and len(parts) == 2 and self._forms.how(parts[1]) == "query":
            rows, *columns = self._forms.parts(parts[1])
            values = self._forms.parts(parts[0]) if len(columns) > 1 else (parts[0],)
            if len(values) == len(columns) and self._forms.how(rows) == "rows":
                pairs = zip(values, columns, strict=True)
                return self.exists(rows, [self.equal(*pair) for pair in pairs])
        return condition

    def exists(self, rows: str, more: Iterable[str] = ()) -> str:
        """There are such rows that also fulfil `more`. Rows that are only grouped are there
        if those are of which the groups are made."""
        leaves, predicates = self.product(rows)
        found = [*predicates, *more]
        while len(leaves) == 1 and self._forms.how(leaves[0]) == "group":
            how, below, *keys = self._forms.parts(leaves[0])
            if how != "''" or not keys or any(self.is_aggregated(part) for part in found):
                break
            leaves, inner = self.product(below)
            found += inner
        return self._forms.form("exists", self.rows(leaves, self.conjuncts(found)))

    def rows(self, leaves: Iterable[str], predicates: Iterable[str]) -> str:
        """A product of leaves of which these hold."""
        return self._forms.form("rows", *sorted(leaves), "where", *sorted(predicates))

    def product(self, rows: str) -> tuple[list[str], list[str]]:
        """(leaves, predicates) of rows."""
        parts = list(self._forms.parts(rows))
        where = parts.index("where") if "where" in parts else len(parts)
        return parts[:where], parts[where + 1 :]

    def is_aggregated(self, text: str) -> bool:
        """True if an aggregate or window is somewhere in it."""
        stack = [text]
        while stack:
            part = stack.pop()
            if self._forms.how(part) in ("over", "window"):
                return True
            stack += self._forms.parts(part)
        return False

    def tables_in(self, text: str) -> frozenset[str]:
        """The ids (as atoms) of tables whose columns are somewhere in it."""
        found, stack = set(), [text]
        while stack:
            part = stack.pop()
            if self._forms.how(part) == "column":
                found.add(self._forms.parts(part)[0])
            else:
                stack += self._forms.parts(part)
        return frozenset(found)
