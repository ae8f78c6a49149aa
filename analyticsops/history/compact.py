"""Closed months as one Parquet file each: a tenth of the bytes, and read in one go.

A pack is written beside what it holds, read back and compared, put in place, and only
then the files that it holds are removed. Wherever that stops, nothing is missing, and
what is there twice counts once. A file that is damaged is never packed nor removed.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from analyticsops.errors import HistoryError
from analyticsops.history.chosen import Known
from analyticsops.history.disk import TEMPORARY, adopt
from analyticsops.history.layout import INVOCATIONS, NODE_RESULTS
from analyticsops.history.query import RUN, bind_records, literal, loose_results, packed
from analyticsops.history.record import RecordName, parse_name
from analyticsops.history.store import PACK, Listing, Store, unwritable
from analyticsops.history.verify import examine

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

STALE = 3_600.0
"""Seconds after which a temporary file belongs to nobody: no write takes as long."""


class Compacted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one month.

    Attributes:
        month: ``2026-10``.
        records: in its pack.
        results: in its pack.
        size: bytes of the pack.
        before: bytes of the files that it replaced.
        damaged: files that were left where they are, with what is wrong with them.
    """

    month: str
    records: int
    results: int
    size: int
    before: int
    damaged: tuple[str, ...] = ()


def compact(
    store: Store, now: datetime, progress: Callable[[int, int], None] | None = None
) -> tuple[Compacted, ...]:
    """Pack every month before that of ``now``, and sweep what dead writers left.

    Args:
        progress: told how many months were looked at, of how many.

    Raises:
        HistoryError: a pack cannot be written or is not what went in; nothing is lost.
    """
    store.require_disk()
    listing = store.listing()
    _sweep(store, listing)
    closed = sorted({_month(path) for path in _inputs(listing)} - {f"{now:%Y-%m}"})
    done = []
    for number, month in enumerate(closed):
        if progress:
            progress(number, len(closed))
        if month > f"{now:%Y-%m}":
            continue
        part = Listing(
            tuple(one for one in listing.loose if _month(one.path) == month),
            tuple(path for path in listing.packs if _month(path) == month),
        )
        if part.loose or len(part.packs) > 1:
            done.append(_compact_month(store, month, part))
    if progress:
        progress(len(closed), len(closed))
    return tuple(done)


def _inputs(listing: Listing) -> list[Path]:
    return [*(one.path for one in listing.loose), *listing.packs]


def _month(path: Path) -> str:
    return path.parent.name


def _sweep(store: Store, listing: Listing) -> None:
    now = store.disk.now()
    for path in listing.temporary:
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < now - STALE:
                store.disk.remove(path)


def _compact_month(store: Store, month: str, part: Listing) -> Compacted:
    import duckdb

    examined = {one.path: examine(store, one) for one in part.loose}
    faults = {path: fault for path, fault in examined.items() if isinstance(fault, str)}
    # Of the same record in two files one is enough.
    sound = {known.name: known for known in examined.values() if isinstance(known, Known)}
    whole = list(sound.values())
    told = tuple(f"{path.name}: {fault}" for path, fault in faults.items())
    if not whole and len(part.packs) < 2:
        return Compacted(month=month, records=0, results=0, size=0, before=0, damaged=told)
    temporary = store.folder / month / f"{TEMPORARY}{secrets.token_hex(8)}"
    try:
        with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
            names = _gather(connection, whole, part.packs)
            results = _write(connection, temporary)
        pack = store.folder / month / f"{PACK}{_digest(names)}.parquet"
        before = sum(path.stat().st_size for path in _inputs(part) if path not in faults)
        adopt(store.disk, temporary, pack)
        for one in part.loose:
            if one.path not in faults:
                store.disk.remove(one.path)
        for path in part.packs:
            if path != pack:
                store.disk.remove(path)
        store.disk.sync_folder(pack.parent)
        size = pack.stat().st_size
    except OSError as error:
        raise unwritable(Path(error.filename or temporary), error) from error
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise HistoryError(
            f"cannot be compacted: {reason}",
            where=str(store.folder / month),
            hint="nothing was removed",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            store.disk.remove(temporary)
    return Compacted(
        month=month,
        records=len(names),
        results=results,
        size=size,
        before=before,
        damaged=told,
    )


def _digest(names: Sequence[RecordName]) -> str:
    digest = blake2b(digest_size=8)
    for name in names:
        digest.update(f"{name}\n".encode())
    return digest.hexdigest()


def _gather(
    connection: DuckDBPyConnection, loose: Sequence[Known], packs: Sequence[Path]
) -> list[RecordName]:
    """Everything of a month, each record once, as the tables ``heads`` and ``rows``, and both as
    ``month``; the names in it, in order."""
    runs = ", ".join(f"{RUN}{column.name}" for column in INVOCATIONS)
    columns = ", ".join(column.name for column in NODE_RESULTS)
    heads, rows = [], []
    if loose:
        bind_records(connection, loose)
        own = ", ".join(f"{column.name} as {RUN}{column.name}" for column in INVOCATIONS)
        heads.append(f"select record, {own} from chosen")
        rows.append(
            f"select record, {', '.join(f'result.{c.name}' for c in NODE_RESULTS)} "
            f"from ({loose_results([one.path for one in loose])}) as result "
            "join chosen on path = filename"
        )
    if packs:
        _check_columns(connection, packs)
        read = packed(packs)
        known = "where record not in (select record from chosen) " if loose else ""
        once = (
            f"from {read} join (select record as kept, min(filename) as path from {read} {known}"
            "group by 1) on record = kept and filename = path where unique_id is"
        )
        heads.append(f"select record, {runs} {once} null")
        rows.append(f"select record, {columns} {once} not null")
    # Apart, because three in five columns are those of invocations, which few rows have.
    connection.execute("create temp table heads as " + " union all ".join(heads))
    connection.execute("create temp table rows as " + " union all ".join(rows))
    connection.execute("create temp view month as from heads union all by name from rows")
    found = connection.execute("select record from heads order by 1").fetchall()
    names = [parse_name(record) for (record,) in found]
    return [name for name in names if name is not None]


def _check_columns(connection: DuckDBPyConnection, packs: Sequence[Path]) -> None:
    """Refuse what a later version wrote: it would be lost."""
    known = {"record", "filename", *(column.name for column in NODE_RESULTS)}
    known |= {f"{RUN}{column.name}" for column in INVOCATIONS}
    told = connection.execute(f"describe select * from {packed(packs)}").fetchall()
    unknown = sorted({name for name, *_ in told} - known)
    if unknown:
        raise HistoryError(
            f"a later analyticsops wrote {', '.join(unknown)}",
            where=str(packs[0].parent),
            hint="compact with that version; nothing was removed",
        )


def _write(connection: DuckDBPyConnection, temporary: Path) -> int:
    """Write the table and compare what was written with it; how many results it holds.

    Raises:
        HistoryError: the file does not hold what it should.
    """
    # Sorted by node: its names and checksums then take next to nothing. The two long texts travel
    # as places in a list, which sort quicker, and become texts again at the end.
    for column, kind in (("unique_id", "nodes"), ("record", "records")):
        connection.execute(
            f"create type {kind} as enum (select distinct {column} from rows order by 1)"
        )
    connection.execute("set preserve_insertion_order = true")  # heads stay first
    connection.execute(
        "copy (from (from heads order by record) union all by name "
        "select * replace (unique_id::varchar as unique_id, record::varchar as record) from "
        "(select * replace (unique_id::nodes as unique_id, record::records as record) from rows "
        "order by unique_id, record)) "
        f"to '{str(temporary).replace(chr(39), chr(39) * 2)}' "
        "(format parquet, compression zstd, row_group_size 250000)"
    )
    (held,) = _fingerprints(connection, "month")
    (kept,) = _fingerprints(connection, f"read_parquet({literal(temporary)})")
    if held != kept:
        raise HistoryError(
            "what was written is not what was read",
            where=str(temporary),
            hint="nothing was removed; is the disk sound?",
        )
    results: int = held[1]
    return results


def _fingerprints(connection: DuckDBPyConnection, table: str) -> list[tuple[int, ...]]:
    """Counts, and a sum over all rows that no other rows would have."""
    return connection.execute(
        f"select count(*), count(unique_id), bit_xor(hash(rows)), sum(hash(rows)::hugeint % "
        f"1000000007) from {table} as rows"
    ).fetchall()
