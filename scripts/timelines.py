"""`make timelines`: a million random timelines against brute force, instant by instant.

python -m scripts.timelines [--comparisons 1000000] [--processes 2]
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from random import Random

from tests.slo import random_standings, random_timelines

EACH = 1_000
COMPARISONS = (*random_timelines.COMPARISONS, *random_standings.COMPARISONS)


def compare(seed: int) -> int:
    """A thousand comparisons; the first difference is an AssertionError with its case."""
    chance = Random(seed)
    for number in range(EACH):
        COMPARISONS[number % len(COMPARISONS)](chance)
    return EACH


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparisons", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.processes) as pool:
        done = sum(pool.map(compare, range(options.comparisons // EACH), chunksize=10))
    print(f"{done:,} comparisons, no difference")


if __name__ == "__main__":
    main()
