"""The folder of the history: one immutable file per invocation, months as Parquet.

::

    2026-11/20261121T001411Z_<invocation>_<digest>.json.gz     one record
    2026-10/pack_<digest>.parquet                              the records of a closed month

Nothing is ever changed in place, so there are no locks: writers cannot meet, a reader
sees a record or does not, and two histories are merged by copying one over the other. An
invocation can have several records (it started; it ended; it was seen again with a newer
manifest); which of them counts depends on what they hold and not on when they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from analyticsops.errors import HistoryError
from analyticsops.history.disk import TEMPORARY, Disk, make_folders, publish
from analyticsops.history.record import (
    DocumentError,
    Invocation,
    Record,
    RecordName,
    decode,
    decode_head,
    encode,
    name_of,
    pack,
    parse_name,
    unpack,
    unpack_head,
)

PACK = "pack_"

_HEAD_BYTES = 2_048
"""Of a file, in which its first line nearly always ends."""

_BROKEN = "`analyticsops history verify` lists all such files"


class Loose(msgspec.Struct, frozen=True, order=True):
    """A file that holds one record."""

    name: RecordName
    path: Path


class Listing(msgspec.Struct, frozen=True):
    """What lies in the folder, in order of the names.

    Attributes:
        loose: files with one record each.
        packs: Parquet files with the records of a month each.
        temporary: files that are being written, or that a dead writer left.
        foreign: files that are none of ours; nobody reads or removes them.
    """

    loose: tuple[Loose, ...] = ()
    packs: tuple[Path, ...] = ()
    temporary: tuple[Path, ...] = ()
    foreign: tuple[Path, ...] = ()


class Store:
    """A history in a folder, which need not be there before something is recorded."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self.folder = folder
        self.disk = disk or Disk()

    def put(self, record: Record) -> RecordName:
        """Record it; when this returns it is there to stay. Twice is as good as once.

        Raises:
            HistoryError: it could not be written; the history is as it was.
        """
        self.require_disk()
        name, path, data = self._place(record)
        month = path.parent
        try:
            if path.is_file():  # its writer may have been stopped before this last step
                self.disk.sync_folder(month)
                return name
            make_folders(self.disk, month)
            publish(self.disk, path, data)
        except OSError as error:
            raise unwritable(path, error) from error
        return name

    def require_disk(self) -> None:
        """Refuse to write where no rename is safe.

        Raises:
            HistoryError: the folder is in object storage.
        """
        if self.disk.filesystem is not None:
            raise HistoryError(
                "a history in object storage is only read",
                where=str(self.folder),
                hint="record into a folder, and copy that there",
            )

    def of_same_run(self, record: Record) -> Iterator[Record]:
        """The records of its invocation that lie here as files of their own.

        Raises:
            HistoryError: one cannot be read.
        """
        name, path, _ = self._place(record)
        begin = f"{name.started}_{name.invocation_id}_"
        try:
            found = sorted(p for p in path.parent.iterdir() if p.name.startswith(begin))
        except (FileNotFoundError, NotADirectoryError):  # `put` says so
            return
        except OSError as error:
            raise unreadable(path.parent, error) from error
        for file in found:
            if parse_name(file.name) is not None:
                yield self.read(file)

    def listing(self) -> Listing:
        """What lies in the folder now.

        Raises:
            HistoryError: it cannot be listed.
        """
        loose, packs, temporary, foreign = [], [], [], []
        for path in self._files():
            name = parse_name(path.name)
            if path.name.startswith(TEMPORARY):
                temporary.append(path)
            elif path.name.startswith(PACK) and path.suffix == ".parquet":
                packs.append(path)
            elif name is not None and path.name[len(str(name)) :] in (".json", ".json.gz"):
                loose.append(Loose(name, path))
            else:
                foreign.append(path)
        return Listing(
            tuple(sorted(loose)),
            tuple(sorted(packs)),
            tuple(sorted(temporary)),
            tuple(sorted(foreign)),
        )

    def read(self, path: Path) -> Record:
        """The record in a file.

        Raises:
            HistoryError: it is not what its name says, or cannot be read.
        """
        try:
            return decode(self.document(path))
        except DocumentError as error:
            raise HistoryError(str(error), where=str(path), hint=_BROKEN) from error

    def read_head(self, path: Path) -> Invocation:
        """The invocation in a file; its results are not even read.

        Raises:
            HistoryError: see :meth:`read`.
        """
        try:
            line = unpack_head(self.disk.read_begin(path, _HEAD_BYTES))
            return decode_head(line or self.document(path))
        except OSError as error:
            raise unreadable(path, error) from error
        except DocumentError as error:
            raise HistoryError(str(error), where=str(path), hint=_BROKEN) from error

    def document(self, path: Path) -> bytes:
        """The document in a file, as it was before it was compressed.

        Raises:
            HistoryError: it cannot be read.
        """
        try:
            return unpack(self.disk.read(path))
        except OSError as error:
            raise unreadable(path, error) from error
        except DocumentError as error:
            raise HistoryError(str(error), where=str(path), hint=_BROKEN) from error

    def _place(self, record: Record) -> tuple[RecordName, Path, bytes]:
        document = encode(record)
        name = name_of(record, document)
        suffix, data = pack(document)
        return name, self.folder / name.month / f"{name}{suffix}", data

    def _files(self) -> Iterator[Path]:
        try:
            if not self.folder.is_dir():
                return
            for month in self.folder.iterdir():
                if month.is_dir():
                    yield from month.iterdir()
                else:
                    yield month
        except OSError as error:
            raise unreadable(self.folder, error) from error


def unwritable(path: Path, error: OSError) -> HistoryError:
    """It could not be written."""
    reason = error.strerror or str(error)
    return HistoryError(
        f"cannot be written: {reason}",
        where=str(path),
        hint="nothing was recorded; what was recorded before is as it was",
    )


def unreadable(path: Path, error: OSError) -> HistoryError:
    """It could not be read."""
    return HistoryError(f"cannot be read: {error.strerror or error}", where=str(path))
