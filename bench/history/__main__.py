"""Ingest of one run; a year of runs compacted; questions to many runs by a new process.

``python -m bench.history [--runs 10000 --nodes 500]`` prints a table. Files are made
without waiting for the disk, since only reading, compacting and one ingest are measured.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from analyticsops.history.store import Store
from bench import measure
from bench.history.hasty import HastyDisk
from bench.history.target import write_target
from tests.history.maker import made_up

LATER = "datetime(2030, 1, 1, tzinfo=UTC)"
OPEN = "from analyticsops.history.store import Store; from pathlib import Path; "


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--year", type=int, default=8_760, help="runs of 1,000 nodes")
    given = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        measure.show("recording, median of 5", ingesting(folder))
        measure.show(
            "questions, by a new process", asking(folder / "many", given.runs, given.nodes)
        )
        measure.show("hourly runs of 1,000 nodes", a_year(folder / "year", given.year))


def ingesting(folder: Path) -> list[tuple[str, str, str]]:
    """One run, by the command line."""
    found = []
    for results, goal in ((1_000, "0.3 s after start"), (10_000, "1.5 s after start")):
        target = folder / f"target{results}"
        write_target(target, results)
        command = [sys.executable, "-m", "analyticsops", "ingest", str(target), "--git-sha", "x"]
        command += ["--history", str(folder / "history")]
        start = measure.median([sys.executable, "-m", "analyticsops", "--version"])
        whole = measure.median(command)
        found.append((f"ingest {results:,} results", f"{whole.cpu - start.cpu:.2f} s CPU", goal))
    return found


def fill(folder: Path, runs: int, nodes: int) -> Store:
    """A history of made-up runs."""
    store = Store(folder, HastyDisk())
    for number in range(runs):
        store.put(made_up(number, nodes))
    return Store(folder)


def timed(code: str) -> tuple[float, measure.Cost]:
    """(wall seconds, cost) of a new process."""
    begun = time.monotonic()
    cost = measure.run([sys.executable, "-c", code])
    return time.monotonic() - begun, cost


def asking(folder: Path, runs: int, nodes: int) -> list[tuple[str, str, str]]:
    """Questions by a new process, before and after the closed months are compacted."""
    fill(folder, runs, nodes)
    found = []
    store = f"Store(Path({str(folder)!r}))"
    questions = {
        "last 20 runs": f"list_runs({store})",
        "flapping nodes of all runs": f"find_flapping({store})",
    }
    last = datetime.fromtimestamp(
        made_up(runs - 1, 0).invocation.started_at / 1e6, UTC
    )  # its month stays open
    now = f"datetime({last.year}, {last.month}, {last.day}, tzinfo=UTC)"
    for state in ("single files", "compacted"):
        if state == "compacted":
            timed(
                f"{OPEN}from datetime import *; from analyticsops.history.compact import compact; "
                f"compact({store}, {now})"
            )
        for name, question in questions.items():
            wall, cost = timed(f"{OPEN}from analyticsops.looking_back import *; {question}")
            what = f"{name}, {runs:,} x {nodes}, {state}"
            goal = "3 s" if state == "compacted" else "-"
            said = f"{wall:.2f} s ({cost.cpu:.2f} s CPU, {cost.memory:,.0f} MB)"
            found.append((what, said, goal))
    return found


def a_year(folder: Path, runs: int) -> list[tuple[str, str, str]]:
    """Hourly runs of 1,000 nodes, made into Parquet."""
    store = fill(folder, runs, 1_000)
    files = sum(one.path.stat().st_size for one in store.listing().loose)
    code = (
        f"{OPEN}from datetime import *; from analyticsops.history.compact import compact; "
        f"compact(Store(Path({str(folder)!r})), {LATER})"
    )
    wall, cost = timed(code)
    packs = sum(path.stat().st_size for path in store.listing().packs)
    results = runs * 1_000
    verified, spent = timed(
        f"{OPEN}from analyticsops.history.verify import verify; "
        f"assert not verify(Store(Path({str(folder)!r}))).faults"
    )
    said = f"{wall:.0f} s ({cost.cpu:.0f} s CPU, {cost.memory:,.0f} MB)"
    return [
        (f"compact {results:,} results", said, "60 s"),
        ("bytes a result in single files", f"{files / results:.1f}", "-"),
        ("bytes a result in packs", f"{packs / results:.1f}", "40"),
        ("verify them", f"{verified:.0f} s ({spent.cpu:.0f} s CPU)", "-"),
    ]


if __name__ == "__main__":
    main()
