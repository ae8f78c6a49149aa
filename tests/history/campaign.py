"""Many processes, many deaths: what of it was acknowledged must be there, and whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from analyticsops.history.record import decode, name_of
from analyticsops.history.store import Store
from analyticsops.history.verify import verify

REPO = Path(__file__).resolve().parents[2]


DONE = "done"
"""A file that tells readers that nobody writes any more."""


class Outcome(msgspec.Struct):
    """What a campaign saw.

    Attributes:
        waits: seconds from the begin of each record until it was acknowledged.
    """

    processes: int = 0
    killed: int = 0
    acknowledged: int = 0
    lost: int = 0
    damaged: int = 0
    errors: int = 0
    waits: list[float] = []


def start(folder: Path, *words: object) -> subprocess.Popen[str]:
    """A child, see :mod:`tests.history.child`."""
    command = [sys.executable, "-m", "tests.history.child", str(folder), *map(str, words)]
    return subprocess.Popen(
        command, cwd=REPO, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def at_once(folder: Path, *, processes: int, each: int, compacted: bool = False) -> Outcome:
    """So many writers at the same time, each with runs of its own.

    Args:
        compacted: somebody else compacts at the same time.
    """
    children = [start(folder, "record", place * each, each) for place in range(processes)]
    return judge(folder, children, compacted=compacted)


def killed_at(folder: Path, steps: Iterable[tuple[str, int]], *, each: int = 3) -> Outcome:
    """One writer after another, each dead before such a call of such a step."""
    total = Outcome()
    for number, (step, call) in enumerate(steps):
        add(total, judge(folder, [start(folder, "record", number * each, each, step, call)]))
    return total


def killed_at_random(folder: Path, *, times: int, at_a_time: int, seed: int) -> Outcome:
    """Writers that are killed from outside, at a moment that nobody chose."""
    chance = random.Random(seed)
    total = Outcome()
    for first in range(0, times, at_a_time):
        numbers = range(first, min(first + at_a_time, times))
        children = [start(folder, "record", number * 5_000, 5_000) for number in numbers]
        begun = {}
        for child in chance.sample(children, len(children)):
            assert child.stdout is not None
            # It is at work. Read past the buffer, which `communicate` does not look into.
            begun[child.pid] = os.read(child.stdout.fileno(), 1 << 16).decode()
            time.sleep(chance.random() * 0.05)
            child.kill()
        add(total, judge(folder, children, begun))
    return total


def judge(
    folder: Path,
    children: Sequence[subprocess.Popen[str]],
    begun: Mapping[int, str] = MappingProxyType({}),
    *,
    compacted: bool = False,
) -> Outcome:
    """Wait for them, and look for everything that they said was recorded.

    Args:
        begun: by process, what was read of its words already.
        compacted: files may be packed already.
    """
    outcome = Outcome()
    store = Store(folder)
    for child in children:
        said, complained = child.communicate(timeout=300)
        words = (begun.get(child.pid, "") + said).split("\n")[:-1]  # a last line may be cut
        lines = [line.partition(" ")[0] for line in words]
        outcome.waits += [float(line.partition(" ")[2]) for line in words]
        outcome.processes += 1
        outcome.killed += child.returncode == -9
        outcome.errors += child.returncode not in (0, -9) or "Traceback" in complained
        outcome.acknowledged += len(lines)
        if compacted:  # meanwhile, so files come and go: the caller counts what is there in the end
            continue
        for line in lines:
            files = list((folder / f"{line[:4]}-{line[4:6]}").glob(f"{line}.json*"))
            outcome.lost += len(files) != 1
            for file in files:
                document = store.document(file)
                outcome.damaged += str(name_of(decode(document), document)) != line
    return outcome


def add(total: Outcome, one: Outcome) -> None:
    """Sum, in place."""
    for field in Outcome.__struct_fields__:
        setattr(total, field, getattr(total, field) + getattr(one, field))


def damaged_files(folder: Path) -> int:
    """Files that are not what their name says, temporary ones aside."""
    return len(verify(Store(folder)).faults)
