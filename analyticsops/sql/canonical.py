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

from collections.abc import Sequence
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.expressions import Printer
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.fingerprint import NOT_UNDERSTOOD, Fingerprint, Renames
from analyticsops.sql.forms import atom, digest, form, is_condition
from analyticsops.sql.outer_joins import without_needless_outer_joins
from analyticsops.sql.relation import Others, Relation
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
        uses: the highest number given to a use of a table below.
        unit: identity of the join made last, for values that it may turn to NULL.
        known: False if something in it is not understood.
        keys: sets of values that no two of the rows have in common, NULL taken as a value.
        repeated: the rows of which these are the distinct ones.
    """

    leaves: tuple[str, ...] = ()
    predicates: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    uses: int = 0
    unit: str = ""
    known: bool = True
    keys: frozenset[frozenset[str]] = frozenset()
    repeated: CanonicalRows | None = None

    @property
    def as_set(self) -> CanonicalRows:
        """What is as good where repeated rows do not count: in IN, EXISTS and UNION."""
        return self if self.repeated is None else self.repeated.as_set

    @property
    def text(self) -> str:
        """The whole as one text."""
        return form("rows", *self.leaves, "where", *sorted(self.predicates))


_MANY = 300
"""Leaves and predicates of one product; hand-written queries have dozens."""


def fingerprint_query(
    query: exp.Expression, dialect: str, tables: Tables, renames: Renames | None = None
) -> Fingerprint:
    """The fingerprint of one parsed query.

    Args:
        renames: columns that are proven to be those of other names in the version that
            this one is compared with.
    """
    try:
        plain = without_needless_outer_joins(query)
        return _fingerprint(plain, dialect, tables, renames or {})
    except RecursionError:
        return NOT_UNDERSTOOD


def _fingerprint(
    query: exp.Expression, dialect: str, tables: Tables, renames: Renames
) -> Fingerprint:
    rules = rules_of(dialect)
    ordered = _has_inner_order(query)

    def relation(*, with_rows: bool) -> Relation[Text, CanonicalRows]:
        printer = Printer(dialect, with_rows=with_rows, order_counts=ordered)
        return Walk(rules, tables, Canonical(dialect, printer, renames)).relation(query)

    whole, bare = relation(with_rows=True), relation(with_rows=False)
    probes = [(o, o.demand(_PROBE, _PROBE).text) for o in whole.openings]
    known = whole.rows.known and all(text is not None for _, text in probes)
    return Fingerprint(
        columns=tuple(
            (a.key, a.name, digest(a.value.text or ""), digest(b.value.text or ""))
            for a, b in zip(whole.columns, bare.columns, strict=True)
        ),
        rows=digest(whole.rows.text) if known else "",
        filters=frozenset(digest(text) for text in bare.rows.filters),
        openings=tuple(
            sorted(
                (f"{o.table} {digest(text or '')}", tuple(sorted(o.without))) for o, text in probes
            )
        ),
    )


_PROBE = "*"
"""Stands for any column behind a star: its text shows what becomes of them all."""


def _has_inner_order(query: exp.Expression) -> bool:
    """True if a subquery is sorted, which engines may keep for aggregates over it."""
    orders = query.find_all(exp.Order)
    return any(isinstance(o.parent, exp.Query) and o.parent is not query for o in orders)


class Canonical:
    """The algebra of :class:`Text` and :class:`CanonicalRows`."""

    tells_rows_apart = True
    constants = False
    calls = False
    nothing = Text("(null)")
    single_row = CanonicalRows()

    def __init__(self, dialect: str, printer: Printer, renames: Renames) -> None:
        self._renames = renames
        self._fold = rules_of(dialect).fold
        self._printer = printer

    # -- values ----------------------------------------------------------------

    def columns(self, table: TableColumns) -> Sequence[Text]:
        """All columns of a base table."""
        return [self.column(table, name) for name in table.columns]

    def demanded(self, table: TableColumns, name: str) -> Text:
        """A base column like the others."""
        return self.column(table, name)

    def column(self, table: TableColumns, name: str) -> Text:
        """A base column by its table's id: schema names do not count."""
        key = self._fold(name, False)
        if key != name and key in table.columns and self._fold(name, True) == name:
            key = name  # a quoted twin
        found = self._renames.get((table.id, key), key)
        return Text(form("column", atom(table.id), atom(found)))

    def evaluate(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> Text:
        """The canonical text of an expression."""
        parts = self._printer.conjuncts(node, scope)
        if parts is None:
            return Text(None)
        if len(parts) == 1 and is_condition(text := next(iter(parts))):
            return Text(text, parts)
        if len(parts) == 1 and not isinstance(node.unnest(), exp.And):
            return Text(next(iter(parts)))
        return Text(form("and", *sorted(parts)), parts)

    def field(self, value: Text, path: str) -> Text:
        """A field of a struct."""
        return _text("field", value, atom(path))

    def row_of(
        self,
        row: Sequence[Text],
        names: Sequence[str] = (),
        others: Others[Text] | None = None,
    ) -> Text:
        """A whole row; of unknown columns it is not understood."""
        if others is not None:
            return Text(None)
        return _text("row", *row)

    def fields(self, value: Text) -> None:
        """Fields are not followed into the struct that they were put in."""

    def cell(self, values: Sequence[Text], position: int, what: str) -> Text:
        """The n-th column of these very VALUES."""
        return _text("cell", str(position), digest(what), *values)

    def ordered(self, value: Text, how: str) -> Text:
        """The direction matters."""
        return _text("ordered", atom(how), value)

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

    def equated(self, left: Text, right: Text) -> Text:
        """As written with ON."""
        if left.text is None or right.text is None:
            return Text(None)
        return Text(form("eq", *sorted([left.text, right.text])))

    def optional(self, value: Text, join: CanonicalRows) -> Text:
        """NULL where this very join finds no partner."""
        return _text("optional", join.unit if self._printer.with_rows else "-", value)

    def instance(self, value: Text, number: int) -> Text:
        """The value in the n-th use of its rows."""
        return _text("use", str(number), value)

    def element(self, rows: CanonicalRows, argument: Text, what: str) -> Text:
        """An element of the n-th explosion of the same value."""
        leaf = _exploded_leaf(argument, what)
        return _text("element", str(rows.leaves.count(leaf)), digest(what), argument)

    def combined(self, how: str, left: Text, right: Text) -> Text:
        """A column of a set operation: both branches, in their order."""
        return _text(atom(how), left, right) if how.startswith("union") else left

    # -- rows ------------------------------------------------------------------

    def table(self, table: TableColumns) -> CanonicalRows:
        """A base table."""
        return CanonicalRows((form("table", atom(table.id)),), bases=frozenset({table.id}))

    def faulty_rows(self, rows: CanonicalRows, problem: Problem) -> CanonicalRows:
        """Not understood."""
        return rows._replace(known=False)

    def use_number(self, around: Sequence[CanonicalRows], rows: CanonicalRows) -> int:
        """Two uses of one table in one query must not share column texts."""
        if all(other.bases.isdisjoint(rows.bases) for other in around):
            return 0
        return 1 + max(other.uses for other in around)

    def instance_rows(self, rows: CanonicalRows, number: int) -> CanonicalRows:
        """All leaves and predicates speak of the n-th use."""
        label = str(number)
        return rows._replace(
            leaves=tuple(sorted(form("use", label, leaf) for leaf in rows.leaves)),
            predicates=frozenset(form("use", label, text) for text in rows.predicates),
            uses=max(rows.uses, number),
            keys=frozenset(
                frozenset(form("use", label, text) for text in key) for key in rows.keys
            ),
            repeated=None,
        )

    def joined(
        self, left: CanonicalRows, right: CanonicalRows, how: str, conditions: Sequence[Text]
    ) -> CanonicalRows:
        """Inner joins are products with predicates; outer ones are units of their own."""
        on = frozenset().union(*(_conjuncts(condition) for condition in conditions))
        left, right = _packed(left), _packed(right)
        both = CanonicalRows(
            bases=left.bases | right.bases,
            filters=left.filters | right.filters,
            uses=max(left.uses, right.uses),
            known=left.known and right.known and all(c.text is not None for c in conditions),
        )
        if how in ("inner", "cross", "lateral"):
            leaves = tuple(sorted((*left.leaves, *right.leaves)))
            keys = frozenset(one | other for one in left.keys for other in right.keys)
            return both._replace(
                leaves=leaves, predicates=left.predicates | right.predicates | on, keys=keys
            )
        if how in ("semi", "anti"):
            predicate = form(how, right.as_set.text, *sorted(on))
            return both._replace(
                leaves=left.leaves, predicates=left.predicates | {predicate}, keys=left.keys
            )
        if how in ("left", "right"):
            kept, joined = (left, right) if how == "left" else (right, left)
            unit = form("outer", joined.text, *sorted(on))
            leaves = tuple(sorted((*kept.leaves, unit)))
            return both._replace(leaves=leaves, predicates=kept.predicates, unit=digest(unit))
        unit = form(atom(how), left.text, right.text, *sorted(on))
        return both._replace(leaves=(unit,), unit=digest(unit))

    def filtered(self, rows: CanonicalRows, condition: Text) -> CanonicalRows:
        """More predicates."""
        return rows._replace(
            predicates=rows.predicates | _conjuncts(condition),
            filters=rows.filters | _conjuncts(condition),
            known=rows.known and condition.text is not None,
            repeated=None,
        )

    def grouped(self, rows: CanonicalRows, keys: Sequence[Text], how: str) -> CanonicalRows:
        """One leaf that stands for the groups; the order of keys does not matter."""
        texts = sorted({key.text or "?" for key in keys})
        known = rows.known and all(key.text is not None for key in keys)
        framed = _framed(rows, form("group", atom(how), rows.text, *texts), known)
        return framed if how else framed._replace(keys=frozenset({frozenset(texts)}))

    def distinct(
        self, rows: CanonicalRows, keys: Sequence[Text], order: Sequence[Text]
    ) -> CanonicalRows:
        """DISTINCT is grouping by every column, and nothing if no two rows are equal
        anyway; DISTINCT ON also chooses."""
        if not order:
            texts = frozenset(key.text or "?" for key in keys)
            if any(key <= texts for key in rows.keys):
                return rows
            return self.grouped(rows, keys, "")._replace(repeated=rows)
        first = form("first", *(value.text or "?" for value in order))
        grouped = self.grouped(rows, keys, first)
        return grouped._replace(
            known=grouped.known and all(value.text is not None for value in order)
        )

    def limited(self, rows: CanonicalRows, order: Sequence[Text], limit: str) -> CanonicalRows:
        """The first rows in this order. Without one, nobody knows which rows."""
        known = rows.known and bool(order) and all(value.text is not None for value in order)
        keys = (value.text or "?" for value in order)
        framed = _framed(rows, form("limit", atom(limit), rows.text, *keys), known)
        return framed._replace(keys=rows.keys)

    def marked(self, rows: CanonicalRows, what: str) -> CanonicalRows:
        """What the clause says counts."""
        return _framed(rows, form("marked", digest(what), rows.text), rows.known)

    def exploded(self, rows: CanonicalRows, argument: Text, what: str) -> CanonicalRows:
        """One more factor of the product."""
        leaf = _exploded_leaf(argument, what)
        return rows._replace(
            leaves=tuple(sorted((*rows.leaves, leaf))),
            bases=rows.bases | {leaf},
            known=rows.known and argument.text is not None,
            keys=frozenset(),
            repeated=None,
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
        keys: frozenset[frozenset[str]] = frozenset()
        if how == "union":
            left, right = left.as_set, right.as_set
            both = (self.combined(how, *pair).text or "?" for pair in values)
            keys = frozenset({frozenset(both)})
        if how != "union all":
            texts = [(a.text, b.text) for a, b in values]
            known = known and all(a is not None and b is not None for a, b in texts)
            parts = [form("pair", a or "?", b or "?") for a, b in texts]
        return CanonicalRows(
            leaves=(form(atom(how), left.text, right.text, *parts),),
            bases=left.bases | right.bases,
            filters=left.filters | right.filters,
            uses=max(left.uses, right.uses),
            known=known,
            keys=keys,
        )


def _framed(rows: CanonicalRows, leaf: str, known: bool) -> CanonicalRows:
    """One leaf in the place of everything below it."""
    return CanonicalRows((leaf,), frozenset(), rows.bases, rows.filters, rows.uses, known=known)


def _packed(rows: CanonicalRows) -> CanonicalRows:
    """One leaf instead of very many: CTEs that join the one before them twice double."""
    if len(rows.leaves) + len(rows.predicates) <= _MANY:
        return rows
    return _framed(rows, form("packed", rows.text), rows.known)


def _exploded_leaf(argument: Text, what: str) -> str:
    return form("explode", digest(what), argument.text or "?")


def _conjuncts(value: Text) -> frozenset[str]:
    if value.conjuncts:
        return value.conjuncts
    return frozenset({value.text if value.text is not None else "?"})


def _text(how: str, *parts: Text | str) -> Text:
    texts = [part if isinstance(part, str) else part.text for part in parts]
    if any(text is None for text in texts):
        return Text(None)
    return Text(form(how, *(text for text in texts if text is not None)))
