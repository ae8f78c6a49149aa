"""A process that records or compacts, to be run many times at once or killed at a named step.

``python -m tests.history.child FOLDER record FIRST COUNT [STEP NUMBER]`` records COUNT made-up
runs and prints the name of each once it is acknowledged. ``... FOLDER compact [STEP NUMBER]``
compacts. With STEP it dies before the NUMBER-th call of that step of the disk.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from analyticsops.history.compact import compact
from analyticsops.history.disk import Disk
from analyticsops.history.store import Store
from tests.history.disks import DyingDisk
from tests.history.maker import made_up

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def main(folder: str, task: str, *rest: str) -> None:
    """Do the task."""
    numbers, dying = (rest[:2], rest[2:]) if task == "record" else ((), rest)
    disk = DyingDisk(dying[0], int(dying[1])) if dying else Disk()
    store = Store(Path(folder), disk)
    if task == "compact":
        compact(store, LATER)
        return
    first, count = map(int, numbers)
    for number in range(first, first + count):
        name = store.put(made_up(number))
        os.write(1, f"{name}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
