"""Relations during the walk: named columns with values, over rows.

``V`` is whatever the walk computes for a column and ``R`` for a set of rows; see
:mod:`analyticsops.sql.algebra`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec

from analyticsops.sql.facts import Problem

V = TypeVar("V")
R = TypeVar("R")
W = TypeVar("W")


class Named(msgspec.Struct, Generic[V], frozen=True, gc=False):
    """A column of a relation: its key for comparison, its name for people.

    ``unnamed`` means that the engine makes up a name and the one here is a guess.
    """

    key: str
    name: str
    value: V
    unnamed: bool = False

    def of(self, value: V) -> Named[V]:
        """The same column with another value."""
        return Named(self.key, self.name, value, self.unnamed)


class Opening(NamedTuple, Generic[V]):
    """Columns that a relation may have beyond those listed.

    ``demand`` gives the value of such a column by (key, name); ``table`` is the id of
    the table that it would come from; ``without`` are keys that cannot be there,
    because a star excluded them or they are listed already; ``likely`` are keys that
    must be there, because other queries read them.
    """

    table: str
    demand: Callable[[str, str], V]
    without: frozenset[str] = frozenset()
    likely: frozenset[str] = frozenset()

    def mapped(self, change: Callable[[V], V]) -> Opening[V]:
        """The same columns with changed values."""
        demand = self.demand
        return self._replace(demand=lambda key, name: change(demand(key, name)))


class Others(NamedTuple, Generic[V]):
    """Fields that a whole row has beyond those listed: columns of an open relation.

    Attributes:
        problem: that the whole is not known.
        demand: the value of a field by its name.
    """

    problem: Problem
    demand: Callable[[str], V]


class Fields(dict[str, V], Generic[V]):
    """The fields of a struct that may have others: a whole row of unknown columns."""

    def __init__(self, known: Iterable[tuple[str, V]], others: Callable[[str], V]) -> None:
        super().__init__(known)
        self.others = others


def others_of(fields: Mapping[str, V]) -> Callable[[str], V] | None:
    """The fields besides those listed, by name; None if there are none."""
    return fields.others if isinstance(fields, Fields) else None


def changed(fields: Mapping[str, V], change: Callable[[V], W]) -> Mapping[str, W]:
    """The same fields with changed values."""
    known = {name: change(part) for name, part in fields.items()}
    others = others_of(fields)
    if others is None:
        return known
    return Fields(known.items(), lambda name: change(others(name)))


class Relation(Generic[V, R]):
    """A table, CTE, derived table or query result. Not changed once built.

    ``aside`` holds values that can be named and that no star shows, by their keys.
    """

    __slots__ = ("_aside", "_columns", "_index", "_loose", "openings", "rows")

    def __init__(
        self,
        columns: Sequence[Named[V]],
        rows: R,
        openings: Sequence[Opening[V]] = (),
        aside: Mapping[str, V] | None = None,
    ) -> None:
        self._columns: Sequence[Named[V]] | None = columns
        self._aside = aside or {}
        self._index: dict[str, V] | None = None
        self._loose: dict[str, list[str]] | None = None
        self.rows = rows
        self.openings = openings

    @property
    def columns(self) -> Sequence[Named[V]]:
        """The listed columns, in order."""
        return self._columns or ()

    def listed_keys(self) -> Iterable[str]:
        """The keys of the listed columns, each once."""
        return self._values()

    def value(self, key: str) -> V | None:
        """The value of a listed column. Of two with one name the first can be named."""
        return (self._index or self._values()).get(key)

    def _values(self) -> dict[str, V]:
        if self._index is None:
            listed = {column.key: column.value for column in reversed(self.columns)}
            self._index = {**self._aside, **listed} if self._aside else listed
        return self._index

    def like(self, key: str) -> V | None:
        """The only column whose key is the same but for case.

        YAML and the warehouse often disagree about case. A query that runs names a
        column that exists, so a single candidate is the one.
        """
        if self._loose is None:
            self._loose = {}
            for known in self.listed_keys():
                self._loose.setdefault(known.lower(), []).append(known)
        found = self._loose.get(key.lower(), [])
        return self.value(found[0]) if len(found) == 1 else None

    def openings_for(self, key: str) -> list[Opening[V]]:
        """The openings that a column with this key may come through."""
        if not self.openings:
            return []
        return [opening for opening in self.openings if key not in opening.without]

    def renamed(self, names: Sequence[tuple[str, str]]) -> Relation[V, R]:
        """The same with its first columns called by these (key, name) pairs."""
        if not names:
            return self
        first = [
            Named(key, name, column.value)
            for (key, name), column in zip(names, self.columns, strict=False)
        ]
        return Relation([*first, *self.columns[len(names) :]], self.rows, self.openings)

    def numbered(self, fold: Callable[[str, bool], str]) -> Relation[V, R]:
        """The same with `id_1` for the second `id`, as DuckDB calls the columns of what is
        read from."""
        if len(self._values()) == len(self.columns):
            return self
        counts: dict[str, int] = {}
        columns = []
        for column in self.columns:
            name = column.name
            while fold(name, False) in counts:
                name = f"{column.name}_{counts[column.key]}"
                counts[column.key] += 1
            counts[fold(name, False)] = 1
            columns.append(Named(fold(name, False), name, column.value, column.unnamed))
        return Relation(columns, self.rows, self.openings)

    def mapped(self, change: Callable[[V], V], rows: R) -> Relation[V, R]:
        """The same columns with changed values over other rows."""
        columns = [column.of(change(column.value)) for column in self.columns]
        openings = [opening.mapped(change) for opening in self.openings]
        aside = {key: change(value) for key, value in self._aside.items()}
        return Relation(columns, rows, openings, aside)


class BaseRelation(Relation[V, R]):
    """A base table, whose values are made when they are asked for: a query reads a few
    columns of tables that may have thousands.

    Args:
        keys: of all columns, in order.
        places: position of the first column of each key.
        make: the value of the column at a position.
        make_all: the values of all of them.
    """

    __slots__ = ("_keys", "_make", "_make_all", "_names", "_places")

    def __init__(
        self,
        names: Sequence[str],
        keys: Sequence[str],
        places: Mapping[str, int],
        make: Callable[[int], V],
        make_all: Callable[[], Sequence[V]],
        rows: R,
        openings: Sequence[Opening[V]] = (),
    ) -> None:
        super().__init__((), rows, openings)
        self._columns = None
        self._names, self._keys, self._places = names, keys, places
        self._make, self._make_all = make, make_all

    @property
    def columns(self) -> Sequence[Named[V]]:
        """All of them, made now."""
        if self._columns is None:
            self._columns = list(map(Named, self._keys, self._names, self._make_all()))
        return self._columns

    def listed_keys(self) -> Iterable[str]:
        """The keys, without making anything."""
        return self._places

    def value(self, key: str) -> V | None:
        """The value of one column."""
        place = self._places.get(key)
        return None if place is None else self._make(place)


class Source(Generic[V, R]):
    """One item of a FROM clause under its alias."""

    __slots__ = ("full_key", "hidden", "key", "name", "relation")

    def __init__(
        self,
        key: str,
        name: str,
        relation: Relation[V, R],
        *,
        full_key: str = "",
        hidden: bool = False,
    ) -> None:
        self.key = key
        self.name = name
        self.relation = relation
        self.full_key = full_key  # schema.table, for references that spell it out
        self.hidden = hidden  # semi and anti joins: visible in ON only


def narrowed(openings: list[Opening[V]], key: str) -> list[Opening[V]]:
    """Of several openings the one that other queries show to have the column: if another
    had it as well, the name would be ambiguous and the query would not run."""
    if len(openings) < 2:
        return openings
    likely = [opening for opening in openings if key in opening.likely]
    return likely if len(likely) == 1 else openings


def without_keys(openings: Iterable[Opening[V]], keys: frozenset[str]) -> list[Opening[V]]:
    """The openings, less these keys."""
    return [opening._replace(without=opening.without | keys) for opening in openings]
