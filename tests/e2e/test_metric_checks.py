"""The numbers of the example's metrics, checked: by `metrics verify`, and by dbt alone with our
generic tests. DuckDB with planted wrong rows is the judge of both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import yaml
from sqlglot import exp, parse_one

import analyticsops as ao
from analyticsops.metrics.checks.plan import Planner
from analyticsops.workspace import Workspace
from tests.cli.shell import run_process
from tests.engines.macros import Package

DBT = Path(sys.executable).parent / "dbt"
PLANTED = """
update marts.fct_orders set net_revenue = net_revenue + 1
    where order_id = (select min(order_id) from marts.fct_orders
        where ordered_at >= '2026-04-01' and customer_id is not null);
update marts.fct_orders set net_revenue = -100000
    where order_id = (select max(order_id) from marts.fct_orders where customer_id is not null);
create table dim_twice as from marts.dim_customers;  -- without its primary key
insert into dim_twice select * replace ('XX' as country_code) from dim_twice
    where customer_id = (select min(customer_id) from marts.fct_orders);
drop table marts.dim_customers;
create table marts.dim_customers as from dim_twice;
"""
MORE: list[dict[str, Any]] = [
    {"analyticsops.metric_days": {
        "name": "distinct_buyers", "arguments": {"metric": "buying_customers"}}},
    {"analyticsops.metric_days": {
        "name": "one_day_only", "config": {"where": "cast(ordered_at as date) = '2026-04-10'"},
        "arguments": {"metric": "buying_customers"}}},
    {"analyticsops.metric_days": {
        "name": "refused", "arguments": {"metric": "revenue_last_28_days"}}},
    {"analyticsops.metric_fresh": {
        "name": "stale", "arguments": {"metric": "revenue", "hours": 1}}},
    {"analyticsops.metric_version": {
        "name": "before", "arguments": {"metric": "revenue", "other_schema": "before"}}},
]  # fmt: skip


@pytest.fixture(scope="module")
def planted(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with wrong rows, and the right ones in another schema."""
    folder = tmp_path_factory.mktemp("planted") / "base"
    shutil.copytree(shop / "base", folder, symlinks=True)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute("create schema before")
        connection.execute("create table before.fct_orders as from marts.fct_orders")
        connection.execute(PLANTED)
    path = folder / "models" / "marts" / "orders" / "_orders.yml"
    data = yaml.safe_load(path.read_text("utf-8"))
    data["models"][0]["data_tests"] += MORE
    path.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")
    return folder


def _dbt(folder: Path, *words: str) -> str:
    environ = {
        **os.environ,
        "DBT_PROFILES_DIR": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_TARGET_PATH": "target",
    }
    done = subprocess.run(
        [str(DBT), *words], cwd=folder, env=environ, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_what_dbt_finds_by_itself(planted: Path) -> None:
    names = [entry["name"] for test in MORE for entry in test.values()]
    tests = ["revenue_*", "average_order_value_is_plausible", *names]
    said = _dbt(planted, "test", "--select", *tests)
    results = json.loads((planted / "target" / "run_results.json").read_text())["results"]
    found = {
        r["unique_id"].split(".")[2]: (r["status"], r["failures"])
        for r in results
        if r["unique_id"].startswith("test.")
    }
    assert found == {
        "revenue_has_its_golden_values": ("fail", 1),
        "revenue_is_never_negative": ("fail", 1),
        "average_order_value_is_plausible": ("fail", 1),
        "revenue_adds_up_from_its_parts": ("fail", found["revenue_adds_up_from_its_parts"][1]),
        "revenue_adds_up_from_its_days": ("pass", 0),
        "revenue_is_what_customers_spent": ("fail", 3),  # two changed, one counted twice
        "distinct_buyers": ("fail", 6),
        "one_day_only": ("pass", 0),
        "refused": ("error", None),
        "stale": ("fail", 1),
        "before": ("fail", 2),
    }, said
    assert "'revenue_last_28_days' is of type cumulative" in said


def test_verify_finds_the_same(planted: Path, shop: Path) -> None:
    fine = run_process("metrics", "verify", "--database", "shop.duckdb", cwd=shop / "base")
    assert (fine.code, "wrong" in fine.out) == (0, False), fine.out + fine.err
    words = ["metrics", "verify", "--database", "shop.duckdb", "--format", "json"]
    done = run_process(*words, cwd=planted)
    assert done.code == 1, done.err
    answer = json.loads(done.out)
    rules = {f["rule"] for f in answer["findings"] if f["subject"] == "revenue"}
    assert rules == {"MET601", "MET602", "MET603", "MET605"}
    wrong = {c["claim"] for c in answer["checks"] if c["metric"] == "revenue" and c["wrong"]}
    assert "parts by customer__country_code add up" in wrong
    assert "parts by order__sales_channel add up" not in wrong
    done = run_process("metrics", "verify", "--database", "shop.duckdb", cwd=planted)
    lines = [line.split("\t") for line in done.out.splitlines()]
    assert ["revenue", "wrong", "1 of 6", "parts by customer__country_code add up"] in lines
    assert done.err.startswith("failed: ")
    words = ["metrics", "verify", "revenue", "--database", "shop.duckdb", "--output", "github=-"]
    assert "::error file=models/semantic_layer/_metrics.yml" in run_process(*words, cwd=planted).out


def test_verify_through_dbt(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queries that a warehouse gets by way of dbt say what DuckDB says itself."""
    monkeypatch.setenv("DBT_PROFILES_DIR", str(planted))
    monkeypatch.setenv("SHOP_DB", str(planted / "shop.duckdb"))
    shop = ao.load(planted / "target")
    names = ["revenue", "visit_to_order_rate"]
    by_dbt = ao.verify_metrics(shop, names, target="dev")
    by_file = ao.verify_metrics(shop, names, planted / "shop.duckdb")
    assert by_dbt.checks == by_file.checks
    assert len(by_dbt.checks) > 10


# -- the macros alone ------------------------------------------------------------------------


class Refused(Exception):  # noqa: N818 - the macros' own word
    """What a macro raises instead of an answer."""


def _refuse(message: str) -> None:
    raise Refused(message)


def _package(adapter: str, manifest: dict[str, Any]) -> Package:
    """The macros with the graph that dbt would give them, and what dbt says of each engine."""

    def named(kind: str) -> str:
        return str(exp.DataType.build(kind).sql(adapter))

    def truncated(grain: str, expression: str) -> str:
        time = parse_one(expression, dialect=adapter)
        return str(exp.TimestampTrunc(this=time, unit=exp.var(grain)).sql(adapter))

    return Package(
        adapter,
        execute=True,
        graph=SimpleNamespace(
            metrics=manifest["metrics"], semantic_models=manifest["semantic_models"]
        ),
        exceptions=SimpleNamespace(raise_compiler_error=_refuse),
        dbt=SimpleNamespace(
            type_string=lambda: named("text"),
            type_float=lambda: named("double"),
            concat=" || ".join,
            date_trunc=truncated,
        ),
    )


@pytest.fixture(scope="module")
def manifest(shop: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shop / "base/target/manifest.json").read_text("utf-8"))
    return found


def _asked(base: Workspace) -> Iterator[tuple[str, list[str], str]]:
    """Metrics that the macros compute, by what they can be asked by, and our own query."""
    registry = base.registry
    planner = Planner(registry.definitions, registry.layer, "duckdb", None)
    ways: list[list[str]] = [[], ["metric_time__month"], ["metric_time__week"], ["metric_time"]]
    for name, definition in sorted(registry.definitions.items()):
        if definition.type in ("simple", "ratio", "derived") and name != "revenue_growth":
            country = "customer__country_code"
            own = [[country], ["metric_time__month", country]]
            yield from ((name, by, planner.values(name, by)) for by in ways + own)


def test_the_macros_compute_what_we_compute(shop: Path, manifest: dict[str, Any]) -> None:
    """As plain Jinja on DuckDB; above dbt itself runs them."""
    package = _package("duckdb", manifest)
    asked = list(_asked(ao.load(shop / "base" / "target")))
    assert len(asked) > 80
    with duckdb.connect(str(shop / "base" / "shop.duckdb"), read_only=True) as connection:
        for name, by, sql in asked:
            ours = dict(connection.execute(sql).fetchall())
            query = package.call("metric_values", name, by)
            theirs = dict(connection.execute(query).fetchall())
            assert theirs.keys() == ours.keys(), (name, by)
            for place, value in ours.items():
                assert theirs[place] == pytest.approx(value), (name, by, place)


@pytest.mark.parametrize(
    ("metric", "by", "why"),
    [
        ("revenue_last_28_days", [], "is of type cumulative"),
        ("visit_to_order_rate", [], "is of type conversion"),
        ("revenue_growth", ["metric_time__month"], "takes revenue of another period"),
        ("revenue", ["payment__payment_method"], "does not reach payment__payment_method"),
        ("revenue", ["order__shelf"], "does not reach order__shelf"),
        ("turnover", [], "there is no metric 'turnover'"),
    ],
)
def test_what_the_macros_refuse(
    metric: str, by: list[str], why: str, manifest: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match=why):
        _package("duckdb", manifest).call("metric_values", metric, by)


@pytest.mark.parametrize(
    "adapter", ["bigquery", "databricks", "postgres", "redshift", "snowflake", "spark", "trino"]
)
def test_the_macros_for_other_engines(adapter: str, manifest: dict[str, Any]) -> None:
    """Whoever reads that dialect reads them; these engines are not at hand."""
    package = _package(adapter, manifest)
    for name in ("revenue", "gift_card_payments", "average_order_value", "gross_margin"):
        for by in ([], ["metric_time__month", "customer__country_code"]):
            query = package.call("metric_values", name, by)
            tree = parse_one(
                query.replace('"', "") if adapter != "postgres" else query, dialect=adapter
            )
            assert [column.alias_or_name for column in tree.selects] == ["place", "value"]
