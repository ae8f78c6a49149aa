"""Normal forms of conditions and of values that choose, under SQL's three-valued logic.

Each rule here is an equivalence of Kleene's logic or of the function's definition; the
comment beside it says what it rests on. What holds only where NULL counts as false (in
WHERE, ON and HAVING) is :meth:`RowLogic.as_filter`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from analyticsops.sql.constant_rules import compared, never_null
from analyticsops.sql.forms import FALSE, NULL, TRUE, Forms, is_literal

_TOTAL_ORDER = frozenset(
    {"databricks", "duckdb", "materialize", "postgres", "redshift", "snowflake", "spark", "tsql"}
)
"""Where NaN is larger than all other numbers, or does not exist, so that NOT a < b is
a >= b. Elsewhere both are false of NaN."""

_OVERFLOW = frozenset({"clickhouse", "hive", "spark", "spark2"})
"""Where a sum of integers that is too large may be a small one, and no error."""

_OPPOSITE = {"eq": "neq", "neq": "eq"}

_NEGATED = {TRUE: FALSE, FALSE: TRUE, NULL: NULL}

STRICT = frozenset({"add", "mul", "neg", "sub"})
"""Calculations that are NULL where an operand is, and only there."""

_STRICT_FUNCTIONS = frozenset({"abs", "length", "lower", "trim", "upper"})
"""The same of functions of one value."""

_TWICE_IS_ONCE = frozenset({"abs", "ceil", "floor", "lower", "trim", "upper"})
"""Functions that change nothing of what they yield."""

_NUMBERING = frozenset({"count", "denserank", "ntile", "rank", "rownumber"})
"""Functions of rows that are never NULL."""

_OF_PEERS = frozenset({"avg", "firstvalue", "lastvalue", "max", "min", "sum"})
"""Window functions that are of some value if there is a row; without a frame, there is."""


class Partner(NamedTuple):
    """What an outer join adds to a row.

    Attributes:
        leaf: its text among the leaves.
        missing: the condition that there is no partner.
        fixed: values of a partner that are not NULL.
    """

    leaf: str
    missing: str
    fixed: frozenset[str]


class Logic:
    """Makes conditions of one dialect.

    Args:
        forms: those of the query.
    """

    def __init__(self, forms: Forms, dialect: str) -> None:
        self.forms = forms
        self._total = dialect in _TOTAL_ORDER
        self.overflows = dialect in _OVERFLOW
        self.partners: dict[str, Partner] = {}
        """Of outer joins, by their units."""
        self.filled: dict[str, tuple[str, str] | None] = {}
        """Columns that are never NULL -> (id of the table, column) if somebody only promises so."""
        self.relied: set[tuple[str, str]] = set()
        """Those promises that were needed."""
        self._are_filled: dict[tuple[str, frozenset[str]], bool] = {}
        self._negations: dict[str, str] = {}
        self._knew = 0  # as many columns were known to be filled when these were found

    # -- comparisons -------------------------------------------------------------

    def compare(self, how: str, left: str, right: str) -> str:
        """``eq``, ``neq``, ``lt`` or ``lte``; of constants it is known, and of a CASE that
        chooses one of them it is the CASE that chooses what is known of each."""
        known = compared(how, left, right)
        if known is not None:
            return known
        chosen = self._of_each(left, lambda value: compared(how, value, right))
        chosen = chosen or self._of_each(right, lambda value: compared(how, left, value))
        if chosen is not None:
            return chosen
        pair = sorted((left, right)) if how in _OPPOSITE else (left, right)
        return self.forms.form(how, *pair)

    def is_null(self, value: str) -> str:
        """``value IS NULL``."""
        known = self._null_known(value) or self._of_each(value, self._null_known)
        known = known or self._without_partner(value)
        return known or self.forms.form("is", value, NULL)

    def _null_known(self, value: str) -> str | None:
        if value == NULL:
            return TRUE
        return FALSE if self.is_filled(value) else None

    def _without_partner(self, value: str) -> str | None:
        """``b.key IS NULL`` behind ``LEFT JOIN b``: that there is no partner."""
        if self.forms.how(value) != "optional":
            return None
        unit, inner = self.forms.parts(value)
        partner = self.partners.get(unit)
        if partner is None:
            return None
        return partner.missing if inner in partner.fixed or self.is_filled(inner) else None

    def _of_each(self, case: str, known: Callable[[str], str | None]) -> str | None:
        """A function of a CASE as the CASE of what is known of each of its values; None if
        it is not known of one of them."""
        if self.forms.how(case) != "case":
            return None
        *branches, default = self.forms.parts(case)
        values = [known(value) for value in (*branches[1::2], default)]
        found = [value for value in values if value is not None]
        if len(found) < len(values):
            return None
        return self.case(list(zip(branches[::2], found, strict=False)), found[-1])

    def is_certain(self, text: str) -> bool:
        """True for a condition that is never NULL."""
        how, parts = self.forms.how(text), self.forms.parts(text)
        if how in ("and", "or", "not"):
            return all(map(self.is_certain, parts))
        return text in (TRUE, FALSE) or how == "exists" or (how == "is" and parts[1] == NULL)

    def member(self, value: str, items: Iterable[str]) -> str:
        """``value IN (items)`` is one equality or the other, also where one is NULL."""
        return self.disjunction(self.compare("eq", value, item) for item in items)

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
        if len(found) == 1 and self.forms.is_condition(text := next(iter(found))):
            return text
        return self.forms.form("and", *sorted(found))

    def disjunction(self, parts: Iterable[str]) -> str:
        """OR of these. What all of them ask for is asked for once: AND and OR distribute."""
        found = set(self._flat("or", parts)) - {FALSE}
        if TRUE in found:
            return TRUE
        if not found:
            return FALSE
        if len(found) == 1 and self.forms.is_condition(text := next(iter(found))):
            return text
        branches = [frozenset(self._flat("and", [part])) for part in found]
        common = frozenset.intersection(*branches)
        if not common:
            return self.forms.form("or", *sorted(found))
        if common in branches:  # (a AND b) OR a is a
            return self.conjunction(common)
        rest = self.disjunction(self.conjunction(branch - common) for branch in branches)
        return self.conjunction([*common, rest])

    def negation(self, text: str) -> str:
        """NOT of it, pushed down: De Morgan's laws hold with NULL as well."""
        if text not in self._negations:
            self._negations[text] = self._negation(text)
        return self._negations[text]

    def _negation(self, text: str) -> str:
        how, parts = self.forms.how(text), self.forms.parts(text)
        if text in _NEGATED:
            return _NEGATED[text]
        if how in _OPPOSITE:
            return self.forms.form(_OPPOSITE[how], *parts)
        if how in ("lt", "lte") and self._total:  # NOT a < b is b <= a
            return self.forms.form("lte" if how == "lt" else "lt", *reversed(parts))
        if how == "and":
            return self.disjunction(self.negation(part) for part in parts)
        if how == "or":
            return self.conjunction(self.negation(part) for part in parts)
        if how == "not" and self.forms.is_condition(parts[0]):  # NOT NOT 5 is true, not 5
            return parts[0]
        return self.forms.form("not", text)

    def _flat(self, how: str, parts: Iterable[str]) -> Iterable[str]:
        stack = list(parts)
        while stack:
            part = stack.pop()
            if self.forms.how(part) == how:
                stack += self.forms.parts(part)
            else:
                yield part

    # -- values that choose ---------------------------------------------------------

    def case(self, branches: Sequence[tuple[str, str]], default: str) -> str:
        """CASE without branches that are never taken, or never asked for; the one that
        only replaces NULL is COALESCE, and the one that says whether is the condition."""
        branches, default = self._possible(branches, default)
        if all(value == default for _, value in branches):
            return default
        if len(branches) == 1:
            ((condition, value),) = branches
            tested = self._null_test(condition)
            if tested is not None and tested == default:  # WHEN x IS NULL THEN y ELSE x
                return self.coalesce([default, value])
            tested = self._null_test(self.negation(condition))
            if tested is not None and tested == value:  # WHEN x IS NOT NULL THEN x ELSE y
                return self.coalesce([value, default])
            if self.is_certain(condition) and {value, default} == {TRUE, FALSE}:
                return condition if value == TRUE else self.negation(condition)
        flat = [text for branch in branches for text in branch]
        return self.forms.form("case", *flat, default)

    def _possible(
        self, branches: Sequence[tuple[str, str]], default: str
    ) -> tuple[list[tuple[str, str]], str]:
        found: list[tuple[str, str]] = []
        for condition, value in branches:
            if condition == TRUE:
                return found, value
            if condition not in (FALSE, NULL):
                found.append((condition, value))
        return found, default

    def _null_test(self, condition: str) -> str | None:
        """The x of ``x IS NULL``."""
        parts = self.forms.parts(condition)
        null = self.forms.how(condition) == "is" and len(parts) == 2 and parts[1] == NULL
        return parts[0] if null else None

    def coalesce(self, values: Iterable[str], filled: frozenset[str] = frozenset()) -> str:
        """The first that is not NULL: what stands there twice counts once, and what stands
        behind one that never is does not count.

        Args:
            filled: values that are not NULL where it is asked for.
        """
        found: list[str] = []
        for value in dict.fromkeys(self._in_order("coalesce", values)):
            found.append(value)
            if self.is_filled(value, filled):
                break
        return found[0] if len(found) == 1 else self.forms.form("coalesce", *found)

    def is_filled(self, value: str, filled: frozenset[str] = frozenset()) -> bool:
        """True for a value that is never NULL.

        Args:
            filled: values that are not NULL where it is asked for.
        """
        if len(self.filled) != self._knew:
            self._are_filled.clear()
            self._knew = len(self.filled)
        key = (value, filled)
        if key not in self._are_filled:
            self._are_filled[key] = self._is_filled(value, filled)
        return self._are_filled[key]

    def _is_filled(self, value: str, filled: frozenset[str]) -> bool:
        how, parts = self.forms.how(value), self.forms.parts(value)
        if value in filled or never_null(value) or self.is_certain(value):
            return True
        if value in self.filled:
            promise = self.filled[value]
            self.relied |= set() if promise is None else {promise}
            return True
        if how == "use":
            return self.is_filled(parts[1])
        if how == "union all":  # of which each is in rows of its own
            return all(map(self.is_filled, parts))
        if how == "coalesce":
            return any(self.is_filled(part, filled) for part in parts)
        if how == "case":
            *flat, default = parts
            branches = zip(flat[::2], flat[1::2], strict=True)
            return self.is_filled(default, filled) and all(
                self.is_filled(chosen, filled)
                or self.is_filled(chosen, filled | self.filled_by(self._flat("and", [condition])))
                for condition, chosen in branches
            )
        if how in ("over", "window"):
            return self._is_filled_over(how, parts)
        operands = self.strict_operands(value)
        return bool(operands) and all(self.is_filled(part, filled) for part in operands)

    def filled_by(self, conditions: Iterable[str]) -> frozenset[str]:
        """Values that are not NULL where all of these are true: those that are compared, and
        what they are calculated from."""
        todo: list[str] = []
        for condition in conditions:
            how, parts = self.forms.how(condition), self.forms.parts(condition)
            if self.forms.is_comparison(condition):
                todo += parts
            elif how == "not" and self.forms.how(parts[0]) == "is":
                value, what = self.forms.parts(parts[0])
                todo += [value] if what == NULL else []
            elif how == "exists":
                todo += self.values_around(condition)
        found: set[str] = set()
        while todo:
            value = todo.pop()
            if value not in found and not is_literal(value):
                found.add(value)
                todo += self.strict_operands(value)
        return frozenset(found)

    def values_around(self, _exists: str) -> Sequence[str]:
        """Values of other rows that an EXISTS compares with those of its own."""
        return ()

    def called(self, function: str, *parts: str) -> str:
        """A function of these arguments."""
        made = self.forms.form(function, *parts)
        if function in _TWICE_IS_ONCE and parts and self.forms.how(parts[0]) == "this:":
            for inner in self.forms.parts(parts[0]):
                if self.forms.how(inner) == function and self.forms.parts(inner)[1:] == parts[1:]:
                    return inner
        return made

    def strict_operands(self, value: str) -> Sequence[str]:
        """The values of which one is NULL if, and only if, this one is."""
        how, parts = self.forms.how(value), self.forms.parts(value)
        if how in STRICT:
            return parts
        alone = how in _STRICT_FUNCTIONS and len(parts) == 1
        return self.argument(value) if alone else ()

    def argument(self, function: str) -> Sequence[str]:
        """What a function of one value is of; nothing for another one."""
        parts = self.forms.parts(function)
        named = len(parts) == 1 and self.forms.how(parts[0]) == "this:"
        found = self.forms.parts(parts[0]) if named else ()
        return found if len(found) == 1 else ()

    def _is_filled_over(self, how: str, parts: Sequence[str]) -> bool:
        """True for what counts or numbers rows; and for a window over some rows, of a value
        that is never NULL."""
        if how == "over":
            return self.forms.how(parts[0]) == "count"
        hows = [self.forms.how(part) for part in parts[:-1]]
        if hows not in (["function", "by"], ["function", "by", "order"]):
            return False
        (function,) = self.forms.parts(parts[0])
        if self.forms.how(function) in _NUMBERING:
            return True
        argument = self.argument(function) if self.forms.how(function) in _OF_PEERS else ()
        return bool(argument) and self.is_filled(argument[0])

    def _in_order(self, how: str, values: Iterable[str]) -> Iterable[str]:
        for value in values:
            if self.forms.how(value) == how:
                yield from self._in_order(how, self.forms.parts(value))
            else:
                yield value
