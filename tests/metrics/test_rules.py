"""What a metric should have, by its tier."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from analyticsops import api
from tests.project_maker import project, workspace

LIMITS = {"warn_after": {"count": 2, "period": "day"}, "error_after": None}
NOW = datetime.datetime(2026, 11, 20, tzinfo=datetime.UTC)


def _all(package: str = "shop", **metric: Any) -> list[tuple[str, str, str]]:
    made = project(
        models={"fct": {"sql": "select 1 as x, 2 as at", "contract": True}},
        semantic_models={
            "s": {
                "model": "fct",
                "measures": {"x": "sum(x)"},
                "dimensions": {"at": {"type": "time"}},
                "defaults": {"agg_time_dimension": "at"},
            }
        },
        metrics={"m": {"type_params": {"measure": {"name": "x"}}, **metric}},
    )
    made.manifest["metrics"]["metric.shop.m"]["package_name"] = package
    report = api.check(workspace(made), now=NOW)
    return [(f.severity.value, f.name, f.message) for f in report.findings if f.rule[:3] == "MET"]


def _found(package: str = "shop", **metric: Any) -> list[tuple[str, str, str]]:
    """What is said of every metric, whether it has a tier or not."""
    told = ("metric-without-description", "metric-without-owner")
    return [found for found in _all(package, **metric) if found[1] in told]


@pytest.mark.parametrize(
    ("tier", "severity"),
    [
        ("", "warning"),
        ("draft", "info"),
        ("reviewed", "warning"),
        ("certified", "error"),
        ("deprecated", "warning"),
    ],
)
def test_severity_follows_the_tier(tier: str, severity: str) -> None:
    called = f"{tier} metric" if tier else "metric"
    assert _found(meta={"analyticsops": {"tier": tier}}) == [
        (severity, "metric-without-description", f"{called} m has no description"),
        (severity, "metric-without-owner", f"{called} m has no owner"),
    ]


COMPLETE = {
    "tier": "certified",
    "owner": "Finance",
    "unit": "USD",
    "direction": "up",
    "version": "1.0.0",
    "runbook": "docs/revenue.md",
    "freshness": {"slo": "24h"},
    "approved": {"fingerprint": "m2:0000000000000000", "by": "cfo", "date": "2026-10-01"},
}


def test_a_complete_metric() -> None:
    found = _all(description="Money.", meta={"analyticsops": COMPLETE})
    assert [name for _, name, _ in found] == ["certification-void"]  # the digest is made up


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("unit", ("error", "metric-without-unit")),
        ("direction", ("error", "metric-without-direction")),
        ("version", ("error", "certified-metric-without-version")),
        ("runbook", ("warning", "certified-metric-without-runbook")),
        ("freshness", ("warning", "certified-metric-without-freshness")),
        ("approved", ("error", "certified-without-approval")),
    ],
)
def test_what_a_certified_metric_lacks(key: str, expected: tuple[str, str]) -> None:
    meta = {name: value for name, value in COMPLETE.items() if name != key}
    found = _all(description="Money.", meta={"analyticsops": meta})
    assert expected in [(severity, name) for severity, name, _ in found]


def test_a_draft_is_judged_mildly_and_no_tier_not_at_all() -> None:
    draft = _all(description="Money.", meta={"analyticsops": {"tier": "draft", "owner": "me"}})
    assert {severity for severity, _, _ in draft} == {"info"}
    assert _all(description="Money.", meta={"analyticsops": {"owner": "me"}}) == []


@pytest.mark.parametrize(("sunset", "severity"), [("2026-01-31", "error"), ("2027-01-31", None)])
def test_a_deprecated_metric(sunset: str, severity: str | None) -> None:
    deprecation = {"sunset": sunset, "replaced_by": "n"}
    meta = {"tier": "deprecated", "owner": "me", "deprecation": deprecation}
    found = _all(description="Money.", meta={"analyticsops": meta})
    assert [level for level, _, _ in found] == ([severity] if severity else [])


@pytest.mark.parametrize("owner", ["me@example.com", {"name": "Me"}])
def test_an_owner_in_meta_is_enough(owner: Any) -> None:
    names = [name for _, name, _ in _found(meta={"owner": owner})]
    assert names == ["metric-without-description"]


def test_blank_text_is_no_description() -> None:
    assert "metric-without-description" in [name for _, name, _ in _found(description=" \n ")]


def test_metrics_of_packages_are_their_owners_business() -> None:
    assert _found(package="elsewhere") == []


@pytest.mark.parametrize("meta", [[], "x", {"analyticsops": "x"}])
def test_odd_meta_is_no_error(meta: Any) -> None:
    assert len(_found(meta=meta)) == 2


@pytest.mark.parametrize(("hours", "found"), [(20, []), (30, ["MET607"])])
def test_a_metric_is_as_old_as_its_sources(hours: float, found: list[str]) -> None:
    made = project(
        sources={"raw.orders": {"columns": "amount, at", "freshness": LIMITS},
                 "raw.others": {"columns": "x", "freshness": LIMITS}},
        models={"fct": "select amount, at from @raw.orders"},
        semantic_models={
            "s": {
                "model": "fct",
                "measures": {"amount": "sum(amount)"},
                "dimensions": {"at": {"type": "time"}},
                "defaults": {"agg_time_dimension": "at"},
            }
        },
        metrics={
            "m": {
                "type_params": {"measure": {"name": "amount"}},
                "meta": {"analyticsops": {"freshness": {"slo": "26h"}}},
            }
        },
    )  # fmt: skip
    measured = [
        {
            "unique_id": table,
            "status": "pass",
            "max_loaded_at": (NOW - datetime.timedelta(hours=age)).isoformat(),
            "snapshotted_at": NOW.isoformat(),
            "max_loaded_at_time_ago_in_s": age * 3600,
        }
        for table, age in (("raw.orders", hours), ("raw.others", 99))
    ]
    report = api.check(workspace(made, freshness=measured), now=NOW)
    told = [f for f in report.findings if f.rule == "MET607"]
    assert [f.rule for f in told] == found
    assert all("raw.orders was 30h old" in f.message for f in told)
