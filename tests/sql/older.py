"""Cases that older versions of sqlglot do not read as the engine does.

What they make of them was looked at: mostly the same inputs of a coarser kind (`calc` for
`agg`), or a problem that says what does not parse. Wrong on them are the columns of
Snowflake's star with ILIKE and RENAME, the order of those of BigQuery's pipe syntax, and on
27 a date part of SQL Server, which is taken for a column.
"""

from __future__ import annotations

import sqlglot

OLDER: dict[tuple[int, int], tuple[str, ...]] = {
    (30, 0): (
        "bigquery: pipe syntax",
        "clickhouse: paste join",
        "databricks: conditions",
        "duckdb: a correlated list",
        "duckdb: aggregates with an order and a filter",
        "kinds: a named struct taken apart",
        "kinds: fields of a list of structs",
        "postgres: table as a query",
        "snowflake: ilike and rename",
        "statements: on conflict",
        "trino: json functions",
        "tsql: rows as json",
    ),
    (28, 99): (
        "clickhouse: aggregates with combinators",
        "databricks: elements of structs, maps and arrays",
        "duckdb: frames of groups and exclusions",
    ),
    (27, 99): (
        "kinds: masks on Snowflake",
        "postgres: functions without brackets",
        "snowflake: aggregates with a key",
        "snowflake: cube with grouping",
        "statements: merge by position",
        "tsql: grouping sets and rollup",
        "tsql: parts of dates are no columns",
    ),
}
"""The last version on which a case does not hold -> their names."""

_VERSION = tuple(map(int, sqlglot.__version__.split(".")[:2]))


def reads(case: str) -> bool:
    """True if the sqlglot that is installed reads a case."""
    return not any(case in names for last, names in OLDER.items() if last >= _VERSION)
