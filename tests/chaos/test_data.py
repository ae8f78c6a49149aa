"""Faults in the tables of a DuckDB file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from analyticsops.chaos import data
from analyticsops.chaos.data import Table, opened, table_of
from analyticsops.chaos.slowness import busy_rows, slowed
from analyticsops.project.model import Node
from tests.project_maker import project, workspace

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def source(loaded_at: str = "loaded_at", query: str = "") -> Node:
    """The source lake.raw.orders."""
    made = project(sources={"raw.orders": {"columns": "id, loaded_at"}}, database="lake")
    (written,) = made.manifest["sources"].values()
    written["schema"] = "raw"
    written |= {"loaded_at_field": loaded_at, "loaded_at_query": query}
    (node,) = workspace(made).project.of_kind("source")
    return node


@pytest.fixture(params=["timestamp", "timestamptz", "timestamp_s", "date"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Thirty orders, the newest of 21 October."""
    file = tmp_path / "lake.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("set timezone = 'Asia/Tokyo'; create schema raw")
        connection.execute(
            "create table raw.orders as select i as id, (timestamptz '2026-10-20 01:00:00+00' "
            f"+ to_hours(i))::{request.param} as loaded_at from range(30) as t(i)"
        )
    return file


def newest(file: Path) -> datetime:
    with duckdb.connect(str(file)) as connection:
        connection.execute("set timezone = 'UTC'")
        ((found,),) = connection.execute(
            "select max(loaded_at)::timestamp from raw.orders"
        ).fetchall()
    assert isinstance(found, datetime)
    return found.replace(tzinfo=UTC)


def change(file: Path, how: object, *more: object) -> None:
    with opened(file) as connection:
        table = table_of(connection, source())
        assert isinstance(table, Table), table
        assert callable(how)
        how(connection, table, *more)


def test_loads_come_late_or_from_the_future(lake: Path) -> None:
    with opened(lake) as connection:
        table = table_of(connection, source())
    assert isinstance(table, Table)
    day = table.columns["loaded_at"] == "DATE"
    near = timedelta(days=1) if day else timedelta(seconds=1)
    change(lake, data.load, NOW)
    assert abs(newest(lake) - (NOW - data.AGE)) <= near
    change(lake, data.delay, timedelta(days=3))
    assert abs(newest(lake) - (NOW - data.AGE - timedelta(days=3))) <= near
    change(lake, data.run_ahead, NOW)
    assert abs(newest(lake) - (NOW + data.AHEAD)) <= near
    with duckdb.connect(str(lake)) as connection:
        assert connection.execute("select count(*) from raw.orders").fetchall() == [(30,)]
        ahead = "select count(*) from raw.orders where loaded_at > '2026-11-21'"
        assert connection.execute(ahead).fetchall() == [(1,)]


def test_rows_are_doubled_and_a_column_dropped(lake: Path) -> None:
    change(lake, data.duplicate)
    change(lake, data.drop_column, "loaded_at")
    with duckdb.connect(str(lake)) as connection:
        counted = "select count(*), count(distinct id) from raw.orders"
        assert connection.execute(counted).fetchall() == [(60, 30)]
        told = connection.execute("describe raw.orders").fetchall()
    assert [row[0] for row in told] == ["id"]


@pytest.mark.parametrize(
    ("node", "why"),
    [
        (source(""), "it has no plain loaded_at_field"),
        (source("loaded_at", "select 1"), "it has no plain loaded_at_field"),
        (source("loaded_at::timestamp"), "no plain column: loaded_at::timestamp"),
        (source("id"), "its loaded_at_field is no time, but BIGINT"),
        (source('"LOADED_AT"'), ""),
    ],
)
def test_what_says_when_it_was_loaded(node: Node, why: str, tmp_path: Path) -> None:
    file = tmp_path / "lake.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema raw; create table raw.orders(id bigint, loaded_at date)")
    with opened(file) as connection:
        table = table_of(connection, node)
    assert isinstance(table, Table)
    assert why in table.why
    assert table.loaded_at == ("" if why else "loaded_at")


def test_what_is_no_table_cannot_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "lake.duckdb"
    with opened(file) as connection:
        assert table_of(connection, source()) == "it is no table of the database"
        connection.execute("create schema raw; create view raw.orders as select 1 as id")
        assert table_of(connection, source()) == "it is a view, and only tables can be written"


def test_nothing_outside_the_file_is_reached(tmp_path: Path) -> None:
    with opened(tmp_path / "lake.duckdb") as connection:
        for statement in (
            f"copy (select 1) to '{tmp_path / 'out.csv'}'",
            f"attach '{tmp_path / 'other.duckdb'}'",
            "set enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_a_slow_model_yields_the_same(tmp_path: Path) -> None:
    file = tmp_path / "lake.duckdb"
    model = "with numbers as (select 1 as a union all select 2)\nselect * from numbers -- all"
    with duckdb.connect(str(file)) as connection:
        plain = connection.execute(model).fetchall()
        assert connection.execute(slowed(model, 1000)).fetchall() == plain
    assert busy_rows(file, 60.0) > 4 * busy_rows(file, 5.0), "it grows with the time"
