"""Proofs that rest on a test say so, and fall with it."""

from __future__ import annotations

from collections.abc import Sequence

from analyticsops import api
from analyticsops.sql.canonical import fingerprint_query
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint
from analyticsops.sql.parse import parse_query
from tests.project_maker import project, workspace

from ..sql.case_files import CaseTables, parse_schema

TABLES = parse_schema("orders: id, customer\ncustomers: id, name")
PLAIN = "select id from orders"
JOINED = "select o.id from orders o left join customers c on c.id = o.customer"
DISTINCT = "select distinct id, name from customers"

Keys = dict[str, Sequence[tuple[tuple[str, ...], bool]]]


def mark(sql: str, keys: Keys) -> Fingerprint:
    tree = parse_query(sql, "duckdb")
    assert not isinstance(tree, Problem)
    return fingerprint_query(tree, "duckdb", CaseTables(TABLES), unique=keys)


def test_a_left_join_on_a_unique_key_keeps_the_rows_and_names_the_key() -> None:
    keys: Keys = {"customers": [(("id",), False)]}  # NULL is no partner, however often it is there
    assert mark(JOINED, keys).rows == mark(PLAIN, keys).rows
    assert mark(JOINED, keys).assumed == (("customers", ("id",)),)
    assert mark(PLAIN, keys).assumed == ()


def test_without_the_key_it_may_multiply_them() -> None:
    assert mark(JOINED, {}).rows != mark(PLAIN, {}).rows


def test_another_column_does_not_help() -> None:
    keys: Keys = {"customers": [(("name",), True)], "orders": [(("customer",), True)]}
    assert mark(JOINED, keys).rows != mark(PLAIN, keys).rows


def test_distinct_over_a_unique_key_is_needless_only_if_it_is_never_null() -> None:
    plain = "select id, name from customers"
    for filled in (True, False):
        keys: Keys = {"customers": [(("id",), filled)]}
        assert (mark(DISTINCT, keys).rows == mark(plain, keys).rows) is filled


def test_two_questions_to_one_table_by_its_key_are_not_mixed() -> None:
    keys: Keys = {"customers": [(("id",), False)]}
    asks = "select o.id from orders o where exists (select 1 from customers c where c.id = o.{})"
    more = " and exists (select 1 from customers c where c.id = o.{} and c.name = 'x')"
    one, other = (
        asks.format(a) + more.format(b) for a, b in (("id", "customer"), ("customer", "id"))
    )
    assert mark(one, keys).rows != mark(other, keys).rows


# -- in a comparison --------------------------------------------------------------------

SHOP = {
    "customers": "select id, name from @raw.customers",
    "orders": "select o.id from @raw.orders o left join @customers c on c.id = o.customer",
    "names": "select name from @customers",
}
SOURCES = {"raw.customers": "id, name", "raw.orders": "id, customer"}


def evidence(before: list[str], after: list[str]) -> dict[str, list[str]]:
    sides = [workspace(project(sources=SOURCES, models=SHOP, tests=t)) for t in (before, after)]
    return {f.rule: list(f.evidence) for f in api.diff(*sides, strictness="strict").findings}


def test_a_removed_test_names_what_rests_on_it() -> None:
    lines = evidence(["unique customers.id"], [])["CON612"]
    assert lines[1:] == ["what orders means rests on it"]


def test_so_does_not_null_beside_it() -> None:
    both = ["unique customers.id", "not_null customers.id"]
    lines = evidence(both, both[:1])["CON613"]
    assert lines[1:] == ["what orders means rests on it"]


def test_a_test_on_which_nothing_rests() -> None:
    assert len(evidence(["unique customers.name"], [])["CON612"]) == 1


def test_distinct_behind_a_join_rests_on_both_keys() -> None:
    keys: Keys = {"customers": [(("id",), False)], "orders": [(("id",), True)]}
    plain = "select o.id, c.name from orders o join customers c on c.id = o.customer"
    once = plain.replace("select", "select distinct", 1)
    assert mark(once, keys).rows == mark(plain, keys).rows
    assert mark(once, keys).assumed == (("customers", ("id",)), ("orders", ("id",)))
    for some in ({"customers": keys["customers"]}, {"orders": keys["orders"]}):
        assert mark(once, some).rows != mark(plain, some).rows


TWICE = (
    "select o.id from orders o where exists (select 1 from customers c where c.id = o.id {}) "
    "and exists (select 1 from customers c where c.id = o.customer {})"
)


def test_two_rows_of_one_table_that_are_asked_for_are_not_one() -> None:
    keys: Keys = {"customers": [(("id",), False)]}
    first, second = TWICE.format("and c.name = 1", ""), TWICE.format("", "and c.name = 1")
    assert mark(first, keys).rows
    assert mark(first, keys).rows != mark(second, keys).rows
