"""Facts of queries on disk, by content. May be deleted at any time.

One SQLite file: several processes may use it at once, a broken or locked file is as good
as none, and what was not used for long goes when it grows too large. What was used today stays: to
drop what the next run asks for again would make every run of a large project a first one.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

MAX_BYTES = 256 * 1024 * 1024
"""Size of the file above which entries are dropped that were not used today: the lineage of some
100,000 models, or what metrics on 5,000 models mean."""

AHEAD_BYTES = 64 * 1024 * 1024
"""Size of the file up to which all of it is read at once."""

_DAY = 86_400

_Row = tuple[bytes, int, bytes, "bytes | None"]
"""(key, day of its last use, packed outline, packed facts)."""

_SCHEMA = """
create table if not exists facts (
    key blob primary key, used integer not null, outline blob not null, facts blob
)
"""


class Entry(NamedTuple):
    """What is kept of a query: packed outline, packed facts (None if only a problem)."""

    outline: bytes
    facts: bytes | None


class Cache:
    """Reads while open; writes everything new at once when closed.

    Args:
        path: of the file; its folder must exist.
        today: number of the day, for the age of entries.
        ahead: False if few entries will be asked for, which are then read one by one.
    """

    def __init__(self, path: Path, today: int | None = None, *, ahead: bool = True) -> None:
        self._path = path
        self._today = int(time.time()) // _DAY if today is None else today
        self._new: dict[bytes, Entry] = {}
        self._stale: list[bytes] = []
        self._ahead: dict[bytes, _Row] | None = None if ahead else {}
        self._database = self._open()

    def _open(self) -> sqlite3.Connection | None:
        try:
            database = sqlite3.connect(self._path, timeout=2.0, isolation_level=None)
        except sqlite3.DatabaseError as fault:
            self._give_up(fault)
            return None
        try:
            database.execute("pragma synchronous = off")
            database.execute(_SCHEMA)
        except sqlite3.DatabaseError as fault:
            database.close()
            self._give_up(fault)
            return None
        return database

    def _give_up(self, fault: sqlite3.DatabaseError) -> None:
        """A file that is no database is removed; one that is locked is left alone."""
        if not isinstance(fault, sqlite3.OperationalError):
            with contextlib.suppress(OSError):
                self._path.unlink()

    def get(self, key: bytes) -> Entry | None:
        """The entry of that key, also one that was just put."""
        if key in self._new:
            return self._new[key]
        if self._ahead is None:
            self._ahead = {row[0]: row for row in self._read_ahead()}
        row = self._ahead.get(key)
        if row is None and not self._ahead:
            row = next(iter(self._rows_of("where key = ?", key)), None)
        if row is None:
            return None
        if row[1] != self._today:
            self._stale.append(key)
        return Entry(row[2], row[3])

    def _read_ahead(self) -> list[_Row]:
        """All entries of a file that holds little else than what is asked for now: several
        times as fast as one by one."""
        with contextlib.suppress(OSError):
            if self._path.stat().st_size <= AHEAD_BYTES:
                return self._rows_of("")
        return []

    def _rows_of(self, which: str, *values: bytes) -> list[_Row]:
        if self._database is None:
            return []
        # `which` is one of the two texts above.
        statement = f"select key, used, outline, facts from facts {which}"  # noqa: S608
        try:
            return self._database.execute(statement, values).fetchall()
        except sqlite3.DatabaseError as fault:
            self._database.close()
            self._database = None
            self._give_up(fault)
            return []

    def put(self, key: bytes, entry: Entry) -> None:
        """Keep an entry, on disk from the end of the run."""
        self._new[key] = entry

    def close(self) -> None:
        """Write what is new, drop what is too much. A fault loses entries, nothing else."""
        database, self._database = self._database, None
        if database is None:
            return
        try:
            if self._new or self._stale:
                self._write(database)
        except sqlite3.DatabaseError as fault:
            self._give_up(fault)
        finally:
            database.close()

    def _write(self, database: sqlite3.Connection) -> None:
        database.execute("begin immediate")
        database.executemany("insert or replace into facts values (?, ?, ?, ?)", self._rows())
        stale = [(self._today, key) for key in self._stale]
        database.executemany("update facts set used = ? where key = ?", stale)
        database.execute("commit")
        if self._path.stat().st_size > MAX_BYTES:
            self._drop_half(database)

    def _rows(self) -> Iterator[tuple[bytes, int, bytes, bytes | None]]:
        return ((key, self._today, *entry) for key, entry in self._new.items())

    def _drop_half(self, database: sqlite3.Connection) -> None:
        """Of the entries, by age."""
        (count,) = database.execute("select count(*) from facts").fetchone()
        dropped = database.execute(
            "delete from facts where key in "
            "(select key from facts where used < ? order by used, key limit ?)",
            (self._today, count // 2),
        )
        if dropped.rowcount:
            database.execute("vacuum")

    def __enter__(self) -> Cache:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
