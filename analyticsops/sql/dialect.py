"""The SQL dialects: which one an adapter speaks, and the rules that differ.

Rules are looked up here and nowhere else, so that one table shows what is claimed
about each engine.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from sqlglot.dialects.dialect import Dialect, NormalizationStrategy

from analyticsops.errors import ConfigError

_OF_ADAPTER = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "fabric": "fabric",
    "glue": "spark",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgres": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "spark": "spark",
    "sqlite": "sqlite",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "teradata": "teradata",
    "trino": "trino",
}

_ALIAS_IN_SELECT = frozenset(
    {"clickhouse", "databricks", "duckdb", "redshift", "snowflake", "spark", "teradata"}
)
"""Where a projection may use the alias of one before it (lateral column alias)."""

_ALIAS_IN_WHERE = frozenset({"clickhouse", "duckdb", "snowflake", "teradata"})

_ALIAS_WINS = frozenset({"clickhouse"})
"""Where an alias hides a source column of the same name."""


class Rules(msgspec.Struct, frozen=True):
    """What the walk must know about a dialect.

    Attributes:
        name: sqlglot's name of the dialect.
        fold: (name, quoted) -> the key under which the engine compares the name.
        alias_in_select: a projection sees the aliases before it.
        alias_in_where: so does WHERE.
        alias_wins: an alias hides a source column of the same name.
    """

    name: str
    fold: Callable[[str, bool], str]
    alias_in_select: bool
    alias_in_where: bool
    alias_wins: bool


def dialect_of(adapter: str) -> str:
    """The sqlglot dialect of a dbt adapter type; the adapter's own name if unlisted."""
    return _OF_ADAPTER.get(adapter, adapter)


def rules_of(dialect: str) -> Rules:
    """The rules of a sqlglot dialect.

    Raises:
        ConfigError: sqlglot does not know the dialect.
    """
    try:
        strategy = Dialect.get_or_raise(dialect).normalization_strategy
    except ValueError:
        raise ConfigError(
            f"unknown SQL dialect {dialect!r}",
            hint="set `dialect:` in analyticsops.yml to one that sqlglot knows",
        ) from None
    return Rules(
        name=dialect,
        fold=_FOLDS.get(strategy, _ignore_case),
        alias_in_select=dialect in _ALIAS_IN_SELECT,
        alias_in_where=dialect in _ALIAS_IN_WHERE,
        alias_wins=dialect in _ALIAS_WINS,
    )


def _ignore_case(name: str, _quoted: bool) -> str:
    return name.lower()


def _keep(name: str, _quoted: bool) -> str:
    return name


def _lower_unless_quoted(name: str, quoted: bool) -> str:
    return name if quoted else name.lower()


def _upper_unless_quoted(name: str, quoted: bool) -> str:
    return name if quoted else name.upper()


_FOLDS = {
    NormalizationStrategy.LOWERCASE: _lower_unless_quoted,
    NormalizationStrategy.UPPERCASE: _upper_unless_quoted,
    NormalizationStrategy.CASE_SENSITIVE: _keep,
    NormalizationStrategy.CASE_INSENSITIVE: _ignore_case,
}
