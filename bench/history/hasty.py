"""A disk for histories that are only made to be read."""

from __future__ import annotations

from pathlib import Path

from analyticsops.history.disk import Disk


class HastyDisk(Disk):
    """Waits for nothing."""

    def sync(self, file: int) -> None:
        """Not now."""

    def sync_folder(self, path: Path) -> None:
        """Not now."""
