"""The SQL dialects: the rules that differ.

Rules are looked up here and nowhere else, so that one table shows what is claimed
about each engine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeAlias

import msgspec

from analyticsops.sql.folding import Fold, fold_of, keep

Sees: TypeAlias = Literal["", "earlier", "any", "after", "last", "having", "before"]
"""Which aliases of the SELECT list a clause sees:

- ``""``: none;
- ``earlier``: of projections to the left, if no column has the name;
- ``any``: of all projections, if no column has the name;
- ``after``: the same in GROUP BY, HAVING and QUALIFY. There a query over a table with
  unknown columns would hardly run if the name were a column, so it is not doubted;
- ``last``: the same, if no column of a query around it has the name either;
- ``having``: of all projections, before columns that are neither grouped nor aggregated;
- ``before``: of all projections, before columns.
"""

_ALIAS_IN_SELECT = frozenset(
    {"clickhouse", "databricks", "duckdb", "redshift", "snowflake", "spark", "teradata"}
)
"""Where a projection may use the alias of one before it (lateral column alias)."""

_ALIAS_IN_WHERE = frozenset({"clickhouse", "duckdb", "snowflake", "teradata"})

_ALIAS_FORWARD = frozenset({"clickhouse", "snowflake", "teradata"})
"""Where it may perhaps also use one behind it; elsewhere only those before it."""

_ALIAS_WINS = frozenset({"clickhouse"})
"""Where an alias hides a source column of the same name."""

_ALIAS_IN_HAVING: Mapping[str, Literal["before", "having"]] = {
    "bigquery": "before",
    "clickhouse": "before",
    "databricks": "having",
    "doris": "before",
    "duckdb": "having",
    "mysql": "having",
    "singlestore": "before",
    "spark": "having",
    "starrocks": "before",
}
"""Where an alias goes before a column in HAVING: always, or unless the column is grouped
or aggregated; elsewhere the column goes first, or no alias is seen at all."""

_ALIAS_IN_QUALIFY = frozenset({"bigquery", "clickhouse", "doris", "singlestore", "starrocks"})
"""Where an alias goes before a column in QUALIFY."""

_ALIAS_ALONE_IN_ORDER = frozenset(
    {"duckdb", "fabric", "materialize", "postgres", "redshift", "risingwave", "tsql"}
)
"""Where ORDER BY means an alias only if the name stands alone, not in an expression."""

_ALIAS_IN_JOIN = frozenset({"clickhouse", "snowflake"})
"""Where ON sees aliases."""

_ROW_WINS = frozenset({"bigquery"})
"""Where the name of a table means its whole row though there is a column of that name."""

_ALIAS_WINS_IN_GROUP = frozenset({"bigquery", "clickhouse"})
"""Likewise, in GROUP BY."""

_IMPLICIT_RECURSION = frozenset({"fabric", "oracle", "snowflake", "tsql"})
"""Where WITH needs no RECURSIVE for a CTE to read itself."""

_USING_IN_PLACE = frozenset({"duckdb", "sqlite"})
"""Where ``*`` leaves the columns of USING in their place in the left table; elsewhere they
come first, as the standard has it."""

_USING_AS_LEFT = frozenset({"doris", "mysql", "singlestore"})
"""Where they come first in the order of the left table, not in that of USING."""


class Rules(msgspec.Struct, frozen=True):
    """What the walk must know about a dialect.

    Attributes:
        name: sqlglot's name of the dialect.
        fold: (name, quoted) -> the key under which the engine compares the name.
        exact: names that differ in case are always different.
        alias_in_select: which aliases a projection sees.
        alias_in_where: so does WHERE.
        alias_wins: an alias hides a source column of the same name.
        alias_wins_in_group: likewise, in GROUP BY.
        alias_in_having: which HAVING sees (:data:`Sees`).
        alias_in_qualify: which QUALIFY sees.
        alias_alone_in_order: ORDER BY means an alias only where the name stands alone.
        alias_in_join: ON sees aliases.
        row_wins: the name of a table is its row, even if there is a column of that name.
        implicit_lateral: a query in FROM sees what stands before it without LATERAL.
        implicit_recursion: a CTE may read itself without RECURSIVE.
        dollar_is_column: ``$1`` is a column by its position, not a parameter.
        using_first: ``*`` has the columns of USING first: in the order of the ``list``, or
            as in the ``left`` table; empty if it leaves them in their place.
        numbers_twins: the second `id` of a subquery is called `id_1` by its readers.
    """

    name: str
    fold: Fold
    exact: bool
    alias_in_select: Literal["", "earlier", "any", "before"]
    alias_in_where: bool
    alias_wins: bool
    alias_wins_in_group: bool
    alias_in_having: Literal["before", "having", "after"]
    alias_in_qualify: Literal["before", "after", "last"]
    alias_alone_in_order: bool
    alias_in_join: bool
    row_wins: bool
    implicit_lateral: bool
    implicit_recursion: bool
    dollar_is_column: bool
    using_first: Literal["list", "left", ""]
    numbers_twins: bool


_BUILT_IN = frozenset(
    {
        *("_change_type", "_commit_timestamp", "_commit_version", "_metadata", "_rescued_data"),
        *("_file_name", "_partitiondate", "_partitiontime", "_table_suffix"),
        *("_file", "_part", "_partition_id", "_path", "_size", "_table", "_time"),
        *("ctid", "oid", "tableoid", "xmax", "xmin"),
        *("connect_by_isleaf", "level", "rowid", "rownum", "sysdate", "systimestamp", "user"),
    }
)
"""Pseudo-columns and constants that look like columns; no catalog lists them."""

_RESERVED: Mapping[str, re.Pattern[str]] = {
    "athena": re.compile(r"\$\w+"),
    "bigquery": re.compile(r"_(table_suffix|partition(date|time)|file_name|change_\w+)"),
    "clickhouse": re.compile(
        r"_(table|database|part|part_index|part_offset|partition_id|partition_value|path|file"
        r"|size|time|sample_factor|part_uuid|block_number|block_offset)"
    ),
    "databricks": re.compile(r"_metadata|_commit_(timestamp|version)|_change_type"),
    "duckdb": re.compile(r"rowid"),
    "oracle": re.compile(r"rownum|rowid|level|connect_by_is(leaf|cycle)|ora_rowscn"),
    "postgres": re.compile(r"ctid|tableoid|[cx]m(in|ax)"),
    "redshift": re.compile(r"\$\w+"),
    "snowflake": re.compile(r"metadata\$\w+|connect_by_is(leaf|cycle)"),
    "spark": re.compile(r"_metadata"),
    "trino": re.compile(r"\$\w+"),
}
"""Pseudo-columns, whose names tables can hardly have."""


def is_reserved(name: str, dialect: str) -> bool:
    """True for a pseudo-column, even of a table with unknown columns."""
    pattern = _RESERVED.get(dialect)
    return pattern is not None and pattern.fullmatch(name.lower()) is not None


_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]*")


def is_built_in(name: str) -> bool:
    """True if a name that no table has is one that the engine provides itself."""
    lower = name.lower()
    return lower in _BUILT_IN or "$" in lower or _HEXADECIMAL.fullmatch(name) is not None


def _alias_in_qualify(dialect: str) -> Literal["before", "after", "last"]:
    if dialect == "duckdb":
        return "last"
    return "before" if dialect in _ALIAS_IN_QUALIFY else "after"


@lru_cache(maxsize=64)
def rules_of(dialect: str) -> Rules:
    """The rules of a sqlglot dialect.

    Raises:
        ConfigError: sqlglot does not know the dialect.
    """
    fold = fold_of(dialect)
    return Rules(
        name=dialect,
        fold=fold,
        exact=fold is keep,
        alias_in_select=_in_select(dialect),
        alias_in_where=dialect in _ALIAS_IN_WHERE,
        alias_wins=dialect in _ALIAS_WINS,
        alias_wins_in_group=dialect in _ALIAS_WINS_IN_GROUP,
        alias_in_having=_ALIAS_IN_HAVING.get(dialect, "after"),
        alias_in_qualify=_alias_in_qualify(dialect),
        alias_alone_in_order=dialect in _ALIAS_ALONE_IN_ORDER,
        alias_in_join=dialect in _ALIAS_IN_JOIN,
        row_wins=dialect in _ROW_WINS,
        implicit_lateral=dialect == "duckdb",
        implicit_recursion=dialect in _IMPLICIT_RECURSION,
        dollar_is_column=dialect == "snowflake",
        using_first=_using_first(dialect),
        numbers_twins=dialect == "duckdb",
    )


def _in_select(dialect: str) -> Literal["", "earlier", "any", "before"]:
    if dialect not in _ALIAS_IN_SELECT:
        return ""
    if dialect in _ALIAS_WINS:
        return "before"
    return "any" if dialect in _ALIAS_FORWARD else "earlier"


def _using_first(dialect: str) -> Literal["list", "left", ""]:
    if dialect in _USING_IN_PLACE:
        return ""
    return "left" if dialect in _USING_AS_LEFT else "list"
