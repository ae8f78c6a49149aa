"""`make faults`: many writers, many deaths, every error, files that change, clocks that jump.

Prints a line of Markdown for each campaign; exit code 1 if anything was lost or damaged. The same
campaigns, smaller, are in tests/history and tests/faults.
"""

from __future__ import annotations

import argparse
import errno
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from analyticsops.errors import HistoryError
from analyticsops.history.compact import compact
from analyticsops.history.store import Store
from analyticsops.history.verify import verify
from tests.faults.clocks import walk
from tests.faults.killed import VICTIMS, Victim, kill, prepare
from tests.faults.place import make_place
from tests.faults.rewritten import read_while_written
from tests.history import campaign
from tests.history.campaign import Outcome
from tests.history.child import LATER
from tests.history.disks import STEPS, FailingDisk
from tests.history.maker import made_up

ERRORS = (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT, errno.EINTR, errno.EACCES)

Said = tuple[str, int]
"""What a campaign says of itself, and how much went wrong."""


def main() -> int:
    """Run the campaigns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--each-step", type=int, default=20)
    parser.add_argument("--each-command", type=int, default=50)
    parser.add_argument("--walks", type=int, default=100)
    parser.add_argument("--reads", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    wrong = 0
    print("| fault | what was done | lost, damaged or wrong | s |\n|---|---|--:|--:|", flush=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for number, (title, play) in enumerate(_campaigns(given).items()):
            begun = time.monotonic()
            said, faults = play(folder / str(number))
            wrong += faults
            took = time.monotonic() - begun
            print(f"| {title} | {said} | {faults} | {took:.0f} |", flush=True)
    return 1 if wrong else 0


def _campaigns(given: argparse.Namespace) -> dict[str, Callable[[Path], Said]]:
    found: dict[str, Callable[[Path], Said]] = {}
    for processes in (32, 128):
        found[f"{processes} processes record at once, two read, one compacts"] = partial(
            _at_once, processes=processes, each=-(-given.records // processes)
        )
    found["kill -9 of a writer at random"] = partial(_at_random, times=given.kills, seed=given.seed)
    found["kill -9 of a writer before each call"] = partial(_at_each_step, times=given.each_step)
    found["an error at each call of a writer"] = _errors
    found["an error at each call of compacting"] = _errors_of_compacting
    for victim in VICTIMS:
        found[f"kill -9 of `{victim.name}` at random"] = partial(
            _killed, victim=victim, times=given.each_command, seed=given.seed
        )
    found["a manifest of 5 MB is rewritten as dbt does it, twice a second"] = partial(
        _rewritten, reads=given.reads
    )
    found["the clock of `slo evaluate` jumps up to 36 hours"] = partial(_clocks, walks=given.walks)
    return found


def _at_once(folder: Path, processes: int, each: int) -> Said:
    asked = [campaign.start(folder, "read") for _ in range(2)]
    asked.append(campaign.start(folder, "compact-often"))
    outcome = campaign.at_once(folder, processes=processes, each=each, compacted=True)
    (folder / campaign.DONE).touch()
    for child in asked:
        _, complained = child.communicate(timeout=600)
        if child.returncode or complained:
            print(complained, file=sys.stderr)
            outcome.errors += 1
    (folder / campaign.DONE).unlink()
    said, faults = _judged(folder, outcome)
    there = verify(Store(folder)).invocations
    waits = sorted(outcome.waits)
    slow = waits[int(len(waits) * 0.99)] if waits else 0.0
    return f"{said}; 99 % within {slow:.2f} s", faults + abs(there - outcome.acknowledged)


def _judged(folder: Path, outcome: Outcome) -> Said:
    faults = campaign.damaged_files(folder) + outcome.lost + outcome.damaged + outcome.errors
    killed = f"{outcome.killed:,} killed, " if outcome.killed else ""
    said = f"{outcome.processes:,} processes, {killed}{outcome.acknowledged:,} acknowledged"
    return said, faults


def _at_random(folder: Path, times: int, seed: int) -> Said:
    return _judged(folder, campaign.killed_at_random(folder, times=times, at_a_time=8, seed=seed))


def _at_each_step(folder: Path, times: int) -> Said:
    # At a later call each time, so that something was acknowledged before; a folder is made
    # once a month.
    calls = [
        (step, 1 if step == "make_folder" else 1 + number * 3)
        for number in range(times)
        for step in STEPS
        if step != "remove"
    ]
    return _judged(folder, campaign.killed_at(folder, calls, each=800))


def _errors(folder: Path) -> Said:
    """What was there stays as it was, and the record can be written afterwards."""
    faults = calls = 0
    for error in ERRORS:
        number, done = 0, False
        while not done:
            number += 1
            place = folder / f"{error}-{number}"
            Store(place).put(made_up(0))
            disk = FailingDisk(number, error)
            try:
                Store(place, disk).put(made_up(900))
                done = disk.calls < number
            except HistoryError as told:
                faults += "\n" in str(told)
            found = verify(Store(place))
            faults += bool(found.faults) or found.invocations not in (1, 2)
            Store(place).put(made_up(900))
            faults += verify(Store(place)).invocations != 2
            calls += not done
    names = ", ".join(errno.errorcode[error] for error in ERRORS)
    return f"{calls} failures: {names}", faults


def _errors_of_compacting(folder: Path) -> Said:
    faults = calls = 0
    for error in ERRORS:
        number, done = 0, False
        while not done:
            number += 1
            store = Store(folder / f"{error}-{number}")
            for run in range(3):
                store.put(made_up(run))
            before = verify(store).state
            disk = FailingDisk(number, error)
            try:
                compact(Store(store.folder, disk), LATER)
                done = disk.calls < number
            except HistoryError:
                pass
            after = verify(store)
            faults += (after.state, after.faults) != (before, ())
            calls += not done
    return f"{calls} failures", faults


def _killed(folder: Path, victim: Victim, times: int, seed: int) -> Said:
    place = prepare(make_place(folder))
    outcome = kill(place, victim, times, seed)
    for harm in outcome.harmed:
        print(f"{victim.name}: {harm}", file=sys.stderr)
    faults = len(outcome.harmed) + outcome.left
    return f"{outcome.killed} killed, {outcome.ended} were done before", faults


def _rewritten(folder: Path, reads: int) -> Said:
    seen = read_while_written(folder, reads, models=300, pause=0.4)
    said = f"{seen.whole} read whole, {seen.refused} refused in one line"
    return f"{said}; slowest {seen.slowest:.1f} s", seen.wrong


def _clocks(folder: Path, walks: int) -> Said:
    place = make_place(folder)
    wrong: Sequence[str] = []
    for seed in range(walks):
        wrong = [*wrong, *walk(place, folder / f"incidents-{seed}", 8, seed)]
        shutil.rmtree(folder / f"incidents-{seed}", ignore_errors=True)
    for line in wrong:
        print(line, file=sys.stderr)
    return f"{walks * 8:,} evaluations", len(wrong)


if __name__ == "__main__":
    sys.exit(main())
