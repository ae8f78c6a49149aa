"""The numbers of metrics are checked by running queries: DuckDB with right and planted wrong
values is the judge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from sqlglot import parse_one

import analyticsops as ao
from analyticsops.errors import ArtifactError, ConfigError, UsageError
from analyticsops.metric_verification import MetricVerification
from analyticsops.metrics.checks.plan import Planner
from analyticsops.metrics.checks.result import MetricCheck
from analyticsops.workspace import Workspace
from tests.project_maker import project, workspace

SEMANTIC: dict[str, Any] = {
    "orders": {
        "model": "orders",
        "defaults": {"agg_time_dimension": "placed"},
        "entities": {
            "order": {"type": "primary", "expr": "id"},
            "customer": {"type": "foreign", "expr": "customer_id"},
        },
        "dimensions": {
            "placed": {"type": "time", "type_params": {"time_granularity": "day"}},
            "status": {"type": "categorical"},
        },
        "measures": {
            "amount": "sum(amount)",
            "buyers": {"agg": "count_distinct", "expr": "customer_id"},
        },
    },
    "customers": {
        "model": "customers",
        "entities": {"customer": {"type": "primary", "expr": "id"}},
        "dimensions": {"country": {"type": "categorical"}},
    },
}
ROWS = """
create schema dev;
create table dev.orders as select * from (values
    (1, 1, timestamp '2026-01-03 10:00', 'paid', 10.0), (2, 1, '2026-01-20', 'void', 20.0),
    (3, 2, '2026-01-20', 'paid', 30.0), (4, null, '2026-02-01', 'paid', 40.0)
) as t(id, customer_id, placed, status, amount);
create table dev.customers as select * from (values
    (1, 'DE', 30.0), (2, 'FR', 30.0), (3, 'FR', null)) as t(id, country, lifetime);
create table dev.days as select cast(range as date) as day
    from range(date '2026-01-01', date '2026-03-01', interval 1 day);
"""


def _shop(
    settings: dict[str, Any], root: Path | None = None, adapter: str = "duckdb", **more: Any
) -> Workspace:
    metrics: dict[str, Any] = {
        "revenue": {"measure": {"name": "amount"}},
        "buyers": {"measure": {"name": "buyers"}},
        "running": {
            "measure": {"name": "amount"},
            "cumulative_type_params": {"window": {"count": 7, "granularity": "day"}},
        },
    }
    made = project(
        models={
            "orders": "select 1 as id, 1 as customer_id, 1 as placed, '' as status, 1 as amount",
            "customers": "select 1 as id, '' as country, 1 as lifetime",
            "days": {
                "sql": "select 1 as day",
                "time_spine": {"standard_granularity_column": "day"},
            },
        },
        semantic_models=SEMANTIC,
        metrics={
            name: {
                "type": "cumulative" if name == "running" else "simple",
                "type_params": {**params, **more.get(name, {})},
                "meta": {"analyticsops": settings.get(name, {})},
            }
            for name, params in metrics.items()
        },
        adapter=adapter,
    )
    return msgspec.structs.replace(workspace(made), project_dir=root)


def _database(folder: Path, *changes: str) -> Path:
    path = folder / "db.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(ROWS)
        for change in changes:
            connection.execute(change)
    return path


def _verified(folder: Path, metric: str, settings: Any, *changes: str) -> MetricVerification:
    made = _shop({metric: settings}, folder)
    return ao.verify_metrics(made, [metric], _database(folder, *changes))


def _kind(found: MetricVerification, kind: str) -> list[MetricCheck]:
    return [check for check in found.checks if check.check == kind]


GOLDEN = "metric_time__month,value,tolerance\n2026-01,60,\n2026-02,41,{}\n"


@pytest.mark.parametrize(("tolerance", "outcome"), [("1.5", "holds"), ("0.5", "violated")])
def test_golden_values(tmp_path: Path, tolerance: str, outcome: str) -> None:
    (tmp_path / "golden.csv").write_text(GOLDEN.format(tolerance), encoding="utf-8")
    found = _verified(tmp_path, "revenue", {"golden": "golden.csv", "tier": "certified"})
    (check,) = _kind(found, "golden")
    assert (check.outcome, check.compared) == (outcome, 2)
    told = [(d.place, d.value, d.expected) for d in check.examples]
    assert told == ([("2026-02-01", 40.0, 41.0)] if outcome == "violated" else [])
    rules = [f.rule for f in found.report.findings]
    assert rules == (["MET601"] if outcome == "violated" else [])


def test_golden_values_by_dimensions_and_of_nothing(tmp_path: Path) -> None:
    text = "customer__country,order__status,value\nDE,void,20\n,paid,40\nIT,paid,1\n"
    (tmp_path / "golden.csv").write_text(text, encoding="utf-8")
    (check,) = _kind(_verified(tmp_path, "revenue", {"golden": "golden.csv"}), "golden")
    assert (check.compared, check.wrong) == (3, 1)
    assert [(d.place, d.value) for d in check.examples] == [("IT, paid", None)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("month,amount\n2026-01,60\n", "no column `value`"),
        ("metric_time__month,value\n2026-01,many\n", "'many' is no number"),
        ("metric_time__month,value\n2026-01,1\n2026-01,2\n", "stands twice"),
        ("metric_time__month,value\n2026-01\n", "1 cells under 2 names"),
        ("metric_time__month,value\n", "no golden value"),
    ],
)
def test_a_wrong_file_of_golden_values(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "golden.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        _verified(tmp_path, "revenue", {"golden": "golden.csv"})


def test_golden_values_that_cannot_be_asked_for_are_unknown(tmp_path: Path) -> None:
    text = "order__shelf,value\nA,1\n"
    (tmp_path / "golden.csv").write_text(text, encoding="utf-8")
    found = _verified(tmp_path, "revenue", {"golden": "golden.csv"})
    (check,) = _kind(found, "golden")
    assert check.outcome == "unknown"
    assert "order__shelf cannot be reached" in check.reason
    assert [(f.rule, f.severity.value) for f in found.report.findings] == [("MET600", "warning")]
    assert not found.failed


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"bounds": {"min": 0, "max": 100}}, [0, 0]),
        ({"bounds": {"min": 0, "max": 45}}, [1, 1]),  # in all 100, and one day of 50
        ({"invariants": ["value >= 10 and value < 200"]}, [0, 0]),
        ({"invariants": ["value <> 40"]}, [0, 1]),
    ],
)
def test_bounds_and_invariants(tmp_path: Path, settings: Any, wrong: list[int]) -> None:
    found = _verified(tmp_path, "revenue", settings)
    checks = [c for c in found.checks if c.check in ("bounds", "invariant")]
    assert [c.wrong for c in checks] == wrong
    assert [c.compared for c in checks] == [1, 3]
    assert {f.rule for f in found.report.findings} == ({"MET602"} if any(wrong) else set())


@pytest.mark.parametrize(
    "text", ["amount > 0", "value", "value >", "(select 1) > 0", "sum(value) > 0"]
)
def test_an_invariant_that_is_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="the invariant"):
        _verified(tmp_path, "revenue", {"invariants": [text]})


def test_a_join_that_counts_twice_shows_without_being_promised(tmp_path: Path) -> None:
    twice = "insert into dev.customers values (1, 'AT', 30.0)"
    found = _verified(tmp_path, "revenue", {}, twice)
    checks = {check.claim: check for check in _kind(found, "parts")}
    assert checks["parts by order__status add up"].outcome == "holds"
    bad = checks["parts by customer__country add up"]
    assert [(d.place, d.value, d.expected) for d in bad.examples] == [("2026-01-01", 90.0, 60.0)]
    assert {f.rule for f in found.report.findings} == {"MET603"}


def test_additivity_as_declared(tmp_path: Path) -> None:
    """Distinct buyers add up by country, and not by status or over days."""
    found = _verified(tmp_path, "buyers", {})
    assert found.checks == ()  # nothing is promised, and no sum is defined
    again = "insert into dev.orders values (5, 2, '2026-01-21', 'void', 1.0)"
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({"time": False, "dimensions": ["country"]}, set()),
        ({"time": False, "dimensions": "all"}, {"parts by order__status add up"}),
        ({"time": True, "dimensions": "none"}, {"days add up to the month"}),
    ]
    for number, (additivity, wrong) in enumerate(cases):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = _verified(folder, "buyers", {"additivity": additivity}, again)
        assert {c.claim for c in found.checks if c.outcome == "violated"} == wrong
        assert found.checks


def test_days_of_a_sum_add_up(tmp_path: Path) -> None:
    (check,) = _kind(_verified(tmp_path, "revenue", {}), "days")
    assert (check.outcome, check.compared) == ("holds", 2)


EQUALS = {"column": "customers.lifetime", "by": {"customer": "id"}}


@pytest.mark.parametrize(
    ("change", "equals", "wrong"),
    [
        ("", EQUALS, []),
        ("update dev.customers set lifetime = 31 where id = 2", EQUALS, [("2", 30.0, 31.0)]),
        ("update dev.customers set lifetime = 31 where id = 2", {**EQUALS, "tolerance": 1}, []),
        ("", {"column": "customers.lifetime"}, [("all", 100.0, 60.0)]),  # the guest's order
        ("insert into dev.customers values (9, 'IT', 5)", EQUALS, [("9", 0.0, 5.0)]),
    ],
)
def test_a_column_that_holds_the_same_number(
    tmp_path: Path, change: str, equals: Any, wrong: list[Any]
) -> None:
    found = _verified(tmp_path, "revenue", {"equals": [equals]}, *([change] if change else []))
    (check,) = _kind(found, "equal")
    assert [(d.place, d.value, d.expected) for d in check.examples] == wrong
    assert {f.rule for f in found.report.findings} == ({"MET605"} if wrong else set())


def test_a_column_by_time(tmp_path: Path) -> None:
    equals = {"column": "orders.amount", "by": {"metric_time__month": "placed"}}
    (check,) = _kind(_verified(tmp_path, "revenue", {"equals": [equals]}), "equal")
    assert (check.outcome, check.compared) == ("holds", 2)


def test_a_column_of_no_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no model 'weekly'"):
        _verified(tmp_path, "revenue", {"equals": [{"column": "weekly.amount"}]})


@pytest.mark.parametrize(("day", "outcome"), [("2026-02-28", "holds"), ("2026-03-01", "violated")])
def test_the_time_spine_covers_the_data(tmp_path: Path, day: str, outcome: str) -> None:
    late = f"insert into dev.orders values (6, 1, '{day} 23:00', 'paid', 1.0)"
    found = _verified(tmp_path, "running", {}, late)
    (check,) = _kind(found, "spine")
    assert check.outcome == outcome
    assert {f.rule for f in found.report.findings} == ({"MET115"} if outcome != "holds" else set())


@pytest.mark.parametrize(("version", "outcome"), [("1.0.1", "violated"), ("2.0.0", "changed")])
def test_two_versions_side_by_side(tmp_path: Path, version: str, outcome: str) -> None:
    paid = {"filter": {"where_filters": [
        {"where_sql_template": "{{ Dimension('order__status') }} = 'paid'"}]}}  # fmt: skip
    base = _shop({"revenue": {"version": "1.0.0"}})
    head = _shop({"revenue": {"version": version}}, revenue={"measure": {"name": "amount", **paid}})
    database = _database(tmp_path)
    found = ao.verify_metrics(head, ["revenue"], database, base=base)
    (check,) = _kind(found, "version")
    assert [(d.place, d.value, d.expected) for d in check.examples] == [("2026-01-01", 40.0, 60.0)]
    assert check.outcome == outcome
    rules = {f.rule for f in found.report.findings}
    assert rules == ({"MET606"} if outcome == "violated" else set())
    (same,) = _kind(ao.verify_metrics(base, ["revenue"], database, base=base), "version")
    assert (same.outcome, same.compared) == ("holds", 2)


def test_two_versions_in_two_databases(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    old = _database(tmp_path / "old", "delete from dev.orders where id = 4")
    shop = _shop({})
    found = ao.verify_metrics(
        shop, ["revenue"], _database(tmp_path), base=shop, base_database=old, by=["order__status"]
    )
    (check,) = _kind(found, "version")
    assert [(d.place, d.value, d.expected) for d in check.examples] == [("paid", 80.0, 40.0)]


def test_no_numbers_are_no_proof(tmp_path: Path) -> None:
    found = _verified(tmp_path, "revenue", {"bounds": {"min": 0}}, "delete from dev.orders")
    assert {check.outcome for check in found.checks} == {"unknown"}


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    shop = _shop({})
    with pytest.raises(UsageError, match="no database to ask"):
        ao.verify_metrics(shop, ["revenue"])
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(ArtifactError, match="does not exist"):
        ao.verify_metrics(shop, ["revenue"], tmp_path / "empty.duckdb")
    (tmp_path / "text.duckdb").write_text("no database")
    with pytest.raises(ArtifactError):
        ao.verify_metrics(shop, ["revenue"], tmp_path / "text.duckdb")


def test_the_database_is_only_read(tmp_path: Path) -> None:
    database = _database(tmp_path)
    before = database.read_bytes()
    ao.verify_metrics(_shop({}), (), database)
    assert database.read_bytes() == before
    assert json.loads(msgspec.json.encode(ao.verify_metrics(_shop({}), (), database).checks))


def test_a_question_through_dbt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def show(sql: str, folder: Path, **how: Any) -> list[dict[str, Any]]:
        asked.append((folder, how["target"], how["limit"]))
        return [{"metric_time__month": "2026-01-01", "revenue": 60.0}]

    monkeypatch.setattr("analyticsops.commits.show.show", show)
    by = ["metric_time__month"]
    found = ao.query_metrics(_shop({}, tmp_path), ["revenue"], target="prod", by=by, limit=3)
    assert (found.columns, found.rows) == (
        ("metric_time__month", "revenue"),
        (("2026-01-01", 60.0),),
    )
    assert asked == [(tmp_path, "prod", 3)]
    with pytest.raises(UsageError, match="the folder of the dbt project is not known"):
        ao.query_metrics(_shop({}), ["revenue"], target="prod")


@pytest.mark.parametrize("adapter", ["snowflake", "bigquery", "redshift", "postgres", "databricks"])
def test_checks_are_written_for_other_engines(adapter: str, tmp_path: Path) -> None:
    """Whoever reads that dialect reads them; no engine is at hand that would run them."""
    (tmp_path / "golden.csv").write_text(GOLDEN.format("1"), encoding="utf-8")
    shop = _shop(
        {
            "revenue": {"golden": "golden.csv", "bounds": {"min": 0}, "equals": [EQUALS]},
            "running": {"invariants": ["value >= 0"]},
        },
        adapter=adapter,
    )
    registry = shop.registry
    planner = Planner(registry.definitions, registry.layer, shop.dialect, tmp_path)
    planned = [
        check
        for name in registry.definitions
        for check in planner.plan(name, registry.settings[name], "")
    ]
    assert {check.kind for check in planned} == {
        "golden", "bounds", "invariant", "parts", "days", "equal", "spine",
    }  # fmt: skip
    for check in planned:
        assert check.sql, check.reason
        tree = parse_one(check.sql, dialect=shop.dialect)
        assert [column.alias_or_name for column in tree.selects] == ["place", "value", "expected"]
