"""Incremental models: both branches run in production, so both are lineage."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops.code_finder import CodeFinder
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Status
from analyticsops.project.model import Project

from .small_projects import model, project, source

EVENTS = "model.shop.events"
MACRO = "macro.dbt.is_incremental"

IS_INCREMENTAL = (
    "{% macro is_incremental() %}"
    "{{ return(adapter.get_relation(this.database, this.schema, this.table) is not none) }}"
    "{% endmacro %}"
)

RAW = """select id, at, {{ "nvl_late" if is_incremental() else "early" }} as what
from raw.clicks
{% if is_incremental() %} where at > (select max(at) from {{ this }}) {% endif %}"""

FULL = "select id, at, early as what\nfrom raw.clicks\n"
LATER = (
    "select id, at, nvl_late as what\nfrom raw.clicks\n"
    ' where at > (select max(at) from "main"."events") '
)


def events(compiled: str | None, raw: str = RAW) -> Project:
    entry = model("events", compiled, materialized="incremental")
    entry |= {
        "raw_code": raw,
        "depends_on": {"nodes": ["source.shop.raw.clicks"], "macros": [MACRO]},
    }
    macro = {
        "section": "macros",
        "unique_id": MACRO,
        "name": "is_incremental",
        "package_name": "dbt",
        "macro_sql": IS_INCREMENTAL,
    }
    return project(source("clicks", "id", "at", "early", "nvl_late"), entry, macro)


def graph_of(made: Project, tmp_path: Any) -> ColumnGraph:
    return build_graph(made, code=CodeFinder(made, tmp_path, None, {}))


def into(graph: ColumnGraph, column: str) -> set[tuple[str, str, str]]:
    edges = graph.parents(ColumnRef(EVENTS, column))
    return {(e.source.node.rpartition(".")[2], e.source.column, str(e.kind)) for e in edges}


@pytest.mark.parametrize("compiled", [FULL, LATER], ids=["full", "incremental"])
def test_both_branches_are_lineage_whichever_was_compiled(compiled: str, tmp_path: Any) -> None:
    graph = graph_of(events(compiled), tmp_path)
    assert into(graph, "what") == {("clicks", "early", "rename"), ("clicks", "nvl_late", "rename")}
    assert ("clicks", "at", "filter") in into(graph, "")


def test_the_table_reads_itself(tmp_path: Any) -> None:
    graph = graph_of(events(FULL), tmp_path)
    assert graph.nodes[EVENTS].status is Status.PROVEN
    assert ("events", "at", "filter") in into(graph, "")
    assert graph.nodes[EVENTS].names == ("id", "at", "what")


def test_a_branch_that_cannot_be_rendered_is_a_doubt(tmp_path: Any) -> None:
    raw = RAW + "{% if is_incremental() %}{{ nobody_knows() }}{% endif %}"
    graph = graph_of(events(FULL, raw), tmp_path)
    node = graph.nodes[EVENTS]
    assert node.status is Status.PARTIAL
    assert [problem.reason for problem in node.problems] == ["other branch of is_incremental()"]


def test_without_a_branch_nothing_is_rendered(tmp_path: Any) -> None:
    made = events(FULL, "select id, at, early as what from raw.clicks")
    graph = graph_of(made, tmp_path)
    assert graph.nodes[EVENTS].status is Status.PROVEN
    assert into(graph, "what") == {("clicks", "early", "rename")}
