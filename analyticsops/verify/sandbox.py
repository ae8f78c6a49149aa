"""A DuckDB in memory that runs a project's SQL and can reach nothing else.

No file, no network, no extension, one thread, a limit on memory and a deadline: the SQL
comes from a project, and equal data in equal order must give equal answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from analyticsops.verify.tables import Table, quoted

if TYPE_CHECKING:
    from duckdb.sqltypes import DuckDBPyType

_SETTINGS: dict[str, str | bool | int] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "temp_directory": "",
    "threads": 1,
}

MAX_ROWS = 1_000_000
"""Of one answer. A join of all with all has more, and they would be Python objects."""

_NOW = "timestamp '2024-02-15 12:30:00'"
"""A day among those that are made up."""

_CLOCKS = {
    "now": "timestamptz",
    "current_timestamp": "timestamptz",
    "get_current_timestamp": "timestamptz",
    "transaction_timestamp": "timestamptz",
    "current_localtimestamp": "timestamp",
    "localtimestamp": "timestamp",
    "current_date": "date",
    "today": "date",
}

_FLOATS = frozenset({"DOUBLE", "FLOAT"})


class Refused(NamedTuple):
    """DuckDB did not answer. A value, since a project's SQL may fail for many reasons.

    Attributes:
        reason: short and stable, so that it can be counted.
        detail: what DuckDB said, on one line.
    """

    reason: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class Answer(NamedTuple):
    """The result of a query: names of its columns, and rows of comparable values."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Query(NamedTuple):
    """A query, made comparable: every value a text, but for numbers that round."""

    sql: str
    names: tuple[str, ...]
    types: tuple[str, ...]
    wrapped: str


class Sandbox:
    """The database, from its opening to its end.

    Args:
        memory: limit, in DuckDB's words.
        seconds: after which every query is refused; a running one is interrupted.
    """

    def __init__(self, *, memory: str = "1GB", seconds: float = 60.0) -> None:
        import duckdb

        self.error = duckdb.Error
        self._interrupted = duckdb.InterruptException
        self._no_memory = duckdb.OutOfMemoryException
        self.connection = duckdb.connect(config={**_SETTINGS, "memory_limit": memory})
        self.queries = 0
        self.standing: dict[str, object] = {}
        """Which version of each table stands now, for those who put them there."""
        self._places: set[tuple[str, ...]] = set()
        self._types: dict[str, DuckDBPyType | None] = {}
        self.seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._watch = threading.Timer(seconds, self.connection.interrupt)
        self._watch.daemon = True
        self._watch.start()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._watch.cancel()
        self.connection.close()

    # -- before any SQL of the project ---------------------------------------------

    def lock(self) -> None:
        """From here on nothing outside can be reached, and no setting changed."""
        self.connection.execute("set enable_external_access = false")
        self.connection.execute("set lock_configuration = true")

    def settle(self, database: str, schema: str) -> None:
        """Where names without a database or schema are looked for."""
        self._place_for((database, schema, ""))
        self.connection.execute(f"use {quoted(database)}.{quoted(schema)}")

    def sql_type(self, name: str) -> DuckDBPyType | None:
        """A type by its name; None if DuckDB has no such type."""
        if name not in self._types:
            try:
                self._types[name] = self.connection.sqltype(name)
            except self.error:
                self._types[name] = None
        return self._types[name]

    # -- tables ------------------------------------------------------------------------

    def create(self, table: Table, query: str) -> None:
        """Make a table, in the place of one of that name, with the rows of a query."""
        self.put("table", table.name, query)

    def put(self, kind: str, name: Sequence[str], query: str) -> None:
        """Make a ``table`` or ``view`` of a query, in the place of one of that name."""
        self._place_for(name)
        where = ".".join(quoted(part) for part in name)
        self.connection.execute(f"create or replace {kind} {where} as {query}")

    def freeze(self) -> None:
        """Let it be the same moment for every query over the current schema."""
        for name, type_ in _CLOCKS.items():
            self.connection.execute(f"create or replace macro {name}() as ({_NOW}::{type_})")

    def create_empty(self, table: Table) -> None:
        """Make a table without rows."""
        columns = [f"null::{column.type} as {quoted(column.name)}" for column in table.columns]
        self.create(table, f"select {', '.join(columns)} limit 0")

    def _place_for(self, name: Sequence[str]) -> None:
        """The database and schema that a name stands in."""
        where = tuple(name[:-1])
        if where in self._places:
            return
        self._places.add(where)
        if len(name) > 2:
            known = self.connection.execute("select database_name from duckdb_databases()")
            if name[-3].lower() not in {row[0].lower() for row in known.fetchall()}:
                self.connection.execute(f"attach ':memory:' as {quoted(name[-3])}")
        if len(name) > 1:
            schema = ".".join(quoted(part) for part in name[-3:-1])
            self.connection.execute(f"create schema if not exists {schema}")

    # -- queries -------------------------------------------------------------------------

    def prepare(self, sql: str) -> Query | Refused:
        """Find out what columns a query has."""
        text = sql.strip().rstrip(";")
        try:
            found = self.connection.execute(f"describe {text}\n").fetchall()
        except self.error as fault:
            return self.refusal(fault)
        types = tuple(str(row[1]) for row in found)
        aliases = [f"c{n}" for n in range(len(found))]
        shown = [
            c if t in _FLOATS else f"{c}::varchar" for c, t in zip(aliases, types, strict=True)
        ]
        wrapped = f"select {', '.join(shown)} from (\n{text}\n) as _q({', '.join(aliases)})"
        return Query(text, tuple(str(row[0]) for row in found), types, wrapped)

    @property
    def is_over(self) -> bool:
        """True if its time is over."""
        return time.monotonic() > self._deadline

    def answer(self, query: Query) -> Answer | Refused:
        """Run a query over the tables as they stand."""
        if self.is_over:
            return self._over_time()
        self.queries += 1
        try:
            rows = self.connection.execute(query.wrapped).fetchmany(MAX_ROWS + 1)
        except self.error as fault:
            return self.refusal(fault)
        if len(rows) > MAX_ROWS:
            return Refused("budget", f"{MAX_ROWS:,} rows")
        floats = [n for n, kind in enumerate(query.types) if kind in _FLOATS]
        if floats:
            rows = [_rounded(row, floats) for row in rows]
        return Answer(query.names, rows)

    def refusal(self, fault: Exception) -> Refused:
        """What DuckDB raised, as a value."""
        if isinstance(fault, self._interrupted):
            return self._over_time()
        if isinstance(fault, self._no_memory):
            return Refused("budget", "memory")
        kind = type(fault).__name__.removesuffix("Exception")
        return Refused("DuckDB refuses it", f"{kind}: {_first_line(str(fault))}")

    def _over_time(self) -> Refused:
        return Refused("budget", f"{self.seconds:g} seconds")


def _rounded(row: tuple[Any, ...], floats: Sequence[int]) -> tuple[Any, ...]:
    """The order of rows must not matter to sums of floating point numbers."""
    cells = list(row)
    for n in floats:
        if cells[n] is not None:
            cells[n] = f"{cells[n] or 0.0:.9g}"
    return tuple(cells)


def _first_line(text: str) -> str:
    """DuckDB begins with the kind of error, and ends with the query."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    return line.partition("Error: ")[2] or line
