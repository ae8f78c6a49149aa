"""analyticsops: what is affected by each of 200 columns, asked after loading.

prints one JSON line: milliseconds of CPU time of the first, the median and the slowest
question, and how many columns and ends the largest answer has.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from random import Random
from statistics import median

import analyticsops as ao
from analyticsops.lineage.graph import ColumnRef

QUESTIONS = 200


def main() -> None:
    graph = ao.load(Path(sys.argv[1])).graph
    every = [ColumnRef(key, name) for key, node in graph.nodes.items() for name in node.columns]
    spent: list[float] = []
    largest = 0
    for ref in Random(0).sample(every, min(QUESTIONS, len(every))):
        start = time.process_time()
        largest = max(largest, len(graph.impact([ref])))
        spent.append((time.process_time() - start) * 1000)
    print(json.dumps([spent[0], median(spent), max(spent), largest]))


if __name__ == "__main__":
    main()
