"""The rows of the fingerprint algebra: a product of leaves, restricted by predicates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from analyticsops.sql.constant_rules import is_constant
from analyticsops.sql.decided import is_decided
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.forms import FALSE, TRUE, atom, digest
from analyticsops.sql.replacing import Rebase
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.text_logic import Use


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
        tables: these tables, each in its use.
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
    tables: frozenset[Use] = frozenset()

    @property
    def as_set(self) -> CanonicalRows:
        """What is as good where repeated rows do not count: in IN, EXISTS and UNION."""
        return self if self.repeated is None else self.repeated.as_set

    @property
    def empty(self) -> bool:
        """True if it is known that there are none."""
        return FALSE in self.predicates


MANY = 300
"""Leaves and predicates of one product, branches of one union; hand-written queries have
dozens."""

_NO_ROWS = re.compile(r"\s*(LIMIT|FETCH (FIRST|NEXT)) 0\b", re.IGNORECASE)

Promise = tuple[str, tuple[str, ...]]
"""Table id and columns of a key that somebody promises."""

UniqueKeys = Mapping[str, Sequence[tuple[tuple[str, ...], bool]]]
"""Table id -> (columns, True if none of them is NULL) that no two rows have in common."""


class RowForms:
    """What becomes of rows.

    Args:
        logic: of the query.
    """

    def __init__(self, logic: RowLogic) -> None:
        self.forms = logic.forms
        self.logic = logic
        self.promised: dict[frozenset[str], Promise] = {}
        """Keys that somebody promises -> (id of the table, its columns)."""
        self._resting: dict[frozenset[str], frozenset[Promise]] = {}
        """Keys that are some only because of these promises."""
        self.idents: dict[str, str] = {}
        """Leaf of a base table -> its id."""
        self.assumed: set[Promise] = set()
        """Those that something here rests on."""

    def text(self, rows: CanonicalRows) -> str:
        """The rows as one text."""
        return self.logic.rows(rows.leaves, rows.predicates, rows.tables)

    def holds_key(self, keys: Iterable[frozenset[str]], values: frozenset[str]) -> bool:
        """True if some key is among the values; what is promised only is noted."""
        needed = self.needed_for(keys, values)
        self.assumed |= needed or frozenset()
        return needed is not None

    def needed_for(
        self, keys: Iterable[frozenset[str]], values: frozenset[str]
    ) -> frozenset[Promise] | None:
        """The promises, as few as can be, by which some key is among the values; None if
        none is."""
        found = [self.rests_on(key) for key in keys if key <= values]
        return min(found, key=lambda needed: (len(needed), sorted(needed)), default=None)

    def rests_on(self, key: frozenset[str]) -> frozenset[Promise]:
        """The promises without which this is no key."""
        found = self._resting.get(key)
        if found is None:
            return frozenset(promise for part, promise in self.promised.items() if part <= key)
        return found

    # -- leaves ------------------------------------------------------------------

    def leaf(self, table: TableColumns, side: str = "") -> CanonicalRows:
        """A base table; ``side`` is that of a version whose rows are not those of the other."""
        more = (side,) if side else ()
        leaf = self.forms.form("table", atom(table.id), *more)
        self.idents[leaf] = table.id
        return CanonicalRows(
            (leaf,), bases=frozenset({table.id}), tables=frozenset({self.logic.table(leaf)})
        )

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
            return self.logic.in_use(str(number), text, rows.tables)

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
            tables=frozenset((str(number), table) for _, table in rows.tables),
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
        """One leaf that stands for the groups; the order of keys does not matter, and
        constants among them only if there is nothing else: then there is one group, or none
        of no rows."""
        texts = sorted({key.text or "?" for key in keys})
        known = rows.known and all(key.text is not None for key in keys)
        if rows.empty and texts and not how:  # ROLLUP adds a row to nothing
            return rows
        if not how and texts:
            texts = [text for text in texts if not is_constant(text, self.forms)] or [TRUE]
        below, told = self._told_by(rows, keys, how)
        leaf = self.forms.form("group", atom(how), self.text(below), *texts)
        framed = _framed(rows, leaf, known)._replace(predicates=told)
        return framed if how else framed._replace(keys=frozenset({frozenset(texts) - {TRUE}}))

    def _told_by(
        self, rows: CanonicalRows, keys: Sequence[Text], how: str
    ) -> tuple[CanonicalRows, frozenset[str]]:
        """The rows without the conditions that the keys of their groups decide, and these:
        WHERE and HAVING are the same for them."""
        texts = frozenset(key.text for key in keys if key.text is not None)
        if how or not texts:
            return rows, frozenset()
        asked = self.logic.settled(rows.predicates).predicates
        told = frozenset(part for part in asked if is_decided(part, texts, self.logic))
        return (rows._replace(predicates=asked - told), told) if told else (rows, told)

    def regarded(
        self, rows: CanonicalRows, keys: Sequence[Text], how: str
    ) -> tuple[CanonicalRows, Callable[[Text], Text] | None]:
        """The rows that aggregates are over, whichever groups there are."""
        if how:
            return rows, self._in_added_groups(keys)
        below, told = self._told_by(rows, keys, how)
        return below, self._over_others("over", rows, below) if told else None

    def _in_added_groups(self, keys: Sequence[Text]) -> Callable[[Text], Text]:
        """What becomes of values where ROLLUP and its like make their keys NULL in some rows: a
        key is no longer what it was; of one that is never NULL nobody knows what was made."""
        texts = [text for key in keys for text in self._key_parts(key.text or "?")]
        rolled = {text: self.forms.form("rolled", text) for text in texts}
        never_null = any(map(self.logic.is_filled, texts))

        def change(value: Text) -> Text:
            if value.text is None or self.forms.how(value.text) == "over":
                return value
            return Text(None) if never_null else Text(self.logic.replaced(value.text, rolled))

        return change

    def _key_parts(self, key: str) -> Iterator[str]:
        """The keys in ``ROLLUP (a, (b, c))``."""
        row = self.forms.parts(key)[0] if self.forms.how(key) == "field" else ""
        if self.forms.how(row) != "row":
            yield key
            return
        for part in self.forms.parts(row):
            yield from self._key_parts(part)

    def windowed(
        self, before: CanonicalRows, after: CanonicalRows
    ) -> Callable[[Text], Text] | None:
        """GROUP BY and HAVING go before windows."""
        return self._over_others("window", before, after) if before != after else None

    def _over_others(
        self, kind: str, before: CanonicalRows, after: CanonicalRows
    ) -> Callable[[Text], Text]:
        rebased = Rebase(kind, self.text(before), self.text(after), self.logic)

        def change(value: Text) -> Text:
            if value.text is None:
                return value
            text = rebased(value.text)
            return value if text == value.text else Text(text)

        return change

    def distinct(
        self, rows: CanonicalRows, keys: Sequence[Text], order: Sequence[Text]
    ) -> CanonicalRows:
        """DISTINCT is grouping by every column, and nothing if no two rows are equal
        anyway; DISTINCT ON also chooses."""
        if not order:
            surely = self.logic.never_null(rows.predicates)
            known = [*rows.keys, *(key for key in rows.matches if key <= surely)]
            if self.holds_key(known, frozenset(key.text or "?" for key in keys)):
                return rows
            return self.grouped(rows, keys, "")._replace(repeated=rows)
        first = self.forms.form("first", *(value.text or "?" for value in order))
        grouped = self.grouped(rows, keys, first)
        return grouped._replace(
            known=grouped.known and all(value.text is not None for value in order)
        )

    def limited(
        self, rows: CanonicalRows, order: Sequence[Text], limit: str, counts: Sequence[Text] = ()
    ) -> CanonicalRows:
        """The first rows in this order. Without one, nobody knows which rows."""
        said = [*order, *counts]
        known = rows.known and bool(order) and all(value.text is not None for value in said)
        values = (value.text or "?" for value in said)
        if rows.empty or _NO_ROWS.match(limit):
            return rows._replace(predicates=frozenset({FALSE}))
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

    def packed(self, rows: CanonicalRows) -> CanonicalRows:
        """One leaf instead of very many: CTEs that join the one before them twice double."""
        if len(rows.leaves) + len(rows.predicates) <= MANY:
            return rows
        return _framed(rows, self.forms.form("packed", self.text(rows)), rows.known)


def _framed(rows: CanonicalRows, leaf: str, known: bool) -> CanonicalRows:
    """One leaf in the place of everything below it."""
    return CanonicalRows(
        (leaf,), frozenset(), rows.bases, rows.filters, rows.uses, known=known, tables=rows.tables
    )


def _conjuncts(value: Text) -> frozenset[str]:
    if value.conjuncts:
        return value.conjuncts
    return frozenset({value.text if value.text is not None else "?"})
