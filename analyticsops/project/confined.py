"""Reading files that a manifest names, and none outside of the project's folder.

A manifest is somebody else's file: ``original_file_path`` may be ``../../etc/passwd``,
and a link in the folder may lead out of it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec

MISSING = "missing"
OUTSIDE = "outside"
UNREADABLE = "unreadable"


class Contents(msgspec.Struct, frozen=True, gc=False):
    """What was read; ``fault`` is empty, ``missing``, ``outside`` or ``unreadable``
    (a folder or device, no permission, or larger than the limit)."""

    data: bytes = b""
    fault: str = ""


def read_inside(folder: Path, path: str, *, limit: int, start: bool = False) -> Contents:
    """Read ``path`` relative to ``folder`` if it is a file in it, after all links.

    Args:
        limit: bytes; larger files are not read.
        start: of larger files the first bytes are read.
    """
    try:
        root = folder.resolve()
        real = (root / path).resolve()
        if not real.is_relative_to(root):
            return Contents(fault=OUTSIDE)
        return _read(real, limit, start)
    except FileNotFoundError:
        return Contents(fault=MISSING)
    except NotADirectoryError:
        return Contents(fault=MISSING)
    except (OSError, ValueError, RuntimeError):  # no permission, a NUL byte, a circle of links
        return Contents(fault=UNREADABLE)


def _read(path: Path, limit: int, start: bool) -> Contents:
    # A pipe must not make us wait, and a link made since then must not lead us out.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or (status.st_size > limit and not start):
            return Contents(fault=UNREADABLE)
        data = file.read(limit + (not start))
    return Contents(data) if len(data) <= limit else Contents(fault=UNREADABLE)
