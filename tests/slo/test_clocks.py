"""How new each source's data in a node is, against the definition by recursion."""

from __future__ import annotations

from random import Random

import pytest

from analyticsops.slo.clocks import UNKNOWN, Build, Graph, carry, lag
from analyticsops.slo.spans import HOUR
from analyticsops.slo.watermark import Load, Watermark

from . import reference

END = 40
ABSENT = 1 << 62


def random_graph(chance: Random) -> tuple[Graph, dict[str, list[Load]]]:
    """Sources, then tables, views and seeds over whatever stands before them."""
    loads = {
        f"s{n}": [
            Load(at := chance.randint(0, END), at - chance.randint(0, 9))
            for _ in range(chance.randint(0, 4))
        ]
        for n in range(chance.randint(1, 3))
    }
    parents: dict[str, list[str]] = {name: [] for name in loads}
    builds: dict[str, list[Build]] = {}
    timeless = set()
    for n in range(chance.randint(1, 6)):
        node = f"n{n}"
        parents[node] = sorted(set(chance.choices([*parents], k=chance.randint(1, 3))))
        kind = chance.random()
        if kind < 0.1:
            timeless.add(node)
            parents[node] = []
        elif kind < 0.7:
            builds[node] = []
            for _ in range(chance.randint(0, 4)):
                read = chance.randint(0, END)
                builds[node].append(Build(read, read + chance.randint(0, 5)))
    marks = {name: Watermark.of(found) for name, found in loads.items()}
    return Graph(parents, builds, marks, frozenset(timeless)), loads


def shows(graph: Graph, loads: dict[str, list[Load]], node: str, source: str, now: int) -> int:
    """By the definition."""
    if node in graph.timeless:
        return ABSENT
    if node in loads:
        mark = reference.newest(loads[node], now) if node == source else ABSENT
        return UNKNOWN if mark is None else mark
    if node in graph.builds:
        visible = [(b.visible, b.read) for b in graph.builds[node] if b.visible <= now]
        if not visible:
            above = [shows(graph, loads, p, source, now) for p in graph.parents[node]]
            return ABSENT if all(value == ABSENT for value in above) else UNKNOWN
        now = max(visible)[1]
    return min((shows(graph, loads, p, source, now) for p in graph.parents[node]), default=ABSENT)


@pytest.mark.parametrize("part", range(4))
def test_clocks_are_what_they_are_defined_to_be(part: int) -> None:
    chance = Random(f"clocks {part}")
    for _ in range(250):
        graph, loads = random_graph(chance)
        clocks = carry(graph)
        for node in graph.parents:
            for now in chance.choices(range(END + 8), k=5):
                wanted = {source: shows(graph, loads, node, source, now) for source in loads}
                clock = clocks[node]
                found = dict(zip(clock.sources, clock.at(now), strict=True))
                absent = {source: ABSENT for source in loads if source not in found}
                assert found | absent == wanted, (graph, node, now)


@pytest.mark.parametrize("upper", [False, True])
def test_the_oldest_alone_is_the_oldest_of_all(upper: bool) -> None:
    chance = Random(f"oldest {upper}")
    for _ in range(250):
        graph, _loads = random_graph(chance)
        apart, together = carry(graph, upper=upper), carry(graph, upper=upper, apart=False)
        for node in graph.parents:
            for now in chance.choices(range(END + 8), k=5):
                all_of_them = apart[node].at(now)
                wanted = [min(all_of_them)] if all_of_them else []
                assert list(together[node].at(now)) == wanted, (graph, node, now)


def chain(*, staged: int, built: int) -> Graph:
    """A source, a staging table and a mart; a load at 1, 5 and 9 o'clock."""
    loads = [Load(hour * HOUR, hour * HOUR) for hour in (1, 5, 9)]
    return Graph(
        {"raw": [], "stg": ["raw"], "mart": ["stg"]},
        {
            "stg": [Build(staged * HOUR, staged * HOUR)],
            "mart": [Build(built * HOUR, built * HOUR)],
        },
        {"raw": Watermark.of(loads)},
    )


@pytest.mark.parametrize(
    ("staged", "built", "source", "pipeline", "blame"),
    [
        (10, 11, 3, 0, "raw"),  # all that there is
        (6, 11, 3, 4, "stg"),  # it has not run since the last load
        (10, 7, None, None, "mart"),  # it ran before there was anything
        (2, 11, 3, 8, "stg"),
    ],
)
def test_lag_is_split_and_the_node_to_blame_named(
    staged: int, built: int, source: int | None, pipeline: int | None, blame: str
) -> None:
    graph = chain(staged=staged, built=built)
    found = lag(graph, carry(graph), "mart", "raw", 12 * HOUR)
    assert found.blame == blame
    assert found.source == 3 * HOUR
    assert found.pipeline == (None if pipeline is None else pipeline * HOUR)


def test_what_is_unknown_above_is_unknown_below() -> None:
    graph = Graph(
        {"a": [], "b": [], "mart": ["a", "b"], "shown": ["mart"]},
        {"mart": [Build(5, 6)]},
        {"a": Watermark.of([Load(1, 1)]), "b": Watermark()},
    )
    clocks = carry(graph)
    assert list(clocks["shown"].at(7)) == [1, UNKNOWN]
    assert lag(graph, clocks, "shown", "b", 7) == (None, None, "b")
