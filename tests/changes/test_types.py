"""What a change of a SQL type means to its readers."""

from __future__ import annotations

import pytest

from analyticsops.changes.types import TypeChange, compare_types

CASES = """
integer            int4               postgres   same
varchar            text               postgres   same
character varying  varchar            postgres   same
numeric(10,2)      decimal(10,2)      postgres   same
timestamp          timestamp          snowflake  same
string             text               bigquery   same
smallint           bigint             duckdb     widened
float4             float8             postgres   widened
varchar(10)        varchar(20)        snowflake  widened
varchar(10)        text               postgres   widened
char(3)            varchar(10)        postgres   widened
decimal(10,2)      decimal(12,2)      postgres   widened
decimal(10,2)      decimal(12,4)      postgres   widened
bigint             integer            duckdb     narrowed
double             real               duckdb     narrowed
text               varchar(10)        postgres   narrowed
decimal(18,2)      decimal(18,4)      postgres   narrowed
decimal(18,2)      decimal(10,2)      postgres   narrowed
integer            text               postgres   incompatible
integer            decimal(18,0)      postgres   incompatible
timestamp          timestamptz        postgres   incompatible
date               timestamp          postgres   incompatible
decimal            decimal(18,3)      postgres   incompatible
decimal            decimal(18,3)      duckdb     same
integer[]          integer            duckdb     incompatible
struct(a integer)  struct(a bigint)   duckdb     incompatible
array<int64>       array<string>      bigquery   incompatible
"""


@pytest.mark.parametrize("line", CASES.strip().splitlines())
def test_types(line: str) -> None:
    old, new, dialect, expected = (part.strip() for part in line.split("  ") if part.strip())
    assert compare_types(old, new, dialect) is TypeChange(expected)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("???", "???", "same"),
        ("???", "(((", "incompatible"),
        ("x" * 5000, "integer", "incompatible"),
        ("decimal(a,b)", "decimal(c,d)", "incompatible"),
        ("varchar(99999999999999999999)", "varchar(5)", "narrowed"),
    ],
)
def test_what_nobody_can_read_is_no_error(old: str, new: str, expected: str) -> None:
    assert compare_types(old, new, "snowflake") is TypeChange(expected)
