"""The rows of the fingerprint algebra: a product of leaves, restricted by predicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.forms import Forms, atom, digest, is_literal
from analyticsops.sql.logic import Logic


class Text(NamedTuple):
    """A canonical text; None if the value is not understood.

    ``conjuncts`` are its parts if it is an AND.
    """

    text: str | None
    conjuncts: frozenset[str] = frozenset()


class Merge(NamedTuple):
    """How a UNION put its branches together.

    Attributes:
        order: place among the branches as written -> which of them stands there now.
        left: branches on the left side, if that is a union itself; else 1.
        right: likewise.
    """

    order: tuple[int, ...]
    left: int
    right: int


class CanonicalRows(NamedTuple):
    """Rows: a product of leaves, restricted by predicates.

    Attributes:
        leaves: sorted texts of tables, groups, outer-joined units, ...
        predicates: conjuncts, as a set: ``p AND p`` is ``p``.
        bases: ids of all tables below, to tell uses of one table apart.
        filters: every predicate below, however deep: what a change of rows is told by.
        uses: the highest number given to a use of a table below.
        unit: identity of the join made last, for values that it looks up or turns to NULL.
        known: False if something in it is not understood.
        keys: sets of values that no two of the rows have in common, NULL taken as a value.
        matches: the same, but several rows may have NULL.
        repeated: the rows of which these are the distinct ones.
        merge: how a UNION was put together.
        lookup: ``left`` or ``right`` if that side of the join made last has at most one
            row for each row of the other, so that it only looks something up.
    """

    leaves: tuple[str, ...] = ()
    predicates: frozenset[str] = frozenset()
    bases: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    uses: int = 0
    unit: str = ""
    known: bool = True
    keys: frozenset[frozenset[str]] = frozenset()
    matches: frozenset[frozenset[str]] = frozenset()
    repeated: CanonicalRows | None = None
    merge: Merge | None = None
    lookup: str = ""

    @property
    def as_set(self) -> CanonicalRows:
        """What is as good where repeated rows do not count: in IN, EXISTS and UNION."""
        return self if self.repeated is None else self.repeated.as_set


_MANY = 300
"""Leaves and predicates of one product, branches of one union; hand-written queries have
dozens."""

UniqueKeys = Mapping[str, Sequence[tuple[tuple[str, ...], bool]]]
"""Table id -> (columns, True if none of them is NULL) that no two rows have in common."""


class RowForms:
    """What becomes of rows.

    Args:
        forms: those of the query.
    """

    def __init__(self, forms: Forms, dialect: str) -> None:
        self.forms = forms
        self.logic = Logic(forms, dialect)
        self.promised: dict[frozenset[str], tuple[str, tuple[str, ...]]] = {}
        """Keys that somebody promises -> (id of the table, its columns)."""
        self.idents: dict[str, str] = {}
        """Leaf of a base table -> its id."""
        self._resting: dict[frozenset[str], frozenset[frozenset[str]]] = {}
        """Keys that are keys as long as these promised ones are."""
        self.assumed: set[tuple[str, tuple[str, ...]]] = set()
        """Those that something here rests on."""

    def text(self, rows: CanonicalRows) -> str:
        """The rows as one text."""
        return self.logic.rows(rows.leaves, rows.predicates)

    def holds_key(self, keys: Iterable[frozenset[str]], values: frozenset[str]) -> bool:
        """True if some key is among the values; what is promised only is noted, and taken
        only if nothing else is there."""
        found = [key for key in keys if key <= values]
        if not found:
            return False
        needed = [self.rests_on(key) for key in found]
        self.assumed.update(self.promised[key] for key in min(needed, key=len))
        return True

    def rests_on(self, key: frozenset[str]) -> frozenset[frozenset[str]]:
        """The promised keys without which this is none."""
        found = self._resting.get(key)
        return frozenset(p for p in self.promised if p <= key) if found is None else found

    # -- leaves ------------------------------------------------------------------

    def leaf(self, table: TableColumns, side: str = "") -> CanonicalRows:
        """A base table; ``side`` is that of a version whose rows are not those of the other."""
        more = (side,) if side else ()
        leaf = self.forms.form("table", atom(table.id), *more)
        self.idents[leaf] = table.id
        return CanonicalRows((leaf,), bases=frozenset({table.id}))

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

        def used(text: str) -> str:
            return self.forms.form("use", str(number), text)

        def all_used(keys: Iterable[frozenset[str]]) -> frozenset[frozenset[str]]:
            found = {key: frozenset(map(used, key)) for key in keys}
            for key, other in found.items():
                if key in self.promised:
                    self.promised[other] = self.promised[key]
                if key in self._resting:
                    self._resting[other] = self._resting[key]
            return frozenset(found.values())

        return rows._replace(
            leaves=tuple(sorted(map(used, rows.leaves))),
            predicates=frozenset(map(used, rows.predicates)),
            uses=max(rows.uses, number),
            keys=all_used(rows.keys),
            matches=all_used(rows.matches),
            repeated=None,
            merge=None,
        )

    # -- groups, limits -------------------------------------------------------

    def conditions(self, conditions: Iterable[Text]) -> frozenset[str]:
        """What WHERE, ON or HAVING ask for, one by one."""
        parts = [part for condition in conditions for part in _conjuncts(condition)]
        return self.logic.conjuncts(map(self.logic.as_filter, parts))

    def grouped(self, rows: CanonicalRows, keys: Sequence[Text], how: str) -> CanonicalRows:
        """One leaf that stands for the groups; the order of keys does not matter."""
        texts = sorted({key.text or "?" for key in keys})
        known = rows.known and all(key.text is not None for key in keys)
        leaf = self.forms.form("group", atom(how), self.text(rows), *texts)
        framed = _framed(rows, leaf, known)
        return framed if how else framed._replace(keys=frozenset({frozenset(texts)}))

    def distinct(
        self, rows: CanonicalRows, keys: Sequence[Text], order: Sequence[Text]
    ) -> CanonicalRows:
        """DISTINCT is grouping by every column, and nothing if no two rows are equal
        anyway; DISTINCT ON also chooses."""
        if not order:
            if self.holds_key(rows.keys, frozenset(key.text or "?" for key in keys)):
                return rows
            return self.grouped(rows, keys, "")._replace(repeated=rows)
        first = self.forms.form("first", *(value.text or "?" for value in order))
        grouped = self.grouped(rows, keys, first)
        return grouped._replace(
            known=grouped.known and all(value.text is not None for value in order)
        )

    def limited(self, rows: CanonicalRows, order: Sequence[Text], limit: str) -> CanonicalRows:
        """The first rows in this order. Without one, nobody knows which rows."""
        known = rows.known and bool(order) and all(value.text is not None for value in order)
        values = (value.text or "?" for value in order)
        leaf = self.forms.form("limit", atom(limit), self.text(rows), *values)
        return _framed(rows, leaf, known)._replace(keys=rows.keys, matches=rows.matches)

    def marked(self, rows: CanonicalRows, what: str) -> CanonicalRows:
        """What the clause says counts."""
        return _framed(rows, self.forms.form("marked", digest(what), self.text(rows)), rows.known)

    def exploded(self, rows: CanonicalRows, argument: Text, what: str) -> CanonicalRows:
        """One more factor of the product."""
        leaf = self.exploded_leaf(argument, what)
        return rows._replace(
            leaves=tuple(sorted((*rows.leaves, leaf))),
            bases=rows.bases | {leaf},
            known=rows.known and argument.text is not None,
            keys=frozenset(),
            matches=frozenset(),
            repeated=None,
            merge=None,
        )

    def exploded_leaf(self, argument: Text, what: str) -> str:
        """The elements of a value as a leaf."""
        return self.forms.form("explode", digest(what), argument.text or "?")

    # -- set operations ------------------------------------------------------------------

    def combined_rows(
        self,
        how: str,
        left: CanonicalRows,
        right: CanonicalRows,
        values: Sequence[tuple[Text, Text]],
    ) -> CanonicalRows:
        """UNION ALL appends, in an order that does not matter; UNION takes the distinct
        rows of that; the others compare whole rows, so columns matter."""
        known = all(a.text is not None and b.text is not None for a, b in values)
        both = CanonicalRows(
            bases=left.bases | right.bases,
            filters=left.filters | right.filters,
            uses=max(left.uses, right.uses),
            known=left.known and right.known and (known or how == "union all"),
        )
        if how == "union all":
            return self._appended(both, left, right, values)
        if how == "union":
            rows = self._appended(both, left.as_set, right.as_set, values)
            columns = [self.merged_value(a, b, rows) for a, b in values]
            return self.distinct(rows, columns, [])._replace(merge=rows.merge)
        pairs = [self.forms.form("pair", a.text or "?", b.text or "?") for a, b in values]
        leaf = self.forms.form(atom(how), self.text(left), self.text(right), *pairs)
        return both._replace(leaves=(leaf,))

    def _appended(
        self,
        both: CanonicalRows,
        left: CanonicalRows,
        right: CanonicalRows,
        values: Sequence[tuple[Text, Text]],
    ) -> CanonicalRows:
        lefts, rights = self._branches(left), self._branches(right)
        unsorted = Merge(tuple(range(len(lefts) + len(rights))), len(lefts), len(rights))
        columns = [self._parts(a, b, unsorted) for a, b in values]
        texts = [*lefts, *rights]
        # A branch is known by its rows and by all its columns, which move together.
        signs = [(text, [parts[n] for parts in columns]) for n, text in enumerate(texts)]
        order = tuple(sorted(range(len(texts)), key=lambda n: signs[n]))
        leaf = self.forms.form("union all", *(texts[n] for n in order))
        made = both._replace(leaves=(leaf,), merge=unsorted._replace(order=order))
        return made._replace(keys=self._appended_keys(left, right, values, made))

    def _appended_keys(
        self,
        left: CanonicalRows,
        right: CanonicalRows,
        values: Sequence[tuple[Text, Text]],
        made: CanonicalRows,
    ) -> frozenset[frozenset[str]]:
        """A constant that tells the branches apart, and what tells the rows of each apart."""
        apart = next((n for n, pair in enumerate(values) if self._are_apart(*pair)), None)
        keys = [
            self._first_key(side.keys, [pair[n].text or "?" for pair in values])
            for n, side in enumerate((left, right))
        ]
        if apart is None or keys[0] is None or keys[1] is None:
            return frozenset()
        places = keys[0][1] | keys[1][1] | {apart}
        merged = {self.merged_value(*values[place], made).text for place in places}
        key = frozenset(text for text in merged if text is not None)
        self._resting[key] = self.rests_on(keys[0][0]) | self.rests_on(keys[1][0])
        return frozenset({key}) if len(key) == len(merged) else frozenset()

    def _are_apart(self, left: Text, right: Text) -> bool:
        """True for constants of which no two branches have the same."""
        if left.text is None or right.text is None:
            return False
        how, parts = self.forms.how(left.text), self.forms.parts(left.text)
        before = parts if how == "union all" else (left.text,)
        every = [*before, right.text]
        return all(map(is_literal, every)) and len(set(every)) == len(every)

    @staticmethod
    def _first_key(
        keys: Iterable[frozenset[str]], texts: Sequence[str]
    ) -> tuple[frozenset[str], frozenset[int]] | None:
        """The first key all of which is among the columns, and where."""
        for key in sorted(keys, key=sorted):
            if key and key <= set(texts):
                return key, frozenset(texts.index(text) for text in key)
        return None

    def _branches(self, rows: CanonicalRows) -> Sequence[str]:
        """The branches of a union that nothing has been done to, or the rows themselves."""
        pure = rows.merge is not None and len(rows.leaves) == 1 and not rows.predicates
        if pure and self.forms.how(rows.leaves[0]) == "union all":
            branches = self.forms.parts(rows.leaves[0])
            if len(branches) <= _MANY:  # a chain of thousands is put in order piece by piece
                return branches
        return [self.text(rows)]

    def _parts(self, left: Text, right: Text, merge: Merge) -> list[str]:
        """A column's value in each branch, in the order in which they are written."""
        return [*self._split(left, merge.left), *self._split(right, merge.right)]

    def _split(self, value: Text, branches: int) -> Sequence[str]:
        text = value.text or "?"
        if branches == 1:
            return [text]
        if self.forms.how(text) == "union all" and len(self.forms.parts(text)) == branches:
            return self.forms.parts(text)
        return [text] * branches  # the same constant in each

    def merged_value(self, left: Text, right: Text, rows: CanonicalRows) -> Text:
        """A column of a union: its values in the order of the branches."""
        if rows.merge is None or left.text is None or right.text is None:
            return Text(None)
        parts = self._parts(left, right, rows.merge)
        found = [parts[n] for n in rows.merge.order]
        return Text(self.forms.form("union all", *found))

    def packed(self, rows: CanonicalRows) -> CanonicalRows:
        """One leaf instead of very many: CTEs that join the one before them twice double."""
        if len(rows.leaves) + len(rows.predicates) <= _MANY:
            return rows
        return _framed(rows, self.forms.form("packed", self.text(rows)), rows.known)


def _framed(rows: CanonicalRows, leaf: str, known: bool) -> CanonicalRows:
    """One leaf in the place of everything below it."""
    return CanonicalRows((leaf,), frozenset(), rows.bases, rows.filters, rows.uses, known=known)


def _conjuncts(value: Text) -> frozenset[str]:
    if value.conjuncts:
        return value.conjuncts
    return frozenset({value.text if value.text is not None else "?"})
