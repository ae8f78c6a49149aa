"""Faults that are put into tables and code, on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from analyticsops.project.model import Node, Project
from analyticsops.slo.gameday.fault import FaultKind
from analyticsops.slo.gameday.sabotage import (
    CannotPlayError,
    break_code,
    first_unique,
    loaded_now,
    mend_code,
    read_column,
    statements,
)
from tests.project_maker import project, workspace

SOURCE = "source.shop.raw.orders"


def shop() -> Project:
    made = project(
        sources={
            "raw.orders": {"columns": "id, loaded_at", "loaded_at_field": "loaded_at"},
            "raw.other": "id",
        },
        models={"stg": "select id from @raw.orders", "mart": "select id from @stg"},
        tests=["unique stg.id", "unique mart.id"],
    )
    made.manifest["sources"][SOURCE]["loaded_at_field"] = "loaded_at"
    return workspace(made).project


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as open_one:
        open_one.execute("attach ':memory:' as lake; create schema lake.raw")
        open_one.execute(
            "create table lake.raw.orders as select i as id, "
            "timestamp '2026-11-20 00:00:00' + to_hours(i) as loaded_at from range(30) as t(i)"
        )
        yield open_one


def newest(connection: duckdb.DuckDBPyConnection) -> float:
    """Days from now to the newest row; negative if it is in the past."""
    (row,) = connection.execute(
        "select epoch(max(loaded_at)::timestamp) - epoch(now()::timestamp) from lake.raw.orders"
    ).fetchall()
    return float(row[0]) / 86_400


def test_a_source_is_made_fresh_then_late_then_ahead(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    node = shop().nodes[SOURCE]
    for statement in loaded_now(node):
        connection.execute(statement)
    assert newest(connection) == pytest.approx(-1 / 1440, abs=1e-3)
    for statement in statements(FaultKind.SOURCE_LATE, node, ""):
        connection.execute(statement)
    assert newest(connection) == pytest.approx(-5, abs=1e-2)
    for statement in statements(FaultKind.CLOCK_AHEAD, node, ""):
        connection.execute(statement)
    assert newest(connection) == pytest.approx(25, abs=1e-2)


def test_rows_are_doubled_and_a_column_dropped(connection: duckdb.DuckDBPyConnection) -> None:
    node = shop().nodes[SOURCE]
    for statement in statements(FaultKind.ROWS_DUPLICATED, node, ""):
        connection.execute(statement)
    assert connection.execute("select count(*) from lake.raw.orders").fetchall() == [(50,)]
    for statement in statements(FaultKind.COLUMN_DROPPED, node, "id"):
        connection.execute(statement)
    columns = connection.execute("select * from lake.raw.orders limit 0").description
    assert [column[0] for column in columns] == ["loaded_at"]


def test_without_load_times_it_cannot_be_late() -> None:
    node: Node = shop().nodes["source.shop.raw.other"]
    with pytest.raises(CannotPlayError, match=r"raw\.other has no column with load times"):
        statements(FaultKind.SOURCE_LATE, node, "")
    assert loaded_now(node) == []


def test_where_duplicated_rows_are_noticed() -> None:
    assert first_unique(shop(), SOURCE) == ("model.shop.stg",)
    assert first_unique(shop(), "source.shop.raw.other") == ()


def test_a_column_that_is_read() -> None:
    made = workspace(
        project(sources={"raw.orders": "a, b"}, models={"stg": "select b from @raw.orders"})
    )
    assert read_column(made.graph, made.project.nodes[SOURCE]) == "b"
    unread = workspace(project(sources={"raw.orders": "a"}))
    with pytest.raises(CannotPlayError, match="no model reads"):
        read_column(unread.graph, unread.project.nodes[SOURCE])


def test_code_is_broken_and_mended(tmp_path: Path) -> None:
    node = shop().nodes["model.shop.stg"]
    path = tmp_path / node.path
    path.parent.mkdir(parents=True)
    path.write_text("select 1 as id")
    break_code(tmp_path, node)
    assert path.read_text() != "select 1 as id"
    mend_code(tmp_path, node)
    assert path.read_text() == "select 1 as id"
