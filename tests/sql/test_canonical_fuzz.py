"""No two queries that DuckDB tells apart may have one fingerprint."""

from __future__ import annotations

from random import Random

import duckdb
import pytest

from .case_files import Table
from .databases import Database, connect, load, multiset, random_database
from .mutants import QUERIES, mutant
from .test_canonical_cases import fingerprint, verdicts

TABLES = (
    Table("a", (("id", "int"), ("x", "int"), ("y", "int")), complete=True),
    Table("b", (("id", "int"), ("y", "int"), ("z", "int")), complete=True),
)

MUTANTS = 40
"""For each query."""

DATABASES = 8


@pytest.fixture(scope="module")
def databases() -> list[duckdb.DuckDBPyConnection]:
    """Databases that differ in content."""
    found = []
    for seed in range(DATABASES):
        connection = connect()
        data: Database = random_database(TABLES, Random(seed), nulls=0.2 if seed else 0.0)
        load(connection, TABLES, data)
        found.append(connection)
    return found


@pytest.mark.parametrize("number", range(len(QUERIES)))
def test_equal_fingerprints_mean_equal_results(
    number: int, databases: list[duckdb.DuckDBPyConnection]
) -> None:
    query = QUERIES[number]
    own = fingerprint(query, TABLES)
    chance = Random(number)
    equal = 0
    for other in filter(None, (mutant(query, chance) for _ in range(MUTANTS))):
        theirs = fingerprint(other, TABLES)
        names = [name for _, name, *_ in theirs.columns]
        if len(set(names)) < len(names):  # nobody could say which one is meant
            continue
        found = verdicts(own, theirs)
        if not found["rows"] or not runs(other, databases[0]):
            continue
        columns = [name for name, same in found.items() if same and name != "rows"]
        equal += 1
        for database in databases:
            assert answer(query, columns, database) == answer(other, columns, database), other
    assert equal, "no mutant kept the rows: the test proves nothing"


def runs(sql: str, database: duckdb.DuckDBPyConnection) -> bool:
    """False for mutants that DuckDB refuses."""
    try:
        database.sql(sql).fetchall()
    except duckdb.Error:
        return False
    return True


def answer(sql: str, columns: list[str], database: duckdb.DuckDBPyConnection) -> object:
    wanted = ", ".join(f'"{name}"' for name in columns) or "1"
    return multiset(database.sql(f"select {wanted} from ({sql}) as _q").fetchall())
