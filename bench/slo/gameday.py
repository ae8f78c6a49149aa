"""Random faults on the graphs of real projects: is the right cause named, and how many messages
would there be?

    python -m bench.slo.gameday ~/projects/tuva/target --faults 100

Runs are rehearsed (an hourly job that goes well); objectives are those that a project declares, or
usual ones: sources three hours old at most, marts four, the job on time. Prints Markdown.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import analyticsops as ao
from analyticsops.playing import game_day
from analyticsops.slo.gameday.play import summed
from analyticsops.slo.spans import HOUR
from bench.lineage.process import machine


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="+", type=Path)
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=int, default=8)
    options = parser.parse_args()
    print(f"{machine()}\n")
    print("| project | nodes | faults | right | silent | notifications | one a node | fewer | s |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    wrong = 0
    for target in options.targets:
        workspace = ao.load(target)
        start = time.process_time()
        day = game_day(
            workspace,
            random=options.faults,
            seed=options.seed,
            hours=options.hours,
            every=HOUR,
        )
        spent = time.process_time() - start
        figures = dict(summed(day.played))
        print(
            f"| {target.resolve().parent.name} | {len(workspace.project.nodes):,} "
            f"| {figures['faults']:.0f} | {figures['right']:.1%} | {figures['silent']:.1%} "
            f"| {figures['notifications']:.0f} | {figures['one for each node in trouble']:,.0f} "
            f"| {figures['fewer']:.1%} | {spent:.0f} |",
            flush=True,
        )
        for one in day.played:
            if one.expected and one.verdict != "right":
                wrong += 1
                named = ", ".join(raised.root for raised in one.raised) or "nothing"
                print(f"{one.fault.kind} on {one.label}: {named}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
