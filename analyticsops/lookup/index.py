"""An index of names and descriptions in one file, made by SQLite's full-text search.

May be deleted at any time: it is made again, as it is when the project becomes another.
Ranking is SQLite's BM25 (https://sqlite.org/fts5.html#the_bm25_function), a name that is
what was asked for before one that begins with it.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType

import msgspec

from analyticsops.errors import UsageError
from analyticsops.lookup.documents import KINDS, Document

_FORM = "3"
"""Of the tables below, and of what is kept in them."""

_SCHEMA = """
create table about (key text not null);
create table records (name text not null, data blob not null);
create virtual table documents using fts5 (
    name, label, words, description, kind unindexed, node unindexed, owner unindexed,
    tokenize = 'porter unicode61 remove_diacritics 2'
);
create virtual table names using fts5 (name, tokenize = 'trigram');
"""

_WEIGHTS = (10.0, 6.0, 3.0, 1.0)
"""Of a word in name, label, words and description."""

_CANDIDATES = 400
"""Best documents by BM25, among which names decide."""

_WORD = re.compile(r"[^\W_]+(?:_+[^\W_]+)*")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a search gave.

    Attributes:
        documents: the best first.
        total: how many there are, shown or not; at most some hundred are counted.
        close: names that look like what was typed, if nothing was found.
    """

    documents: tuple[Document, ...]
    total: int
    close: tuple[str, ...] = ()


class Index:
    """A searchable index of one project.

    Use :func:`open_index`; a context manager.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def search(self, text: str, *, kinds: Collection[str] = (), limit: int = 20) -> Found:
        """The documents that fit all words, else those that fit any of them.

        Args:
            text: words, or beginnings of words, in any order.
            kinds: only of these; empty for all.
            limit: at most so many.
        """
        words = _WORD.findall(text)
        for operator in (" AND ", " OR ") if words else ():
            found = self._ranked(words, operator, text, kinds)
            if found:
                return Found(documents=tuple(found[:limit]), total=len(found))
        return Found(documents=(), total=0, close=tuple(self._close(text)))

    def _ranked(
        self, words: list[str], operator: str, text: str, kinds: Collection[str]
    ) -> list[Document]:
        query = operator.join(f'"{word}"*' for word in words)
        chosen = [kind for kind in KINDS if kind in kinds] or list(KINDS)
        marks = ", ".join("?" * len(chosen))
        rows = self._database.execute(
            # The names of tables and columns are ours; everything else is a parameter.
            "select kind, name, node, label, words, description, owner from documents "  # noqa: S608
            f"where documents match ? and kind in ({marks}) "
            f"order by bm25(documents, {', '.join(map(str, _WEIGHTS))}), name, node limit ?",
            (query, *chosen, _CANDIDATES),
        ).fetchall()
        fields = ("kind", "name", "node", "label", "words", "description", "owner")
        documents = [Document(**dict(zip(fields, row, strict=True))) for row in rows]
        wanted = _plain(text)
        return sorted(documents, key=lambda document: _nearness(document, wanted))  # stable

    def _close(self, text: str) -> list[str]:
        """Names like a misspelled one: by shared groups of three letters, then by shape."""
        plain = _plain(text).replace(" ", "_")
        groups = {plain[at : at + 3] for at in range(len(plain) - 2)}
        if not groups:
            return []
        rows = self._database.execute(
            "select name from names where names match ? order by rank, name limit 50",
            (" OR ".join('"' + group.replace('"', '""') + '"' for group in sorted(groups)),),
        )
        names = {name.rpartition(".")[2].lower(): name for (name,) in reversed(list(rows))}
        return [names[match] for match in get_close_matches(plain, names, n=3)]

    def records(self) -> list[bytes]:
        """What was kept beside the documents, by name."""
        return [
            data for (data,) in self._database.execute("select data from records order by name")
        ]

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _nearness(document: Document, wanted: str) -> tuple[int, int]:
    """How well a name fits: it is the one asked for, its last part is, the words stand in
    it, or they do not. Of the first three the kind decides next."""
    names = [_plain(document.name), _plain(document.label)]
    kind = KINDS.index(document.kind)
    last = names[0].rpartition(".")[2]
    if wanted in names:
        return 0, kind
    if wanted == last:
        return 1, kind
    words = {word for name in (last, names[1]) for word in re.split(r"[\W_]+", name)}
    asked = set(re.split(r"[\W_]+", wanted)) - {""}
    return (2, kind) if asked and asked <= words else (3, 0)


Contents = Callable[[], tuple[Iterable[Document], Iterable[tuple[str, bytes]]]]
"""Makes what is searched, and what is kept beside it by name."""


def open_index(path: Path | None, key: str, contents: Contents) -> Index:
    """The index of a project.

    Args:
        path: of the file; None to keep it in memory.
        key: of what the contents are made from: an index with another key is made anew.
        contents: only called if the index must be made.

    Raises:
        UsageError: this Python's SQLite has no full-text search.
    """
    key = f"{_FORM} {key}"
    kept = _kept(path, key) if path is not None else None
    if kept is not None:
        return Index(kept)
    if path is None:
        return Index(_made(":memory:", key, contents))
    try:
        with _replacing(path) as scratch:
            _made(scratch, key, contents).close()
        return Index(_read_only(path))
    except OSError:  # a folder that cannot be written
        return Index(_made(":memory:", key, contents))


def _kept(path: Path, key: str) -> sqlite3.Connection | None:
    """The file, if it is whole and of that key."""
    if not path.is_file():
        return None
    database = _read_only(path)
    try:
        if database.execute("select key from about").fetchall() == [(key,)]:
            return database
    except sqlite3.DatabaseError:
        pass  # damaged, or something else
    database.close()
    return None


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A new file beside it, which takes its place when it is whole."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    os.close(handle)
    scratch = Path(name)
    try:
        yield scratch
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _made(place: str | Path, key: str, contents: Contents) -> sqlite3.Connection:
    documents, records = contents()
    database = sqlite3.connect(place)
    try:
        _fill(database, key, documents, records)
    except BaseException:
        database.close()
        raise
    return database


def _fill(
    database: sqlite3.Connection,
    key: str,
    documents: Iterable[Document],
    records: Iterable[tuple[str, bytes]],
) -> None:
    try:
        database.executescript(f"pragma journal_mode = off; pragma synchronous = off; {_SCHEMA}")
    except sqlite3.OperationalError as fault:
        if "fts5" not in str(fault) and "tokenizer" not in str(fault):
            raise
        raise UsageError(
            f"the SQLite of this Python ({sqlite3.sqlite_version}) has no full-text search",
            hint="use a Python whose sqlite3 module has FTS5 and is of version 3.34 or later",
        ) from fault
    rows = [
        tuple(map(_storable, (d.name, d.label, d.words, d.description, d.kind, d.node, d.owner)))
        for d in documents
    ]
    kept = [(_storable(name), data) for name, data in records]
    with database:
        database.execute("insert into about values (?)", (key,))
        database.executemany("insert into documents values (?, ?, ?, ?, ?, ?, ?)", rows)
        database.executemany("insert into names values (?)", [row[:1] for row in rows])
        database.executemany("insert into records values (?, ?)", kept)


def _storable(text: str) -> str:
    """SQLite keeps UTF-8: half a surrogate pair, which JSON may hold, is none."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
