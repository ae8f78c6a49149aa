"""The fingerprint algebra over tables whose own meaning is known: a column of a model is what
the model computes, so that the text of a value reaches down to columns of sources.

What a model means arrives as texts. A long part of a text is its digest there, about which
is known only which tables are below it: no rewrite is made that would need to see more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from sqlglot import exp

from analyticsops.sql.canonical import Canonical, has_inner_order
from analyticsops.sql.canonical_rows import CanonicalRows, Text, UniqueKeys
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.expressions import Printer
from analyticsops.sql.facts import TableColumns
from analyticsops.sql.forms import (
    FALSE,
    NULL,
    TRUE,
    Forms,
    atom,
    digest,
    is_literal,
    read_form,
    short,
)
from analyticsops.sql.meaning import About, Meaning, Side
from analyticsops.sql.outer_joins import without_needless_outer_joins
from analyticsops.sql.relation import Relation
from analyticsops.sql.sources import Tables
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
        printer = Printer(dialect, forms, with_rows=with_rows, order_counts=ordered)
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


class ForeignForms(Forms):
    """Forms of which some were made by the analysis of another query: what they are made of
    is read off their texts, and a digest stands for anything over the same tables."""

    def __init__(self) -> None:
        super().__init__()
        self._foreign: dict[str, tuple[str, ...]] = {}

    def adopt(self, text: str, bases: tuple[str, ...]) -> str:
        """A text that came from elsewhere, over these tables."""
        if text not in self._parts and text not in _CONSTANTS and text[:1] in ("(", "#"):
            self._foreign.setdefault(text, bases)
        return text

    def how(self, text: str) -> str:
        """The first word of a form; empty for an atom."""
        return super().how(text) if self._settle(text) else ""

    def parts(self, text: str) -> tuple[str, ...]:
        """What a form is made of; empty for an atom."""
        return super().parts(text) if self._settle(text) else ()

    def _settle(self, text: str) -> bool:
        """Read a text when somebody looks; False if there is nothing to know."""
        if text in self._parts:
            return True
        bases = self._foreign.get(text)
        if bases is None:
            return False
        found = read_form(text) if text.startswith("(") else None
        if found is None:
            columns = [self.form("column", atom(base), "*") for base in bases]
            found = ("sealed", (*columns, self.form("over", "*")))
        for part in found[1]:
            self.adopt(part, bases)
        self._parts[text] = found
        return True


_CONSTANTS = (TRUE, FALSE, NULL)


class Inlined(Canonical):
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
        super().__init__(dialect, printer, {}, unique)
        self._near = near
        self._adopted = forms
        self._texts: dict[str, dict[str, tuple[str, About]]] = {}
        self._units: dict[str, frozenset[str]] = {}
        self._known: dict[str, About] = {}
        self._shipped: dict[str, str] = {}
        self._seen_keys: set[frozenset[str]] = set()
        """Keys of all tables that were read: which values are different in each row."""

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
        if text[:1] in ("(", "#") and text not in self._known and not text.startswith(_PLAIN):
            self._known[text] = About(about.tables, about.contexts)
            if about.shape:
                self._shipped[text] = about.shape
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
        self._seen_keys |= keys[True] | keys[False]
        return CanonicalRows(
            leaves=leaves,
            predicates=predicates,
            bases=frozenset(meaning.bases),
            uses=meaning.uses,
            known=meaning.known,
            keys=frozenset(keys[True]),
            matches=frozenset(keys[False]),
        )

    def joined(
        self, left: CanonicalRows, right: CanonicalRows, how: str, conditions: Sequence[Text]
    ) -> CanonicalRows:
        """As it is, and which tables decide what a value that it looks up is."""
        made = super().joined(left, right, how, conditions)
        if made.unit and made.unit not in self._units:
            others = {"left": [right], "right": [left]}.get(how, [left, right])
            texts = [text for rows in others for text in (*rows.leaves, *rows.predicates)]
            texts += [condition.text for condition in conditions if condition.text]
            self._units[made.unit] = self.tables_in(texts)
        return made

    def about(self, texts: Sequence[str]) -> About:
        """What can be said of texts; a shape only of a single one."""
        found = [self._about(text) for text in texts]
        return About(
            tables=tuple(sorted({table for about in found for table in about.tables})),
            contexts=tuple(sorted({text for about in found for text in about.contexts})),
            shape=self._shape(texts[0]) if len(texts) == 1 else "",
        )

    def tables_in(self, texts: Sequence[str]) -> frozenset[str]:
        """The ids of the tables that texts speak of."""
        return frozenset(self.about(texts).tables)

    def _about(self, text: str) -> About:
        """Without the shape; each part is looked at once."""
        known = self._known.get(text)
        if known is None:
            how, parts = self.forms.how(text), self.forms.parts(text)
            if how in ("column", "table"):
                known = About(tables=(_named(parts[0]),))
            else:
                found = [self._about(part) for part in parts]
                tables = {table for about in found for table in about.tables}
                contexts = {context for about in found for context in about.contexts}
                if how == "optional":
                    tables |= self._units.get(parts[0], frozenset())
                    contexts.add(parts[0])
                elif how in _OVER_ROWS and parts:
                    contexts.add(digest(parts[-1]))
                known = About(tuple(sorted(tables)), tuple(sorted(contexts)))
            self._known[text] = known
        return known

    def _shape(self, text: str) -> str:
        """What a number is made of, whatever it is wrapped in."""
        while text:
            shipped = self._shipped.get(text)
            if shipped:
                return shipped
            how, parts = self.forms.how(text), self.forms.parts(text)
            if how == "over":
                return self._aggregate_shape(parts[0])
            if how in ("div", "safedivide"):
                divisor = self._named_part(parts, "expression:")
                return "" if is_literal(divisor) or divisor.isdigit() else "ratio"
            if self.forms.is_condition(text):
                return "condition"
            if how in ("round", "mul", "neg", "abs"):
                text = self._named_part(parts, "this:") if how != "mul" else self._scaled(parts)
            elif how in ("cast", "coalesce", "paren"):
                text = parts[0]
            elif how in ("optional", "use"):
                text = parts[1]
            else:
                return ""
        return ""

    def _aggregate_shape(self, text: str) -> str:
        how, parts = self.forms.how(text), self.forms.parts(text)
        if how == "avg":
            return "average"
        if how == "sum":
            return "sum"
        if how != "count":
            return ""
        if parts and self.forms.how(parts[0]) == "distinct":
            values = self._listed(self.forms.parts(parts[0]), "expressions:")
            unique = any(key <= frozenset(values) for key in self._seen_keys)
            return "count" if unique else "distinct count"
        return "count"

    def _scaled(self, parts: Sequence[str]) -> str:
        """The factor that is no number."""
        factors = [part for part in parts if not is_literal(part)]
        return factors[0] if len(factors) == 1 else ""

    def _named_part(self, parts: Sequence[str], name: str) -> str:
        found = self._listed(parts, name)
        return found[0] if len(found) == 1 else ""

    def _listed(self, parts: Sequence[str], name: str) -> tuple[str, ...]:
        """The arguments of that name of a form that is printed generically."""
        found = (self.forms.parts(part) for part in parts if self.forms.how(part) == name)
        return next(found, ())


_PLAIN = ("(column ", "(table ")
"""Texts that say themselves of which table they speak."""

_OVER_ROWS = ("over", "window")
"""Forms whose last part are rows that a bare text leaves out."""


@lru_cache(maxsize=4096)
def _table_of(leaf: str) -> str | None:
    """The id of the table that a leaf is."""
    found = read_form(leaf)
    if found is None or found[0] != "table" or len(found[1]) != 1:
        return None
    return _named(found[1][0])


def _named(text: str) -> str:
    """The id that an atom stands for."""
    return text[1:-1].replace("''", "'") if text.startswith("'") else text
