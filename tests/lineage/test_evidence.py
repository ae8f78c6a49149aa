"""Names that are ambiguous in one query, decided by what other queries read."""

from __future__ import annotations

from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Status
from analyticsops.sql.facts import Sure

from .small_projects import Entry, model, project, source

A, B = "source.shop.raw.a", "source.shop.raw.b"

DOUBT = model("doubt", "select x from raw.a join raw.b on a.id = b.id", A, B)
"""Neither source's columns are known: `x` may be a column of either."""


def graph_of(*entries: Entry) -> ColumnGraph:
    return build_graph(project(source("a"), source("b"), *[dict(e) for e in entries]))


def into(graph: ColumnGraph, name: str, column: str) -> set[tuple[str, str, Sure]]:
    edges = graph.parents(ColumnRef(f"model.shop.{name}", column))
    return {(e.source.node.rpartition(".")[2], e.source.column, e.sure) for e in edges}


def test_without_evidence_all_candidates_are_kept() -> None:
    graph = graph_of(DOUBT)
    assert into(graph, "doubt", "x") == {("a", "x", Sure.AMBIGUOUS), ("b", "x", Sure.AMBIGUOUS)}
    assert graph.nodes["model.shop.doubt"].status is Status.PARTIAL


def test_a_qualified_reference_elsewhere_decides() -> None:
    graph = graph_of(DOUBT, model("other", "select b.x from raw.a, raw.b", A, B))
    assert into(graph, "doubt", "x") == {("b", "x", Sure.INFERRED)}
    assert graph.nodes["model.shop.doubt"].status is Status.PROVEN


def test_a_query_over_one_table_decides() -> None:
    graph = graph_of(DOUBT, model("other", "select upper(x) as y from raw.a", A))
    assert into(graph, "doubt", "x") == {("a", "x", Sure.INFERRED)}


def test_evidence_for_both_decides_nothing() -> None:
    graph = graph_of(
        DOUBT,
        model("one", "select x from raw.a", A),
        model("two", "select x from raw.b", B),
    )
    assert len(into(graph, "doubt", "x")) == 2
    assert graph.nodes["model.shop.doubt"].status is Status.PARTIAL


def test_another_ambiguous_reference_is_no_evidence() -> None:
    graph = graph_of(DOUBT, model("also", "select x as y from raw.a cross join raw.b", A, B))
    assert {sure for _, _, sure in into(graph, "doubt", "x")} == {Sure.AMBIGUOUS}


def test_evidence_travels_through_stars() -> None:
    """A reader of a staging model shows what the source behind its star has."""
    graph = graph_of(
        model("stg", "select * from raw.a", A),
        model("reader", "select s.x from main.stg s", "model.shop.stg"),
        DOUBT,
    )
    assert into(graph, "doubt", "x") == {("a", "x", Sure.INFERRED)}


STARS = (
    model("stg_a", "select * from raw.a", A),
    model("stg_b", "select * from raw.b", B),
    model(
        "both",
        "select x from main.stg_a a join main.stg_b b using (id)",
        "model.shop.stg_a",
        "model.shop.stg_b",
    ),
)


def test_what_a_source_surely_has_its_star_has_as_well() -> None:
    graph = graph_of(*STARS, model("shows", "select x as z from raw.b", B))
    assert into(graph, "both", "x") == {("stg_b", "x", Sure.INFERRED)}


def test_a_star_that_leaves_a_column_out_has_it_not() -> None:
    stars = [
        model("stg_b", "select * exclude (x) from raw.b", B) if e["name"] == "stg_b" else e
        for e in STARS
    ]
    graph = graph_of(*stars, model("shows", "select x as z from raw.b", B))
    assert into(graph, "both", "x") == {("stg_a", "x", Sure.INFERRED)}


def test_one_decision_is_evidence_for_the_next() -> None:
    """`first` is decided by `shows`; what it then surely reads decides `next`."""
    graph = graph_of(
        *STARS,
        model("shows", "select x as z from raw.b", B),
        model("next", "select y from raw.a join main.both on true", A, "model.shop.both"),
        model("last", "select both.x, y from raw.b join main.both on true", B, "model.shop.both"),
    )
    assert into(graph, "both", "x") == {("stg_b", "x", Sure.INFERRED)}
    assert into(graph, "next", "y") == {("a", "y", Sure.INFERRED)}
    assert into(graph, "last", "y") == {("b", "y", Sure.INFERRED)}


def test_an_alias_that_may_be_a_column_is_decided_as_well() -> None:
    reader = model("reader", "select amount / 100 as net, net * 2 as twice from raw.a", A)
    assert into(graph_of(reader), "reader", "twice") == {("a", "amount", Sure.AMBIGUOUS)} | {
        found for found in into(graph_of(reader), "reader", "twice") if found[1] == "net"
    }
    shown = graph_of(reader, model("other", "select a.net from raw.a a", A))
    assert into(shown, "reader", "twice") == {("a", "net", Sure.INFERRED)}


def test_the_answer_does_not_depend_on_the_order_of_models() -> None:
    other = model("other", "select b.x from raw.a, raw.b", A, B)
    one, two = graph_of(DOUBT, other), graph_of(other, DOUBT)
    assert one.edges == two.edges
    assert {n: one.nodes[n] for n in sorted(one.nodes)} == {
        n: two.nodes[n] for n in sorted(two.nodes)
    }
