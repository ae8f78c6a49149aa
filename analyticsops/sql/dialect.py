"""The SQL dialects: the rules that differ.

Rules are looked up here and nowhere else, so that one table shows what is claimed
about each engine.
"""

from __future__ import annotations

import re

import msgspec

from analyticsops.sql.folding import Fold, fold_of, keep

_ALIAS_IN_SELECT = frozenset(
    {"clickhouse", "databricks", "duckdb", "redshift", "snowflake", "spark", "teradata"}
)
"""Where a projection may use the alias of one before it (lateral column alias)."""

_ALIAS_IN_WHERE = frozenset({"clickhouse", "duckdb", "snowflake", "teradata"})

_ALIAS_FORWARD = frozenset({"clickhouse", "snowflake", "teradata"})
"""Where it may perhaps also use one behind it; elsewhere only those before it."""

_ALIAS_WINS = frozenset({"clickhouse"})
"""Where an alias hides a source column of the same name."""

_ALIAS_WINS_IN_GROUP = frozenset({"bigquery", "clickhouse"})
"""Likewise, in GROUP BY."""

_IMPLICIT_RECURSION = frozenset({"fabric", "oracle", "snowflake", "tsql"})
"""Where WITH needs no RECURSIVE for a CTE to read itself."""


class Rules(msgspec.Struct, frozen=True):
    """What the walk must know about a dialect.

    Attributes:
        name: sqlglot's name of the dialect.
        fold: (name, quoted) -> the key under which the engine compares the name.
        exact: names that differ in case are always different.
        alias_in_select: a projection sees the aliases before it.
        alias_forward: and those behind it.
        alias_in_where: so does WHERE.
        alias_wins: an alias hides a source column of the same name.
        alias_wins_in_group: likewise, in GROUP BY.
        implicit_recursion: a CTE may read itself without RECURSIVE.
        numbers_twins: the second `id` of a subquery is called `id_1` by its readers.
    """

    name: str
    fold: Fold
    exact: bool
    alias_in_select: bool
    alias_forward: bool
    alias_in_where: bool
    alias_wins: bool
    alias_wins_in_group: bool
    implicit_recursion: bool
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

_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]*")


def is_built_in(name: str) -> bool:
    """True if a name that no table has is one that the engine provides itself."""
    lower = name.lower()
    return lower in _BUILT_IN or "$" in lower or _HEXADECIMAL.fullmatch(name) is not None


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
        alias_in_select=dialect in _ALIAS_IN_SELECT,
        alias_forward=dialect in _ALIAS_FORWARD,
        alias_in_where=dialect in _ALIAS_IN_WHERE,
        alias_wins=dialect in _ALIAS_WINS,
        alias_wins_in_group=dialect in _ALIAS_WINS_IN_GROUP,
        implicit_recursion=dialect in _IMPLICIT_RECURSION,
        numbers_twins=dialect == "duckdb",
    )
