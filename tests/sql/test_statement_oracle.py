"""DuckDB judges the statements, too: what a statement leaves in its target and that changes
with a column must have that column among its inputs."""

from __future__ import annotations

from random import Random

import duckdb
import pytest

from analyticsops.sql.facts import Input
from analyticsops.sql.script import analyse_statements
from analyticsops.sql.statements import StatementFacts

from .case_files import CaseTables, Section, Table, parse_edges, parse_schema, sections
from .databases import Database, Rows, connect, load, multiset, mutations, random_database

SEEDS = range(3)


def runs(case: Section) -> bool:
    """True for DuckDB's statements over known tables."""
    known = all(table.complete for table in parse_schema(case.block("schema").text))
    target = parse_edges(case.block("edges").text).target
    return known and target not in ("", "none") and not case.block("sql").argument


RUNNABLE = [case for case in sections("lineage") if runs(case)]


def left_by(
    sql: str, target: str, tables: list[Table], data: Database, database: duckdb.DuckDBPyConnection
) -> tuple[list[str], Rows]:
    """Names of the columns of the target, and its rows, after the statement."""
    load(database, tables, data)
    database.execute(sql)
    found = database.sql(f'select * from "{target}"')
    names, rows = found.columns, found.fetchall()
    if all(table.name != target for table in tables):
        kind = database.sql(
            f"select table_type from information_schema.tables where table_name = '{target}'"
        ).fetchall()[0][0]
        database.execute(f'drop {"view" if kind == "VIEW" else "table"} "{target}"')
    return names, rows


@pytest.mark.parametrize("case", RUNNABLE, ids=lambda case: case.name)
def test_what_changes_was_predicted(case: Section) -> None:
    sql, tables = case.block("sql").text, parse_schema(case.block("schema").text)
    (facts,) = analyse_statements(sql, "duckdb", CaseTables(tables))
    assert isinstance(facts, StatementFacts)
    database, missed = connect(), set()
    for seed in SEEDS:
        chance = Random(seed)
        data = random_database(tables, chance, nulls=0.1 if seed else 0.0)
        before = left_by(sql, facts.target, tables, data, database)
        for table in tables:
            for position, (column, kind) in enumerate(table.columns):
                for changed in mutations(data[table.name], position, kind, chance):
                    after = left_by(
                        sql, facts.target, tables, {**data, table.name: changed}, database
                    )
                    missed |= unpredicted(facts, table.name, column, before, after)
    assert not missed


def unpredicted(
    facts: StatementFacts,
    table: str,
    column: str,
    before: tuple[list[str], Rows],
    after: tuple[list[str], Rows],
) -> set[str]:
    """What changed although nothing said so."""

    def reads(inputs: tuple[Input, ...]) -> bool:
        return any((i.table, i.column) == (table, column) for i in inputs)

    if reads(facts.written.rows):
        return set()
    missed = set()
    if len(before[1]) != len(after[1]):
        missed.add(f"rows <- {table}.{column}")
    inputs = {c.name.lower(): facts.written.inputs(c) for c in facts.written.columns}
    for position, name in enumerate(before[0]):
        values = [multiset([row[position] for row in rows]) for _, rows in (before, after)]
        itself = (table, column) == (facts.target, name)  # rows that are not written
        if values[0] != values[1] and not itself and not reads(inputs.get(name.lower(), ())):
            missed.add(f"{name} <- {table}.{column}")
    return missed


def test_many_statements_run() -> None:
    assert len(RUNNABLE) >= 12
