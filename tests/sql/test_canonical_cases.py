"""Every case of ``tests/cases/canonical``: what is claimed, and that DuckDB agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import pytest

from analyticsops.sql.canonical import fingerprint_query
from analyticsops.sql.canonical_rows import UniqueKeys
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint
from analyticsops.sql.parse import parse_query

from .case_files import CaseTables, Section, Table, parse_schema, sections
from .databases import connect, load, multiset, random_database

CANONICAL = list(sections("canonical"))

DATABASES = 60


def fingerprint(
    sql: str,
    tables: Sequence[Table],
    dialect: str = "duckdb",
    unique: UniqueKeys | None = None,
) -> Fingerprint:
    tree = parse_query(sql, dialect)
    assert not isinstance(tree, Problem), tree
    return fingerprint_query(tree, dialect, CaseTables(tables), unique=unique)


def verdicts(left: Fingerprint, right: Fingerprint) -> Mapping[str, bool]:
    """What is proven equal: the rows, and each column by its name."""
    others = {name.lower(): text for _, name, text, _ in right.columns}
    found = {
        name.lower(): bool(text) and others.get(name.lower()) == text
        for _, name, text, _ in left.columns
    }
    return {"rows": bool(left.rows) and left.rows == right.rows, **found}


@pytest.mark.parametrize("case", CANONICAL, ids=lambda case: case.name)
def test_verdicts_are_as_written(case: Section) -> None:
    tables = parse_schema(case.block("schema").text)
    left, right = (
        fingerprint(case.block(side).text, tables, case.block(side).argument or "duckdb")
        for side in ("left", "right")
    )
    found = verdicts(left, right)
    for line in case.block("verdict").text.splitlines():
        name, _, verdict = line.rpartition(" ")
        if name == "all":
            assert all(found.values()), found
        else:
            assert found[name] is (verdict == "equal"), line


@pytest.mark.parametrize("case", CANONICAL, ids=lambda case: case.name)
def test_duckdb_agrees_with_what_is_equal(case: Section) -> None:
    tables = parse_schema(case.block("schema").text)
    if any(case.block(side).argument for side in ("left", "right")):
        return  # of another dialect
    left, right = (case.block(side).text for side in ("left", "right"))
    found = verdicts(fingerprint(left, tables), fingerprint(right, tables))
    if found["rows"]:
        equal = [name for name, same in found.items() if same and name != "rows"]
        assert not distinguished(left, right, equal, tables, databases=DATABASES)


def distinguished(
    left: str, right: str, columns: Sequence[str], tables: Sequence[Table], *, databases: int
) -> bool:
    """True if on some random database these columns, row by row, differ as multisets."""
    wanted = ", ".join(f'"{name}"' for name in columns) or "1"
    queries = [f"select {wanted} from ({side}) as _q" for side in (left, right)]
    with connect() as connection:
        for seed in range(databases):
            load(connection, tables, random_database(tables, Random(seed), nulls=0.25))
            answers = [connection.sql(query).fetchall() for query in queries]
            if multiset(answers[0]) != multiset(answers[1]):
                return True
    return False


def test_there_are_many_cases() -> None:
    assert len(CANONICAL) >= 60
    assert sum("all equal" in case.block("verdict").text for case in CANONICAL) >= 25
