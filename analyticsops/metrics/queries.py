"""SQL outside of dbt: what dashboards ask, and what BI tools export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from analyticsops.project.confined import read_inside

_LONGEST = 1024 * 1024
"""Bytes of one query."""

_MOST = 5_000
"""Files; what is beyond is left out."""


def read_queries(root: Path | None, patterns: Sequence[str]) -> Mapping[str, str]:
    """The files that patterns name below a folder, by their paths. Nothing outside of the
    folder is read, nor what is no UTF-8."""
    if root is None:
        return {}
    found: dict[str, str] = {}
    plain = [text for pattern in patterns if (text := pattern.strip().lstrip("/"))]
    paths = sorted({path for pattern in plain for path in root.glob(pattern)})
    for path in paths[:_MOST]:
        relative = path.relative_to(root).as_posix()
        contents = read_inside(root, relative, limit=_LONGEST)
        if not contents.fault and path.is_file():
            found[relative] = contents.data.decode("utf-8", "replace")
    return found
