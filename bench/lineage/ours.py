"""Our own costs from 100 to 10,000 models: cold, warm, one model changed, a question asked.

    python -m bench.lineage.ours --models 100 1000 5000 10000

Whole processes, from the start of the interpreter to its end. *Peak* is the largest resident
memory of any one process, *together* the largest sum over the process and its workers,
looked at a hundred times a second (shared pages count once for each, so it is an upper bound).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.lineage.environments import DEFAULT, REPOSITORY, python_of
from bench.lineage.process import Measured, machine, measure


class Bench(NamedTuple):
    """Where and with what it is measured."""

    python: str
    target: Path
    models: int
    repeat: int

    def run(self, runner: str, *options: str, cache: str) -> Measured:
        """One process of ours.

        Raises:
            SystemExit: it failed.
        """
        command = [self.python, "-m", f"bench.lineage.runners.{runner}", str(self.target)]
        environment = {"PYTHONPATH": str(REPOSITORY), "ANALYTICSOPS_CACHE": cache}
        found = measure([*command, *options], environment, sampled=True)
        if found.failure:
            sys.exit(f"{runner}: {found.failure}")
        return found

    def graph(self, cache: str) -> Measured:
        """The column graph of the whole project."""
        return self.run("analyticsops_graph", cache=cache)

    def module(self, name: str, *arguments: str) -> None:
        """Run a module of the bench in a process of its own, because the peak of a child
        starts at the size of its parent."""
        command = [sys.executable, "-m", f"bench.lineage.{name}", *arguments]
        subprocess.run(command, check=True, cwd=REPOSITORY, stdout=subprocess.DEVNULL)

    def several(self, once: Callable[[int], Measured]) -> list[Measured]:
        """It ``repeat`` times."""
        return [once(number) for number in range(self.repeat)]


def cold(bench: Bench) -> list[str]:
    """CPU seconds, milliseconds a model, wall seconds, memory."""
    empty = bench.several(lambda _: bench.run("analyticsops_graph", "--load", cache="off"))
    full = bench.several(lambda _: bench.graph("off"))
    cpu = median(run.cpu for run in full)
    net = cpu - median(run.cpu for run in empty)
    return [
        f"{cpu:.2f}",
        f"{net / bench.models * 1000:.2f}",
        f"{median(run.wall for run in full):.2f}",
        f"{median(run.peak for run in full):.0f}",
        f"{median(run.tree for run in full):.0f}",
    ]


def warm(bench: Bench, cache: Path) -> list[str]:
    """User seconds: nothing changed, one model's filter changed, one got a new column."""
    bench.graph(str(cache))

    def edited(number: int, *options: str) -> Measured:
        bench.module("edit", str(bench.target), str(number), *options)
        return bench.graph(str(cache))

    runs: Sequence[list[Measured]] = (
        bench.several(lambda _: bench.graph(str(cache))),
        bench.several(lambda number: edited(1000 + number)),
        bench.several(lambda number: edited(2000 + number, "--column")),
    )
    size = sum(path.stat().st_size for path in cache.iterdir()) / 1e6
    return [*(f"{median(run.user for run in each):.2f}" for each in runs), f"{size:.1f}"]


def impact(bench: Bench, cache: Path) -> list[str]:
    """Milliseconds of CPU time: the median and the slowest of 200 questions."""
    found = bench.run("analyticsops_impact", cache=str(cache)).said
    return [f"{found[1]:.2f}", f"{found[2]:.1f}"]


def row(bench: Bench) -> str:
    """One line of the table."""
    bench.module("generate", str(bench.models), str(bench.target))
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        cells = [*cold(bench), *warm(bench, cache), *impact(bench, cache)]
    return f"| {bench.models:,} | " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[100, 1_000, 5_000, 10_000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--venvs", type=Path, default=DEFAULT)
    options = parser.parse_args()
    python = python_of("analyticsops", options.venvs)
    print(f"Medians of {options.repeat}; {machine()}\n")
    print(
        "| models | cold CPU s | ms a model beyond the empty run | wall s | peak MB "
        "| together MB | warm user s | one changed user s | one with a new column user s "
        "| cache MB | impact median ms | slowest ms |"
    )
    print("|---:" * 12 + "|")
    for models in options.models:
        with tempfile.TemporaryDirectory() as folder:
            print(f"... {models:,} models", file=sys.stderr)
            print(row(Bench(python, Path(folder), models, options.repeat)), flush=True)


if __name__ == "__main__":
    main()
