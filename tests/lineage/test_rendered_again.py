"""Models that dbt compiled without a warehouse to ask: what our own rendering adds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analyticsops.code_finder import CodeFinder
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Status

from .small_projects import Entry, model, project, source

STAR = {
    "section": "macros",
    "unique_id": "macro.shop.star",
    "name": "star",
    "package_name": "shop",
    "macro_sql": """{% macro star(relation) %}
{%- for column in adapter.get_columns_in_relation(relation) -%}
{{ column.name }}{{ ", " if not loop.last }}
{%- endfor -%}{% endmacro %}""",
}
RAW = "source.shop.raw.orders"
STAGING = "model.shop.stg_orders"
MART = "model.shop.mart"


def graph_of(tmp_path: Path, staging: str, *, adapter: str = "duckdb", **mart: Any) -> ColumnGraph:
    text = "select {{ star(ref('stg_orders')) }} from {{ ref('stg_orders') }}"
    entries: list[Entry] = [
        source("orders"),
        model("stg_orders", staging, RAW, relation_name='"main"."stg_orders"'),
        model("mart", None, STAGING, **{"raw_code": text, **mart}),
        dict(STAR),
    ]
    made = project(*entries, adapter=adapter)
    return build_graph(made, code=CodeFinder(made, tmp_path, None, {}))


def into(graph: ColumnGraph, column: str) -> set[tuple[str, str]]:
    return {(e.source.node, e.source.column) for e in graph.parents(ColumnRef(MART, column))}


def test_the_columns_of_a_parent_are_known_when_a_model_is_rendered(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, "select id, amount / 100 as usd from raw.orders")
    node = graph.nodes[MART]
    assert (node.status, node.names) == (Status.PROVEN, ("id", "usd"))
    assert into(graph, "usd") == {(STAGING, "usd")}


def test_a_text_with_holes_is_rendered_again(tmp_path: Path) -> None:
    compiled = 'select from "main"."stg_orders"'
    graph = graph_of(tmp_path, "select id, usd from raw.orders", compiled_code=compiled)
    assert (graph.nodes[MART].status, graph.nodes[MART].names) == (Status.PROVEN, ("id", "usd"))


def test_a_text_with_holes_stays_if_the_parent_is_not_known_either(tmp_path: Path) -> None:
    compiled = 'select from "main"."stg_orders"'
    graph = graph_of(tmp_path, "select * from raw.orders", compiled_code=compiled)
    assert {p.reason for p in graph.nodes[MART].problems} >= {"incomplete SQL"}
    assert not graph.nodes[MART].complete


def test_a_rendering_with_other_settings_is_not_taken(tmp_path: Path) -> None:
    compiled = 'select , other from "main"."stg_orders"'
    graph = graph_of(tmp_path, "select id, usd from raw.orders", compiled_code=compiled)
    assert "other" in graph.nodes[MART].names
    assert graph.nodes[MART].status is Status.PARTIAL


def test_names_are_those_of_the_warehouse(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, "select id, Usd from raw.orders", adapter="snowflake")
    assert graph.nodes[MART].names == ("ID", "USD")
    assert into(graph, "USD") == {(STAGING, "Usd")}
