"""A process that records, to be run many times at once or killed at a named step.

``python -m tests.history.child FOLDER FIRST COUNT [STEP NUMBER]`` records COUNT invocations
and prints the name of each once it is acknowledged. With STEP it kills itself, as ``kill
-9`` does, just before the NUMBER-th call of that step of the disk (``write`` in its middle).
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from analyticsops.history.disk import Disk
from analyticsops.history.store import Store
from tests.history.maker import made_up

STEPS = ("make_folder", "create", "write", "sync", "close", "rename", "sync_folder", "return")


class DyingDisk(Disk):
    """Kills the process at one call."""

    def __init__(self, step: str, number: int) -> None:
        self.step, self.left = step, number

    def at(self, step: str) -> bool:
        """True, and only once, at the chosen call."""
        if step == self.step:
            self.left -= 1
            return self.left == 0
        return False

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def make_folder(self, path: Path) -> None:
        if self.at("make_folder"):
            self.die()
        super().make_folder(path)

    def create(self, path: Path) -> int:
        if self.at("create"):
            self.die()
        return super().create(path)

    def write(self, file: int, data: memoryview) -> int:
        if self.at("write"):
            super().write(file, data[: len(data) // 2])
            self.die()
        return super().write(file, data)

    def sync(self, file: int) -> None:
        if self.at("sync"):
            self.die()
        super().sync(file)

    def close(self, file: int) -> None:
        if self.at("close"):
            self.die()
        super().close(file)

    def rename(self, source: Path, target: Path) -> None:
        if self.at("rename"):
            self.die()
        super().rename(source, target)

    def sync_folder(self, path: Path) -> None:
        if self.at("sync_folder"):
            self.die()
        super().sync_folder(path)


def main(folder: str, first: str, count: str, step: str = "", number: str = "1") -> None:
    """Record, and say so."""
    disk = DyingDisk(step, int(number)) if step else Disk()
    store = Store(Path(folder), disk)
    for place in range(int(first), int(first) + int(count)):
        name = store.put(made_up(place))
        if isinstance(disk, DyingDisk) and disk.at("return"):
            disk.die()
        os.write(1, f"{name}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
