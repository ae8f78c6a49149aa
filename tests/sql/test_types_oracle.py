"""DuckDB against its rules of types by brute force: every operator over every pair of types,
and every function that DuckDB itself lists. A type may be unknown; it may not be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import duckdb
import pytest

from analyticsops.sql.facts import Problem
from analyticsops.sql.parse import parse_query
from analyticsops.sql.types.infer import infer_types
from analyticsops.sql.types.spelling import read_type
from analyticsops.sql.types.typed import TypedColumn

from .case_files import CaseTables, Table

COLUMNS = {
    "ti": "tinyint",
    "si": "smallint",
    "i": "integer",
    "bi": "bigint",
    "hi": "hugeint",
    "uti": "utinyint",
    "usi": "usmallint",
    "ui": "uinteger",
    "ubi": "ubigint",
    "f": "float",
    "g": "double",
    "d": "decimal(10, 2)",
    "e": "decimal(18, 4)",
    "w": "decimal(38, 5)",
    "s": "varchar",
    "y": "boolean",
    "dt": "date",
    "ts": "timestamp",
    "tz": "timestamptz",
    "tm": "time",
    "iv": "interval",
    "l": "integer[]",
    "ls": "varchar[]",
    "st": "struct(a integer, b varchar)",
    "m": "map(varchar, integer)",
    "j": "json",
    "bl": "blob",
    "u": "uuid",
}

TABLE = Table("t", tuple(COLUMNS.items()), True)

PAIRED = (
    *("{} + {}", "{} - {}", "{} * {}", "{} / {}", "{} // {}", "{} % {}"),
    *("coalesce({}, {})", "case when true then {} else {} end", "[{}, {}]", "nullif({}, {})"),
)

SCALARS = [name for name in COLUMNS if name not in ("l", "ls", "st", "m")]

CONSTANTS = ("1", "200", "40000", "3000000000", "-1", "1.5", "0.05", "'a'", "null")


@pytest.fixture(scope="module")
def judge() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        connection.execute(f"create table t ({columns})")
        yield connection


def truth(judge: duckdb.DuckDBPyConnection, expression: str) -> str | None:
    """DuckDB's type of an expression, None if it refuses it."""
    try:
        return str(judge.execute(f"describe select {expression} as x from t").fetchall()[0][1])
    except duckdb.Error:
        return None


def inferred(expression: str) -> TypedColumn:
    """Our type of it."""
    tree = parse_query(f"select {expression} as x from t", "duckdb")
    if isinstance(tree, Problem):
        return TypedColumn("x", "", tree)
    (column,) = infer_types(
        tree, "duckdb", CaseTables([TABLE]), lambda _table, name: COLUMNS.get(name, "")
    )
    return column


def agrees(real: str, found: str) -> bool:
    """DuckDB quotes names of fields that are keywords; we need not."""
    return real == found or read_type(real, "duckdb") == read_type(found, "duckdb")


@pytest.mark.parametrize("form", PAIRED)
def test_pairs(judge: duckdb.DuckDBPyConnection, form: str) -> None:
    wrong, asked = [], 0
    for left, right in product([*SCALARS, *CONSTANTS], repeat=2):
        expression = form.format(left, right)
        real = truth(judge, expression)
        if real is None or (left in CONSTANTS and right in CONSTANTS):
            continue
        asked += 1
        found = inferred(expression)
        doubtful = "'a'" in (left, right) or "null" in (left, right)
        if not found.type and doubtful:
            continue
        if not found.type or not agrees(real, found.type):
            wrong.append(f"{expression}: {real}, we say {found.type or found.problem}")
    assert asked > 200
    assert not wrong, f"{len(wrong)} of {asked}:\n" + "\n".join(wrong[:30])


_OF_TYPE = {
    **{kind.upper(): name for name, kind in COLUMNS.items() if "(" not in kind},
    "TIMESTAMP WITH TIME ZONE": "tz",
    "DECIMAL": "d",
    "STRUCT": "st",
    "MAP": "m",
    "ANY": "i",
    "T": "i",
    "T[]": "l",
    "ANY[]": "l",
    "MAP(K, V)": "m",
    "K": "s",
    "V": "i",
}


def _calls(judge: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A call of every overload whose parameters we have columns for."""
    rows = judge.execute(
        "select distinct function_name, parameter_types from duckdb_functions() "
        "where function_type in ('scalar', 'aggregate') and schema_name = 'main' "
        "and function_name ~ '^[a-z][a-z_0-9]*$' order by all"
    ).fetchall()
    for name, parameters in rows:
        if parameters and all(kind in _OF_TYPE for kind in parameters):
            yield f"{name}({', '.join(_OF_TYPE[kind] for kind in parameters)})"


def test_functions(judge: duckdb.DuckDBPyConnection) -> None:
    """What is known of DuckDB's own list of functions is right, and it is most of it."""
    wrong, known, asked = [], 0, 0
    for call in _calls(judge):
        real = truth(judge, call)
        if real is None:
            continue
        asked += 1
        found = inferred(call).type
        known += bool(found)
        if found and not agrees(real, found):
            wrong.append(f"{call}: {real}, we say {found}")
    assert not wrong, f"{len(wrong)} of {asked}:\n" + "\n".join(wrong)
    assert asked > 900
    assert known / asked > 0.75, f"{known} of {asked}"
