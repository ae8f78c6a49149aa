"""CTEs of ephemeral models in front of a query. The expected texts are dbt's own
(``dbt compile``, dbt 1.11 with sqlparse), byte for byte."""

from __future__ import annotations

import pytest

from analyticsops.project.render.inject import inject_ctes

CTES = {"__dbt__cte__e": "\nselect 1 as id"}
CTE = " __dbt__cte__e as (\n\nselect 1 as id\n)"
FROM = "from __dbt__cte__e"

CASES = {
    f"select * {FROM}": f"with{CTE} select * {FROM}",
    f"(select * {FROM})": f"with{CTE} (select * {FROM})",
    f"  select * {FROM} ;": f"  with{CTE} select * {FROM} ;",
    f"with a as (select 1) select * {FROM}": f"with {CTE}, a as (select 1) select * {FROM}",
    f"with\n a as (select 1) select * {FROM}": f"with\n {CTE}, a as (select 1) select * {FROM}",
    f"with/*c*/ a as (select 1) select * {FROM}": (
        f"with{CTE}, /*c*/ a as (select 1) select * {FROM}"
    ),
    f"-- c\n/* d */ with recursive a as (select 1) select * {FROM}": (
        f"-- c\n/* d */ with recursive {CTE}, a as (select 1) select * {FROM}"
    ),
    f"WITH RECURSIVE\na as (select 1) select * {FROM}": (
        f"WITH RECURSIVE\n{CTE}, a as (select 1) select * {FROM}"
    ),
    f"-- with with\nselect * {FROM}": f"with{CTE} -- with with\nselect * {FROM}",
    f"# with\nselect * {FROM}": f"with{CTE} # with\nselect * {FROM}",
    f"select 'a''with' as \"with\" {FROM}": f"with{CTE} select 'a''with' as \"with\" {FROM}",
    f"select cast(x as timestamp with time zone) {FROM}": (
        f"with{CTE} select cast(x as timestamp with time zone) {FROM}"
    ),
}


@pytest.mark.parametrize("sql", CASES)
def test_as_dbt(sql: str) -> None:
    assert inject_ctes(sql, CTES) == (CASES[sql], "")


def test_nothing_to_inject() -> None:
    assert inject_ctes("select 1; select 2", {}) == ("select 1; select 2", "")


def test_several() -> None:
    sql, doubt = inject_ctes("select 1", {"a": "select 1", "b": "select 2"})
    assert (sql, doubt) == ("with a as (\nselect 1\n),  b as (\nselect 2\n) select 1", "")


@pytest.mark.parametrize(
    "sql",
    [
        "select x::timestamp with time zone from t",  # dbt really breaks this one
        "create table x as with a as (select 1) select 1",
        "select 1; select 2",
        "with a as (select 1) select 1; select 2",
    ],
)
def test_doubtful(sql: str) -> None:
    assert inject_ctes(sql, CTES)[1]


@pytest.mark.parametrize("text", ["'", '"', "/*", "$$", "`", "--", "(", "with"])
def test_broken_sql_takes_no_time(text: str) -> None:
    inject_ctes(text * 200_000, CTES)
