"""Columns that a table is known to have because somebody reads them.

A table with unknown columns has whatever a query reads of it, and through ``select *``
so do the tables above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analyticsops.lineage.graph import ColumnRef, Edge
from analyticsops.lineage.results import Result
from analyticsops.project.model import Node
from analyticsops.sql.facts import ANY, Base, Demanded, Input, Problem, Sure, demanded
from analyticsops.sql.folding import Fold


class Answers(NamedTuple):
    """What readers ask of tables with unknown columns.

    Attributes:
        columns: problems of each further column, by table and name.
        edges: into those columns.
        used: names of columns that a table surely has, by table, sorted.
        starred: problems of the columns that are declared and come through a star.
    """

    columns: Mapping[str, Mapping[str, tuple[Problem, ...]]]
    edges: frozenset[Edge]
    used: Mapping[str, tuple[str, ...]]
    starred: Mapping[str, Mapping[str, tuple[Problem, ...]]] = {}


def answer_demands(
    nodes: Sequence[Node], results: Mapping[str, Result], fold: Fold, named: Iterable[Base] = ()
) -> Answers:
    """The further columns of all incomplete nodes: children first, so that a demand
    travels up through several stars.

    Args:
        named: columns that hooks read or write.
    """
    open_ = {name for name, found in results.items() if found.starred or not found.complete}
    demands = _Demands(open_, fold)
    if not demands.wanted:
        return Answers({}, frozenset(), {})
    for result in results.values():
        for analysed in result.queries:
            for base in analysed.facts.bases:
                demands.want(base.table, base.column, base.sure)
    for base in named:
        demands.want(base.table, base.column, base.sure)
    columns: dict[str, dict[str, tuple[Problem, ...]]] = {}
    through: dict[str, dict[str, tuple[Problem, ...]]] = {}
    edges: set[Edge] = set()
    for node in reversed(nodes):
        unique_id = node.unique_id
        if unique_id not in demands.wanted:
            continue
        result = results[unique_id]
        further = demands.further(unique_id, result)
        columns[unique_id] = {name: more.problems for name, more in further}
        starred = [(name, _of(result, name, fold)) for name in result.starred]
        through[unique_id] = {name: more.problems for name, more in starred}
        for name, more in (*further, *starred):
            for found in more.inputs:
                edges.add(_edge(found, ColumnRef(unique_id, name)))
                sure = found.sure if demands.is_sure(unique_id, name) else Sure.AMBIGUOUS
                demands.want(found.table, found.column, sure)
    for node in nodes:
        demands.hand_down(node.unique_id, results[node.unique_id])
    return Answers(columns, frozenset(edges), demands.used(), through)


class _Demands:
    """What is asked of each of some tables."""

    def __init__(self, tables: set[str], fold: Fold) -> None:
        self._fold = fold
        self.wanted: dict[str, dict[str, str]] = {name: {} for name in tables}
        self._surely: dict[str, set[str]] = {name: set() for name in tables}

    def want(self, table: str, column: str, sure: Sure) -> None:
        """Somebody reads a column, surely or as one of several candidates."""
        if column in ("", ANY) or table not in self.wanted:
            return
        key = self._fold(column, False)
        self.wanted[table].setdefault(key, column)
        if sure is not Sure.AMBIGUOUS:
            self._surely[table].add(self.wanted[table][key])

    def is_sure(self, table: str, name: str) -> bool:
        """True if a column is not only one of several candidates."""
        return name in self._surely[table] or self._fold(name, False) not in self.wanted[table]

    def further(self, table: str, result: Result) -> list[tuple[str, Demanded]]:
        """The columns that are wanted of a table and not listed, by name."""
        if result.complete:
            return []
        listed = {self._fold(name, False) for name in result.names}
        missing = sorted(n for key, n in self.wanted[table].items() if key not in listed)
        return [(name, _of(result, name, self._fold)) for name in missing]

    def hand_down(self, table: str, result: Result) -> None:
        """What a table surely has, a ``*`` over it has as well."""
        if table in self._surely:
            for analysed in result.queries:
                for star in analysed.facts.stars:
                    above = self._surely.get(star.table, ())
                    self._surely[table].update(
                        name for name in above if self._fold(name, False) not in star.without
                    )

    def used(self) -> Mapping[str, tuple[str, ...]]:
        """The names of columns that each table surely has."""
        return {table: tuple(sorted(names)) for table, names in self._surely.items() if names}


def _edge(found: Input, target: ColumnRef) -> Edge:
    source = ColumnRef(found.table, found.column)
    return Edge(source, target, found.kind, found.sure, found.path)


_NOTHING = Demanded((), ())


def _of(result: Result, name: str, fold: Fold) -> Demanded:
    """A further column of a node; of a source or an opaque node nothing more is known."""
    for analysed in result.queries:
        found = demanded(analysed.facts, name, fold(name, False))
        if found is not None:
            return found
    return _NOTHING
