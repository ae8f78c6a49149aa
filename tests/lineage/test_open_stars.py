"""Columns that are declared somewhere and come through a star over unknown columns."""

from __future__ import annotations

from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnRef, Status
from analyticsops.sql.facts import Sure

from .small_projects import model, project, source

RAW = "source.shop.raw.t"
GAP = (
    "select\n*\n/* No columns were returned. Maybe the relation doesn't exist yet\n"
    "or all columns were excluded. This star is only output during\n"
    "dbt compile, and exists to keep SQLFluff happy. */\nfrom raw.t"
)


def test_a_declared_column_that_comes_through_a_gap_is_not_proven() -> None:
    """Nothing is known of where it comes from: it must not look like a constant."""
    made = project(source("t", "id"), model("a", GAP, RAW, columns=["id"]))
    column = build_graph(made).nodes["model.shop.a"].columns["id"]
    assert column.status is Status.PARTIAL
    assert [problem.reason for problem in column.problems] == ["incomplete SQL"]


def test_a_declared_column_that_may_come_through_two_stars_is_not_proven() -> None:
    two = "select t.*, u.* from raw.t, raw.u"
    made = project(
        source("t"), source("u"), model("a", two, RAW, "source.shop.raw.u", columns=["id"])
    )
    column = build_graph(made).nodes["model.shop.a"].columns["id"]
    assert column.status is Status.PARTIAL
    assert [problem.reason for problem in column.problems] == ["ambiguous column"]


def test_what_the_catalog_lists_behind_a_star_comes_from_there() -> None:
    """The warehouse says which columns there are; the SQL still says where they come from."""
    made = project(
        source("t"), model("a", "select * from raw.t", RAW), catalog={"model.shop.a": ["x"]}
    )
    graph = build_graph(made)
    assert graph.nodes["model.shop.a"].complete
    edges = graph.parents(ColumnRef("model.shop.a", "x"))
    assert [(edge.source, edge.sure) for edge in edges] == [(ColumnRef(RAW, "x"), Sure.INFERRED)]
    assert list(graph.nodes[RAW].columns) == ["x"]
