"""Hostile SQL ends in an answer or a problem, soon, and never in a crash."""

from __future__ import annotations

import time

import pytest

from analyticsops.sql.canonical import fingerprint_query
from analyticsops.sql.facts import Problem, QueryFacts
from analyticsops.sql.inputs import analyse
from analyticsops.sql.parse import MAX_NESTING, MAX_TOKENS, parse_query
from tests.inputs.sql import GENERATORS

from .case_files import CaseTables, Table

TABLES = CaseTables([Table("t", (("a", "int"), ("b", "int")), complete=True)])
WIDE = CaseTables([Table("w", tuple((f"c{n}", "int") for n in range(2_000)), complete=True)])

BUDGET = 10.0
"""Seconds of this process for one query; most need hundredths."""


HOSTILE: tuple[tuple[str, int], ...] = (
    ("parens", 200),
    ("parens", 100_000),
    ("subqueries", 50),
    ("subqueries", 250),
    ("subqueries", 20_000),
    ("scalar_subqueries", 100),
    ("scalar_subqueries", 20_000),
    ("cases", 250),
    ("cases", 20_000),
    ("nots", 250),
    ("nots", 50_000),
    ("minuses", 50_000),
    ("calls", 250),
    ("calls", 50_000),
    ("brackets", 50_000),
    ("lambdas", 5_000),
    ("conjunction", 5_000),
    ("disjunction", 5_000),
    ("concatenation", 5_000),
    ("sum_of", 5_000),
    ("unions", 5_000),
    ("bracketed_unions", 200),
    ("chained_ctes", 1_000),
    ("doubling_ctes", 60),
    ("in_list", 20_000),
    ("values", 5_000),
    ("aliases", 500),
    ("joins", 150),
    ("comments", 50_000),
    ("recursion", 60),
)


def made(name: str, size: int) -> str:
    """SQL of a generator."""
    return GENERATORS[name].make(size, "duckdb")


@pytest.mark.parametrize(("name", "size"), HOSTILE)
def test_hostile_sql_ends(name: str, size: int) -> None:
    started = time.process_time()
    outcome(made(name, size), TABLES)
    assert time.process_time() - started < BUDGET


def outcome(sql: str, tables: CaseTables) -> QueryFacts | Problem:
    """Parse, analyse and fingerprint, as a build of the graph and a comparison do."""
    tree = parse_query(sql, "duckdb")
    if isinstance(tree, Problem):
        return tree
    fingerprint_query(tree, "duckdb", tables)  # must not raise
    try:
        return analyse(tree, "duckdb", tables)
    except RecursionError:  # its callers turn it into a problem
        return Problem("nested too deeply")


def test_wide_stars() -> None:
    sql = "with c as (select * from w) select x.*, y.* exclude (c0) from c x join c y using (c1)"
    facts = outcome(sql, WIDE)
    assert isinstance(facts, QueryFacts)
    assert len(facts.columns) == 3_999


def test_a_long_and_is_understood() -> None:
    facts = outcome(made("conjunction", 5_000), TABLES)
    assert isinstance(facts, QueryFacts)
    assert [found.column for found in facts.rows] == ["a"]


def test_a_long_union_is_understood() -> None:
    facts = outcome(made("unions", 3_000), TABLES)
    assert isinstance(facts, QueryFacts)
    assert [column.name for column in facts.columns] == ["a", "n"]
    assert not facts.problems


def test_nesting_is_measured_before_parsing() -> None:
    assert parse_query(made("parens", MAX_NESTING + 1), "duckdb") == Problem(
        "nested too deeply", f"limit {MAX_NESTING} levels", 1
    )


def test_length_is_measured_before_parsing() -> None:
    problem = parse_query(f"select {', '.join(['1'] * MAX_TOKENS)}", "duckdb")
    assert isinstance(problem, Problem)
    assert problem.reason == "too long"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("", "empty SQL"),
        ("  -- only a comment", "empty SQL"),
        (";", "empty SQL"),
        ("select 1; select 2", "several statements"),
        ("create table x (a int)", "not a query"),
        ("select from where", "cannot parse"),
        ("select 'open", "cannot parse"),
        ("select {% if x %} 1 {% endif %}", "cannot parse"),
        ("))))", "cannot parse"),
        ("with c as (select 1)", "cannot parse"),
        ("select * from (pivot", "cannot parse"),
    ],
)
def test_what_is_no_query_says_so(sql: str, reason: str) -> None:
    problem = parse_query(sql, "duckdb")
    assert isinstance(problem, Problem)
    assert problem.reason == reason
    assert "\n" not in str(problem)


def test_a_trailing_semicolon_is_no_second_statement() -> None:
    assert not isinstance(parse_query("select 1;", "duckdb"), Problem)


def test_surrogates_and_strange_characters_are_survived() -> None:
    for text in ("select '\udcff' as a", "select a\u202e from t", "select '𝔘' as \"ñ\""):
        outcome(text, TABLES)


def test_constant_rows_can_be_left_out() -> None:
    """Rows of constants add nothing to lineage, and can be most of a model."""
    sql = f"select v.a, v.b from (values {', '.join(f'({n}, -1)' for n in range(9_000))}) v(a, b)"
    short = parse_query(sql, "duckdb", constants=False)
    assert not isinstance(short, Problem)
    assert len(short.sql()) < 100
    whole = outcome(sql, TABLES)
    assert analyse(short, "duckdb", TABLES) == whole


def test_rows_that_are_no_constants_stay() -> None:
    sql = "select v.a from t, lateral (values (1), (2), (t.b), (3), (4), (t.a)) v(a)"
    tree = parse_query(sql, "duckdb", constants=False)
    assert not isinstance(tree, Problem)
    facts = analyse(tree, "duckdb", TABLES)
    assert isinstance(facts, QueryFacts)
    (column,) = facts.columns
    assert [found.column for found in facts.inputs(column)] == ["a", "b"]
