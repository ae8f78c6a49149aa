"""Metrics as SQL: what is refused and why, names, other dialects."""

from __future__ import annotations

from typing import Any

import pytest
from sqlglot import parse_one

import analyticsops as ao
from analyticsops.errors import NotFoundError, UsageError
from analyticsops.workspace import Workspace
from tests.project_maker import project, workspace

SEMANTIC: dict[str, Any] = {
    "orders": {
        "model": "orders",
        "defaults": {"agg_time_dimension": "at"},
        "entities": {
            "order": {"type": "primary", "expr": "id"},
            "customer": {"type": "foreign", "expr": "customer_id"},
        },
        "dimensions": {
            "at": {"type": "time", "type_params": {"time_granularity": "day"}},
            "status": {"type": "categorical"},
        },
        "measures": {
            "amount": {"agg": "sum", "expr": "amount"},
            "typical": {
                "agg": "percentile",
                "expr": "amount",
                "agg_params": {"percentile": 0.5, "use_approximate_percentile": True},
            },
        },
    },
    "lines": {
        "model": "lines",
        "entities": {
            "line": {"type": "primary", "expr": "id"},
            "order": {"type": "foreign", "expr": "order_id"},
        },
        "dimensions": {"sku": {"type": "categorical"}},
    },
    "customers": {
        "model": "customers",
        "entities": {"customer": {"type": "primary", "expr": "id"}},
        "dimensions": {"country": {"type": "categorical"}},
    },
}
METRICS: dict[str, Any] = {
    "revenue": {"type": "simple", "type_params": {"measure": {"name": "amount"}}},
    "usual": {"type": "simple", "type_params": {"measure": {"name": "typical"}}},
    "grown": {
        "type": "derived",
        "type_params": {
            "expr": "revenue - before",
            "metrics": [
                {"name": "revenue"},
                {
                    "name": "revenue",
                    "alias": "before",
                    "offset_window": {"count": 1, "granularity": "month"},
                },
            ],
        },
    },
    "running": {
        "type": "cumulative",
        "type_params": {
            "measure": {"name": "amount"},
            "cumulative_type_params": {"window": {"count": 7, "granularity": "day"}},
        },
    },
    "circle": {
        "type": "derived",
        "type_params": {"expr": "circle + 1", "metrics": [{"name": "circle"}]},
    },
    "lost": {"type": "simple", "type_params": {"measure": {"name": "nowhere"}}},
}


def shop(adapter: str = "duckdb") -> Workspace:
    models: dict[str, Any] = {
        "orders": "select id, customer_id, at, status, amount from @raw.orders",
        "customers": "select id, country from @raw.customers",
        "lines": "select id, order_id, sku from @raw.lines",
        "days": {"sql": "select date_day from @raw.days"},
    }
    return workspace(
        project(
            models=models,
            sources={
                "raw.orders": "id, customer_id, at, status, amount",
                "raw.customers": "id, country",
                "raw.lines": "id, order_id, sku",
                "raw.days": "date_day",
            },
            semantic_models=SEMANTIC,
            metrics=METRICS,
            adapter=adapter,
        )
    )


@pytest.mark.parametrize(
    ("metric", "by", "said"),
    [
        ("revenue", ["order__line__sku"], "cannot be reached|several times"),
        ("revenue", ["order__nothing"], "order__nothing cannot be reached"),
        ("revenue", ["metric_time__hour"], "is known by day, not by hour"),
        ("revenue", ["order__status__month"], "is no time and has no month"),
        ("usual", [], "an approximate percentile is another number on each engine"),
        ("grown", ["order__status"], "before is of another period: group by metric_time"),
        ("grown", ["metric_time__month"], "there is no time spine"),
        ("running", [], "running adds up over time: group by metric_time"),
        ("circle", [], "circle is made of itself"),
        ("lost", [], "there is no measure 'nowhere'"),
    ],
)
def test_what_is_refused(metric: str, by: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ao.metric_sql(shop(), [metric], by=by)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"order": ["-amount"]}, "'amount' is no column of the result"),
        ({"by": ["Dimension("]}, "cannot be read"),
        ({"where": ["{% if x %} 1 {% endif %}"]}, "has Jinja other than"),
        ({"where": ["{{ Other('x') }} = 1"]}, "calls Other"),
    ],
)
def test_what_cannot_be_read(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ao.metric_sql(shop(), ["revenue"], **arguments)


def test_a_metric_that_is_not_there() -> None:
    with pytest.raises(NotFoundError, match="did you mean 'revenue'"):
        ao.metric_sql(shop(), ["revenu"])


def test_names_that_are_words_of_the_language_are_quoted() -> None:
    sql = ao.metric_sql(shop(), ["revenue"], by=["order"])
    assert '"order"' in sql
    assert parse_one(sql, dialect="duckdb").named_selects == ["order", "revenue"]


def test_filters_order_and_limit() -> None:
    sql = ao.metric_sql(
        shop(),
        ["revenue"],
        by=["customer__country"],
        where=["{{ Dimension('order__status') }} = 'paid'"],
        order=["-revenue", "customer__country"],
        limit=3,
    )
    assert "where (f.order__status = 'paid')" in sql
    assert sql.endswith("order by revenue desc, customer__country\nlimit 3")


@pytest.mark.parametrize(
    ("adapter", "dialect", "month"),
    [
        ("snowflake", "snowflake", "DATE_TRUNC('MONTH', at)"),
        ("bigquery", "bigquery", "DATETIME_TRUNC(`at`, MONTH)"),
        ("postgres", "postgres", "DATE_TRUNC('MONTH', at)"),
        ("redshift", "redshift", "DATE_TRUNC('MONTH', at)"),
        ("databricks", "databricks", "DATE_TRUNC('MONTH', at)"),
        ("trino", "trino", "DATE_TRUNC('MONTH', at)"),
    ],
)
def test_in_the_dialect_of_the_project(adapter: str, dialect: str, month: str) -> None:
    by = ["metric_time__month", "customer__country"]
    sql = ao.metric_sql(shop(adapter), ["revenue"], by=by)
    assert month in sql
    assert parse_one(sql, dialect=dialect).named_selects == [*by, "revenue"]


def test_in_another_dialect() -> None:
    sql = ao.metric_sql(shop(), ["revenue"], by=["metric_time__month"], dialect="bigquery")
    assert "TIMESTAMP_TRUNC(`at`, MONTH)" in sql
