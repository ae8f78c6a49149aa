"""A site as files: a page with its data beside it, or everything in one page."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from analyticsops.errors import UsageError
from analyticsops.report.formats import make_folder, write_bytes
from analyticsops.site.chunks import Packed, listed
from analyticsops.site.model.index import Index
from analyticsops.site.page import MARK, page

_CHUNK = re.compile(r"[a-z]+(?:-[0-9]+)?\.[0-9a-f]{10}\.js")


class Site(msgspec.Struct, frozen=True):
    """A finished site.

    Attributes:
        index: what stands in the page; its list of chunks is filled in when it is written.
        chunks: everything else.
    """

    index: Index
    chunks: tuple[Packed, ...]

    def single(self) -> str:
        """Everything in one page."""
        index = msgspec.structs.replace(self.index, chunks=listed(self.chunks, inside=True))
        return page(index, self.chunks)

    def files(self, *, live: bool = False) -> Mapping[str, bytes]:
        """The files of a folder by their paths in it, the page last."""
        index = msgspec.structs.replace(self.index, chunks=listed(self.chunks, inside=False))
        found = {f"data/{chunk.file}": chunk.script for chunk in self.chunks}
        return {**found, "index.html": page(index, live=live).encode()}


def write_site(site: Site, folder: Path) -> int:
    """Write a site into a folder, and return its bytes. Whoever reads it meanwhile sees the old
    one or the new one: data comes before the page that names it, and goes after it.

    Raises:
        UsageError: somebody else's files are there, or it cannot be written.
    """
    _ours(folder)
    files = site.files()
    try:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            put(folder / name, content)
        for path in (folder / "data").iterdir():
            if _CHUNK.fullmatch(path.name) and f"data/{path.name}" not in files:
                path.unlink()
    except OSError as fault:
        raise UsageError(f"cannot write it: {fault.strerror}", where=str(folder)) from fault
    return sum(map(len, files.values()))


def write_file(site: Site, path: Path) -> int:
    """Write everything into one page, and return its bytes.

    Raises:
        UsageError: it cannot be written.
    """
    content = site.single().encode()
    make_folder(path.parent)
    write_bytes(path, content)
    return len(content)


def _ours(folder: Path) -> None:
    """Nothing is written among what is not ours."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError("this is no folder", where=str(folder), hint="name one, or --single-file")
    page_ = folder / "index.html"
    with contextlib.suppress(OSError):
        if page_.is_file() and MARK in page_.read_text(encoding="utf-8", errors="replace")[:4096]:
            return
        if not any(folder.iterdir()):
            return
    raise UsageError(
        "there are files in it that no report wrote",
        where=str(folder),
        hint="name an empty folder, or one that a report was written to before",
    )


def put(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
