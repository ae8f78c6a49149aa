"""Meanings are made only where a metric may be computed again."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops.metrics import registry
from analyticsops.metrics.rules import Context, findings
from analyticsops.workspace import Workspace
from tests.metrics.planted import opened, shop
from tests.project_maker import project, workspace

APART = {
    "visits_by_day": "select visited_at, count(*) as n from @raw.visits group by 1",
    "names": "select id, name from @raw.customers",
    "other_names": "select id, upper(name) as name from @names",
}


def _made(models: dict[str, str], metrics: dict[str, Any], **more: Any) -> Workspace:
    made = project(
        sources={
            "raw.orders": "id, amount",
            "raw.customers": "id, name",
            "raw.visits": "id, visited_at",
        },
        models={"fct": "select id, amount from @raw.orders", **models},
        semantic_models={"s": {"model": "fct", "measures": {"amount": "sum(amount)"}}},
        metrics=metrics,
        **more,
    )
    return workspace(made)


REVENUE = {"revenue": {"type_params": {"measure": {"name": "amount"}}}}


def _meant(made: Workspace) -> set[str]:
    tables = made.registry.meant.tables
    return {made.project.nodes[n].name for n, meaning in tables.items() if meaning is not None}


def test_without_metrics_nothing_is_made() -> None:
    assert _meant(_made(APART, {})) == set()


def test_what_is_made_from_other_sources_is_left_alone() -> None:
    again = {
        "copy": "select id, amount * 2 as twice from @fct",  # aggregates nothing
        "total": "select sum(amount) as taken from @fct",
        "shown": "select taken from @total",  # what aggregates is above it
        "revenue": "select 1 as id",
        "named": "select max(id) as revenue from @names",
    }
    assert _meant(_made({**APART, **again}, REVENUE)) == {"fct", "total", "shown", "named", "names"}


def test_shadows_are_those_that_all_meanings_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    data = shop()
    data["sources"]["raw.weather"] = "day, rain"
    data["models"] |= {
        "weather": "select day, sum(rain) as rain from @raw.weather group by 1",
        "by_store": "select store_id, sum(amount) as taken from @stg_orders group by 1",
        "wide": "select b.taken, c.name from @by_store b cross join @dim_customers c",
    }
    pruned = opened(data, "measures")
    found = {(f.rule, f.message) for f in findings(Context(registry=pruned.registry))}
    every = opened(data, "measures")
    names = [node.unique_id for node in every.project.of_kind("model", "snapshot")]
    monkeypatch.setattr(registry, "suspects", lambda *_: names)
    assert {n for n, m in every.registry.meant.tables.items() if m} > {
        n for n, m in pruned.registry.meant.tables.items() if m
    }
    assert found == {(f.rule, f.message) for f in findings(Context(registry=every.registry))}
    assert any(rule == "MET304" for rule, _ in found)


def test_analyses_that_read_what_no_metric_needs() -> None:
    analyses = {
        "a_study": "select sum(amount) as taken from @fct",
        "b_study": "select name from @other_names",
        "c_study": "select n from @visits_by_day",
    }
    made = _made(APART, REVENUE, analyses=analyses)
    assert set(made.registry.meant.queries) == {f"analysis.shop.{name}" for name in analyses}
