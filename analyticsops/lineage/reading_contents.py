"""Two versions of a query -> what may differ between what they yield, with the queries above
them that differ written out in the place of its tables. Never an exception."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

import msgspec
from sqlglot import exp

from analyticsops.lineage.known_in_both import (
    FilledColumns,
    ShownTables,
    filled_in_both,
    promised_filled,
    types_in_both,
    with_promised,
)
from analyticsops.lineage.query import Near, known_tables
from analyticsops.lineage.questions import (
    Compared,
    ContentsQuery,
    Promise,
    ShownKey,
    ShownQuery,
    ShownTable,
    Taint,
    Text,
)
from analyticsops.sql.canonical import Canonical, Tainted, column_types, has_inner_order
from analyticsops.sql.contents import Contents, Differing, differing
from analyticsops.sql.determined import UniqueTexts
from analyticsops.sql.dialect import rules_of
from analyticsops.sql.expressions import Printer
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Renames
from analyticsops.sql.forms import Forms, atom
from analyticsops.sql.outer_joins import without_needless_outer_joins
from analyticsops.sql.over_rows import OverRows
from analyticsops.sql.parse import parse_query
from analyticsops.sql.relation import Relation
from analyticsops.sql.row_logic import RowLogic
from analyticsops.sql.rows_apart import Comparable
from analyticsops.sql.self_joins import SelfJoins
from analyticsops.sql.text_logic import ColumnTypes
from analyticsops.sql.types.families import families_of
from analyticsops.sql.walk import Walk

_near = msgspec.msgpack.Decoder(Near)
_Tree: TypeAlias = exp.Query | Problem
T = TypeVar("T")


def read_contents(query: ContentsQuery) -> Compared | Problem:
    """Compare the last queries of both versions, in this process: as they are, with what differs
    above them written out, and with what is the same there written out as well, until nothing
    is left that may differ."""
    return _guarded(query.dialect, lambda trees: _compared(query, trees))


def read_shown(query: ShownQuery) -> ShownTable | Problem:
    """What a query shows of the table that it builds, in this process."""
    return _guarded(query.dialect, lambda trees: _shown(query, trees))


def _guarded(dialect: str, read: Callable[[_Trees], T | Problem]) -> T | Problem:
    trees = _Trees(dialect)
    try:
        return read(trees)
    except RecursionError:
        return Problem("nested too deeply", "the comparison gave up")
    except MemoryError:
        return Problem("budget", "the comparison took too much memory")


def _shown(query: ShownQuery, trees: _Trees) -> ShownTable | Problem:
    tree = trees.of(query.text)
    if isinstance(tree, Problem):
        return tree
    shown = dict(query.shown)
    filled = filled_in_both(shown, shown)
    types = types_in_both(shown, shown)
    side = _Side(query.dialect, Forms(), trees, Tainted({}, ""), {}, shown, filled, types)
    side.contents(query.text)
    return side.shown


def _compared(query: ContentsQuery, trees: _Trees) -> Compared | Problem:
    last = query.before[-1], query.after[-1]
    ordered = False
    for text in last:
        tree = trees.of(text)
        if isinstance(tree, Problem):
            return tree
        ordered = ordered or has_inner_order(tree)
    sides = _sides(query, trees, ordered=ordered)
    found = _between(sides, last)
    shown = sides[0].shown, sides[1].shown
    assumed, relied = {*sides[0].assumed, *sides[1].assumed}, set[tuple[str, str]]()
    for texts, promised in _closer(query):
        if not found:
            break
        sides = _sides(query, trees, ordered=True, above=texts, promised=promised)
        closer = found.met(_between(sides, last))
        if closer != found:
            assumed |= {*sides[0].assumed, *sides[1].assumed}
            relied |= {one for side in sides for one in side.algebra.logic.relied}
        found = closer
    columns, by_rows = tuple(sorted(found.columns)), tuple(sorted(found.by_rows))
    told = tuple(sorted(assumed)), tuple(sorted(relied))
    return Compared(found.rows, columns, by_rows, *told, shown)


def _closer(query: ContentsQuery) -> Iterator[tuple[Sequence[Sequence[Text]], bool]]:
    """What is tried next as long as something may differ: (what is written out, whether what
    tests promise of NULL is believed, which is better not needed)."""
    above = query.before[:-1], query.after[:-1]
    everything = tuple((*one, *more) for one, more in zip(above, query.closer, strict=True))
    further = (above, everything) if any(query.closer) else (above,)
    for texts in further:
        if any(texts):
            yield texts, False
    for texts in further:
        read = (*texts[0], query.before[-1], *texts[1], query.after[-1])
        if any(columns for text in read for _, columns in text.filled):
            yield texts, True


def _sides(
    query: ContentsQuery,
    trees: _Trees,
    *,
    ordered: bool,
    above: Sequence[Sequence[Text]] = ((), ()),
    promised: bool = False,
) -> tuple[_Side, _Side]:
    """Both versions, over the same forms.

    Args:
        above: what is written out.
        promised: whether columns that tests promise to be filled are so.
    """
    forms, tainted = Forms(), _tainted(query.tainted)
    shown = dict(query.shown[0]), dict(query.shown[1])
    filled = filled_in_both(*shown)
    if promised:
        texts = (*query.before, *above[0]), (*query.after, *above[1])
        before, after = map(promised_filled, texts)
        filled = with_promised(filled, before, after, rules_of(query.dialect).fold)
    renames: Renames = {(table, key): other for table, key, other in query.renames}
    renamed = {(atom(t), atom(name)) for t, key, other in query.renames for name in (key, other)}
    types = {one: kind for one, kind in types_in_both(*shown).items() if one not in renamed}
    first, second = (
        _Side(
            query.dialect,
            forms,
            trees,
            Tainted(tainted, name),
            known,
            keys,
            filled,
            types,
            ordered=ordered,
            written={text.id: text for text in texts},
        )
        for name, known, keys, texts in zip(
            ("base", "head"), ({}, renames), shown, above, strict=True
        )
    )
    return first, second


def _between(sides: tuple[_Side, _Side], texts: tuple[Text, Text]) -> Differing:
    before, after = (side.contents(text) for side, text in zip(sides, texts, strict=True))
    first, second = (side.algebra for side in sides)
    partners = {**first.partners, **second.partners}
    first.logic.learn(second.logic)
    found = differing(before, after, _comparable(first, partners, {}))
    unique = {**_unique_in_both(first, second), **_unique_in_both(second, first)}
    if not (found and unique):
        return found
    of = _comparable(first, partners, unique)
    closer = found.met(differing(before, after, of))
    if closer != found:
        sides[0].assume(of.over_rows.assumed | of.self_joins.assumed)
    return closer


def _unique_in_both(one: Canonical, other: Canonical) -> UniqueTexts:
    """Keys that somebody promises of a table in one version, and in the other if that reads it."""
    read = frozenset(other.idents.values())
    return {
        key: who
        for key, who in one.promised.items()
        if who[0] not in read or other.promised.get(key) == who
    }


def _comparable(algebra: Canonical, partners: Mapping[str, str], unique: UniqueTexts) -> Comparable:
    logic, looked_up = algebra.logic, dict(partners)
    self_joins = SelfJoins(logic, unique, looked_up)
    return Comparable(
        algebra.forms, logic, looked_up, OverRows(logic, unique, self_joins), self_joins
    )


def _rank(key: ShownKey) -> tuple[object, ...]:
    return key.columns, not key.filled, key.rests_on


def _tainted(taints: Iterable[Taint]) -> Mapping[str, Differing]:
    return {table: Differing(rows, frozenset(columns)) for table, rows, columns in taints}


class _Trees:
    """The syntax trees of one question: a text of both versions is parsed once."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._known: dict[str, _Tree] = {}

    def of(self, text: Text) -> _Tree:
        found = self._known.get(text.sql)
        if found is None:
            tree = parse_query(text.sql, self._dialect)
            found = tree if isinstance(tree, Problem) else without_needless_outer_joins(tree)
            self._known[text.sql] = found
        return found


class _Side:
    """The queries of one version, as texts that are comparable with those of the other.

    Args:
        tainted: what the other version has other contents of, and the name of the side.
        shown: what the queries of tables show of them.
        filled: columns that are never NULL.
        types: of columns, as far as queries show them.
        written: what is written out, by id.
    """

    def __init__(
        self,
        dialect: str,
        forms: Forms,
        trees: _Trees,
        tainted: Tainted,
        renames: Renames,
        shown: ShownTables,
        filled: FilledColumns,
        types: ColumnTypes,
        *,
        ordered: bool = False,
        written: Mapping[str, Text] | None = None,
    ) -> None:
        self._dialect, self._rules = dialect, rules_of(dialect)
        self._trees = trees
        self._inferred = shown
        self._filled = filled
        self._written = written or {}
        self._contents: dict[str, Contents | None] = {}
        self._unique: dict[str, Sequence[tuple[tuple[str, ...], bool]]] = {}
        self.assumed: set[Promise] = set()
        """The promises that the texts rest on."""
        self.shown = ShownTable()
        """What the query shows which was read last."""
        self._types: dict[tuple[str, ...], str] = dict(types)
        self._renames = renames
        logic = RowLogic(forms, dialect, self._types)
        printer = Printer(dialect, logic, with_rows=True, order_counts=ordered)
        self.algebra: Canonical = Canonical(
            dialect, printer, renames, self._unique, tainted, filled
        )

    def contents(self, text: Text) -> Contents:
        """What a query yields; of what is written out, what its own query yields."""
        tree = self._trees.of(text)
        assert not isinstance(tree, Problem), "only what is understood is compared"
        near = [_near.decode(packed) for packed in text.near]
        above = dict(self._above(item.table.id for item in near if item.table.id != text.id))
        promised = dict(text.unique)
        for item in near:
            self._add_keys(item.table.id, promised.get(item.table.id, ()))
        types = {table: families_of(columns, self._dialect) for table, columns in text.types}
        self._types.update(column_types(types, self._renames, self._rules.fold))
        self.algebra.assumed = set()
        walk = Walk(self._rules, known_tables(near, text.id), self.algebra, above)
        found = walk.relation(tree)
        self.assume(self.algebra.assumed)
        keys = tuple(sorted(self._shown_keys(found), key=_rank))
        filled = tuple(sorted(set(self._shown_filled(found))))
        self.shown = ShownTable(keys, filled, tuple(sorted(set(self._shown_types(found)))))
        return found

    def assume(self, promises: Iterable[Promise]) -> None:
        """Note that something rests on promises."""
        self.assumed.update(self._promises(promises))

    def _add_keys(self, table: str, promised: Sequence[tuple[tuple[str, ...], bool]]) -> None:
        """The keys of a table that somebody promises, and those that its query shows."""
        known = dict(promised)
        shown = [(key.columns, key.filled) for key in self._inferred_keys(table)]
        more = [(columns, filled) for columns, filled in shown if filled > known.get(columns, -1)]
        self._unique[table] = [*promised, *more]

    def _inferred_keys(self, table: str) -> Sequence[ShownKey]:
        found = self._inferred.get(table)
        return () if found is None else found.keys

    def _above(self, tables: Iterable[str]) -> Iterator[tuple[str, Contents]]:
        """The contents of those tables that are written out."""
        for table in tables:
            text = self._written.get(table)
            if text is None:
                continue
            if table not in self._contents:
                understood = not isinstance(self._trees.of(text), Problem)
                found = self._with_promises(text, self.contents(text)) if understood else None
                self._contents[table] = found
            known = self._contents[table]
            if known is not None:
                yield table, known

    def _with_promises(self, text: Text, contents: Contents) -> Contents:
        """The contents with the keys that tests promise of the table."""
        rows, algebra = contents.rows, self.algebra
        keys: dict[bool, set[frozenset[str]]] = {True: set(), False: set()}
        for names, filled in text.keys:
            values = [contents.value(name) or contents.like(name) for name in names]
            texts = [value.text for value in values if value is not None]
            if len(texts) == len(names) and all(texts):
                key = frozenset(text for text in texts if text)
                keys[filled].add(key)
                algebra.promised.setdefault(key, (text.id, names))
        rows = rows._replace(keys=rows.keys | keys[True], matches=rows.matches | keys[False])
        return Relation(contents.columns, rows, contents.openings)

    def _shown_keys(self, contents: Contents) -> Iterator[ShownKey]:
        """The keys that a query itself shows, by the names of its columns."""
        names = {c.value.text: c.key for c in contents.columns if c.value.text}
        rows, algebra = contents.rows, self.algebra
        for key, filled in [*((k, True) for k in rows.keys), *((k, False) for k in rows.matches)]:
            if key and all(text in names for text in key):
                rests_on = tuple(sorted(set(self._promises(algebra.rests_on(key)))))
                yield ShownKey(tuple(sorted(names[text] for text in key)), filled, rests_on)

    def _shown_filled(self, contents: Contents) -> Iterator[str]:
        """The keys of columns that are never NULL, by the query itself; of two columns with one
        key, nobody knows which is meant."""
        logic = self.algebra.logic
        filled = logic.never_null(contents.rows.predicates)
        counts = Counter(column.key for column in contents.columns)
        for column in contents.columns:
            text = column.value.text
            if text and counts[column.key] == 1 and logic.is_filled(text, filled):
                yield column.key

    def _shown_types(self, contents: Contents) -> Iterator[tuple[str, str]]:
        """The keys of columns whose types the query itself shows, with the families of these."""
        counts = Counter(column.key for column in contents.columns)
        for column in contents.columns:
            family = self.algebra.logic.family(column.value.text or "")
            if family and counts[column.key] == 1:
                yield column.key, family

    def _promises(self, promises: Iterable[Promise]) -> Iterator[Promise]:
        """What tests promise, in the place of what a query shows because of it."""
        for table, names in promises:
            shown = [key for key in self._inferred_keys(table) if key.columns == names]
            if shown:
                yield from shown[0].rests_on
            else:
                yield table, names
