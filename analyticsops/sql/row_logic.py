"""Normal forms of what filters rows: conditions where NULL counts as false, EXISTS, and
what conditions that all hold say of each other and of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from analyticsops.sql.constant_rules import is_constant
from analyticsops.sql.forms import FALSE, NULL, TRUE, Forms
from analyticsops.sql.implied import Settled, settle
from analyticsops.sql.replacing import found_or_null, relabelled, replaced, used
from analyticsops.sql.text_logic import ColumnTypes, TextLogic, Use

_OF_ROWS = frozenset({"cell", "element", "exists", "over", "query", "row", "window"})
"""Values that are not only of columns."""


class RowLogic(TextLogic):
    """Makes conditions and the rows that fulfil them.

    Args:
        forms: those of the query.
        types: of columns of base tables.
    """

    def __init__(self, forms: Forms, dialect: str, types: ColumnTypes | None = None) -> None:
        super().__init__(forms, dialect, types)
        self._found: dict[tuple[str, str], str] = {}
        self._used: dict[tuple[str, str], str] = {}
        self._filters: dict[str, str] = {}
        self._relabelled: dict[tuple[str, str, str], str | None] = {}
        self._settled: dict[frozenset[str], Settled] = {}
        self._inside: dict[str, frozenset[Use]] = {}
        """Text of rows, or of EXISTS over them -> the tables below."""

    # -- where NULL counts as false ---------------------------------------------------

    def as_filter(self, condition: str) -> str:
        """The condition of a filter: NULL there is false, and ``x IN (query)`` is EXISTS."""
        found = self._filters.get(condition)
        if found is None:
            found = self._filters[condition] = self._as_filter(condition)
        return found

    def _as_filter(self, condition: str) -> str:
        how, parts = self.forms.how(condition), self.forms.parts(condition)
        if condition == NULL:
            return FALSE
        if how == "case":
            return self._case_as_filter(parts)
        if how == "is" and parts[1] == TRUE:
            return self.as_filter(parts[0])
        if how == "exists":
            return self._exists_as_filter(condition)
        if how == "coalesce" and parts[-1] in (TRUE, FALSE):
            return self._replacing_null(self.coalesce(parts[:-1]), parts[-1])
        if self.forms.is_comparison(condition):
            return self._of_coalesce(how, *parts) or self._of_case(how, *parts) or condition
        if how == "and":
            return self.conjunction(self.as_filter(part) for part in parts)
        if how == "or":
            return self.disjunction(self.as_filter(part) for part in parts)
        if how == "in" and len(parts) == 2 and self.forms.how(parts[1]) == "query":
            rows, *columns = self.forms.parts(parts[1])
            values = self.forms.parts(parts[0]) if len(columns) > 1 else (parts[0],)
            if len(values) == len(columns) and self.forms.how(rows) == "rows":
                pairs = zip(values, columns, strict=True)
                return self.exists(rows, [self.compare("eq", *pair) for pair in pairs])
        return condition

    def _of_coalesce(self, how: str, left: str, right: str) -> str | None:
        """``coalesce(x, 0) > 1`` is ``x > 1``, and ``coalesce(x, 0) < 1`` holds of NULL as well."""
        for value, other, is_left in ((left, right, True), (right, left, False)):
            if self.forms.how(value) != "coalesce":
                continue
            *first, last = self.forms.parts(value)
            rest = self.coalesce(first)
            of_rest, of_last = (
                self.compare(how, *((one, other) if is_left else (other, one)))
                for one in (rest, last)
            )
            if of_last in (TRUE, FALSE):
                return self._replacing_null(of_rest, of_last, rest)
        return None

    def _of_case(self, how: str, left: str, right: str) -> str | None:
        """``nullif(x, 0) > 1`` is ``x > 1``: of a CASE of which all values but one are constants,
        the CASE of what is true of each."""
        for value, other, is_left in ((left, right, True), (right, left, False)):
            if self.forms.how(value) != "case" or not is_constant(other, self.forms):
                continue
            *flat, default = self.forms.parts(value)
            chosen = [*flat[1::2], default]
            if sum(not is_constant(one, self.forms) for one in chosen) > 1:
                continue
            pairs = [(one, other) if is_left else (other, one) for one in chosen]
            *asked, last = (self.compare(how, *pair) for pair in pairs)
            found = self.as_filter(self.case(list(zip(flat[::2], asked, strict=True)), last))
            return found if self.forms.how(found) != "case" else None
        return None

    def _replacing_null(self, condition: str, otherwise: str, value: str = "") -> str:
        """The condition, and if ``otherwise`` is true, that it (or the value) is NULL."""
        asked = self.as_filter(condition)
        if otherwise == FALSE:
            return asked
        return self.disjunction([asked, self.is_null(value or condition)])

    def _exists_as_filter(self, condition: str) -> str:
        """EXISTS without what it asks of rows around it, and this."""
        leaves, asked = self.product(self.forms.parts(condition)[0])
        inside = self.inside(condition)
        if inside is None or not all(map(self._is_table, leaves)):
            return condition
        around = [part for part in asked if self._is_comparison_around(part, inside)]
        if not around:
            return condition
        rest = self.rows(leaves, [part for part in asked if part not in around], inside)
        return self.conjunction([*around, self.exists(rest)])

    def _is_comparison_around(self, text: str, inside: frozenset[Use]) -> bool:
        """True for a comparison of columns of other tables."""
        plain = self.forms.is_comparison(text) and self.is_plain(text)
        return plain and inside.isdisjoint(self.tables_used(text))

    def is_plain(self, text: str) -> bool:
        """True for what reads columns only: no elements, rows or queries."""
        return all(self.forms.how(part) not in _OF_ROWS for part in self.forms.below(text))

    def case(self, branches: Sequence[tuple[str, str]], default: str) -> str:
        """As in every logic; NULL takes no branch."""
        asked = [(self.as_filter(condition), value) for condition, value in branches]
        return super().case([(one, self._where(value, one)) for one, value in asked], default)

    def _where(self, value: str, condition: str) -> str:
        """A value where a condition holds: what it replaces NULL with, or chooses otherwise, may
        not matter there."""
        if self.forms.how(value) == "coalesce":
            return self.coalesce(self.forms.parts(value), self.never_null([condition]))
        if self.forms.how(value) != "case":
            return value
        *flat, default = self.forms.parts(value)
        branches = list(zip(flat[::2], flat[1::2], strict=True))
        left = [one for one in branches if not self.excludes(one[0], condition)]
        return value if left == branches else self.case(left, default)

    def _case_as_filter(self, parts: Sequence[str]) -> str:
        """A CASE of conditions. If it is only true or not, and no branch keeps another one
        from being reached that matters, it is one condition or the other."""
        *flat, last = parts
        branches = [
            (self.as_filter(condition), self.as_filter(value))
            for condition, value in zip(flat[::2], flat[1::2], strict=True)
        ]
        default = self.as_filter(last)
        wanted: list[str] = []
        for n, (condition, value) in enumerate(branches):
            if value == FALSE:
                continue
            others = [other for other, theirs in branches[:n] if theirs != TRUE]
            if value != TRUE or not all(self.excludes(other, condition) for other in others):
                return self.case(branches, default)
            wanted.append(condition)
        if default == FALSE:
            return self.disjunction(wanted)
        left = [c for c, _ in branches if not self.excludes(c, default)]
        never = all(value == FALSE for _, value in branches)
        if never and all(self._is_told(condition, default) for condition in left):
            return self.conjunction([default, *map(self.negation, left)])
        return self.case(branches, default)

    def _is_told(self, condition: str, other: str) -> bool:
        """True for a comparison that is true or false wherever another condition holds."""
        filled = self.never_null([other])
        parts = self.forms.parts(condition) if self.forms.is_comparison(condition) else ()
        return bool(parts) and all(self.is_filled(part, filled) for part in parts)

    def excludes(self, one: str, other: str) -> bool:
        """True if the two are never both true: one value compared with constants."""
        parts = [*self._flat("and", [one]), *self._flat("and", [other])]
        compared = [part for part in parts if self.forms.is_comparison(part)]
        return FALSE in self.settled(compared).predicates

    def exists(self, rows: str, more: Iterable[str] = ()) -> str:
        """There are such rows that also fulfil `more`. Rows that are only grouped are there
        if those are of which the groups are made."""
        leaves, predicates = self.product(rows)
        found = [*predicates, *more]
        if len(leaves) == 1 and self.forms.how(leaves[0]) == "group":
            how, _, *keys = self.forms.parts(leaves[0])
            if how == "''" and not keys:  # an aggregate of no rows is a row, too
                leaves = [] if not any(map(self.is_aggregated, found)) else leaves
        while len(leaves) == 1:
            numbers, leaf = self.uses(leaves[0])
            if self.forms.how(leaf) != "group":
                break
            how, below, *keys = self.forms.parts(leaf)
            if how != "''" or not keys or any(self.is_aggregated(part) for part in found):
                break
            if self.forms.how(below) != "rows" or (numbers and not self._is_flat(below)):
                break
            leaves, inner = self.product(below)
            for number in reversed(numbers):
                leaves = [self.used(number, part) for part in leaves]
                inner = [self.used(number, part) for part in inner]
            found += inner
        asked = self.settled(self.conjuncts(found)).predicates
        if FALSE in asked:
            return FALSE
        if not leaves and not asked:
            return TRUE
        inside = self._inside.get(rows)
        leaves, asked, inside = self._own_tables(sorted(leaves), asked, inside)
        text = self.forms.form("exists", self.rows(leaves, asked))
        if inside is not None:
            self._note(text, inside)
        return text

    def inside(self, text: str) -> frozenset[Use] | None:
        """The tables below some rows, or an EXISTS over them: also those in which something is
        only looked up. None if nobody knows."""
        return self._inside.get(text)

    def learn(self, other: RowLogic) -> None:
        """Take over what another logic, over the same forms, knows of tables below rows, and of
        types."""
        self._types = {**other._types, **self._types}
        for text, tables in other._inside.items():
            self._note(text, tables)

    def values_around(self, exists: str) -> Sequence[str]:
        """Values of the rows around that an EXISTS compares: none of them is NULL if it holds."""
        inside = self.inside(exists)
        if inside is None:
            return ()
        _, asked = self.product(self.forms.parts(exists)[0])
        compared = [
            p for part in asked if self.forms.is_comparison(part) for p in self.forms.parts(part)
        ]
        return [
            p for p in compared if self.tables_used(p) and inside.isdisjoint(self.tables_used(p))
        ]

    def _note(self, text: str, tables: frozenset[Use]) -> None:
        self._inside[text] = self._inside.get(text, frozenset()) | tables

    def _is_flat(self, rows: str) -> bool:
        """True for tables of which all conditions only compare columns of theirs."""
        leaves, conditions = self.product(rows)
        if not all(map(self._is_table, leaves)):
            return False
        tables = frozenset(map(self.table, leaves))
        return all(self.tables_used(part) <= tables for part in conditions)

    def _is_table(self, leaf: str) -> bool:
        return self.forms.how(self.uses(leaf)[1]) == "table"

    def _own_tables(
        self, leaves: list[str], asked: frozenset[str], inside: frozenset[Use] | None
    ) -> tuple[list[str], frozenset[str], frozenset[Use] | None]:
        """Tables that nothing outside can speak of, numbered by themselves."""
        given = leaves, asked, inside
        named: list[str] = []
        counts: dict[str, int] = {}
        if not all(map(self._is_table, leaves)):
            return given
        for leaf in leaves:
            table = self.uses(leaf)[1]
            counts[table] = counts.get(table, 0) + 1
            number = f"own{counts[table]}"
            found = [self.relabelled(part, leaf, number) for part in asked]
            new = frozenset(part for part in found if part is not None)
            if None in found:
                return given
            asked = new
            named.append(self.used(number, table))
        if inside is not None:
            inside |= frozenset(map(self.table, named))
        return named, asked, inside

    def rows(
        self,
        leaves: Iterable[str],
        predicates: Iterable[str],
        tables: frozenset[Use] | None = None,
    ) -> str:
        """A product of leaves of which these hold; if they never do, it is empty.

        Args:
            tables: all tables below.
        """
        found = self.settled(predicates).predicates
        if FALSE in found:
            return self.forms.form("rows", "where", FALSE)
        text = self.forms.form("rows", *sorted(leaves), "where", *sorted(found))
        if tables is not None:
            self._note(text, tables)
        return text

    def product(self, rows: str) -> tuple[list[str], list[str]]:
        """(leaves, predicates) of rows."""
        parts = list(self.forms.parts(rows))
        where = parts.index("where") if "where" in parts else len(parts)
        return parts[:where], parts[where + 1 :]

    # -- what conditions say together -----------------------------------------------------

    def settled(self, predicates: Iterable[str]) -> Settled:
        """The canonical form of conditions that all hold, and what they say of values."""
        given = frozenset(predicates)
        found = self._settled.get(given)
        if found is None:
            found = self._settled[given] = settle(given, self)
        return found

    def told(self, text: str, predicates: Iterable[str]) -> str:
        """The value or condition in rows of which all of these hold."""
        given = frozenset(predicates)
        _, values, filled = self.settled(given)
        if not values:
            return text
        found = self.replaced(text, values, filled)
        if self.forms.how(found) not in ("case", "coalesce"):
            return found
        return self._where(found, self.conjunction(given))

    def never_null(self, predicates: Iterable[str]) -> frozenset[str]:
        """Values that are not NULL where all of these hold."""
        return self.settled(predicates).filled

    def replaced(
        self, text: str, values: Mapping[str, str], filled: frozenset[str] = frozenset()
    ) -> str:
        """The text with each value in the place of another.

        Args:
            filled: values that are not NULL there.
        """
        return replaced(text, values, self, filled)

    def in_use(self, number: str, text: str, tables: frozenset[Use]) -> str:
        """The value or leaf in the n-th use of its rows; one that is of other tables as well,
        as in a lateral query, or that is very large, only as a whole.

        Args:
            tables: those that the rows are made of.
        """
        if self.is_large(text) or not self.tables_used(text) <= tables:
            return self.forms.form("use", number, text)
        return self.used(number, text)

    def used(self, number: str, text: str) -> str:
        """The same of what is of those tables alone."""
        key = (number, text)
        if key not in self._used:
            self._used[key] = used(number, text, self)
        return self._used[key]

    def found_or_null(self, text: str, unit: str) -> str:
        """What an outer join finds, or NULL."""
        key = (unit, text)
        if key not in self._found:
            large = self.is_large(text)
            whole = self.forms.form("optional", unit, text)
            self._found[key] = whole if large else found_or_null(text, unit, self)
        return self._found[key]

    def relabelled(self, text: str, leaf: str, number: str) -> str | None:
        """What is said of one use of a table, said of another; None if that is not known."""
        key = (text, leaf, number)
        if key not in self._relabelled:
            self._relabelled[key] = relabelled(text, leaf, number, self)
        return self._relabelled[key]
