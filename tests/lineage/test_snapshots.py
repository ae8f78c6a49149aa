"""What dbt's own columns of a snapshot are made of."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Status
from analyticsops.lineage.unused import find_unused

from .small_projects import model, project, source

RAW = "source.shop.raw.t"
SNAP = "snapshot.shop.s"
SQL = "select id, x, y, at from raw.t -- all of it"
TIMESTAMP = {"strategy": "timestamp", "unique_key": "id", "updated_at": "at"}


def made(config: dict[str, Any], sql: str = SQL, adapter: str = "duckdb") -> ColumnGraph:
    entry = model("s", sql, RAW, kind="snapshot")
    entry["config"] |= config
    return build_graph(project(source("t"), entry, adapter=adapter))


def into(graph: ColumnGraph, column: str = "") -> set[tuple[str, str]]:
    return {
        (edge.source.column, str(edge.kind))
        for edge in graph.parents(ColumnRef(SNAP, column))
        if edge.kind != "rows"
    }


@pytest.mark.parametrize("adapter", ["duckdb", "snowflake", "bigquery", "sqlserver"])
def test_the_timestamp_strategy(adapter: str) -> None:
    graph = made(TIMESTAMP, adapter=adapter)
    assert graph.nodes[SNAP].status is Status.PROVEN
    assert [name.lower() for name in graph.nodes[SNAP].names][4:] == [
        "dbt_scd_id",
        "dbt_updated_at",
        "dbt_valid_from",
        "dbt_valid_to",
    ]
    spelled = graph.nodes[SNAP].spelled
    assert into(graph, spelled("dbt_valid_from")) == {("at", "rename")}
    assert into(graph, spelled("dbt_updated_at")) == {("at", "rename")}
    assert into(graph, spelled("dbt_scd_id")) == {("id", "masked"), ("at", "masked")}
    assert ("at", "aggregation") in into(graph, spelled("dbt_valid_to"))
    assert into(graph) == {("id", "filter"), ("at", "filter")}


def test_keys_and_times_that_are_expressions() -> None:
    config = {**TIMESTAMP, "unique_key": ["id || x", "y"], "updated_at": "cast(at as timestamp)"}
    graph = made(config)
    assert into(graph, "dbt_valid_from") == {("at", "cast")}
    assert into(graph, "dbt_scd_id") == {(name, "masked") for name in ("id", "x", "y", "at")}


def test_the_check_strategy() -> None:
    graph = made({"strategy": "check", "unique_key": "id", "check_cols": ["x"]})
    assert into(graph, "dbt_valid_from") == {("x", "conditional")}
    assert into(graph, "dbt_scd_id") == {("id", "masked"), ("x", "conditional")}
    assert into(graph) == {("id", "filter"), ("x", "filter")}
    config = {"strategy": "check", "unique_key": "id", "check_cols": "all", "updated_at": "at"}
    graph = made(config)
    found = {name: kind for name, kind in into(graph, "dbt_valid_from") if name != "at"}
    assert found == dict.fromkeys(["id", "x", "y"], "conditional")
    assert ("at", "transformation") in into(graph, "dbt_valid_from")
    assert graph.nodes[SNAP].status is Status.PROVEN


def test_over_a_table_whose_columns_nobody_lists() -> None:
    graph = made(TIMESTAMP, "select * from raw.t")
    assert graph.nodes[SNAP].columns["dbt_valid_from"].status is Status.PROVEN
    assert into(graph, "dbt_valid_from") == {("at", "rename")}
    graph = made({**TIMESTAMP, "strategy": "check", "check_cols": "all"}, "select * from raw.t")
    # All columns decide, and nobody knows which those are.
    assert graph.nodes[SNAP].columns["dbt_valid_from"].status is Status.PARTIAL


def test_its_columns_under_other_names() -> None:
    names = {"dbt_valid_from": "valid_from", "dbt_is_deleted": "gone"}
    config = {**TIMESTAMP, "snapshot_meta_column_names": names, "hard_deletes": "new_record"}
    graph = made(config)
    assert "dbt_valid_from" not in graph.nodes[SNAP].names
    assert into(graph, "valid_from") == {("at", "rename")}
    assert into(graph, "gone") == {("id", "conditional")}


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"strategy": "ours", "unique_key": "id", "updated_at": "at"},
        {"strategy": "timestamp", "unique_key": "id"},
        {"strategy": "check", "unique_key": "id", "check_cols": []},
        {**TIMESTAMP, "updated_at": "at +* ("},
    ],
)
def test_what_is_not_known_is_not_proven(config: dict[str, Any]) -> None:
    columns = made(config).nodes[SNAP].columns
    assert columns["dbt_valid_from"].status is Status.PARTIAL
    assert columns["x"].status is Status.PROVEN


def test_a_column_that_is_not_there() -> None:
    graph = made({**TIMESTAMP, "updated_at": "q"})
    (problem,) = graph.nodes[SNAP].columns["dbt_valid_from"].problems
    assert problem.reason == "unknown column"


def test_what_a_snapshot_compares_is_in_use() -> None:
    entry = model("s", SQL, RAW, kind="snapshot")
    entry["config"] |= TIMESTAMP
    shop = project(source("t"), entry, model("b", "select x from main.s", SNAP))
    (found,) = find_unused(shop, build_graph(shop), [SNAP])
    assert [column.name for column in found.columns] == ["y"]
