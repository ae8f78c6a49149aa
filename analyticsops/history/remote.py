"""A history in object storage, read where it lies: ``s3://bucket/history``.

The same folder, copied there by whatever copies files (``aws s3 sync``); files are immutable, so
a copy is whole or lacks the newest runs. It is never written from here: a rename that cannot be
lost, on which recording rests, is not to be had there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from analyticsops.errors import HistoryError
from analyticsops.history.disk import Disk

_INSTALL = "pip install 'analyticsops[cloud]'"


def is_remote(place: str | Path) -> bool:
    """True for an address and not a path."""
    return "://" in str(place)


def remote_folder(url: str) -> tuple[Path, Disk]:
    """A folder in object storage, in the place of a path, and how it is read.

    Raises:
        HistoryError: what reads such addresses is not installed, or does not know this kind.
    """
    try:
        from upath import UPath
    except ImportError as error:
        raise HistoryError("object storage needs an extra", where=url, hint=_INSTALL) from error
    try:
        folder = UPath(url)
        disk = RemoteDisk(folder.fs)
    except (ImportError, ValueError) as error:
        hint = "install what fsspec reads it with: s3fs, gcsfs, adlfs"
        raise HistoryError(str(error).partition("\n")[0], where=url, hint=hint) from error
    return cast("Path", folder), disk


class RemoteDisk(Disk):
    """What can be read there. :class:`analyticsops.history.store.Store` writes nothing to it."""

    def __init__(self, filesystem: Any) -> None:
        self.filesystem = filesystem

    def read_begin(self, path: Path, size: int) -> bytes:
        """Its first bytes."""
        with path.open("rb") as file:
            return file.read(size)
