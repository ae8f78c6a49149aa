"""The fingerprint algebra over tables whose own meaning is known: a column of a model is what
the model computes, so that the text of a value reaches down to columns of sources.

What a model means arrives as texts. A long part of a text is its digest there, about which
is known only which tables are below it: no rewrite is made that would need to see more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from sqlglot import exp

from analyticsops.sql.canonical import has_inner_order
from analyticsops.sql.canonical_rows import CanonicalRows, Text, UniqueKeys
from analyticsops.sql.described import Described, named
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.expressions import Printer
from analyticsops.sql.facts import TableColumns
from analyticsops.sql.foreign import ForeignForms
from analyticsops.sql.forms import (
    atom,
    read_form,
    short,
)
from analyticsops.sql.meaning import About, Meaning, Side
from analyticsops.sql.outer_joins import without_needless_outer_joins
from analyticsops.sql.relation import Relation
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.sources import Tables
from analyticsops.sql.text_logic import Use
from analyticsops.sql.walk import Walk

_LONGEST = 4_000
"""Characters of a text that is handed on; longer ones are handed on as digests."""

_MOST_PREDICATES = 200
"""Of rows that are handed on."""


def query_meaning(
    query: exp.Expression,
    dialect: str,
    tables: Tables,
    near: Mapping[str, Meaning],
    names: Sequence[str],
    unique: UniqueKeys | None = None,
) -> Meaning:
    """The meaning of a parsed query.

    Args:
        near: by id, the meaning of tables that it reads; of others nothing is known but
            their names.
        names: of its columns that are asked for; those behind an open star as well.
            Without any, all that it lists.
        unique: what somebody promises about tables.

    Raises:
        RecursionError: it is nested too deeply.
    """
    plain = without_needless_outer_joins(query)
    rules = rules_of(dialect)
    ordered = has_inner_order(plain)

    def walked(*, with_rows: bool) -> tuple[Inlined, Relation[Text, CanonicalRows]]:
        forms = ForeignForms()
        logic = RowLogic(forms, dialect)
        printer = Printer(dialect, logic, with_rows=with_rows, order_counts=ordered)
        sides = {key: (meaning, with_rows) for key, meaning in near.items()}
        algebra = Inlined(dialect, printer, unique or {}, sides, forms)
        return algebra, Walk(rules, tables, algebra).relation(plain)

    full, whole = walked(with_rows=True)
    bare, shape = walked(with_rows=False)
    wanted = tuple(names) or tuple(column.name for column in whole.columns)
    about = _about(full, whole, wanted, rules.fold)
    return Meaning(
        names=wanted,
        full=_side(full, whole, wanted, rules.fold),
        bare=_side(bare, shape, wanted, rules.fold),
        # A table of which nothing is left may be read again like any other.
        bases=tuple(sorted({table for part in about for table in part.tables})),
        about=about,
        uses=whole.rows.uses,
        known=whole.rows.known,
        assumed=tuple(sorted(full.assumed)),
    )


def _side(
    algebra: Inlined,
    relation: Relation[Text, CanonicalRows],
    names: Sequence[str],
    fold: Callable[[str, bool], str],
) -> Side:
    rows = relation.rows
    leaves, predicates = rows.leaves, tuple(sorted(rows.predicates))
    if len(leaves) + len(predicates) > _MOST_PREDICATES:
        leaves, predicates = (algebra.forms.form("packed", algebra.text(rows)),), ()
    return Side(
        columns=tuple(_shortened(_value(relation, name, fold)) for name in names),
        leaves=tuple(map(_shortened, leaves)),
        predicates=tuple(map(_shortened, predicates)),
        keys=_keys(rows.keys),
        matches=_keys(rows.matches),
    )


def _about(
    algebra: Inlined,
    relation: Relation[Text, CanonicalRows],
    names: Sequence[str],
    fold: Callable[[str, bool], str],
) -> tuple[About, ...]:
    """What can be said of each column, and at last of the rows."""
    found = [algebra.about([_value(relation, name, fold)]) for name in names]
    return (*found, algebra.about([*relation.rows.leaves, *relation.rows.predicates]))


def _keys(keys: frozenset[frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted(tuple(sorted(map(_shortened, key))) for key in keys))


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else short(text)


def _value(
    relation: Relation[Text, CanonicalRows], name: str, fold: Callable[[str, bool], str]
) -> str:
    """The text of a column by name; empty if it is not understood."""
    for key in (fold(name, True), fold(name, False)):
        found = relation.value(key)
        if found is not None:
            return found.text or ""
    like = relation.like(name)
    if like is not None:
        return like.text or ""
    key = fold(name, False)
    openings = relation.openings_for(key)
    return (openings[0].demand(key, name).text or "") if len(openings) == 1 else ""


_PLAIN = ("(column ", "(table ")
"""Texts that say themselves of which table they speak."""


class Inlined(Described):
    """The algebra.

    Args:
        near: by id, the meaning of a table, and whether its texts are to hold rows.
    """

    def __init__(
        self,
        dialect: str,
        printer: Printer,
        unique: UniqueKeys,
        near: Mapping[str, tuple[Meaning, bool]],
        forms: ForeignForms,
    ) -> None:
        super().__init__(dialect, printer, unique)
        self._near = near
        self._adopted = forms
        self._texts: dict[str, dict[str, tuple[str, About]]] = {}

    def column(self, table: TableColumns, name: str) -> Text:
        """What the table computes under this name; of a source, the column itself."""
        found = self._near.get(table.id)
        if found is None:
            return super().column(table, name)
        known = self._columns_of(table.id).get(self._key(table, name))
        if known is None and found[0].ident:
            key = self._fold(name, False)
            return Text(self.forms.form("column", atom(found[0].ident), atom(key)))
        if known is None or not known[0]:
            return Text(None)
        return Text(self._adopt(*known))

    def _adopt(self, text: str, about: About) -> str:
        """A text of a table, with what is said of it."""
        if text[:1] in ("(", "#") and text not in self.known and not text.startswith(_PLAIN):
            self.known[text] = About(about.tables, about.contexts)
            if about.shape:
                self.shipped[text] = about.shape
        return self._adopted.adopt(text, about.tables)

    def _columns_of(self, table: str) -> dict[str, tuple[str, About]]:
        """(text, what is said of it) by name."""
        texts = self._texts.get(table)
        if texts is None:
            meaning, with_rows = self._near[table]
            side = meaning.full if with_rows else meaning.bare
            texts = self._texts[table] = {}
            for place, name in enumerate(meaning.names):
                known = side.columns[place], meaning.about[place]
                texts.setdefault(name, known)
                texts.setdefault(self._fold(name, False), known)
        return texts

    def _key(self, table: TableColumns, name: str) -> str:
        texts = self._columns_of(table.id)
        key = self._fold(name, False)
        return name if key not in texts else key

    def table(self, table: TableColumns) -> CanonicalRows:
        """The rows that the table has, with the keys that somebody promises."""
        found = self._near.get(table.id)
        if found is None:
            return super().table(table)
        meaning, with_rows = found
        side = meaning.full if with_rows else meaning.bare

        # What else decides about values below stands in the rows themselves.
        rows = About(meaning.about[-1].tables)
        leaves = tuple(self._adopt(text, rows) for text in side.leaves)
        predicates = frozenset(self._adopt(text, rows) for text in side.predicates)
        for leaf in leaves:
            if (ident := _table_of(leaf)) is not None:
                self.idents[leaf] = ident

        def known(keys: Sequence[Sequence[str]]) -> set[frozenset[str]]:
            return {frozenset(self._adopted.adopt(t, rows.tables) for t in key) for key in keys}

        keys = {True: known(side.keys), False: known(side.matches)}
        for names, filled in self._unique.get(table.id, ()):
            texts = [self.column(table, name).text for name in names]
            if None not in texts:
                key = frozenset(text for text in texts if text is not None)
                keys[filled].add(key)
                self.promised[key] = (table.id, names)
        self.seen_keys |= keys[True] | keys[False]
        return CanonicalRows(
            leaves=leaves,
            predicates=predicates,
            bases=frozenset(meaning.bases),
            uses=meaning.uses,
            tables=self._tables(meaning, side),
            known=meaning.known,
            keys=frozenset(keys[True]),
            matches=frozenset(keys[False]),
        )

    def _tables(self, meaning: Meaning, side: Side) -> frozenset[Use]:
        """The tables of whose columns the values of a table are made."""
        if not meaning.uses:
            return frozenset(("", atom(base)) for base in meaning.bases)
        texts = (*side.columns, *side.leaves, *side.predicates)
        return frozenset().union(*map(self.logic.tables_used, texts))


@lru_cache(maxsize=4096)
def _table_of(leaf: str) -> str | None:
    """The id of the table that a leaf is."""
    found = read_form(leaf)
    if found is None or found[0] != "table" or len(found[1]) != 1:
        return None
    return named(found[1][0])
