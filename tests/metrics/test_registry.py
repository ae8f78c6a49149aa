"""The five types of metrics in both specs of dbt, as entries that people look up."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops import api
from analyticsops.errors import NotFoundError
from analyticsops.metrics.entries import MetricEntry
from tests.project_maker import project, workspace

NOTHING: dict[str, Any] = {"measure": None, "input_measures": [], "metrics": [], "expr": None}


def _where(*templates: str) -> dict[str, Any]:
    return {"where_filters": [{"where_sql_template": text} for text in templates]}


def _measure(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "filter": None, "alias": None, **more}


def _legacy() -> dict[str, Any]:
    """As dbt 1.6 to 1.11 write it: measures in semantic models."""
    paid = _where("{{ Dimension('order__status') }} = 'paid'\n")
    return {
        "revenue": {
            "type": "simple",
            "label": "Net Revenue",
            "description": "What came in.\nLess what went back.",
            "group": "finance",
            "meta": {
                "analyticsops": {
                    "tier": "certified",
                    "unit": "EUR",
                    "direction": "up",
                    "synonyms": ["turnover", "sales"],
                    "why": "Finance  reports it.",
                }
            },
            "type_params": {**NOTHING, "measure": _measure("amount")},
            "filter": paid,
        },
        "orders": {"type_params": {**NOTHING, "measure": _measure("order_count", filter=paid)}},
        "slow_orders": {"type_params": {**NOTHING, "measure": _measure("days_p90")}},
        "aov": {
            "type": "ratio",
            "type_params": {
                **NOTHING,
                "numerator": {"name": "revenue", "filter": paid},
                "denominator": {"name": "orders", "filter": None},
                "input_measures": [_measure("amount"), _measure("order_count")],
            },
        },
        "growth": {
            "type": "derived",
            "type_params": {
                **NOTHING,
                "expr": "(revenue - before)\n / before - start",
                "metrics": [
                    {"name": "revenue", "alias": None},
                    {
                        "name": "revenue",
                        "alias": "before",
                        "offset_window": {"count": 1, "granularity": "month"},
                    },
                    {"name": "revenue", "alias": "start", "offset_to_grain": "year"},
                ],
            },
        },
        "last_28_days": {
            "type": "cumulative",
            "type_params": {
                **NOTHING,
                "measure": _measure("amount"),
                "cumulative_type_params": {"window": {"count": 28, "granularity": "day"}},
            },
        },
        "month_to_date": {
            "type": "cumulative",
            "type_params": {**NOTHING, "measure": _measure("amount"), "grain_to_date": "month"},
        },
        "ever": {
            "type": "cumulative",
            "type_params": {**NOTHING, "measure": _measure("amount")},
        },
        "visit_to_order": {
            "type": "conversion",
            "type_params": {
                **NOTHING,
                "conversion_type_params": {
                    "base_measure": _measure("order_count"),
                    "conversion_measure": _measure("amount"),
                    "entity": "customer",
                    "calculation": "conversion_rate",
                    "window": {"count": 7, "granularity": "days"},
                },
            },
        },
    }


def _newer() -> dict[str, Any]:
    """As dbt 1.12 and 2 write it: metrics aggregate themselves."""

    def simple(agg: str, expr: str | None, **more: Any) -> dict[str, Any]:
        own = {"semantic_model": "orders", "agg": agg, "expr": expr}
        return {"type_params": {**NOTHING, "metric_aggregation_params": own}, **more}

    return {
        "revenue": simple(
            "sum", "amount", filter=_where("{{ Dimension('order__status') }} = 'paid'")
        ),
        "orders": simple("count", None),
        "aov": {
            "type": "ratio",
            "type_params": {
                **NOTHING,
                "numerator": {"name": "revenue"},
                "denominator": {"name": "orders"},
                "input_measures": [{"name": "revenue"}, {"name": "orders"}],
            },
            "depends_on": ["semantic_model.shop.orders"],
        },
        "last_week": {
            "type": "cumulative",
            "type_params": {
                **NOTHING,
                "cumulative_type_params": {
                    "metric": {"name": "revenue"},
                    "window": {"count": 1, "granularity": "week"},
                },
            },
        },
        "rate": {
            "type": "conversion",
            "type_params": {
                **NOTHING,
                "conversion_type_params": {
                    "base_metric": {"name": "orders"},
                    "conversion_metric": {"name": "revenue"},
                    "entity": "customer",
                },
            },
        },
    }


def _entries(metrics: dict[str, Any]) -> dict[str, MetricEntry]:
    made = project(
        sources={"raw.orders": "id, cents, status, customer_id, days, test"},
        models={
            "fct": (
                "select id, cents / 100 as amount, status, customer_id, days from @raw.orders "
                "where not test"
            )
        },
        semantic_models={
            "orders": {
                "model": "fct",
                "measures": {
                    "amount": {"agg": "sum", "expr": None},
                    "order_count": "sum(1)",
                    "days_p90": {
                        "agg": "percentile",
                        "expr": "days",
                        "agg_params": {"percentile": 0.9},
                    },
                },
                "dimensions": {"status": {"type": "categorical", "expr": None}},
                "entities": {"order": "id", "customer": "customer_id"},
            }
        },
        metrics=metrics,
        saved_queries={"weekly": {"metrics": ["revenue"]}},
        exposures={"board": {"depends_on": ["metric aov"], "owner": "CFO"}},
        groups={"finance": "Finance"},
    )
    return {entry.name: entry for entry in api.list_metrics(workspace(made))}


LEGACY = _entries(_legacy())
NEWER = _entries(_newer())


@pytest.mark.parametrize(
    ("entries", "name", "expected"),
    [
        (LEGACY, "revenue", "sum(amount)"),
        (LEGACY, "orders", "sum(1)"),
        (LEGACY, "slow_orders", "percentile(days, 0.9)"),
        (LEGACY, "aov", "revenue [filtered] / orders"),
        (
            LEGACY,
            "growth",
            "(revenue - before) / before - start, where before = revenue 1 month earlier "
            "and start = revenue at the start of the year",
        ),
        (LEGACY, "last_28_days", "sum(amount) over the last 28 days"),
        (LEGACY, "month_to_date", "sum(amount), month to date"),
        (LEGACY, "ever", "sum(amount), all time"),
        (
            LEGACY,
            "visit_to_order",
            "conversion rate from order_count to amount by customer within 7 days",
        ),
        (NEWER, "revenue", "sum(amount)"),
        (NEWER, "orders", "count(*)"),
        (NEWER, "aov", "revenue / orders"),
        (NEWER, "last_week", "revenue over the last 1 week"),
        (NEWER, "rate", "conversion rate from orders to revenue by customer"),
    ],
)
def test_formulas(entries: dict[str, MetricEntry], name: str, expected: str) -> None:
    assert entries[name].formula == expected


def test_everything_about_a_metric() -> None:
    entry = LEGACY["revenue"]
    assert entry == MetricEntry(
        name="revenue",
        node="metric.shop.revenue",
        type="simple",
        label="Net Revenue",
        description="What came in. Less what went back.",
        owner="Finance",
        tier="certified",
        unit="EUR",
        direction="up",
        why="Finance reports it.",
        synonyms=("turnover", "sales"),
        formula="sum(amount)",
        filters=("{{ Dimension('order__status') }} = 'paid'",),
        metrics=(),
        columns=("fct.amount",),
        sources=("raw.orders.cents",),
        decided_by=("raw.orders.status", "raw.orders.test"),
        used_by=(
            "exposure board",
            "saved query weekly",
            "metric aov",
            "metric growth",
        ),
        path="models/_metrics.yml",
    )


@pytest.mark.parametrize(
    ("entries", "name", "columns"),
    [
        (LEGACY, "orders", ()),
        (LEGACY, "aov", ("fct.amount",)),
        (LEGACY, "growth", ("fct.amount",)),
        (LEGACY, "last_28_days", ("fct.amount",)),
        (LEGACY, "visit_to_order", ("fct.amount",)),
        (NEWER, "revenue", ("fct.amount",)),
        (NEWER, "aov", ("fct.amount",)),
        (NEWER, "last_week", ("fct.amount",)),
        (NEWER, "rate", ("fct.amount",)),
    ],
)
def test_columns(entries: dict[str, MetricEntry], name: str, columns: tuple[str, ...]) -> None:
    assert entries[name].columns == columns


@pytest.mark.parametrize(
    ("entries", "name", "metrics"),
    [
        (LEGACY, "revenue", ()),
        (LEGACY, "aov", ("orders", "revenue")),
        (LEGACY, "growth", ("revenue",)),
        (NEWER, "aov", ("orders", "revenue")),
        (NEWER, "last_week", ("revenue",)),
        (NEWER, "rate", ("orders", "revenue")),
    ],
)
def test_the_metrics_it_is_computed_from(
    entries: dict[str, MetricEntry], name: str, metrics: tuple[str, ...]
) -> None:
    assert entries[name].metrics == metrics


def test_filters_of_inputs_count_and_are_told_once() -> None:
    paid = "{{ Dimension('order__status') }} = 'paid'"
    assert LEGACY["orders"].filters == (paid,)
    assert LEGACY["aov"].filters == (paid,)
    assert LEGACY["orders"].decided_by == ("raw.orders.status", "raw.orders.test")
    assert NEWER["revenue"].filters == (paid,)


def test_they_are_sorted_by_name() -> None:
    assert list(LEGACY) == sorted(LEGACY)


# -- looking one up --------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["revenue", "REVENUE", "metric.shop.revenue", "Net Revenue", "net  revenue", "turnover"]
)
def test_found_by_any_of_its_names(name: str) -> None:
    made = workspace(project(models={"fct": "select 1 as x"}, metrics=_legacy()))
    assert api.find_metric(made, name).name == "revenue"


def test_a_name_outweighs_a_synonym() -> None:
    metrics: dict[str, Any] = {
        "a": {"type_params": {}, "meta": {"analyticsops": {"synonyms": ["b"]}}},
        "b": {"type_params": {}},
    }
    assert api.find_metric(workspace(project(metrics=metrics)), "b").name == "b"


@pytest.mark.parametrize("name", ["revenu", "Revenu", "turnovr", "Net Revenu"])
def test_the_closest_names_are_told(name: str) -> None:
    made = workspace(project(metrics=_legacy()))
    with pytest.raises(NotFoundError, match=r"no metric named .*did you mean .*(revenue|turnover)"):
        api.find_metric(made, name)


def test_without_metrics() -> None:
    made = workspace(project(models={"fct": "select 1 as x"}))
    assert api.list_metrics(made) == ()
    with pytest.raises(NotFoundError, match="no metric named 'x'"):
        api.find_metric(made, "x")


# -- whatever stands in a manifest -----------------------------------------------


@pytest.mark.parametrize(
    "kind", ["simple", "ratio", "derived", "cumulative", "conversion", "", "?"]
)
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"measure": None, "numerator": None, "metrics": None, "conversion_type_params": None},
        {"measure": "amount", "numerator": "a", "denominator": "b", "metrics": ["a"]},
        {"measure": 7, "numerator": [], "metrics": "a", "expr": 3, "conversion_type_params": []},
        {
            "measure": {},
            "numerator": {},
            "metrics": [{}],
            "cumulative_type_params": {"window": "x"},
        },
        {"metric_aggregation_params": {}, "cumulative_type_params": {"metric": {}}},
        {"conversion_type_params": {"window": {}, "entity": None}, "window": {}},
    ],
)
def test_odd_parameters_are_no_error(kind: str, params: dict[str, Any]) -> None:
    metrics = {"odd": {"type": kind, "type_params": params, "filter": {"where_filters": "x"}}}
    made = workspace(project(models={"fct": "select 1 as x"}, metrics=metrics))
    (entry,) = api.list_metrics(made)
    assert "\n" not in entry.formula
