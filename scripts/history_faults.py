"""`make faults`: the history under many writers, many deaths and every error.

Prints one line a campaign; exit code 1 if anything was lost or damaged. The same campaigns,
smaller, are in tests/history.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.history import campaign
from tests.history.campaign import Outcome
from tests.history.disks import STEPS


def main() -> int:
    """Run the campaigns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=32)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=1_000)
    parser.add_argument("--each-step", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    steps = [step for step in STEPS if step != "remove"]
    good = True
    with TemporaryDirectory() as folder:
        each = -(-given.records // given.processes)
        place = Path(folder) / "at_once"
        good &= told(
            f"{given.processes} processes at once",
            place,
            lambda: campaign.at_once(place, processes=given.processes, each=each),
        )
        random = Path(folder) / "random"
        good &= told(
            "kill -9 at random",
            random,
            lambda: campaign.killed_at_random(
                random, times=given.kills, at_a_time=8, seed=given.seed
            ),
        )
        named = Path(folder) / "named"
        # At a later call each time, so that something was acknowledged before; a folder is
        # made once a month.
        calls = [
            (step, 1 if step == "make_folder" else 1 + number * 3)
            for number in range(given.each_step)
            for step in steps
        ]
        good &= told(
            f"kill -9 at each of {len(steps)} steps, {given.each_step} times",
            named,
            lambda: campaign.killed_at(named, calls, each=800),
        )
    return 0 if good else 1


def told(name: str, folder: Path, play: Callable[[], Outcome]) -> bool:
    """Play a campaign and print what came of it."""
    begun = time.monotonic()
    outcome = play()
    took = time.monotonic() - begun
    faults = campaign.damaged_files(folder)
    print(
        f"{name}: {outcome.processes} processes, {outcome.killed} killed, "
        f"{outcome.acknowledged:,} acknowledged, {outcome.lost} lost, "
        f"{outcome.damaged + faults} damaged, {outcome.errors} errors, {took:.0f} s",
        flush=True,
    )
    return not (outcome.lost or outcome.damaged or faults or outcome.errors)


if __name__ == "__main__":
    sys.exit(main())
