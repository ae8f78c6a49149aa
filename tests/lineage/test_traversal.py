"""Walking the graph: depth, direct-only, impact, paths; and the same bytes each time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import (
    ColumnGraph,
    ColumnRef,
    Edge,
    Link,
    NodeLineage,
    Reached,
    Status,
)
from analyticsops.sql.facts import Kind

from .small_projects import model, project, source

RAW = "source.shop.raw.orders"


def chain() -> ColumnGraph:
    """raw -> a -> b -> c, with a filter and a join on the way."""
    return build_graph(
        project(
            source("orders", "id", "x", "flag"),
            source("users", "id", "name"),
            model("a", "select id, x from raw.orders where flag", RAW),
            model("b", "select id, x + 1 as y from main.a", "model.shop.a"),
            model(
                "c",
                "select b.y as z, u.name from main.b b join raw.users u on u.id = b.id",
                "model.shop.b",
                "source.shop.raw.users",
            ),
        )
    )


def refs(steps: Iterable[Reached]) -> list[tuple[str, str]]:
    return [(step.ref.node.rsplit(".", 1)[1], step.ref.column) for step in steps]


def test_upstream_nearest_first() -> None:
    assert refs(chain().upstream(ColumnRef("model.shop.c", "z"))) == [
        ("b", "y"),
        ("a", "x"),
        ("orders", "x"),
    ]


def test_depth_limits_the_steps() -> None:
    graph = chain()
    ref = ColumnRef("model.shop.c", "z")
    assert refs(graph.upstream(ref, depth=0)) == []
    assert refs(graph.upstream(ref, depth=1)) == [("b", "y")]
    assert refs(graph.downstream(ColumnRef(RAW, "x"), depth=2)) == [("a", "x"), ("b", "y")]


def test_direct_only_leaves_out_conditions() -> None:
    graph = chain()
    flag = ColumnRef(RAW, "flag")
    assert refs(graph.downstream(flag, direct=True)) == []
    assert refs(graph.downstream(flag)) == [("a", ""), ("b", ""), ("c", "")]
    assert refs(graph.downstream(ColumnRef(RAW, "x"), direct=True)) == [
        ("a", "x"),
        ("b", "y"),
        ("c", "z"),
    ]


def test_a_join_key_reaches_the_rows_of_the_reader() -> None:
    assert ("c", "") in refs(chain().downstream(ColumnRef("source.shop.raw.users", "id")))


def test_impact_of_several_columns_visits_each_once() -> None:
    graph = chain()
    reached = graph.impact([ColumnRef(RAW, "x"), ColumnRef(RAW, "id"), ColumnRef(RAW, "x")])
    assert len({step.ref for step in reached}) == len(reached)
    assert [step.distance for step in reached] == sorted(step.distance for step in reached)


def test_path_from_start_to_end() -> None:
    graph = chain()
    reached = graph.impact([ColumnRef(RAW, "x")])
    assert graph.path(reached, ColumnRef("model.shop.c", "z")) == [
        ColumnRef(RAW, "x"),
        ColumnRef("model.shop.a", "x"),
        ColumnRef("model.shop.b", "y"),
        ColumnRef("model.shop.c", "z"),
    ]
    assert graph.path(reached, ColumnRef("nowhere")) == [ColumnRef("nowhere")]


def test_an_unknown_start_has_no_neighbours() -> None:
    graph = chain()
    assert graph.upstream(ColumnRef("nowhere", "x")) == []
    assert graph.impact([ColumnRef("nowhere", "x")]) == []


def test_cycles_end() -> None:
    a, b = ColumnRef("a", "x"), ColumnRef("b", "x")
    edges = tuple(sorted([Edge(a, b, Kind.IDENTITY), Edge(b, a, Kind.IDENTITY)]))
    lineage = {n: NodeLineage(node=n, status=Status.PROVEN, complete=True) for n in "ab"}
    graph = ColumnGraph(lineage, edges)
    assert [step.ref for step in graph.upstream(a)] == [b]
    assert [step.ref for step in graph.impact([a])] == [b]


def test_impact_reaches_whole_node_readers_of_any_column() -> None:
    a, b = ColumnRef("a", "x"), ColumnRef("b")
    graph = ColumnGraph({}, (Edge(ColumnRef("a"), b, Link.DEPENDS),))
    assert [step.ref for step in graph.impact([a])] == [b]
    assert graph.downstream(a) == []


_PRINT_GRAPH = """
import hashlib, msgspec, sys
sys.path.insert(0, {root!r})
from lineage.test_traversal import chain
from lineage.test_ends import graph_of, metric, semantic_model
for graph in (chain(), graph_of(semantic_model(), metric("m", "simple", {{"measure": "revenue"}}))):
    edges = [(*e.source, *e.target, str(e.kind)) for e in graph.edges]
    nodes = [(n, list(l.columns), str(l.problems)) for n, l in graph.nodes.items()]
    print(msgspec.json.encode([edges, nodes]).decode())
"""


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    root = Path(__file__).parent.parent
    outputs = [
        subprocess.run(
            [sys.executable, "-c", _PRINT_GRAPH.format(root=str(root))],
            capture_output=True,
            check=True,
            cwd=root.parent,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(root.parent)},
        ).stdout
        for seed in ("1", "4242")
    ]
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 1_000


def test_both_directions_say_the_same() -> None:
    """Readers are found from packed facts, inputs from unpacked ones."""
    branches = {
        "d": "select case when x > 0 then flag end as x, info.a as a, t.* from raw.orders t",
        "e": "select X, count(*) over (partition by Flag order by id) as n from raw.orders",
        "f": "select o.id, missing from raw.orders o join raw.other using (id) where o.x = 1",
        "g": "select id, x as id from main.d union all select n, 2 from main.e group by 1",
    }
    models = [
        model(name, sql, RAW, "model.shop.d", "model.shop.e") for name, sql in branches.items()
    ]
    made = project(source("orders", "id", "x", "flag", "info"), source("other"), *models)
    for graph in (chain(), build_graph(made)):
        below: dict[ColumnRef, list[Edge]] = {}
        for edge in graph.edges:
            below.setdefault(edge.source, []).append(edge)
        listed = {ColumnRef(n, c) for n, node in graph.nodes.items() for c in ("", *node.names)}
        assert below
        for ref in listed | below.keys():
            assert graph.readers(ref) == sorted(below.get(ref, ())), ref
