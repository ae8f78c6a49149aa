"""The calls by which the history touches a disk, one method each.

Everything that can fail, or after which a machine can stop, is one of these. Tests stand
in for each: an error at the k-th call, a kill at a named step. The order of the calls is
the promise: nothing is acknowledged before it would survive a power cut.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path
from typing import Any

TEMPORARY = ".tmp-"
"""How a file is called that is being written."""


class Disk:
    """The real one.

    Attributes:
        filesystem: what DuckDB has to be taught to read there (:mod:`fsspec`); None if nothing.
    """

    filesystem: Any = None

    def make_folder(self, path: Path) -> None:
        """Make one folder; it may be there already."""
        path.mkdir(exist_ok=True)

    def create(self, path: Path) -> int:
        """A new file, open for writing: never one that is there, never through a link."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)

    def write(self, file: int, data: memoryview) -> int:
        """How many bytes were taken."""
        return os.write(file, data)

    def sync(self, file: int) -> None:
        """Its bytes are on the disk when this returns."""
        os.fsync(file)

    def close(self, file: int) -> None:
        """Also where a network's disk reports what went wrong before."""
        os.close(file)

    def rename(self, source: Path, target: Path) -> None:
        """Atomically, within one folder."""
        source.replace(target)

    def sync_folder(self, path: Path) -> None:
        """Its names are on the disk when this returns."""
        file = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def now(self) -> float:
        """By the clock that dates its files: whatever moment is asked about, what others write
        meanwhile is new."""
        return time.time()

    def remove(self, path: Path) -> None:
        """It may be gone already."""
        path.unlink(missing_ok=True)

    def read(self, path: Path) -> bytes:
        """All of it."""
        return path.read_bytes()

    def read_begin(self, path: Path, size: int) -> bytes:
        """Its first bytes."""
        file = os.open(path, os.O_RDONLY)
        try:
            return os.read(file, size)
        finally:
            os.close(file)


def publish(disk: Disk, target: Path, data: bytes) -> None:
    """Put a file where it is seen as a whole or not at all, and will stay.

    Raises:
        OSError: it could not be; nothing is there that was not there before.
    """
    temporary = target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    try:
        _fill(disk, temporary, data)
        disk.rename(temporary, target)
    except OSError:
        with contextlib.suppress(OSError):
            disk.remove(temporary)
        raise
    disk.sync_folder(target.parent)


def adopt(disk: Disk, temporary: Path, target: Path) -> None:
    """Like :func:`publish`, for a file that another program has written and closed."""
    file = os.open(temporary, os.O_RDONLY)
    try:
        disk.sync(file)
    finally:
        os.close(file)
    disk.rename(temporary, target)
    disk.sync_folder(target.parent)


def make_folders(disk: Disk, folder: Path) -> None:
    """A folder and those above it, each of which will stay.

    Raises:
        OSError: one could not be made.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        disk.make_folder(path)
        disk.sync_folder(path.parent)


def _fill(disk: Disk, path: Path, data: bytes) -> None:
    file = disk.create(path)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[disk.write(file, rest) :]
        disk.sync(file)
    except OSError:
        with contextlib.suppress(OSError):
            disk.close(file)
        raise
    disk.close(file)
