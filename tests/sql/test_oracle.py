"""DuckDB judges the lineage cases: what changes must have been predicted.

One column of one table is changed, the query runs again, and whatever differs in the
result must have the column among its value, control or row inputs.
"""

from __future__ import annotations

from random import Random

import duckdb
import pytest

from analyticsops.sql.facts import Problem, QueryFacts
from analyticsops.sql.inputs import analyse
from analyticsops.sql.parse import parse_query

from .case_files import CaseTables, Section, Table, parse_schema, sections
from .databases import Rows, connect, fill, load, multiset, mutations, random_database
from .mutants import QUERIES, mutant

SEEDS = range(2)

MUTANTS = 6
"""For each of the queries of :mod:`.mutants`."""

FUZZED = parse_schema("a: id, x, y\nb: id, y, z")

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
    "statements: ",  # they have an oracle of their own
}


def runs(case: Section) -> bool:
    """True for DuckDB's cases over known tables."""
    dialect = case.block("sql").argument or "duckdb"
    skipped = any(case.name.startswith(start) for start in NOT_RUN)
    return dialect == "duckdb" and not skipped


RUNNABLE = [case for case in sections("lineage") if runs(case)]


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    return connect()


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case.name)
def test_what_changes_was_predicted(case: Section, database: duckdb.DuckDBPyConnection) -> None:
    sql = case.block("sql").text
    tables = parse_schema(case.block("schema").text)
    facts = facts_of(sql, tables)
    if facts is None or facts.open_tables:
        return
    missed: set[str] = set()
    for seed in SEEDS:
        chance = Random(seed)
        data = random_database(tables, chance, nulls=0.1 if seed else 0.0)
        load(database, tables, data)
        before = database.sql(sql).fetchall()
        for table in tables:
            for position, (column, kind) in enumerate(table.columns):
                for changed in mutations(data[table.name], position, kind, chance):
                    fill(database, table, changed)
                    after = database.sql(sql).fetchall()
                    missed |= unpredicted(facts, table.name, column, before, after)
            fill(database, table, data[table.name])
    assert not missed


def facts_of(sql: str, tables: list[Table]) -> QueryFacts | None:
    tree = parse_query(sql, "duckdb")
    if isinstance(tree, Problem):
        return None
    facts = analyse(tree, "duckdb", CaseTables(tables))
    return None if isinstance(facts, Problem) else facts


def unpredicted(facts: QueryFacts, table: str, column: str, before: Rows, after: Rows) -> set[str]:
    """What changed although nothing said so."""

    def reads(inputs: tuple[object, ...]) -> bool:
        return any((i.table, i.column) == (table, column) for i in inputs)  # type: ignore[attr-defined]

    if reads(facts.rows):
        return set()
    missed = set()
    if len(before) != len(after):
        missed.add(f"rows <- {table}.{column}")
    for position, output in enumerate(facts.columns):
        values = [multiset([row[position] for row in rows]) for rows in (before, after)]
        if values[0] != values[1] and not reads(facts.inputs(output)):
            missed.add(f"{output.name} <- {table}.{column}")
    anywhere = any(reads(facts.inputs(output)) for output in facts.columns)
    if multiset(before) != multiset(after) and not anywhere:
        missed.add(f"some column <- {table}.{column}")
    return missed


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case.name)
def test_names_are_duckdbs(case: Section, database: duckdb.DuckDBPyConnection) -> None:
    """Column names, and how many there are, are those that DESCRIBE shows."""
    sql = case.block("sql").text
    tables = parse_schema(case.block("schema").text)
    facts = facts_of(sql, tables)
    if facts is None or facts.open_tables:
        return
    load(database, tables, {table.name: [] for table in tables})
    real = [row[0] for row in database.sql(f"describe {sql}").fetchall()]
    assert len(real) == len(facts.columns)
    for name, column in zip(real, facts.columns, strict=True):
        # DuckDB answers in the case of the table, we in that of the query.
        known = not any(p.reason == "unnamed column" for p in facts.problems_of(column))
        assert not known or name.lower() == column.name.lower()


def test_many_cases_run() -> None:
    assert len(RUNNABLE) >= 100


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_mutated_queries(number: int, database: duckdb.DuckDBPyConnection) -> None:
    """Queries that nobody wrote, over the same two tables."""
    chance = Random(number)
    candidates = [QUERIES[number], *(mutant(QUERIES[number], chance) for _ in range(MUTANTS))]
    data = random_database(FUZZED, Random(7), nulls=0.1)
    load(database, FUZZED, data)
    for sql in filter(None, candidates):
        facts = facts_of(sql, FUZZED)
        if facts is None or not runs_on(database, sql):
            continue
        assert not facts.problems
        before = database.sql(sql).fetchall()
        for table in FUZZED:
            for position, (column, kind) in enumerate(table.columns):
                for changed in mutations(data[table.name], position, kind, chance):
                    fill(database, table, changed)
                    after = database.sql(sql).fetchall()
                    assert not unpredicted(facts, table.name, column, before, after), sql
            fill(database, table, data[table.name])


def runs_on(database: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """False for mutants that DuckDB refuses, or whose columns share a name."""
    try:
        names = database.sql(sql).columns
    except duckdb.Error:
        return False
    return len(set(names)) == len(names)
