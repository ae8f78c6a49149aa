"""The main job on the example project, built by dbt on DuckDB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb

import analyticsops as ao
from analyticsops.findings import Finding

AOPS = Path(sys.executable).parent / "analyticsops"


def _diff(shop: Path, name: str) -> tuple[Finding, ...]:
    base = ao.load(shop / "base" / "target")
    return ao.diff(base, ao.load(shop / name / "target", base=base)).findings


def test_the_harmful_pull_request_fails_and_names_whom_it_hits(shop: Path) -> None:
    done = subprocess.run(
        [str(AOPS), "diff", "--base", "../base/target"],
        cwd=shop / "harmful",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "metrics orders, revenue" in done.stdout
    assert "executive_revenue_dashboard" in done.stdout
    assert "payment_reconciliation" in done.stdout
    assert "models/intermediate/int_orders_placed.sql:7 ROW301 error" in done.stdout


def test_the_harmful_findings(shop: Path) -> None:
    findings = _diff(shop, "harmful")
    found = {finding.rule: finding for finding in findings}
    assert set(found) == {"CON612", "MET501", "MET502", "MET509", "ROW301", "SCH202"}
    # What was certified is another number; what nobody touched is not.
    certified = {entry.name for entry in found["MET501"].affected}
    assert certified == {"average_order_value", "orders", "revenue", "revenue_last_28_days"}
    assert found["MET501"].subject == "rows of int_orders_placed"
    assert str(found["MET501"].location).startswith("models/intermediate/int_orders_placed.sql")
    assert [f.subject for f in findings if f.rule == "MET502"] == ["rows of int_orders_placed"]
    hit = {entry.name for entry in found["ROW301"].affected}
    assert {"revenue", "orders", "executive_revenue_dashboard"} <= hit
    # These read payments and sessions, not the orders that the filter lets through.
    assert not {"captured_payments", "sessions"} & hit
    renamed = {entry.name: entry for entry in found["SCH202"].affected}
    assert renamed["fct_payments"].via == "loses"
    assert "int_money_movements" not in renamed  # the same change adapted it
    assert {"gift_card_payments", "gift_card_share", "payment_reconciliation"} <= set(renamed)


def test_the_refactoring_has_no_finding(shop: Path) -> None:
    assert _diff(shop, "refactoring") == ()


def test_the_additive_pull_request_only_informs(shop: Path) -> None:
    found = _diff(shop, "additive")
    assert {finding.rule for finding in found} == {"SCH210"}
    assert {finding.subject for finding in found} == {"stg_orders.is_gift", "fct_orders.is_gift"}


def test_a_version_compared_with_itself(shop: Path) -> None:
    assert _diff(shop, "base") == ()


def test_lineage_lists_the_columns_that_duckdb_has(shop: Path) -> None:
    workspace = ao.load(shop / "base" / "target")
    with duckdb.connect(str(shop / "base" / "shop.duckdb"), read_only=True) as connection:
        checked = 0
        for node in workspace.project.of_kind("model", "snapshot"):
            if node.materialized == "ephemeral" or node.relation is None:
                continue
            rows = connection.sql(
                f'describe "{node.relation.schema}"."{node.relation.identifier}"'
            ).fetchall()
            lineage = workspace.graph.nodes[node.unique_id]
            if node.language == "sql":
                assert list(lineage.columns) == [row[0] for row in rows], node.label
                checked += 1
    assert checked >= 18


def test_lineage_needs_no_catalog(shop: Path, tmp_path: Path) -> None:
    """Without the catalog the same columns come out, except behind a star over a source
    that YAML documents only in part."""
    target = tmp_path / "target"
    target.mkdir()
    (target / "manifest.json").write_bytes((shop / "base/target/manifest.json").read_bytes())
    bare = ao.load(target, project_dir=shop / "base")
    full = ao.load(shop / "base" / "target")
    for unique_id, lineage in full.graph.nodes.items():
        if full.project.nodes[unique_id].kind == "model" and unique_id in bare.graph.nodes:
            without = bare.graph.nodes[unique_id]
            if without.complete:
                assert list(without.columns) == list(lineage.columns), unique_id


def test_revenue_comes_from_payments_and_refunds(shop: Path) -> None:
    metrics = {entry.name: entry for entry in ao.list_metrics(ao.load(shop / "base" / "target"))}
    revenue = metrics["revenue"]
    assert revenue.sources == (
        "shop_raw.payments.amount_cents",
        "shop_raw.refunds.amount_cents",
    )
    assert "shop_raw.orders.status" in revenue.decided_by
    assert "exposure executive_revenue_dashboard" in revenue.used_by
    assert {entry.type for entry in metrics.values()} == {
        "conversion",
        "cumulative",
        "derived",
        "ratio",
        "simple",
        "sql",
    }


def test_freshness_as_dbt_measured_it(shop: Path) -> None:
    answer = ao.read_freshness(ao.load(shop / "base" / "target"))
    states = {source.name: source.status for source in answer.sources}
    assert states.pop("shop_raw.web_events") == "warn"
    assert set(states.values()) == {"pass"}
    assert "shop_raw.products" not in states
    assert {objective.name: objective.state for objective in answer.objectives} == {
        "orders-loaded": "met",
        "orders-fresh": "sources met",
        "board": "sources met",
        "executive-dashboard-fresh": "sources met",
    }


def test_the_lineage_of_the_example_is_verified_by_running_it(shop: Path) -> None:
    command = [str(AOPS), "lineage", "verify", "--database", "shop.duckdb", "--format", "json"]
    done = subprocess.run(command, cwd=shop / "base", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["failed"] is False
    counts = answer["counts"]
    # All but the Python model; most edges must have shown.
    assert (counts["not verified"], counts["violated"], counts["violations"]) == (1, 0, 0)
    assert counts["verified"] >= 20
    assert counts["slack"] < counts["edges"] / 10


def test_check_passes(shop: Path) -> None:
    done = subprocess.run(
        [str(AOPS), "check", "--format", "json"],
        cwd=shop / "base",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    told = {"MET114", "MET304", "MET306", "MET307", "MET308"}
    rules = {finding["rule"] for finding in report["findings"] if not finding["accepted"]}
    assert rules <= {"SLO101", "LIN101", *told}


def test_the_lock_says_what_the_metrics_mean(shop: Path) -> None:
    """The example is compiled for another schema and folder each time: the same bytes."""
    done = subprocess.run(
        [str(AOPS), "metrics", "lock", "--check"],
        cwd=shop / "base",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer = ao.lock_metrics(ao.load(shop / "base" / "target"))
    assert answer.text == answer.before


def test_a_source_freshness_run_does_not_cost_us_the_sql(shop: Path, tmp_path: Path) -> None:
    """`dbt source freshness` rewrites the manifest without compiled SQL; what dbt left in
    target/compiled is used."""
    manifest = json.loads((shop / "base/target/manifest.json").read_text())
    for node in manifest["nodes"].values():
        node.pop("compiled_code", None)
    target = tmp_path / "target"
    target.mkdir()
    (target / "manifest.json").write_text(json.dumps(manifest))
    (target / "compiled").symlink_to(shop / "base/target/compiled")
    (target / "catalog.json").write_bytes((shop / "base/target/catalog.json").read_bytes())
    bare = ao.load(target, project_dir=shop / "base")
    base = ao.load(shop / "base" / "target")
    proven = [n for n, lineage in base.graph.nodes.items() if lineage.status == "proven"]
    assert [n for n in proven if bare.graph.nodes[n].status != "proven"] == []
