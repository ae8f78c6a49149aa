"""Our table of how dialects compare names is sqlglot's."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot.dialects.dialect import Dialect, NormalizationStrategy

from analyticsops.errors import ConfigError
from analyticsops.sql.adapters import ADAPTERS
from analyticsops.sql.folding import (
    FOLDS,
    TABLES_ONLY,
    fold_of,
    ignore_case,
    keep,
    lower_unless_quoted,
    upper_unless_quoted,
)

STRATEGIES = {
    NormalizationStrategy.LOWERCASE: lower_unless_quoted,
    NormalizationStrategy.UPPERCASE: upper_unless_quoted,
    NormalizationStrategy.CASE_SENSITIVE: keep,
    NormalizationStrategy.CASE_INSENSITIVE: ignore_case,
}


_OLD = tuple(map(int, sqlglot.__version__.split(".")[:2])) < (30, 1)
"""Athena ignores case, as AWS documents; earlier versions of sqlglot fold to lower case."""


@pytest.mark.parametrize("dialect", sorted(FOLDS))
def test_names_fold_as_sqlglot_says(dialect: str) -> None:
    if dialect not in Dialect.classes or (dialect == "athena" and _OLD):
        pytest.skip("another answer in this sqlglot")
    strategy = Dialect.get_or_raise(dialect).normalization_strategy
    expected = ignore_case if dialect in TABLES_ONLY else STRATEGIES[strategy]
    assert FOLDS[dialect] is expected


def test_every_adapter_has_a_fold() -> None:
    assert set(ADAPTERS.values()) <= set(FOLDS)


def test_other_dialects_are_asked_of_sqlglot() -> None:
    assert fold_of("exasol") is upper_unless_quoted
    with pytest.raises(ConfigError, match="unknown SQL dialect 'klingon'"):
        fold_of("klingon")
