"""Is every file what its name says? Everything is read, and its digest made again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from analyticsops.errors import HistoryError
from analyticsops.history.chosen import Known, choose, state_hash
from analyticsops.history.layout import INVOCATIONS, NODE_RESULTS, Column
from analyticsops.history.query import RUN, connect, packed
from analyticsops.history.record import (
    DocumentError,
    Invocation,
    NodeResult,
    Record,
    RecordName,
    decode,
    encode,
    name_of,
    parse_name,
)
from analyticsops.history.store import Loose, Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        invocations: that are recorded, each counted once.
        results: that belong to them.
        records: all of them, also those that do not count.
        packs: Parquet files.
        state: hash over what counts, see :func:`analyticsops.history.chosen.state_hash`.
        faults: what is wrong, ``file: fault``.
        twice: how many records are there in two places; harmless.
        disputed: invocations with several records that know as much and differ.
        foreign: files in the folder that are none of ours.
        temporary: files of writers that are at work, or were stopped.
    """

    invocations: int
    results: int
    records: int
    packs: int
    state: str
    faults: tuple[str, ...] = ()
    twice: int = 0
    disputed: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    temporary: int = 0


def verify(store: Store, progress: Callable[[int, int], None] | None = None) -> Verified:
    """Read everything and say what is there.

    Args:
        progress: told how many files were read, of how many.

    Raises:
        HistoryError: the folder cannot be listed.
    """
    listing = store.listing()
    faults: list[str] = []
    known: list[Known] = []
    total = len(listing.loose) + len(listing.packs)
    for number, one in enumerate(listing.loose):
        if progress:
            progress(number, total)
        examined = examine(store, one)
        if isinstance(examined, str):
            faults.append(f"{one.path.name}: {examined}")
        else:
            known.append(examined)
    for number, path in enumerate(listing.packs, len(listing.loose)):
        if progress:
            progress(number, total)
        for found in _packed(store, path):
            if isinstance(found, str):
                faults.append(f"{path.name}: {found}")
            else:
                known.append(found)
    if progress:
        progress(total, total)
    chosen = choose(known)
    heads = [one.invocation for one in chosen if one.invocation is not None]
    places = Counter(one.name for one in known)
    return Verified(
        invocations=len(chosen),
        results=sum(head.results for head in heads),
        records=len(places),
        packs=len(listing.packs),
        state=state_hash(one.name for one in chosen),
        faults=tuple(faults),
        twice=sum(count - 1 for count in places.values()),
        disputed=_disputed(known, chosen),
        foreign=tuple(str(path.relative_to(store.folder)) for path in listing.foreign),
        temporary=len(listing.temporary),
    )


def examine(store: Store, one: Loose) -> Known | str:
    """The record in a file; or what is wrong, if it is not what its name says."""
    try:
        document = store.document(one.path)
        record = decode(document)
    except HistoryError as error:
        return error.what
    except DocumentError as error:
        return str(error)
    return _differs(one.name, record, document) or Known(one.name, one.path, record.invocation)


def _differs(name: RecordName, record: Record, document: bytes) -> str:
    if name_of(record, document) != name:
        return "its content is not that of its name"
    if encode(record) != document:
        return "it holds what this version does not know: upgrade analyticsops"
    if record.invocation.results != len(record.results):
        return f"{len(record.results)} results, expected {record.invocation.results}"
    return ""


def _disputed(known: list[Known], chosen: tuple[Known, ...]) -> tuple[str, ...]:
    """Two finished records of one invocation hold other results: somebody changed a file."""
    held = {one.name.invocation_id: one for one in chosen}
    found = set()
    for one in known:
        other = held[one.name.invocation_id]
        if one.name == other.name or one.invocation is None or other.invocation is None:
            continue
        states = {one.invocation.state, other.invocation.state}
        if one.invocation.door != other.invocation.door:
            continue  # a hook does not see the results of hooks
        if one.invocation.manifest != other.invocation.manifest:
            continue  # which sources are missing is known from the run's own manifest
        if states == {"finished"} and one.invocation.results != other.invocation.results:
            found.add(one.name.invocation_id)
    return tuple(sorted(found))


def _packed(store: Store, path: Path) -> Iterator[Known | str]:
    """The records in a pack, or what is wrong with one."""
    import duckdb

    read = packed([path])
    try:
        with connect(store) as connection:
            heads = connection.execute(
                f"select record, {_numbers(INVOCATIONS, RUN)} from {read} where unique_id is null"
            ).fetchall()
            cursor = connection.execute(
                f"select record, {_numbers(NODE_RESULTS)} from {read} "
                "where unique_id is not null order by record, unique_id"
            )
            results = _by_record(cursor)
            if len({record for record, *_ in heads}) != len(heads):
                yield "a record is in it twice"
            of = next(results, None)
            for record, *values in sorted(heads):
                rows: tuple[NodeResult, ...] = ()
                if of is not None and of[0] == record:
                    rows = of[1]
                    of = next(results, None)
                yield _known(
                    path, record, Invocation(**dict(zip(_HEADS, values, strict=True))), rows
                )
            if of is not None:
                yield f"results of {of[0]} without its invocation"
    except duckdb.Error as error:
        yield f"cannot be read: {str(error).partition(chr(10))[0]}"


def _numbers(columns: tuple[Column, ...], prefix: str = "") -> str:
    """Columns of a pack as they are in a document."""
    return ", ".join(
        f"epoch_us({prefix}{c.name})" if c.type == "timestamp" else f"{prefix}{c.name}"
        for c in columns
    )


def _by_record(
    cursor: DuckDBPyConnection,
) -> Iterator[tuple[str, tuple[NodeResult, ...]]]:
    """Results of one record after another; only a part of a pack is in memory."""
    for record, group in groupby(_fetched(cursor), key=itemgetter(0)):
        # To the sort of an old DuckDB a text and the same text with a NUL after it are equal.
        rows = sorted(group, key=itemgetter(1))
        yield record, tuple(NodeResult(**dict(zip(_FIELDS, row[1:], strict=True))) for row in rows)


def _fetched(cursor: DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := cursor.fetchmany(50_000):
        yield from rows


def _known(
    path: Path, record: str, invocation: Invocation, rows: tuple[NodeResult, ...]
) -> Known | str:
    name = parse_name(record)
    if name is None:
        return f"{record} is no name of a record"
    whole = Record(invocation, rows)
    fault = _differs(name, whole, encode(whole))
    return f"{record}: {fault}" if fault else Known(name, path, invocation)


_HEADS = [column.name for column in INVOCATIONS]
_FIELDS = [column.name for column in NODE_RESULTS]
