"""What a metric should have, by its tier."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops import api
from tests.project_maker import project, workspace


def _found(package: str = "shop", **metric: Any) -> list[tuple[str, str, str]]:
    made = project(models={"fct": "select 1 as x"}, metrics={"m": {"type_params": {}, **metric}})
    made.manifest["metrics"]["metric.shop.m"]["package_name"] = package
    report = api.check(workspace(made))
    return [(f.severity.value, f.name, f.message) for f in report.findings if f.rule[:3] == "MET"]


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


def test_a_complete_metric() -> None:
    meta = {"analyticsops": {"tier": "certified", "owner": "Finance"}}
    assert _found(description="Money.", meta=meta) == []


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
