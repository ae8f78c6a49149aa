"""Every case of ``tests/cases/canonical``: what is claimed, and that DuckDB agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import pytest
from sqlglot import transpile

from analyticsops.sql.canonical import TypeFamilies, fingerprint_query
from analyticsops.sql.canonical_rows import UniqueKeys
from analyticsops.sql.facts import Problem
from analyticsops.sql.fingerprint import Fingerprint
from analyticsops.sql.parse import parse_query
from analyticsops.sql.types.families import type_family

from .case_files import CaseTables, Section, Table, parse_schema, sections
from .databases import connect, load, multiset, random_database, with_keys

CANONICAL = list(sections("canonical"))

DATABASES = 60


def fingerprint(
    sql: str,
    tables: Sequence[Table],
    dialect: str = "duckdb",
    unique: UniqueKeys | None = None,
    types: TypeFamilies | None = None,
) -> Fingerprint:
    tree = parse_query(sql, dialect)
    assert not isinstance(tree, Problem), tree
    return fingerprint_query(tree, dialect, CaseTables(tables), unique=unique, types=types)


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
    found = verdicts(*(of_case(case, side) for side in ("left", "right")))
    for line in case.block("verdict").text.splitlines():
        name, _, verdict = line.rpartition(" ")
        if name == "all":
            assert all(found.values()), found
        else:
            assert found[name] is (verdict == "equal"), line


@pytest.mark.parametrize("case", CANONICAL, ids=lambda case: case.name)
def test_duckdb_agrees_with_what_is_equal(case: Section) -> None:
    schema = case.block("schema")
    tables, keyed = parse_schema(schema.text), "keyed" in schema.argument
    found = verdicts(*(of_case(case, side) for side in ("left", "right")))
    if found["rows"]:
        blocks = [case.block(side) for side in ("left", "right")]
        left, right = (transpile(b.text, b.argument or "duckdb", "duckdb")[0] for b in blocks)
        equal = [name for name, same in found.items() if same and name != "rows"]
        assert not distinguished(left, right, equal, tables, databases=DATABASES, keyed=keyed)


def of_case(case: Section, side: str) -> Fingerprint:
    """The fingerprint of one side of a case."""
    schema, block = case.block("schema"), case.block(side)
    tables, dialect = parse_schema(schema.text), block.argument or "duckdb"
    types = {
        t.name: {name: type_family(kind, "duckdb") for name, kind in t.columns} for t in tables
    }
    keys: UniqueKeys = {t.name: [((t.columns[0][0],), False)] for t in tables}
    return fingerprint(
        block.text,
        tables,
        dialect,
        unique=keys if "keyed" in schema.argument else None,
        types=types if "typed" in schema.argument else None,
    )


def distinguished(
    left: str,
    right: str,
    columns: Sequence[str],
    tables: Sequence[Table],
    *,
    databases: int,
    keyed: bool = False,
) -> bool:
    """True if on some random database these columns, row by row, differ as multisets."""
    wanted = ", ".join(f'"{name}"' for name in columns) or "1"
    queries = [f"select {wanted} from ({side}) as _q" for side in (left, right)]
    with connect() as connection:
        for seed in range(databases):
            chance = Random(seed)
            database = random_database(tables, chance, nulls=0.25)
            load(connection, tables, with_keys(database, chance) if keyed else database)
            answers = [connection.execute(query).fetchall() for query in queries]
            if multiset(answers[0]) != multiset(answers[1]):
                return True
    return False


def test_there_are_many_cases() -> None:
    assert len(CANONICAL) >= 60
    assert sum("all equal" in case.block("verdict").text for case in CANONICAL) >= 25
