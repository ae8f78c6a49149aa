"""The project that the server answers for, read again when its artifacts become others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.times import instant
from analyticsops.reporting import coverage
from analyticsops.slo.durations import spoken
from analyticsops.workspace import Workspace

Opener = Callable[[], Workspace]


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What every answer says of its own worth.

    Attributes:
        project: name of the dbt project.
        compiled: when dbt wrote the manifest (ISO 8601).
        age: of it, in words.
        lineage: models and snapshots whose lineage is proven, partial and unknown.
        why_not: reasons why some is not proven, with the number of models.
    """

    project: str
    compiled: str
    age: str
    lineage: dict[str, int]
    why_not: dict[str, int]


class Desk:
    """Holds the workspace between questions.

    Args:
        open_head: reads the project.
        open_base: reads what ``diff`` compares with; None if nobody named it.
        history: of runs; None for the one in the project.
    """

    def __init__(
        self, open_head: Opener, open_base: Opener | None = None, history: str | None = None
    ) -> None:
        self.history = history
        self._head = _Kept(open_head)
        self._base = _Kept(open_base) if open_base is not None else None

    @property
    def workspace(self) -> Workspace:
        """The project as it is on disk."""
        return self._head.workspace()

    @property
    def base(self) -> Workspace | None:
        """What ``diff`` compares with."""
        return self._base.workspace() if self._base is not None else None

    def about(self, now: datetime) -> About:
        """The worth of an answer that is given now."""
        workspace = self.workspace
        share = coverage(workspace)
        compiled = instant(workspace.project.generated_at)
        return About(
            project=workspace.project.name,
            compiled=workspace.project.generated_at,
            age=spoken(now - compiled) if compiled is not None else "unknown",
            lineage={
                "proven": share.proven,
                "partial": share.partial,
                "unknown": share.unknown,
            },
            why_not=dict(share.reasons),
        )


class _Kept:
    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._workspace: Workspace | None = None
        self._state: Any = None

    def workspace(self) -> Workspace:
        if self._workspace is None or _state(self._workspace.files) != self._state:
            workspace = self._opener()
            self._state = _state(workspace.files)
            self._workspace = workspace
        return self._workspace


def _state(files: tuple[Path, ...]) -> tuple[tuple[int, int] | None, ...]:
    """Size and time of each file; None for one that is gone."""
    return tuple(_stat(path) for path in files)


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
