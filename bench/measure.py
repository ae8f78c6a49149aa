"""CPU time and peak memory of whole processes, as the operating system counts them."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """Of one process: CPU seconds (user and system), peak resident memory in MB."""

    cpu: float
    memory: float


def run(command: Sequence[str]) -> Cost:
    """Run a command with its output thrown away, and wait for it."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.execvp(command[0], list(command))
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"failed: {' '.join(command)}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def median(command: Sequence[str], runs: int = 5) -> Cost:
    """The median of several runs after a warm-up."""
    run(command)
    costs = [run(command) for _ in range(runs)]
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )


def show(title: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """A table: what, measured, goal."""
    print(f"\n{title}")
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
