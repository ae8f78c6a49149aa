"""A process that records or compacts, to be run many times at once or killed at a named step.

``python -m tests.history.child FOLDER record FIRST COUNT [STEP NUMBER]`` records COUNT made-up
runs and prints the name of each once it is acknowledged, and the seconds that took. ``... FOLDER
compact [STEP NUMBER]`` compacts. With STEP it dies before the NUMBER-th call of that step of the
disk. ``... FOLDER read`` and ``... FOLDER compact-often`` go on until a file says that they may
end; what was read once must be there ever after.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from analyticsops.errors import HistoryError
from analyticsops.history.compact import compact
from analyticsops.history.disk import Disk
from analyticsops.history.store import Store
from analyticsops.looking_back import list_runs
from tests.history import campaign
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
    if task in ("read", "compact-often"):
        _go_on(store, task)
        return
    first, count = map(int, numbers)
    for number in range(first, first + count):
        record, begun = made_up(number), time.monotonic()
        name = store.put(record)
        os.write(1, f"{name} {time.monotonic() - begun:.4f}\n".encode())


def _go_on(store: Store, task: str) -> None:
    seen = 0
    while not (store.folder / campaign.DONE).exists():
        if task == "compact-often":
            if store.folder.is_dir():
                compact(store, LATER)
            time.sleep(5)
        else:
            # In one line, if each of its tries met another compaction.
            with contextlib.suppress(HistoryError):
                now = len(list_runs(store, last=None)) if store.folder.is_dir() else 0
                assert now >= seen, f"{seen} runs were there, {now} are"
                seen = now
    assert task != "read" or seen, "it never could be read"


if __name__ == "__main__":
    main(*sys.argv[1:])
