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

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.algebra import Surroundings
from analyticsops.sql.canonical_joins import NOTHING, JoinForms
from analyticsops.sql.canonical_rows import CanonicalRows, Text, UniqueKeys
from analyticsops.sql.contents import Differing
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.expressions import Printer
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.fingerprint import NOT_UNDERSTOOD, Fingerprint, Renames
from analyticsops.sql.forms import FALSE, NULL, Forms, atom, digest
from analyticsops.sql.outer_joins import without_needless_outer_joins
from analyticsops.sql.relation import Named, Others
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.sources import Tables
from analyticsops.sql.text_logic import ColumnTypes
from analyticsops.sql.walk import Walk

TypeFamilies = Mapping[str, Mapping[str, str]]
"""Table id -> name of a column -> family of its type."""


def fingerprint_query(
    query: exp.Expression,
    dialect: str,
    tables: Tables,
    renames: Renames | None = None,
    unique: UniqueKeys | None = None,
    types: TypeFamilies | None = None,
) -> Fingerprint:
    """The fingerprint of one parsed query.

    Args:
        unique: what somebody promises about tables; a proof that needs it names it.
        types: of columns, where they are certain; see
            :func:`analyticsops.sql.types.families.type_family`.
        renames: columns that are proven to be those of other names in the version that
            this one is compared with.
    """
    try:
        plain = without_needless_outer_joins(query)
        return _fingerprint(plain, dialect, tables, renames or {}, unique or {}, types or {})
    except RecursionError:
        return NOT_UNDERSTOOD


def _fingerprint(
    query: exp.Expression,
    dialect: str,
    tables: Tables,
    renames: Renames,
    unique: UniqueKeys,
    types: TypeFamilies,
) -> Fingerprint:
    rules = rules_of(dialect)
    families = column_types(types, renames, rules.fold)
    ordered = has_inner_order(query)

    def algebra(*, with_rows: bool) -> Canonical:
        logic = RowLogic(Forms(), dialect, families)
        printer = Printer(dialect, logic, with_rows=with_rows, order_counts=ordered)
        return Canonical(dialect, printer, renames, unique)

    full = algebra(with_rows=True)
    whole = Walk(rules, tables, full).relation(query)
    bare = Walk(rules, tables, algebra(with_rows=False)).relation(query)
    probes = [(o, o.demand(_PROBE, _PROBE).text) for o in whole.openings]
    known = whole.rows.known and all(text is not None for _, text in probes)
    return Fingerprint(
        columns=tuple(
            (a.key, a.name, digest(_value(a, whole.rows)), digest(b.value.text or ""))
            for a, b in zip(whole.columns, bare.columns, strict=True)
        ),
        rows=digest(full.text(whole.rows)) if known else "",
        filters=frozenset(digest(text) for text in bare.rows.filters),
        assumed=tuple(sorted(full.assumed)),
        openings=tuple(
            sorted(
                (f"{o.table} {digest(text or '')}", tuple(sorted(o.without))) for o, text in probes
            )
        ),
    )


def column_types(
    types: TypeFamilies, renames: Renames, fold: Callable[[str, bool], str]
) -> ColumnTypes:
    """The types as texts of columns name them.

    Args:
        renames: as for :func:`fingerprint_query`.
    """
    found: dict[tuple[str, ...], str] = {}
    for table, columns in types.items():
        for name, family in columns.items():
            key = fold(name, False)
            column = (atom(table), atom(renames.get((table, key), key)))
            found[column] = "" if column in found else family  # of two, nobody knows
    return found


def _value(column: Named[Text], rows: CanonicalRows) -> str:
    """Where there are no rows, all columns are alike."""
    return FALSE if rows.empty and column.value.text else column.value.text or ""


_PROBE = "*"
"""Stands for any column behind a star: its text shows what becomes of them all."""


def has_inner_order(query: exp.Expression) -> bool:
    """True if a subquery is sorted, which engines may keep for aggregates over it."""
    orders = query.find_all(exp.Order)
    return any(isinstance(o.parent, exp.Query) and o.parent is not query for o in orders)


class Tainted(NamedTuple):
    """Tables that do not hold the same in the two versions that are compared.

    Attributes:
        differing: in what, by table id; others may still be added.
        side: a word for the version, which tells the texts of what differs from those of the
            other.
    """

    differing: Mapping[str, Differing]
    side: str


class Canonical(JoinForms):
    """The algebra of :class:`Text` and :class:`CanonicalRows`.

    Args:
        renames: as for :func:`fingerprint_query`, and so is ``unique``.
        tainted: what the other version has other contents of.
        filled: table id -> key of a column that is never NULL -> who promises so, as in
            :attr:`analyticsops.sql.logic.Logic.filled`.
    """

    tells_rows_apart = True
    constants = False
    calls = False
    nothing = Text(NULL)
    single_row = CanonicalRows()

    def __init__(
        self,
        dialect: str,
        printer: Printer,
        renames: Renames,
        unique: UniqueKeys,
        tainted: Tainted | None = None,
        filled: Mapping[str, Mapping[str, tuple[str, str] | None]] | None = None,
    ) -> None:
        super().__init__(printer.logic, with_rows=printer.with_rows)
        self._tainted = tainted
        self._filled = filled or {}
        self._unique = unique
        self._renames = renames
        self._fold = rules_of(dialect).fold
        self._printer = printer

    def settled(self, rows: CanonicalRows) -> tuple[CanonicalRows, Callable[[Text], Text] | None]:
        """Values that the conditions say to be equal are the same one from here on."""
        predicates = self.logic.settled(rows.predicates).predicates
        if FALSE in predicates:
            return rows._replace(predicates=predicates), None
        if not predicates or not self._printer.with_rows:
            return rows, None

        def change(value: Text) -> Text:
            if value.text is None:
                return value
            text = self.logic.told(value.text, predicates)
            return value if text == value.text else Text(text)

        return rows, change

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
        differing = self._differing(table)
        is_other = differing is not None and key in differing.columns and found == key
        side = (self._side,) if is_other else ()
        text = self.forms.form("column", atom(table.id), atom(found), *side)
        known = self._filled.get(table.id, {})
        if key in known:
            self.logic.filled[text] = known[key]
        return Text(text)

    def _differing(self, table: TableColumns) -> Differing | None:
        return None if self._tainted is None else self._tainted.differing.get(table.id)

    @property
    def _side(self) -> str:
        return "" if self._tainted is None else self._tainted.side

    def table(self, table: TableColumns) -> CanonicalRows:
        """A base table, with the keys that somebody promises."""
        keys: dict[bool, set[frozenset[str]]] = {True: set(), False: set()}
        for names, filled in self._unique.get(table.id, ()):
            texts = [self.column(table, name).text for name in names]
            key = frozenset(text for text in texts if text is not None)
            keys[filled].add(key)
            self.promised[key] = (table.id, names)
        differing = self._differing(table)
        rows = self.leaf(table, self._side if differing is not None and differing.rows else "")
        return rows._replace(keys=frozenset(keys[True]), matches=frozenset(keys[False]))

    def evaluate(self, node: exp.Expression, scope: Surroundings[Text, CanonicalRows]) -> Text:
        """The canonical text of an expression."""
        parts = self._printer.conjuncts(node, scope)
        if parts is None:
            return Text(None)
        if len(parts) == 1 and not isinstance(node.unnest(), exp.And):
            text = self._told(next(iter(parts)), scope)
            parts = self.logic.conjuncts([text])
            return Text(text, parts if self.forms.is_condition(text) else frozenset())
        return Text(self.logic.conjunction(parts), parts)

    def _told(self, text: str, scope: Surroundings[Text, CanonicalRows]) -> str:
        """The value in rows of which something is known; where only the expression is asked for,
        its rows say nothing."""
        if scope.adds_groups or not self._printer.with_rows:
            return text
        return self.logic.told(text, scope.ungrouped.predicates)

    def field(self, value: Text, path: str) -> Text:
        """A field of a struct."""
        return self._text("field", value, atom(path))

    def row_of(
        self,
        row: Sequence[Text],
        names: Sequence[str] = (),
        others: Others[Text] | None = None,
    ) -> Text:
        """A whole row; of unknown columns it is not understood."""
        if others is not None:
            return Text(None)
        return self._text("row", *row)

    def fields(self, value: Text) -> None:
        """Fields are not followed into the struct that they were put in."""

    def cell(self, values: Sequence[Text], position: int, what: str) -> Text:
        """The n-th column of these very VALUES."""
        return self._text("cell", str(position), digest(what), *values)

    def ordered(self, value: Text, how: str) -> Text:
        """The direction matters."""
        return self._text("ordered", atom(how), value)

    def either(self, values: Sequence[Text], problem: Problem) -> Text:
        """Ambiguous: not understood."""
        return Text(None)

    def faulty(self, problem: Problem) -> Text:
        """Not understood."""
        return Text(None)

    def merged(self, left: Text, right: Text, how: str) -> Text:
        """USING: the side that is never missing."""
        if how == "full":
            if left.text is None or right.text is None:
                return Text(None)
            return Text(self.logic.coalesce([left.text, right.text]))
        return right if how == "right" else left

    def equated(self, left: Text, right: Text) -> Text:
        """As written with ON."""
        if left.text is None or right.text is None:
            return Text(None)
        return Text(self.logic.compare("eq", left.text, right.text))

    def depends(self, join: CanonicalRows, how: str) -> str:
        """A side that only looks something up in the other, or may not find it."""
        return {"left": "right", "right": "left"}.get(join.lookup, how)

    def optional(self, value: Text, join: CanonicalRows) -> Text:
        """What this very join finds, or NULL."""
        if value.text is None:
            return value
        if join.unit == NOTHING:
            return Text(NULL)
        unit = join.unit if self._printer.with_rows else "-"
        return Text(self.logic.found_or_null(value.text, unit))

    def instance(self, value: Text, number: int, rows: CanonicalRows) -> Text:
        """The value in the n-th use of its rows."""
        if value.text is None:
            return value
        return Text(self.logic.in_use(str(number), value.text, rows.tables))

    def element(self, rows: CanonicalRows, argument: Text, what: str) -> Text:
        """An element of the n-th explosion of the same value."""
        leaf = self.exploded_leaf(argument, what)
        return self._text("element", str(rows.leaves.count(leaf)), digest(what), argument)

    def combined(self, how: str, left: Text, right: Text, rows: CanonicalRows) -> Text:
        """A column of a set operation: its value in each branch."""
        return self.merged_value(left, right, rows) if how.startswith("union") else left

    def _text(self, how: str, *parts: Text | str) -> Text:
        texts = [part if isinstance(part, str) else part.text for part in parts]
        if any(text is None for text in texts):
            return Text(None)
        return Text(self.forms.form(how, *(text for text in texts if text is not None)))
