"""Ways between columns, against every way that there is."""

from __future__ import annotations

import random

import pytest

from analyticsops.lineage import paths
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.lineage.hops import is_value
from analyticsops.lineage.paths import find_ways

from .small_projects import model, project, source

START = ColumnRef("source.shop.raw.t", "x")


def random_graph(seed: int, layers: int = 5, width: int = 3) -> ColumnGraph:
    """Models in layers; each column computes with, or filters by, some of the layer above."""
    chance = random.Random(seed)
    entries = [source("t", "x", "y")]
    above = [("raw.t", "source.shop.raw.t", ["x", "y"])]
    for layer in range(layers):
        here = []
        for n in range(width):
            name = f"m{layer}{n}"
            parents = chance.sample(above, k=min(len(above), chance.randint(1, 2)))
            known = [f"{table.rpartition('.')[2]}.{c}" for table, _, cs in parents for c in cs]
            columns = [
                f"{' + '.join(chance.sample(known, k=min(len(known), 2)))} as c{k}"
                for k in range(2)
            ]
            where = f" where {chance.choice(known)} > 0" if chance.random() < 0.5 else ""
            sql = f"select {', '.join(columns)} from {', '.join(p[0] for p in parents)}{where}"
            entries.append(model(name, sql, *(p[1] for p in parents)))
            here.append((f"main.{name}", f"model.shop.{name}", ["c0", "c1"]))
        above = here
    return build_graph(project(*entries))


def every_way(graph: ColumnGraph, end: ColumnRef, direct: bool) -> set[tuple[ColumnRef, ...]]:
    """By trying everything."""
    found: set[tuple[ColumnRef, ...]] = set()
    stack: list[tuple[ColumnRef, ...]] = [(START,)]
    while stack:
        way = stack.pop()
        if way[-1] == end:
            found.add(way)
            continue
        steps = [edge for edge in graph.readers(way[-1]) if not direct or is_value(edge)]
        stack.extend((*way, edge.target) for edge in steps if edge.target not in way)
    return found


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_every_way_is_found_once_shortest_first(seed: int, direct: bool) -> None:
    graph = random_graph(seed)
    for end in (ColumnRef("model.shop.m40", "c0"), ColumnRef("model.shop.m41", "")):
        ways = find_ways(graph, START, end, direct=direct, limit=10_000)
        found = [(START, *(hop.target for hop in way)) for way in ways.found]
        assert not ways.cut
        assert len(found) == len(set(found))
        assert set(found) == every_way(graph, end, direct)
        assert [len(way) for way in found] == sorted(len(way) for way in found)
        least = [way for way in found if len(way) == len(found[0])] if found else []
        shortest = find_ways(graph, START, end, direct=direct, shortest=True, limit=10_000)
        assert [(START, *(hop.target for hop in way)) for way in shortest.found] == least


def diamond() -> ColumnGraph:
    return build_graph(
        project(
            source("t", "x"),
            model("a", "select x, x + 1 as y from raw.t where x > 0", "source.shop.raw.t"),
            model("b", "select x + y as z, max(x) over () as w from main.a", "model.shop.a"),
        )
    )


def test_what_leads_from_one_column_to_the_next_is_one_step() -> None:
    graph = build_graph(
        project(
            source("t", "x"),
            model("a", "select case when x > 0 then x end as y from raw.t", "source.shop.raw.t"),
        )
    )
    ((way,),) = find_ways(graph, START, ColumnRef("model.shop.a", "y")).found
    assert way.kinds == ("transformation", "conditional")


def test_more_ways_than_asked_for() -> None:
    end = ColumnRef("model.shop.b", "z")
    assert len(find_ways(diamond(), START, end, limit=2).found) == 2
    assert not find_ways(diamond(), START, end, limit=2).cut
    assert find_ways(diamond(), START, end, limit=1).cut


def test_a_budget_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "BUDGET", 3)
    ways = find_ways(diamond(), START, ColumnRef("model.shop.b", "z"))
    assert ways.cut
    assert len(ways.found) < 2


def test_a_model_that_reads_itself_ends() -> None:
    sql = "select x, t from raw.t union all select x, t + 1 from main.a"
    graph = build_graph(
        project(source("t", "x", "t"), model("a", sql, "source.shop.raw.t", "model.shop.a"))
    )
    (way,) = find_ways(graph, START, ColumnRef("model.shop.a", "x")).found
    assert len(way) == 1


def test_no_way() -> None:
    assert find_ways(diamond(), ColumnRef("model.shop.b", "z"), START).found == ()
    assert find_ways(diamond(), START, ColumnRef("model.shop.a", ""), direct=True).found == ()
