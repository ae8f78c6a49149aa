"""Disks that fail: at the k-th call, or by stopping the process just before it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from analyticsops.history.disk import Disk

STEPS = ("make_folder", "create", "write", "sync", "close", "rename", "sync_folder", "remove")
"""The calls that change something."""


class WatchedDisk(Disk):
    """Tells :meth:`at` of each call that changes something, before it is made."""

    def at(self, step: str) -> None:
        """Called before the step; may raise, or not return."""

    def make_folder(self, path: Path) -> None:
        self.at("make_folder")
        super().make_folder(path)

    def create(self, path: Path) -> int:
        self.at("create")
        return super().create(path)

    def write(self, file: int, data: memoryview) -> int:
        half = super().write(file, data[: len(data) // 2])  # a disk may take less than all
        self.at("write")
        return half + super().write(file, data[half:])

    def sync(self, file: int) -> None:
        self.at("sync")
        super().sync(file)

    def close(self, file: int) -> None:
        self.at("close")
        super().close(file)

    def rename(self, source: Path, target: Path) -> None:
        self.at("rename")
        super().rename(source, target)

    def sync_folder(self, path: Path) -> None:
        self.at("sync_folder")
        super().sync_folder(path)

    def remove(self, path: Path) -> None:
        self.at("remove")
        super().remove(path)


class FailingDisk(WatchedDisk):
    """Fails once, at the ``number``-th call, with ``error``; counts the calls."""

    def __init__(self, number: int, error: int) -> None:
        self.number, self.error, self.calls = number, error, 0

    def at(self, step: str) -> None:
        self.calls += 1
        if self.calls == self.number:
            raise OSError(self.error, os.strerror(self.error))


class DyingDisk(WatchedDisk):
    """Kills the process, as ``kill -9`` does, before the ``number``-th call of ``step``."""

    def __init__(self, step: str, number: int) -> None:
        self.step, self.left = step, number

    def at(self, step: str) -> None:
        if step == self.step:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
