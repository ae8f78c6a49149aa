"""The history as tables for other programs, and what lies in its folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from analyticsops.errors import HistoryError
from analyticsops.history.store import Store, unreadable, unwritable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMATS = {"parquet": "format parquet, compression zstd", "csv": "format csv, header"}
"""Format -> what DuckDB calls it."""


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """What lies in the folder of one month; ``size`` in bytes."""

    month: str
    files: int
    packs: int
    size: int


def months(store: Store) -> tuple[Month, ...]:
    """The months of a history, in order.

    Raises:
        HistoryError: it cannot be listed.
    """
    listing = store.listing()
    loose = [one.path for one in listing.loose]
    try:
        names = sorted({path.parent.name for path in (*loose, *listing.packs)})
        return tuple(
            Month(
                month=name,
                files=sum(path.parent.name == name for path in loose),
                packs=sum(path.parent.name == name for path in listing.packs),
                size=sum(
                    path.stat().st_size
                    for path in (*loose, *listing.packs)
                    if path.parent.name == name
                ),
            )
            for name in names
        )
    except OSError as error:
        raise unreadable(store.folder, error) from error


def export(
    connection: DuckDBPyConnection, folder: Path, format_: str
) -> tuple[tuple[Path, int], ...]:
    """Write the views ``runs`` and ``results``; the files and how many rows each has.

    Each file is there whole or as it was before.

    Raises:
        HistoryError: they cannot be written.
    """
    import duckdb

    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for table, order in (("runs", "started_at"), ("results", "run_at, unique_id")):
            path = folder / f"{table}.{format_}"
            temporary = folder / f".{path.name}.{os.getpid()}.tmp"
            target = str(temporary).replace("'", "''")
            cells = _cells(connection, table) if format_ == "csv" else "*"
            try:
                (count,) = connection.execute(
                    f"copy (select {cells} from {table} order by {order}, invocation_id) "
                    f"to '{target}' ({FORMATS[format_]})"
                ).fetchall()
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
            written.append((path, count[0]))
    except OSError as error:
        raise unwritable(folder, error) from error
    except duckdb.IOException as error:
        raise HistoryError(f"cannot be written: {_reason(error)}", where=str(folder)) from error
    return tuple(written)


def _cells(connection: DuckDBPyConnection, table: str) -> str:
    """The columns of a view for CSV, in which no text is a formula for a spreadsheet, as
    :func:`~analyticsops.report.encode.csv_cell` has it."""
    columns = connection.execute(f"describe {table}").fetchall()
    safe = "case when regexp_matches({0}, '^[=+@-]') then '''' || {0} else {0} end as {0}"
    return ", ".join(safe.format(name) if kind == "VARCHAR" else name for name, kind, *_ in columns)


def _reason(error: Exception) -> str:
    """DuckDB says why in JSON within its message where writing went on in the background."""
    number = re.search(r'"errno":"(\d+)"', str(error))
    return os.strerror(int(number[1])) if number else str(error).partition("\n")[0]
