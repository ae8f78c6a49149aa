"""Broken queries: whatever is missing, there is an answer, and what is whole stays whole."""

from __future__ import annotations

import random

import pytest

from analyticsops.sql.facts import Problem, QueryFacts
from analyticsops.sql.holes import may_have_holes
from analyticsops.sql.inputs import analyse
from analyticsops.sql.recover import Parsed, parse_with_gaps

from .case_files import CaseTables, Section, parse_schema, sections, show_inputs

CASES = list(sections("lineage"))
WHOLE = [case for case in CASES if not case.name.startswith("recovery")]


def facts_of(case: Section, sql: str) -> QueryFacts | Problem:
    dialect = case.block("sql").argument or "duckdb"
    parsed = parse_with_gaps(sql, dialect)
    if isinstance(parsed, Problem):
        return parsed
    tables = CaseTables(parse_schema(case.block("schema").text))
    return analyse(parsed.tree, dialect, tables, parsed.gaps)


def shown(facts: QueryFacts) -> list[str]:
    return [f"{column.name} <- {show_inputs(facts.inputs(column))}" for column in facts.columns]


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_a_whole_query_has_no_gaps(case: Section) -> None:
    sql = case.block("sql")
    parsed = parse_with_gaps(sql.text, sql.argument or "duckdb")
    assert not isinstance(parsed, Parsed) or parsed.gaps == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_whatever_is_missing_there_is_an_answer(case: Section) -> None:
    rng = random.Random(case.name)
    text = case.block("sql").text
    for _ in range(12):
        start = rng.randrange(len(text))
        end = start + rng.choice((1, 2, 5, 12, 40))
        facts_of(case, text[:start] + rng.choice(("", " ", ",", "(", ")", " and ")) + text[end:])


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_a_broken_cte_beside_it_changes_no_column(case: Section) -> None:
    text = case.block("sql").text.strip().rstrip(";")
    if not text.lower().startswith("select") or "match_recognize" in text.lower():
        pytest.skip("no SELECT that can be taken apart")
    whole = facts_of(case, text)
    broken = facts_of(case, f"with broken_ as (select a b c from nowhere)\n{text}")
    if isinstance(whole, Problem):
        pytest.skip(str(whole))
    assert isinstance(broken, QueryFacts)
    assert shown(broken) == shown(whole)
    assert "cannot parse" in {problem.reason for problem in broken.problems_of_rows}


@pytest.mark.parametrize(
    "sql",
    [
        "select , a from t",
        "SELECT\n-- a\n, b FROM t",
        "select a /* x */ , /* y */ from t",
        "select a from t where x in (\n)",
        "select a,\n\n, b from t",
        "select f(a,) from t",
        "select * /* exists to keep SQLFluff happy. */ from t",
    ],
)
def test_texts_in_which_holes_are_looked_for(sql: str) -> None:
    assert may_have_holes(sql, "trino")


@pytest.mark.parametrize("sql", ["select a, b from t", "select f(), 1 from t -- , ,", "select 1"])
def test_texts_in_which_they_are_not(sql: str) -> None:
    assert not may_have_holes(sql, "trino")


def test_deep_brackets_around_a_broken_query() -> None:
    sql = "(" * 200 + "select a b c from t" + ")" * 200
    assert isinstance(parse_with_gaps(sql, "duckdb"), Problem)
