"""Which columns of the project a piece of SQL reads that is no model: tests, expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, cast

from analyticsops.lineage.analyst import Analysed, Analyst
from analyticsops.lineage.query import Query, packed_near
from analyticsops.lineage.tables import Table
from analyticsops.sql.facts import UNREAD, TableColumns

_Asked = tuple[str, tuple[str, ...]]


class Readings:
    """Answers about pieces of SQL over finished tables.

    Args:
        tables: how SQL names each table.
        columns: all columns of each table.
        analyst: who analyses the pieces.
    """

    THE_MODEL: ClassVar = "_model"
    """How a piece names the only table that it is over."""

    def __init__(
        self,
        tables: Mapping[str, Table | None],
        columns: Mapping[str, TableColumns],
        dialect: str,
        analyst: Analyst,
    ) -> None:
        self._tables = tables
        self._columns = columns
        self._dialect = dialect
        self._analyst = analyst
        self._found: dict[_Asked, Analysed] = {}

    def expect(self, pieces: Iterable[_Asked]) -> None:
        """Have all these (SQL, ids of tables) analysed."""
        for piece in dict.fromkeys(pieces):
            query = self._query(*piece)
            known = self._analyst.known(query)
            if known is not None:
                self._found[piece] = known
            else:
                self._analyst.ask(piece, query)
        for ticket, analysed in self._analyst.answers():
            self._found[cast("_Asked", ticket)] = analysed

    def knows(self, table: str) -> bool:
        """True for the id of a table."""
        return table in self._columns

    def all_columns(self, table: str) -> list[str]:
        """The names of a table's columns."""
        return list(self._columns[table].columns)

    def columns(self, sql: str, near: Sequence[str]) -> list[tuple[str, str]] | None:
        """(table, column) of everything that a piece reads, sorted; None if it is not
        understood. It must have been expected."""
        analysed = self._found[sql, tuple(near)]
        if not analysed.understood:
            return None
        facts = analysed.facts
        if any(problem.reason in UNREAD for problem in facts.problems):
            return None
        inputs = [*facts.rows, *(i for column in facts.columns for i in facts.inputs(column))]
        return sorted({(found.table, self.spelled(found.table, found.column)) for found in inputs})

    def spelled(self, table: str, column: str) -> str:
        """The name of a column as its table spells it."""
        known = self._columns[table].columns if table in self._columns else ()
        if column in known:
            return column
        return next((name for name in known if name.lower() == column.lower()), column)

    def _query(self, sql: str, near: Sequence[str]) -> Query:
        named = [(self._tables[name], self._columns[name]) for name in near if self.knows(name)]
        packed = [packed_near(table, known) for table, known in named if table is not None]
        if sql.endswith(f"from {self.THE_MODEL}"):
            only = Table(near[0], "", "", self.THE_MODEL)
            packed = [packed_near(only, self._columns[near[0]])]
        return Query(sql, self._dialect, tuple(packed))
