"""What two versions of a query yield, compared: which rows there are, and which values a row
has that both of them have.

A row is known by whatever tells the rows of the result apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from analyticsops.sql.branches import Side
from analyticsops.sql.canonical_rows import CanonicalRows, Text
from analyticsops.sql.forms import Forms
from analyticsops.sql.relation import Relation
from analyticsops.sql.rows_apart import Comparable, Comparer, unequal

Contents = Relation[Text, CanonicalRows]

_OVER_ROWS = frozenset({"over", "window", "query", "exists", "optional", "element"})
"""Values that depend on other rows than their own."""

_ONE = "(one)"
"""The rows of an aggregate without GROUP BY."""

_PROBE = "*"
"""Stands for any column behind a star: its text shows what becomes of them all."""


class Differing(NamedTuple):
    """What is not proven equal.

    Attributes:
        rows: True if which rows there are may differ.
        columns: keys of columns whose values may differ, and of those that only one side has.
        by_rows: those of them whose values depend on other rows than their own, or
            are what a filter of one side says.
    """

    rows: bool = False
    columns: frozenset[str] = frozenset()
    by_rows: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.rows or bool(self.columns)

    def met(self, other: Differing) -> Differing:
        """What neither of two proofs proves."""
        return Differing(
            self.rows and other.rows,
            self.columns & other.columns,
            (self.by_rows | other.by_rows) & self.columns & other.columns,
        )


def differing(before: Contents, after: Contents, of: Comparable) -> Differing:
    """What is not proven equal between two versions, whose texts are of the same forms."""
    forms = of.forms
    one, other = (_side(contents, of) for contents in (before, after))
    old, new = one.values, other.values
    if _opening_texts(before) != _opening_texts(after):
        return Differing(True, frozenset(old) | frozenset(new), frozenset())
    known = before.rows.known and after.rows.known
    rows = not known or of.logic.rows(*one[:2]) != of.logic.rows(*other[:2])
    if not known:
        loose = frozenset(old.keys() & new.keys())
    elif rows:
        loose = Comparer(of).loose(one, other)
    else:  # of no rows, all values are alike
        loose = frozenset() if after.rows.empty else frozenset(unequal(old, new))
    columns = loose | (old.keys() ^ new.keys())
    columns |= frozenset() if after.rows.empty and not rows else _given_twice(before, after)
    texts = {key: [text for text in (old.get(key), new.get(key)) if text] for key in columns}
    by_rows = {
        key
        for key, found in texts.items()
        if not found
        or old.get(key) == new.get(key)
        or any(_over_rows(t, forms) for t in found)
        or (rows and _is_of_fewer(found, forms))
    }
    return Differing(rows, frozenset(columns), frozenset(by_rows))


def _side(contents: Contents, of: Comparable) -> Side:
    """The rows, and the columns' texts by their keys, of which equal ones are equal values."""
    plain = of.over_rows.plain
    leaves = _counted(map(plain, contents.rows.leaves), of.forms)
    asked = of.logic.settled(map(plain, contents.rows.predicates)).predicates
    filled = of.logic.never_null(asked)
    asked = of.logic.settled(of.over_rows.known(part, filled) for part in asked).predicates
    texts = {column.key: column.value.text for column in contents.columns}
    values = {
        key: of.over_rows.known(plain(text), filled) if text else text
        for key, text in texts.items()
    }
    return of.self_joins.merged(Side(tuple(sorted(leaves)), asked, values))


def _given_twice(before: Contents, after: Contents) -> set[str]:
    """Keys that a query gives to two columns, which by the key alone cannot be told apart, and
    of which not all are proven equal."""
    texts: tuple[dict[str, list[str | None]], ...] = {}, {}
    for side, contents in zip(texts, (before, after), strict=True):
        for column in contents.columns:
            side.setdefault(column.key, []).append(column.value.text)
    old, new = texts
    return {
        key
        for key in old.keys() & new.keys()
        if len(old[key] + new[key]) > 2 and (old[key] != new[key] or not all(new[key]))
    }


def _counted(leaves: Iterable[str], forms: Forms) -> tuple[str, ...]:
    """The leaves; an aggregate without GROUP BY is one row, whatever it is over."""
    return tuple(
        _ONE
        if forms.how(leaf) == "group" and forms.parts(leaf)[0] == "''" and not forms.parts(leaf)[2:]
        else leaf
        for leaf in leaves
    )


def _opening_texts(contents: Contents) -> list[tuple[str, str | None, list[str]]]:
    return sorted(
        (o.table, o.demand(_PROBE, _PROBE).text, sorted(o.without)) for o in contents.openings
    )


def _is_of_fewer(found: Sequence[str], forms: Forms) -> bool:
    """True if one of two values is of fewer columns, of whichever version, than the other: a
    filter may say what one of them is."""
    one, *others = ({forms.parts(c)[:2] for c in _columns_in(t, forms)} for t in found)
    return any(one < other or other < one for other in others)


def _columns_in(text: str, forms: Forms) -> Iterator[str]:
    return (part for part in forms.below(text) if forms.how(part) == "column")


def _over_rows(text: str, forms: Forms) -> bool:
    return any(forms.how(part) in _OVER_ROWS for part in forms.below(text))
