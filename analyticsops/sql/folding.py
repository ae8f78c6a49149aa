"""How each dialect compares names. Apart from the other rules, so that a run that finds
everything in the cache need not import sqlglot, whose answer this is (a test says so)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from analyticsops.errors import ConfigError

Fold: TypeAlias = Callable[[str, bool], str]
"""(name, quoted) -> the key under which the engine compares the name."""

Casing: TypeAlias = Callable[[str], str]
"""The same of names that all have quotes, or all have none."""


def ignore_case(name: str, _quoted: bool) -> str:
    """``Id``, ``ID`` and ``"id"`` are one."""
    return name.lower()


def keep(name: str, _quoted: bool) -> str:
    """All spellings differ."""
    return name


def lower_unless_quoted(name: str, quoted: bool) -> str:
    """``ID`` is ``"id"``."""
    return name if quoted else name.lower()


def upper_unless_quoted(name: str, quoted: bool) -> str:
    """``id`` is ``"ID"``."""
    return name if quoted else name.upper()


_FOLDS: Mapping[Fold, tuple[str, ...]] = {
    ignore_case: (
        *("athena", "bigquery", "databricks", "doris", "duckdb", "dune", "hive", "mysql"),
        *("presto", "redshift", "singlestore", "spark", "spark2", "sqlite", "starrocks"),
        *("trino", "tsql"),
    ),  # of doris, mysql, ... sqlglot speaks of tables; columns ignore case
    keep: ("clickhouse", "fabric"),
    lower_unless_quoted: ("materialize", "postgres", "risingwave", "teradata"),
    upper_unless_quoted: ("oracle", "snowflake"),
}

_CASING: Mapping[Fold, tuple[Casing, Casing]] = {
    ignore_case: (str.lower, str.lower),
    keep: (str, str),
    lower_unless_quoted: (str.lower, str),
    upper_unless_quoted: (str.upper, str),
}


def casing_of(fold: Fold) -> tuple[Casing, Casing]:
    """What a fold does to names without quotes, and to names with them: for where it is
    done to thousands."""
    return _CASING[fold]


FOLDS: Mapping[str, Fold] = {
    dialect: fold for fold, dialects in _FOLDS.items() for dialect in dialects
}
"""By sqlglot's names of the dialects that dbt adapters speak."""

TABLES_ONLY = frozenset({"doris", "mysql", "singlestore", "starrocks"})
"""Where sqlglot's strategy speaks of tables: columns ignore case."""


def fold_of(dialect: str) -> Fold:
    """How a dialect compares names.

    Raises:
        ConfigError: sqlglot does not know the dialect.
    """
    known = FOLDS.get(dialect)
    if known is not None:
        return known
    from sqlglot.dialects.dialect import Dialect, NormalizationStrategy

    try:
        strategy = Dialect.get_or_raise(dialect).normalization_strategy
    except ValueError:
        raise ConfigError(
            f"unknown SQL dialect {dialect!r}",
            hint="set `dialect:` in analyticsops.yml to one that sqlglot knows",
        ) from None
    return {
        NormalizationStrategy.LOWERCASE: lower_unless_quoted,
        NormalizationStrategy.UPPERCASE: upper_unless_quoted,
        NormalizationStrategy.CASE_SENSITIVE: keep,
    }.get(strategy, ignore_case)
