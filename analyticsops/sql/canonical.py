"""The fingerprint algebra: a value is a canonical text down to base columns.

Equal text means proven equal under SQL's NULL semantics; different text means *not
proven*, never "different". Names of CTEs, aliases, formatting, the order of joins of
distinct tables, of conjuncts and of commutative operands do not enter the text, so a
refactoring that only moves those keeps it. A rewrite that is not safe is not made.

Rows and columns are told apart: the text of the rows holds the sources, joins,
filters, grouping and limits; the text of a column is its expression over those rows.
Both must be equal for a column to be equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from sqlglot import exp

from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.expressions import Printer
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.sources import Tables
from analyticsops.sql.walk import Walk


class Text(NamedTuple):
    """A canonical text; None if the value is not understood.

    ``conjuncts`` are its parts if it is an AND.
    """

    text: str | None
    conjuncts: frozenset[str] = frozenset()


class CanonicalRows(NamedTuple):
    """Rows: a product of leaves, restricted by predicates.

    Attributes:
        leaves: sorted texts of tables, groups, outer-joined units, ...
        predicates: conjuncts, as a set: ``p AND p`` is ``p``.
        bases: ids of all tables below, to tell uses of one table apart.
        filters: every predicate below, however deep: what a change of rows is told by.
        unit: identity of the join made last, for values that it may turn to NULL.
        known: False if something in it is not understood.
    """

    leaves: tuple[str, ...] = ()
    predicates: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    unit: str = ""
    known: bool = True

    @property
    def text(self) -> str:
        """The whole as one text."""
        return _form("rows", *self.leaves, "where", *sorted(self.predicates))


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """The meaning of a query, comparable with that of another version of it.

    Attributes:
        columns: (key, name, text, expression) in order. ``text`` holds the rows that an
            aggregate or window is computed over; ``expression`` leaves them out, so that
            a changed filter is not also a changed expression. Both are digests, empty if
            the column is not understood.
        rows: digest of the row set; empty if it is not understood.
        filters: digests of all predicates, however deep.
        openings: stars over unknown columns, as (table, excluded names).
    """

    columns: tuple[tuple[str, str, str, str], ...]
    rows: str
    filters: frozenset[str]
    openings: tuple[tuple[str, tuple[str, ...]], ...]


Renames = Mapping[tuple[str, str], str]
"""(table id, key of a column) -> key under which the other version knows it."""


def fingerprint_query(
    query: exp.Expression, dialect: str, tables: Tables, renames: Renames | None = None
) -> Fingerprint:
    """The fingerprint of one parsed query.

    Args:
        renames: columns that are proven to be those of other names in the version that
            this one is compared with.
    """
    rules = rules_of(dialect)
    known = renames or {}
    whole = Walk(rules, tables, Canonical(dialect, renames=known)).relation(query)
    bare = Walk(rules, tables, Canonical(dialect, renames=known, with_rows=False)).relation(query)
    return Fingerprint(
        columns=tuple(
            (a.key, a.name, _digest(a.value.text or ""), _digest(b.value.text or ""))
            for a, b in zip(whole.columns, bare.columns, strict=True)
        ),
        rows=_digest(whole.rows.text) if whole.rows.known else "",
        filters=frozenset(_digest(text) for text in whole.rows.filters),
        openings=tuple(sorted((o.table, tuple(sorted(o.without))) for o in whole.openings)),
    )


class Canonical:
    """The algebra of :class:`Text` and :class:`CanonicalRows`."""

    nothing = Text("null")
    single_row = CanonicalRows()

    def __init__(self, dialect: str, *, renames: Renames, with_rows: bool = True) -> None:
        self._renames = renames
        self._fold = rules_of(dialect).fold
        self._printer = Printer(dialect, with_rows=with_rows)
        self._with_rows = with_rows

    # -- values ----------------------------------------------------------------

    def column(self, table: TableColumns, name: str) -> Text:
        """A base column by its table's id: schema names do not count."""
        key = self._fold(name, False)
        return Text(_form("column", table.id, self._renames.get((table.id, key), key)))

    def evaluate(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> Text:
        """The canonical text of an expression."""
        parts = self._printer.conjuncts(node, scope)
        if parts is None:
            return Text(None)
        if len(parts) == 1:
            return Text(next(iter(parts)))
        return Text(_form("and", *sorted(parts)), parts)

    def field(self, value: Text, path: str) -> Text:
        """A field of a struct."""
        return _text("field", value, path)

    def row_of(self, values: Sequence[Text]) -> Text:
        """A whole row."""
        return _text("row", *values)

    def either(self, values: Sequence[Text], problem: Problem) -> Text:
        """Ambiguous: not understood."""
        return Text(None)

    def faulty(self, problem: Problem) -> Text:
        """Not understood."""
        return Text(None)

    def merged(self, left: Text, right: Text, how: str) -> Text:
        """USING: the side that is never missing."""
        if how == "full":
            return _text("coalesce", left, right)
        return right if how == "right" else left

    def optional(self, value: Text, join: CanonicalRows) -> Text:
        """NULL where this very join finds no partner."""
        return _text("optional", join.unit if self._with_rows else "", value)

    def instance(self, value: Text, number: int) -> Text:
        """The value in the n-th use of its rows."""
        return _text("use", str(number), value)

    def element(self, rows: CanonicalRows, argument: Text, what: str) -> Text:
        """An element of the n-th explosion of the same value."""
        leaf = _form("explode", what, argument.text or "?")
        return _text("element", str(rows.leaves.count(leaf)), what, argument)

    def combined(self, how: str, left: Text, right: Text) -> Text:
        """A column of a set operation: both branches, in their order."""
        return _text(how, left, right) if how.startswith("union") else left

    # -- rows ------------------------------------------------------------------

    def table(self, table: TableColumns) -> CanonicalRows:
        """A base table."""
        return CanonicalRows((_form("table", table.id),), bases=frozenset({table.id}))

    def faulty_rows(self, rows: CanonicalRows, problem: Problem) -> CanonicalRows:
        """Not understood."""
        return rows._replace(known=False)

    def same_rows(self, left: CanonicalRows, right: CanonicalRows) -> bool:
        """Two uses of one table in one FROM clause must not share column texts."""
        return not left.bases.isdisjoint(right.bases)

    def instance_rows(self, rows: CanonicalRows, number: int) -> CanonicalRows:
        """All leaves and predicates speak of the n-th use."""
        label = str(number)
        return rows._replace(
            leaves=tuple(sorted(_form("use", label, leaf) for leaf in rows.leaves)),
            predicates=frozenset(_form("use", label, text) for text in rows.predicates),
        )

    def joined(
        self, left: CanonicalRows, right: CanonicalRows, how: str, conditions: Sequence[Text]
    ) -> CanonicalRows:
        """Inner joins are products with predicates; outer ones are units of their own."""
        bases = left.bases | right.bases
        filters = left.filters | right.filters
        known = left.known and right.known and all(c.text is not None for c in conditions)
        on = frozenset().union(*(_conjuncts(condition) for condition in conditions))
        if how in ("inner", "cross", "lateral"):
            leaves = tuple(sorted((*left.leaves, *right.leaves)))
            predicates = left.predicates | right.predicates | on
            return CanonicalRows(leaves, predicates, bases, filters, known=known)
        if how == "right":
            left, right = right, left
        if how in ("left", "right"):
            unit = _form("outer", right.text, *sorted(on))
            leaves = tuple(sorted((*left.leaves, unit)))
            return CanonicalRows(leaves, left.predicates, bases, filters, _digest(unit), known)
        if how in ("semi", "anti"):
            predicate = _form(how, right.text, *sorted(on))
            return left._replace(predicates=left.predicates | {predicate}, bases=bases, known=known)
        unit = _form(how, left.text, right.text, *sorted(on))
        return CanonicalRows((unit,), frozenset(), bases, filters, _digest(unit), known)

    def filtered(self, rows: CanonicalRows, condition: Text) -> CanonicalRows:
        """More predicates."""
        return rows._replace(
            predicates=rows.predicates | _conjuncts(condition),
            filters=rows.filters | _conjuncts(condition),
            known=rows.known and condition.text is not None,
        )

    def grouped(self, rows: CanonicalRows, keys: Sequence[Text], how: str) -> CanonicalRows:
        """One leaf that stands for the groups; the order of keys does not matter."""
        texts = sorted({key.text or "?" for key in keys})
        known = rows.known and all(key.text is not None for key in keys)
        leaf = _form("group", how, rows.text, *texts)
        return CanonicalRows((leaf,), frozenset(), rows.bases, rows.filters, known=known)

    def distinct(
        self, rows: CanonicalRows, keys: Sequence[Text], order: Sequence[Text]
    ) -> CanonicalRows:
        """DISTINCT is grouping by every column; DISTINCT ON also chooses."""
        if not order:
            return self.grouped(rows, keys, "")
        first = _form("first", *(value.text or "?" for value in order))
        grouped = self.grouped(rows, keys, first)
        return grouped._replace(
            known=grouped.known and all(value.text is not None for value in order)
        )

    def limited(self, rows: CanonicalRows, order: Sequence[Text], limit: str) -> CanonicalRows:
        """The first rows in this order."""
        known = rows.known and all(value.text is not None for value in order)
        leaf = _form("limit", limit, rows.text, *(value.text or "?" for value in order))
        return CanonicalRows((leaf,), frozenset(), rows.bases, rows.filters, known=known)

    def exploded(self, rows: CanonicalRows, argument: Text, what: str) -> CanonicalRows:
        """One more factor of the product."""
        leaf = _form("explode", what, argument.text or "?")
        return rows._replace(
            leaves=tuple(sorted((*rows.leaves, leaf))),
            known=rows.known and argument.text is not None,
        )

    def combined_rows(
        self,
        how: str,
        left: CanonicalRows,
        right: CanonicalRows,
        values: Sequence[tuple[Text, Text]],
    ) -> CanonicalRows:
        """UNION ALL appends; the others compare whole rows, so columns matter."""
        known = left.known and right.known
        parts: list[str] = []
        if how != "union all":
            texts = [(a.text, b.text) for a, b in values]
            known = known and all(a is not None and b is not None for a, b in texts)
            parts = [_form("pair", a or "?", b or "?") for a, b in texts]
        leaf = _form(how, left.text, right.text, *parts)
        bases, filters = left.bases | right.bases, left.filters | right.filters
        return CanonicalRows((leaf,), frozenset(), bases, filters, known=known)


def _conjuncts(value: Text) -> frozenset[str]:
    if value.conjuncts:
        return value.conjuncts
    return frozenset({value.text if value.text is not None else "?"})


def _text(how: str, *parts: Text | str) -> Text:
    texts = [part if isinstance(part, str) else part.text for part in parts]
    if any(text is None for text in texts):
        return Text(None)
    return Text(_form(how, *(text for text in texts if text is not None)))


def _form(how: str, *parts: str) -> str:
    """``(how part part)``; long parts by their digest, so that texts stay short."""
    return f"({how} {' '.join(_short(part) for part in parts)})"


def _short(part: str) -> str:
    return part if len(part) <= 120 else f"#{_digest(part)}"


def _digest(text: str) -> str:
    return (
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest() if text else ""
    )
