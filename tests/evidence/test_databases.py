"""Made-up databases keep what tests promise, and try what queries compare with."""

from __future__ import annotations

from collections import Counter

import pytest

from analyticsops.evidence.databases import databases, is_promised
from analyticsops.evidence.pair import Input, Job, Limits
from analyticsops.sql.compared import compared
from analyticsops.sql.parse import parse_query
from analyticsops.sql.translate import in_duckdb, type_in_duckdb
from analyticsops.verify.sandbox import Sandbox
from analyticsops.verify.tables import Column, Hints, Table

CUSTOMERS = Table(
    "c",
    (),
    (Column("id", "INTEGER", unique=True), Column("name", "VARCHAR", required=True)),
)
ORDERS = Table(
    "o",
    (),
    (
        Column("id", "BIGINT", unique=True, required=True),
        Column("customer", "INTEGER", refers=("c", "id")),
        Column("status", "VARCHAR", accepted=("paid", "open")),
        Column("day", "DATE"),
        Column("line", "INTEGER"),
    ),
    keys=(("day", "line"),),
)


def test_promises_are_kept() -> None:
    job = Job(
        inputs=(Input(ORDERS, "o", (None, None)), Input(CUSTOMERS, "c", (None, None))),
        models=(),
        built="model",
        hints=Hints(of_column={"status": ("lost",), "line": ("1", "2")}),
        families={},
        limits=Limits(databases=80),
    )
    types = {one.table.id: [c.type for c in one.table.columns] for one in job.inputs}
    nulls: Counter[str] = Counter()
    with Sandbox() as sandbox:
        made = list(databases(sandbox, job, types))
    assert len(made) == 80
    for database in made:
        assert is_promised([ORDERS, CUSTOMERS], database)
        ids = [row[0] for row in database["c"]]
        known = [value for value in ids if value is not None]
        assert len(known) == len(set(known))
        assert all(row[1] is not None for row in database["c"])
        assert all(row[0] is not None for row in database["o"])
        assert all(row[1] is None or row[1] in known for row in database["o"])
        assert {row[2] for row in database["o"]} <= {"paid", "open", None}
        together = [row[3:] for row in database["o"] if row[3:] != (None, None)]
        assert len(together) == len(set(together))
        nulls["unique"] += ids.count(None)
        nulls["empty"] += not database["c"]
    assert nulls["unique"], "dbt's `unique` lets several rows have NULL"
    assert nulls["empty"]


@pytest.mark.parametrize(
    ("sql", "column", "values"),
    [
        ("select 1 from t where lower(status) in ('paid', 'open')", "status", {"paid", "open"}),
        ("select 1 from t where 10 < amount", "amount", {"9", "10", "11"}),
        ("select 1 from t where day >= '2024-03-01'", "day", {"2024-02-29", "2024-03-02"}),
        ("select 1 from t where name like 'ab%'", "name", {"ab", "abx"}),
        ("select case status when 'a' then 1 end from t", "status", {"a", "A"}),
        (
            "with s as (select state as status from t) select 1 from s where status = 'x'",
            "state",
            {"x"},
        ),
    ],
)
def test_constants_beside_columns(sql: str, column: str, values: set[str]) -> None:
    tree = parse_query(sql, "duckdb")
    assert not isinstance(tree, tuple)
    assert values <= {*compared([tree]).of_column[column]}


def test_columns_that_are_joined_are_partners() -> None:
    sql = "select 1 from o join c on o.customer = c.id join p on p.k = c.id"
    tree = parse_query(sql, "duckdb")
    groups = compared([tree]).partners
    assert groups["customer"] == groups["id"] == groups["k"]


def test_translation() -> None:
    assert in_duckdb("select  1", "duckdb") == "select  1"
    assert "CASE WHEN" in str(in_duckdb("select iff(a, 1, 2) from t", "snowflake"))
    assert type_in_duckdb("NUMBER(38, 2)", "snowflake") == "DECIMAL(38, 2)"
    assert type_in_duckdb("INT64", "bigquery") == "BIGINT"
    assert type_in_duckdb("no such (type", "snowflake") == ""
