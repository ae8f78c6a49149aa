"""DuckDB judges the lineage cases: what changes must have been predicted.

The engine is that of ``analyticsops lineage verify``: columns are changed, and whatever
then differs in the result must have one of them among its inputs.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random

import pytest

from analyticsops.sql.facts import UNNAMED, Problem, QueryFacts
from analyticsops.sql.inputs import analyse
from analyticsops.sql.parse import parse_query
from analyticsops.verify.prediction import predict
from analyticsops.verify.sandbox import Refused, Sandbox

from ..generated.judge import shown, unpredicted
from ..verify.tables import DoesNotRunError, tables_of, trial_of
from .case_files import CaseTables, Section, parse_schema, sections
from .mutants import mutant
from .mutated_queries import QUERIES

SEEDS = range(2)

MUTANTS = 4
"""For each of the queries of :mod:`.mutated_queries`."""

FUZZED = "a: id, x, y\nb: id, y, z\nc: id, name varchar, flag boolean"

NOT_RUN = {
    # They are about what cannot run, or about tables that are not there.
    "expressions: no alias",
    "open: ",
    "sets: different numbers",
    "ctes: an ephemeral",
    "stars: a star of nothing",
    "names: pseudo-columns",
    "unnest: pivot over unknown",
    "kinds: a field of an unknown",
    "kinds: an ambiguous name",
    "kinds: inferred",
    "kinds: casts",  # of texts that are no dates
    "ctes: a recursive CTE",  # endless where rows are each other's parents
    "unknown: a file",
    "statements: ",  # they have an oracle of their own
}


def runs(case: Section) -> bool:
    """True for DuckDB's cases over known tables."""
    dialect = case.block("sql").argument or "duckdb"
    skipped = any(case.name.startswith(start) for start in NOT_RUN)
    known = all(t.complete and t.columns for t in parse_schema(case.block("schema").text))
    return dialect == "duckdb" and known and not skipped


RUNNABLE = [case for case in sections("lineage") if runs(case)]


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case.name)
def test_what_changes_was_predicted(case: Section) -> None:
    sql, schema = case.block("sql").text, case.block("schema").text
    facts = facts_of(sql, schema)
    if facts is None or facts.open_tables:
        return
    ran = 0
    for seed in SEEDS:
        with suppress(DoesNotRunError):
            assert violations(sql, schema, facts, seed) == []
            ran += 1
    assert ran, "it never ran"


def facts_of(sql: str, schema: str) -> QueryFacts | None:
    tree = parse_query(sql, "duckdb")
    if isinstance(tree, Problem):
        return None
    facts = analyse(tree, "duckdb", CaseTables(parse_schema(schema)))
    return None if isinstance(facts, Problem) else facts


def violations(sql: str, schema: str, facts: QueryFacts, seed: int) -> list[str]:
    """What changed although nothing said so."""
    prediction = predict(facts)
    with trial_of(sql, schema, prediction, seed=seed) as trial:
        if prediction.unknown or len(trial.query.names) != len(prediction.outputs):
            return []  # told by the tests of names and of facts
        return [shown(violation) for violation in unpredicted(trial, Random(seed))]


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case.name)
def test_names_are_duckdbs(case: Section) -> None:
    """Column names, and how many there are, are those that DESCRIBE shows."""
    sql, schema = case.block("sql").text, case.block("schema").text
    facts = facts_of(sql, schema)
    if facts is None or facts.open_tables:
        return
    with Sandbox() as sandbox:
        for table in tables_of(schema):
            sandbox.create_empty(table)
        query = sandbox.prepare(sql)
    assert not isinstance(query, Refused), query
    assert len(query.names) == len(facts.columns)
    for name, column in zip(query.names, facts.columns, strict=True):
        # DuckDB answers in the case of the table, we in that of the query.
        known = not any(p.reason == UNNAMED for p in facts.problems_of(column))
        assert not known or name.lower() == column.name.lower()


def test_many_cases_run() -> None:
    assert len(RUNNABLE) >= 100


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_mutated_queries(number: int) -> None:
    """Queries that nobody wrote, over the same two tables."""
    chance = Random(number)
    candidates = [QUERIES[number], *(mutant(QUERIES[number], chance) for _ in range(MUTANTS))]
    for sql in filter(None, candidates):
        facts = facts_of(sql, FUZZED)
        if facts is None or not runs_on_duckdb(sql):
            continue
        assert not facts.problems
        with suppress(DoesNotRunError):
            assert violations(sql, FUZZED, facts, 7) == [], sql


def runs_on_duckdb(sql: str) -> bool:
    """False for mutants that DuckDB refuses, or whose columns share a name."""
    with Sandbox() as sandbox:
        for table in tables_of(FUZZED):
            sandbox.create_empty(table)
        query = sandbox.prepare(sql)
        if isinstance(query, Refused) or isinstance(sandbox.answer(query), Refused):
            return False
    return len(set(query.names)) == len(query.names)
