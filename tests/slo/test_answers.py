"""What is asked of a database for an objective, and what its rows mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from analyticsops.errors import UsageError
from analyticsops.slo.measurements import Answer, answers, question, result_of, schema_answer
from analyticsops.slo.objective import Slo
from analyticsops.slo.spans import instant_of
from analyticsops.slo.spec.indicators import CustomSql, NullRate
from tests.project_maker import project, workspace
from tests.slo.making import slo

ORDERS = "model.shop.orders"
SHOP = workspace(project(models={"orders": "select 1 as id"}, sources={"raw.orders": "id, day"}))
NODE = SHOP.project.nodes[ORDERS]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def nulls(column: str) -> Slo:
    return slo(NullRate(column=column), node=ORDERS)


def custom(**more: Any) -> Slo:
    return slo(CustomSql(query=" select * from {{ ref('orders') }} ; ", **more), node=ORDERS)


def asked(objective: Slo, dialect: str = "duckdb") -> str:
    return question(objective, NODE, lambda sql: sql.replace("{{ ref('orders') }}", "o"), dialect)


@pytest.mark.parametrize(
    ("column", "dialect", "name"),
    [
        ("id", "duckdb", "id"),
        ("order id", "duckdb", '"order id"'),
        ('a"b', "snowflake", '"a""b"'),
        ("a`b", "postgres", '"a`b"'),
        ("order id", "bigquery", "`order id`"),
        ("a`b", "spark", "`a``b`"),
        ("1st", "databricks", "`1st`"),
    ],
)
def test_a_column_is_quoted_where_it_must_be(column: str, dialect: str, name: str) -> None:
    assert asked(nulls(column), dialect) == (
        f"select count(*) - count({name}) as bad, count(*) as total\nfrom {NODE.relation_name}"
    )


def test_a_query_is_asked_for_what_is_named() -> None:
    inner = "(\nselect * from o \n) as asked"
    assert asked(custom(value="x", at_least=1)) == f"select x as value from {inner}"
    assert asked(custom(good="g", total="t", at="on day")) == (
        f'select "on day" as at_time, g as good, t as total from {inner}'
    )


def test_what_is_no_table_has_no_columns() -> None:
    with pytest.raises(
        UsageError, match=f"{ORDERS}/null_rate: it is about nothing that is a table"
    ):
        question(nulls("id"), None, lambda sql: sql, "duckdb")


ONE = custom(value="v", at_least=1, at_most=2)
TIMED = custom(value="v", at_least=1, at="t")
COUNTED = custom(good="g", total="t")


@pytest.mark.parametrize(
    ("objective", "rows", "meant"),
    [
        (nulls("id"), [{"bad": 2, "total": 5}], [Answer(3, 5)]),
        (nulls("id"), [{"bad": None, "total": Decimal(5)}], [Answer(5, 5)]),
        (nulls("id"), [], [Answer(error="the query has no row")]),
        (COUNTED, [{"good": Decimal(3), "total": 3.0}], [Answer(3, 3)]),
        (COUNTED, [{"good": 0, "total": None}], [Answer(0, 0)]),
        (ONE, [{"value": 1}], [Answer(1, 1)]),
        (ONE, [{"value": Decimal("2.0")}], [Answer(1, 1)]),
        (ONE, [{"value": 2.1}], [Answer(0, 1)]),
        (ONE, [{"value": 0.9}], [Answer(0, 1)]),
        (ONE, [{"value": None}], [Answer(error="the value is null")]),
        (ONE, [], [Answer(error="the query has no row")]),
    ],
)
def test_rows_mean(objective: Slo, rows: list[dict[str, Any]], meant: list[Answer]) -> None:
    assert list(answers(objective, rows)) == meant


@pytest.mark.parametrize(
    "time",
    [
        NOON,
        NOON.replace(tzinfo=None),
        NOON.astimezone(timezone(timedelta(hours=5))),
        "2026-11-20T12:00:00Z",
        "2026-11-20 13:00:00+01:00",
    ],
    ids=str,
)
def test_times_of_rows_are_utc_where_they_say_nothing(time: Any) -> None:
    rows = [{"at_time": time, "value": 1}, {"at_time": date(2026, 11, 2), "value": None}]
    day = datetime(2026, 11, 2, tzinfo=UTC)
    assert list(answers(TIMED, rows)) == [
        Answer(1, 1, instant_of(NOON)),
        Answer(at=instant_of(day), error="the value is null"),
    ]


@pytest.mark.parametrize(
    ("objective", "rows", "said"),
    [
        (COUNTED, [{"good": 4, "total": 3}], "4 good of 3"),
        (COUNTED, [{"good": -1, "total": 3}], "-1 good of 3"),
        (COUNTED, [{"good": 1.5, "total": 3}], "1.5 is no count"),
        (
            ONE,
            [{"value": 1}, {"value": 1}],
            "several rows, and no `at` that tells their times apart",
        ),
        (TIMED, [{"value": 1, "at_time": "noon"}], "'noon' is no time"),
        (TIMED, [{"value": 1, "at_time": 5}], "5 is no time"),
    ],
)
def test_rows_that_are_not_what_was_asked_for(
    objective: Slo, rows: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ValueError, match=f"^{said}$"):
        list(answers(objective, rows))


def test_a_schema_is_the_same_in_any_order() -> None:
    source = SHOP.project.nodes["source.shop.raw.orders"]
    swapped = workspace(project(sources={"raw.orders": "day, id"})).project
    found = schema_answer(source)
    assert found == schema_answer(swapped.nodes["source.shop.raw.orders"])
    assert (found.good, found.total) == (2, 2)
    more = workspace(project(sources={"raw.orders": "day, id, name"})).project
    assert schema_answer(more.nodes["source.shop.raw.orders"]).digest != found.digest
    unknown = workspace(project(sources={"raw.orders": {"columns": "id"}})).project
    assert schema_answer(unknown.nodes["source.shop.raw.orders"]) == Answer(
        error="the catalog does not know it: run `dbt docs generate`"
    )


@pytest.mark.parametrize(
    ("answer", "status", "failures", "rows", "message", "at"),
    [
        (Answer(3, 5), "fail", 2, 5, None, 9),
        (Answer(5, 5, 7, "d"), "pass", 0, 5, None, 7),
        (Answer(0, 0), "pass", 0, 0, None, 9),
        (Answer(error="the value is null"), "error", None, None, "the value is null", 9),
    ],
)
def test_an_answer_is_a_row_of_the_history(
    answer: Answer,
    status: str,
    failures: int | None,
    rows: int | None,
    message: str | None,
    at: int,
) -> None:
    found = result_of(nulls("id"), "shop", answer, 9)
    moment = f"@{answer.at}" if answer.at is not None else ""
    assert found.unique_id == f"measurement.shop.{ORDERS}/null_rate{moment}"
    assert (found.status, found.failures, found.rows_affected, found.message) == (
        status,
        failures,
        rows,
        message,
    )
    assert (found.measured_at, found.completed_at, found.checksum) == (at, 9, answer.digest or None)
