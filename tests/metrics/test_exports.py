"""What other tools are told of the shop of the cases, and what they are not."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

import analyticsops as ao
from analyticsops.errors import UsageError
from tests.metrics.planted import opened, shop

ONLY_HERE = {
    "metric growth": "it takes revenue 1 month earlier",
    "metric loyal_revenue": "it filters by the metric orders",
    "metric open_amount": "it is semi-additive: only the first or last moment counts",
    "metric revenue_7_days": "it adds up over a window of time, along a time spine",
    "metric revenue_to_date": "it adds up over a window of time, along a time spine",
    "metric visit_to_order": "it pairs events of two tables within a window",
    "saved query weekly": "a question to metrics is no part of their definition",
}
ALONE = {"metric orders": "days without a row are not filled: there is no time spine"}


def _exported(target: str, spec: str = "measures", **metrics: Any) -> Any:
    data = shop()
    data[spec] |= metrics
    return ao.export_metrics(opened(data, spec), target)


@pytest.mark.parametrize("target", ["osi", "cube", "snowflake", "databricks"])
@pytest.mark.parametrize("spec", ["measures", "metrics"])
def test_what_only_dbt_can_hold(target: str, spec: str) -> None:
    found = _exported(target, spec)
    whole = {loss.subject: loss.what for loss in found.losses if loss.whole}
    known = shop()[spec]
    expected = {s: why for s, why in ONLY_HERE.items() if s.split()[-1] in known}
    expected |= {s: why for s, why in ONLY_HERE.items() if s.startswith("saved") and s in whole}
    assert whole == expected
    assert ALONE.items() <= {loss.subject: loss.what for loss in found.losses}.items()


def _snowflake(**metrics: Any) -> dict[str, str]:
    (text,) = _exported("snowflake", **metrics).files.values()
    view = yaml.safe_load(text)
    own = {m["name"]: m["expr"] for table in view["tables"] for m in table.get("metrics", ())}
    return own | {m["name"]: m["expr"] for m in view["metrics"]}


def test_expressions() -> None:
    found = _snowflake(
        share={
            "type": "ratio",
            "params": {
                "numerator": {"name": "orders", "filter": "{{ Dimension('order__is_first') }}"},
                "denominator": {"name": "orders"},
            },
        },
        filled={"params": {"measure": {"name": "amount", "fill_nulls_with": 0}}},
    )
    assert found["revenue"] == "SUM(orders.amount)"
    assert found["buyers"] == "COUNT(DISTINCT orders.customer_id)"
    assert found["german_revenue"] == (
        "SUM(CASE WHEN (customers.country = 'DE') THEN orders.amount END)"
    )
    assert found["recent_revenue"] == (
        "SUM(CASE WHEN (DATE_TRUNC('MONTH', orders.ordered_at) >= '2026-01-01') "
        "THEN orders.amount END)"
    )
    assert found["high_amount"] == "PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY orders.amount)"
    assert found["order_value"] == "orders.revenue * 1.0 / NULLIF(orders.orders, 0)"
    assert found["net_revenue"] == "orders.revenue - orders.tax"
    assert found["filled"] == "COALESCE(SUM(orders.amount), 0)"
    # A part with a filter of its own is a number of its own.
    assert found["share"] == "orders.share__orders * 1.0 / NULLIF(orders.orders, 0)"
    assert "CASE WHEN (orders.is_first) THEN orders.order_count END" in found["share__orders"]


def test_a_filter_two_joins_away_has_no_place_in_a_metric_view() -> None:
    data = shop()
    models = data["semantic_models"]
    models["customers"]["entities"]["region"] = {"type": "foreign", "expr": "region"}
    models["regions"] = {
        "model": "dim_regions",
        "entities": {"region": {"type": "primary", "expr": "region"}},
        "dimensions": {"continent": {"type": "categorical"}},
    }
    data["models"]["dim_regions"] = "select region, country as continent from @regions"
    data["measures"]["far_revenue"] = {
        "params": {"measure": {"name": "amount"}},
        "filter": "{{ Dimension('customer__region__continent') }} = 'Asia'",
    }
    made = opened(data, "measures")
    found = ao.export_metrics(made, "databricks")
    lost = {loss.subject: loss.what for loss in found.losses if loss.whole}
    assert lost["metric far_revenue"] == "it filters by regions, which is more than one join away"
    (text,) = ao.export_metrics(made, "snowflake").files.values()
    assert "regions.continent = 'Asia'" in text


def test_no_such_target() -> None:
    with pytest.raises(UsageError, match="no target named 'excel'"):
        _exported("excel")
