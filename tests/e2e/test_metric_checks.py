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
from typing import Any

import duckdb
import pytest
import yaml

import analyticsops as ao
from analyticsops.metrics.checks.plan import Planner
from analyticsops.workspace import Workspace
from tests.cli.shell import run_process

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
    found = {r["unique_id"].split(".")[2]: (r["status"], r["failures"]) for r in results}
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


def _asked(base: Workspace) -> Iterator[tuple[str, list[str], str]]:
    """Metrics that the macros compute, by what they can be asked by, and our own query."""
    registry = base.registry
    planner = Planner(registry.definitions, registry.layer, "duckdb", None)
    ways: list[list[str]] = [["metric_time__month"]]
    for name, definition in sorted(registry.definitions.items()):
        if definition.type in ("simple", "ratio", "derived") and name != "revenue_growth":
            own = [["customer__country_code"]] if name != "new_accounts" else []
            yield from ((name, by, planner.values(name, by)) for by in ways + own)


def test_the_macros_compute_what_we_compute(shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "base"
    shutil.copytree(shop / "base", folder, symlinks=True)
    asked = list(_asked(ao.load(shop / "base" / "target")))
    assert len(asked) > 25
    inline = "\nunion all\n".join(
        f"select {n} as q, * from ({{{{ analyticsops.metric_values('{name}', {by!r}) }}}}) as x{n}"
        for n, (name, by, _) in enumerate(asked)
    )
    said = _dbt(
        folder, "show", "--output", "json", "--limit", "100000", "--quiet", "--inline", inline
    )
    rows = json.loads(said[said.find("{") :])["show"]
    theirs: dict[int, dict[str, float | None]] = {n: {} for n in range(len(asked))}
    for row in rows:
        theirs[int(row["q"])][row["place"]] = row["value"]
    with duckdb.connect(str(shop / "base" / "shop.duckdb"), read_only=True) as connection:
        for number, (name, by, sql) in enumerate(asked):
            ours = dict(connection.execute(sql).fetchall())
            assert theirs[number].keys() == ours.keys(), (name, by)
            for place, value in ours.items():
                assert theirs[number][place] == pytest.approx(value), (name, by, place)
