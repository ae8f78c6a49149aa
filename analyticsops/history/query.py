"""The history as two tables in DuckDB: ``invocations`` and ``node_results``.

DuckDB reads the files where they lie, packs as Parquet and the others as JSON; nothing is
copied, and there is no index that could be wrong. Only files of the time that is asked
about are opened: names say when a run started.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from analyticsops.errors import HistoryError
from analyticsops.history.chosen import Known, choose
from analyticsops.history.layout import FILE_TYPES, INVOCATIONS, NODE_RESULTS, SQL_TYPES, Column
from analyticsops.history.record import Invocation, RecordName, parse_name
from analyticsops.history.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

RUN = "run_"
"""Prefix of the invocation's columns in a pack, where ``started_at`` is that of a node."""

_AT_ONCE = 2_000
"""Files of a record each; more than two months of hourly runs."""

_NAME = "parse_filename(filename)"
"""No two files of a history have one name, and not every filesystem spells its folders as we do."""

_TRIES = 5
"""A file can be gone between listing and reading: somebody compacted. It is elsewhere then."""


class Window(msgspec.Struct, frozen=True):
    """Runs that started in [since, until); None for no bound. Without a zone it is UTC."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, name: RecordName) -> bool:
        """True if a run of that name is meant; names say it to the second."""
        if self.since is not None and name.started < _second(self.since):
            return False
        if self.until is None:
            return True
        last = _second(self.until)
        return name.started < last or (name.started == last and self.until.microsecond > 0)

    def touches(self, month: str) -> bool:
        """True if a run of that month, ``2026-11``, can be meant."""
        try:
            begin = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        except ValueError:
            return True
        end = begin + timedelta(days=32)
        return (self.since is None or end > self.since) and (
            self.until is None or begin < self.until
        )


def _second(moment: datetime) -> str:
    """As a name says it: texts compare much faster than they are read."""
    return f"{moment.astimezone(UTC) if moment.tzinfo else moment:%Y%m%dT%H%M%SZ}"


ALWAYS = Window()


@contextmanager
def open_history(
    store: Store, window: Window = ALWAYS, *, last: int | None = None
) -> Iterator[DuckDBPyConnection]:
    """A connection with the tables ``invocations`` and ``node_results``.

    Each invocation is there once, by the record that counts (see
    :mod:`analyticsops.history.chosen`). Columns as in
    :mod:`analyticsops.history.layout`; ``node_results`` has ``invocation_id`` before them.

    Args:
        last: only so many invocations, the latest ones.

    Raises:
        HistoryError: a file cannot be read, or is not what it should be.
    """
    with ExitStack() as stack:
        for left in reversed(range(_TRIES)):
            connection = stack.enter_context(connect(store))
            try:
                _prepare(connection, store, window, last, stack)
                break
            except HistoryError as error:
                gone = isinstance(error.__cause__, FileNotFoundError)
                if not left or not gone:
                    raise
        yield connection


def connect(store: Store) -> DuckDBPyConnection:
    """A connection that can read the files of a history, wherever they lie."""
    import duckdb

    # It may use a folder for what does not fit in memory, but not the current one.
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": False, "temp_directory": gettempdir()}
    )
    if store.disk.filesystem is not None:
        connection.register_filesystem(store.disk.filesystem)
    return connection


def known_records(connection: DuckDBPyConnection, store: Store, window: Window) -> list[Known]:
    """Every record of that time, with its invocation.

    Raises:
        HistoryError: see :func:`open_history`.
    """
    listing = store.listing()
    loose = [one for one in listing.loose if window.holds(one.name)]
    found = [Known(one.name, one.path, store.read_head(one.path)) for one in loose]
    packs = [path for path in listing.packs if window.touches(path.parent.name)]
    found += [known for known in _packed(connection, packs) if window.holds(known.name)]
    return found


def fetched(cursor: DuckDBPyConnection, kind: Callable[..., T]) -> tuple[T, ...]:
    """The rows, each given to ``kind`` in the order of its fields; instants are UTC."""
    return tuple(kind(*map(_aware, row)) for row in cursor.fetchall())


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def documents(paths: Sequence[Path], columns: str) -> str:
    """SQL that reads the lines of loose files: ``filename`` and the columns named."""
    files = ", ".join(literal(path) for path in paths)
    return (
        f"read_json([{files}], format = 'newline_delimited', filename = true, "
        f"columns = {{{columns}}})"
    )


def literal(path: Path) -> str:
    """The path as SQL, with no character that means something in a pattern."""
    text = "".join(f"[{char}]" if char in "*?[" else char for char in str(path))
    return "'" + text.replace("'", "''") + "'"


def loose_results(paths: Sequence[Path]) -> str:
    """SQL of the node results in loose files: ``filename``, without its folder, and the columns
    of the layout."""
    listed = ", ".join(f"{column.name}: '{FILE_TYPES[column.type]}'" for column in NODE_RESULTS)
    read = documents(paths, listed)
    columns = typed("", NODE_RESULTS)
    return f"select {_NAME} as filename, {columns} from {read} where unique_id is not null"


def packed(paths: Sequence[Path]) -> str:
    """SQL that reads packs: ``filename``, without its folder, ``record``, and the columns of the
    layout, also those that were added after a pack was written."""
    files = ", ".join(literal(path) for path in paths)
    nothing = ", ".join(
        f"null::{SQL_TYPES[c.type]} as {prefix}{c.name}"
        for prefix, columns in ((RUN, INVOCATIONS), ("", NODE_RESULTS))
        for c in columns
    )
    return (
        f"(select * replace ({_NAME} as filename) "
        f"from read_parquet([{files}], filename = true, union_by_name = true) "
        f"union all by name (select {nothing} where false))"
    )


def typed(prefix: str, columns: Sequence[Column]) -> str:
    """Columns of a file as columns of the table: instants become timestamps."""
    return ", ".join(
        f"make_timestamp({prefix}{column.name}) as {column.name}"
        if column.type == "timestamp"
        else f"{prefix}{column.name} as {column.name}"
        for column in columns
    )


def _prepare(
    connection: DuckDBPyConnection, store: Store, window: Window, last: int | None, stack: ExitStack
) -> None:
    import duckdb

    try:
        chosen = choose(known_records(connection, store, window))
        if last is not None:
            chosen = chosen[-last:] if last else ()
        bind_records(connection, chosen)
        names = ", ".join(column.name for column in INVOCATIONS)
        connection.execute(f"create temp table invocations as select {names} from chosen")
        _make_results(connection, chosen, stack)
    except duckdb.IOException as error:
        words = str(error).partition("\n")[0]
        fault = HistoryError(words, where=str(store.folder))
        # What was listed is not there any more.
        raise fault from (FileNotFoundError(words) if _gone(words) else error)
    except duckdb.Error as error:
        raise HistoryError(str(error).partition("\n")[0], where=str(store.folder)) from error


def _gone(words: str) -> bool:
    return "No files found" in words or "No such file" in words


def _make_results(
    connection: DuckDBPyConnection, chosen: Sequence[Known], stack: ExitStack
) -> None:
    parts = []
    loose = [known.path for known in chosen if known.is_loose]
    if loose:
        # Read once and now: they can be removed by who compacts.
        read = (
            "select record.invocation_id, result.* exclude (filename) "
            f"from ({loose_results(loose)}) as result join chosen as record "
            "on record.path = filename"
        )
        if len(loose) <= _AT_ONCE:
            connection.execute(f"create or replace temp table loose as {read}")
            parts.append("from loose")
        else:  # would not fit in memory
            folder = stack.enter_context(TemporaryDirectory(prefix="analyticsops-"))
            copy = literal(Path(folder) / "loose.parquet")
            connection.execute(f"copy ({read}) to {copy} (format parquet)")
            parts.append(f"from {copy}")
    packs = sorted({known.path for known in chosen if not known.is_loose})
    if packs:
        listed = ", ".join(f"result.{column.name}" for column in NODE_RESULTS)
        parts.append(
            f"select record.invocation_id, {listed} from {packed(packs)} as result "
            "join chosen as record on record.path = filename and record.record = result.record "
            "where result.unique_id is not null"
        )
    if not parts:
        empty = ", ".join(f"null::{SQL_TYPES[c.type]} as {c.name}" for c in NODE_RESULTS)
        parts = [f"select null::varchar as invocation_id, {empty} where false"]
    connection.execute("create or replace temp view node_results as " + " union all ".join(parts))


def bind_records(connection: DuckDBPyConnection, known: Sequence[Known]) -> None:
    """Make the table ``chosen``: record, path (the name of its file), and the columns of the
    invocation.

    Column by column, which DuckDB takes much faster than row by row; and not read from the
    files by DuckDB, which takes ten times as long for one line of each.
    """
    heads = [one.invocation for one in known]
    values: list[list[Any]] = [[str(o.name) for o in known], [o.path.name for o in known]]
    values += [[getattr(head, c.name) for head in heads] for c in INVOCATIONS]
    unnested = ", ".join(f"unnest(?::{FILE_TYPES[c.type]}[]) as {c.name}" for c in INVOCATIONS)
    connection.execute(
        f"create or replace temp table chosen as select record, path, {typed('', INVOCATIONS)} "
        "from (select unnest(?::varchar[]) as record, unnest(?::varchar[]) as path, "
        f"{unnested})",
        values,
    )


def _packed(connection: DuckDBPyConnection, packs: Sequence[Path]) -> Iterator[Known]:
    """The records in packs, with their invocations."""
    if not packs:
        return
    names = ", ".join(
        f"epoch_us({c.name})" if c.type == "timestamp" else c.name
        for c in (Column(f"{RUN}{c.name}", c.type, "") for c in INVOCATIONS)
    )
    rows = connection.execute(
        f"select filename, record, {names} from {packed(packs)} where unique_id is null"
    ).fetchall()
    fields = [column.name for column in INVOCATIONS]
    paths = {path.name: path for path in packs}
    for path, record, *values in rows:
        name = parse_name(record)
        if name is not None:
            yield Known(
                name,
                paths[path],
                Invocation(**dict(zip(fields, values, strict=True))),
            )
