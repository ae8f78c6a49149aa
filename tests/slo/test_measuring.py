"""What no artifact says, asked of DuckDB and observed again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analyticsops.evaluating import evaluate, observe_history
from analyticsops.history.store import Store
from analyticsops.looking_back import list_runs
from analyticsops.slo.spans import DAY, instant_of
from analyticsops.slo_measuring import Taken, measure_objectives
from analyticsops.workspace import Workspace
from tests.project_maker import project, workspace

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SPAN = (instant_of(NOW) - 2 * DAY, instant_of(NOW) + DAY)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "db.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema dev")
        connection.execute(
            "create table dev.orders as select * from (values "
            "(1, 'a', timestamp '2026-11-18 00:00:00', true), "
            "(2, null, timestamp '2026-11-18 00:00:00', false), "
            "(3, 'c', timestamp '2026-11-19 00:00:00', true), "
            "(4, 'd', timestamp '2026-11-19 00:00:00', true)) as t(id, name, day, ok)"
        )
    return path


def shop(*slos: dict[str, Any]) -> Workspace:
    return workspace(
        project(
            models={
                "orders": {
                    "sql": "select 1 as id",
                    "materialized": "table",
                    "meta": {"analyticsops": {"slo": list(slos)}},
                }
            }
        )
    )


def custom(**indicator: Any) -> dict[str, Any]:
    return {"name": "asked", "indicator": {"type": "custom_sql", **indicator}}


def take(made: Workspace, store: Store, database: Path) -> Taken:
    (taken,) = measure_objectives(made, store, database=database, environment="prod", now=NOW)
    return taken


@pytest.mark.parametrize(
    ("slo", "good", "total"),
    [
        ({"indicator": {"type": "null_rate", "column": "name"}}, 3, 4),
        (
            custom(
                query="select count(*) filter (ok) as g, count(*) as n from {{ ref('orders') }}",
                good="g",
                total="n",
            ),
            3,
            4,
        ),
        (custom(query="select 0.7 as accuracy", value="accuracy", at_least=0.8), 0, 1),
        (custom(query="select 0.9 as accuracy;", value="accuracy", at_least=0.8), 1, 1),
        (custom(query="select 90 as latency", value="latency", at_most=100), 1, 1),
        (custom(query="select 5 as x", value="x", at_least=5, at_most=5), 1, 1),
        (custom(query="select 6 as x", value="x", at_least=5, at_most=5), 0, 1),
        (custom(query="select 4 as x", value="x", at_least=5, at_most=5), 0, 1),
    ],
)
def test_answers_are_recorded_and_observed(
    slo: dict[str, Any], good: int, total: int, tmp_path: Path, database: Path
) -> None:
    made, store = shop(slo), Store(tmp_path / "history")
    taken = take(made, store, database)
    assert not taken.failed
    ((found,),) = observe_history(store, SPAN).measurements.values()
    assert (found.key, found.good, found.total) == (taken.objective, good, total)
    assert found.at == instant_of(NOW)
    assert list_runs(store) == (), "it is no run of dbt's"


def test_a_row_for_each_time_counts_once(tmp_path: Path, database: Path) -> None:
    query = (
        "select day, count(*) filter (ok) as g, count(*) as n from {{ ref('orders') }} group by 1"
    )
    made = shop(custom(query=query, good="g", total="n", at="day"))
    store = Store(tmp_path / "history")
    for _ in range(2):
        take(made, store, database)
    (found,) = observe_history(store, SPAN).measurements.values()
    assert [(one.good, one.total) for one in found] == [(1, 2), (2, 2)]
    (standing,) = evaluate(made, store, now=NOW).standings
    assert (standing.measured.counted, standing.measured.bad) == (4, 1)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select nothing from {{ ref('orders') }}", "nothing"),
        ("select 1 as v, 2 as w union all select 3, 4", "several rows"),
        ("select null::int as v", "the value is null"),
        ("select 'x' as v", "not what was asked for"),
        ("select 1 as v where false", "no row"),
        ("select v from {{ ref('gone') }}", "cannot be rendered"),
    ],
)
def test_a_query_that_fails_is_unknown_and_stops_no_other(
    query: str, said: str, tmp_path: Path, database: Path
) -> None:
    well = {"indicator": {"type": "null_rate", "column": "id"}}
    made = shop(custom(query=query, value="v", at_least=1), well)
    store = Store(tmp_path / "history")
    failed, good = measure_objectives(made, store, database=database, now=NOW)
    assert said in failed.failed
    assert not good.failed
    known = evaluate(made, store, now=datetime(2026, 11, 20, 13, tzinfo=UTC)).by_name
    assert known["orders/asked"].now == "unknown"
    assert known["orders/null_rate"].now == "good"


def test_schemas_are_compared_with_those_before(tmp_path: Path, database: Path) -> None:
    store = Store(tmp_path / "history")
    meta = {"analyticsops": {"slo": [{"indicator": {"type": "schema_stability"}}]}}
    states = []
    for hour, columns in enumerate(("id", "id", "id, name")):
        made = _in_catalog(columns, meta)
        at = datetime(2026, 11, 20, hour, tzinfo=UTC)
        measure_objectives(made, store, now=at)
        later = datetime(2026, 11, 20, hour, 30, tzinfo=UTC)
        states.append(evaluate(made, store, now=later).standings[0].now)
    assert states == ["good", "good", "bad"]


def _in_catalog(columns: str, meta: dict[str, Any]) -> Workspace:
    made = project(sources={"raw.orders": columns})
    made.manifest["sources"]["source.shop.raw.orders"]["config"] = {"meta": meta}
    return workspace(made)


def test_lineage_coverage_is_that_of_the_node(tmp_path: Path) -> None:
    slo = {"indicator": {"type": "lineage_coverage", "at_least": "98%"}}
    store = Store(tmp_path / "history")
    (taken,) = measure_objectives(shop(slo), store, now=NOW)
    assert taken.answers[0][:2] == (1, 1)
