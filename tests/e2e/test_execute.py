"""The example's pull requests, both versions executed: on made-up rows, on the shop's own
database, and through dbt on its target."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import analyticsops as ao
from analyticsops.changes.compare import compare
from analyticsops.commits.show import Shown, show, show_all
from analyticsops.comparing import version_of
from analyticsops.errors import ProcessError
from analyticsops.evidence.jobs import plan
from analyticsops.evidence.pair import Limits
from analyticsops.evidence.target import conclusion, queries
from analyticsops.executed import Execution, told
from analyticsops.report.model import Report

PYTHON = "python model: known at table level only"


def _diff(shop: Path, name: str) -> Report:
    base = ao.load(shop / "base" / "target")
    head = ao.load(shop / name / "target", base=base)
    options = ao.Execute(
        databases=24, seconds=20, total=600, database=shop / "base" / "shop.duckdb"
    )
    return ao.diff(base, head, execute=options)


def _told(report: Report, name: str, data: str) -> str:
    (execution,) = [e for e in report.executions if (e.name, e.data) == (name, data)]
    return told(execution)


def test_the_harmful_filter_is_shown_and_counted(shop: Path) -> None:
    report = _diff(shop, "harmful")
    (finding,) = [finding for finding in report.findings if finding.rule == "ROW301"]
    example = finding.counterexample
    assert example is not None
    assert example.largest == 1
    assert [table.name for table in example.inputs] == ["stg_orders"]
    assert len(example.base.rows) + len(example.head.rows) == 1
    # Orders that were called off count now, and bring nothing else with them.
    assert _told(report, "int_orders_placed", "sample") == (
        "differs on rows of the database: 0 of 537 rows removed, 48 added, by order_id"
    )
    assert "48 added, by order_id" in _told(report, "fct_orders", "sample")
    assert "lifetime_revenue" in _told(report, "dim_customers", "sample")
    # The renamed column is the same column, and payments read no orders that count.
    for name in ("stg_payments", "int_money_movements", "fct_payments"):
        assert _told(report, name, "sample") == "no difference on rows of the database"
        assert "no difference on" in _told(report, name, "generated")


@pytest.mark.parametrize("name", ["refactoring", "additive"])
def test_nothing_differs_in_the_others(shop: Path, name: str) -> None:
    report = _diff(shop, name)
    assert not [finding for finding in report.findings if finding.rule == "SYS904"]
    unknown = {e.name: e.reason for e in report.executions if e.outcome == "unknown"}
    assert unknown.items() <= {"customer_segments": PYTHON}.items()
    assert {e.outcome for e in report.executions} - {"unknown"} == {"no difference"}
    assert {e.data for e in report.executions} == {"generated", "sample"}


def _types(_side: object, _unique_id: str) -> dict[str, str]:
    return {}


def test_through_dbt_on_the_target(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dbt's own adapter runs one query for all models; it writes nothing to the project."""
    shutil.copy(shop / "base" / "shop.duckdb", tmp_path / "shop.duckdb")
    monkeypatch.setenv("SHOP_DB", str(tmp_path / "shop.duckdb"))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(shop / "harmful"))
    base = ao.load(shop / "base" / "target")
    head = ao.load(shop / "harmful" / "target", base=base)
    comparison = compare(version_of(base), version_of(head))
    jobs = plan(comparison, _types, [], Limits(), frozenset(head.project.nodes)).jobs
    asked = queries(comparison, jobs)
    assert {one.model.label for one in asked if one.alone} == {"int_money_movements"}
    batch = [one for one in asked if not one.alone]
    before = sorted((path, path.stat().st_mtime_ns) for path in (shop / "harmful").rglob("*"))
    answers = show_all(
        [Shown(one.sql, len(one.choices.all)) for one in batch],
        shop / "harmful",
        target="dev",
        like=head.args,
        seconds=300,
    )
    after = sorted((path, path.stat().st_mtime_ns) for path in (shop / "harmful").rglob("*"))
    assert before == after
    found: dict[str, Execution] = {
        one.model.label: conclusion(one, answer)
        for one, answer in zip(batch, answers, strict=True)
        if not isinstance(answer, str)
    }
    placed = found["int_orders_placed"]
    assert (placed.data, placed.rows, placed.rows_removed, placed.rows_added) == (
        "target", 537, 0, 48,
    )  # fmt: skip
    assert found["stg_payments"].outcome == "no difference"


def test_a_query_that_is_too_long_for_dbt(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="too long for `dbt show`"):
        show("select 1" * 20_000, tmp_path, target="", like={}, limit=1, seconds=1)
