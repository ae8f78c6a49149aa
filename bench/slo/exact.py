"""Exact objectives over many events, and clocks through a large graph: CPU seconds of one process.

python -m bench.slo.exact --objectives 1000 --events 1000000 --nodes 10000 --sources 300
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction
from random import Random

from analyticsops.slo.budget import Timeline, budget, burning
from analyticsops.slo.clocks import Build, Graph, carry
from analyticsops.slo.spans import DAY, HOUR, Spans
from analyticsops.slo.watermark import Load, Watermark
from bench.lineage.process import machine

NOW = 60 * DAY
WINDOW = 30 * DAY


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objectives", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--sources", type=int, default=300)
    options = parser.parse_args()
    print(f"{machine()}\n")
    loads = _loads(options.objectives, options.events)
    start = time.process_time()
    burnt = sum(_evaluate(told) for told in loads)
    spent = time.process_time() - start
    print(
        f"{options.objectives:,} objectives over 30 days, {options.events:,} loads: {spent:.2f} s "
        f"({burnt} have used up their budget)"
    )
    graph = _graph(options.nodes, options.sources)
    start = time.process_time()
    clocks = carry(graph)
    spent = time.process_time() - start
    print(f"clocks of {len(clocks):,} nodes over {options.sources} sources: {spent:.2f} s")


def _loads(objectives: int, events: int) -> list[list[Load]]:
    chance = Random(1)
    each = events // objectives
    every = WINDOW // each

    def load(number: int) -> Load:
        at = NOW - WINDOW + number * every + chance.randrange(every)
        return Load(at, at - chance.randrange(2 * HOUR))

    return [[load(number) for number in range(each)] for _ in range(objectives)]


def _evaluate(told: list[Load]) -> bool:
    """Staleness, budget and burn of one objective; True if its budget is used up."""
    watermark, window = Watermark.of(told), (NOW - WINDOW, NOW)
    timeline = Timeline(
        scope=Spans.one(*window),
        bad=watermark.stale(2 * HOUR + HOUR // 2, window),
        unknown=watermark.unknown(window),
    )
    target = Fraction(99, 100)
    burning(timeline, target, WINDOW, NOW)
    return budget(timeline, target, window, NOW).left < 0


def _graph(nodes: int, sources: int) -> Graph:
    chance = Random(2)
    names = [f"source.{n}" for n in range(sources)]
    parents: dict[str, list[str]] = {name: [] for name in names}
    builds: dict[str, list[Build]] = {}
    for n in range(nodes):
        node = f"model.{n}"
        above = [*parents][-min(len(parents), 600) :]
        parents[node] = sorted({chance.choice(above) for _ in range(3)})
        if n % 3:
            read = NOW - HOUR + n * 1_000
            builds[node] = [Build(read, read + 1_000_000)]
    marks = {name: Watermark.of([Load(NOW - DAY, NOW - 2 * DAY)]) for name in names}
    return Graph(parents, builds, marks)


if __name__ == "__main__":
    main()
