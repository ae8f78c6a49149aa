"""A query of one dialect in the words of DuckDB, or the reason why that cannot be."""

from __future__ import annotations

import re

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from analyticsops.sql.dialect import is_reserved
from analyticsops.sql.facts import Problem
from analyticsops.sql.fragments import parse_type, written
from analyticsops.sql.parse import parse_query

DUCKDB = "duckdb"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")


def in_duckdb(sql: str, dialect: str) -> str | Problem:
    """The query for DuckDB; text that is DuckDB's already stays as it is."""
    if dialect == DUCKDB:
        return sql
    tree = parse_query(sql, dialect)
    if isinstance(tree, Problem):
        return tree
    try:
        return str(tree.sql(dialect=DUCKDB, unsupported_level=ErrorLevel.RAISE, comments=False))
    except (SqlglotError, ValueError, RecursionError) as fault:
        told = str(fault).strip().splitlines()[:1]
        return Problem("not translated to DuckDB", told[0] if told else type(fault).__name__)


def column_text(name: str, dialect: str) -> str:
    """The name of a column as a query of that dialect would most likely have written it:
    quoted only where it must be."""
    plain = _PLAIN.match(name) is not None and not is_reserved(name, dialect)
    return str(exp.to_identifier(name, quoted=not plain).sql(dialect=dialect))


def type_in_duckdb(name: str, dialect: str) -> str:
    """A type as DuckDB writes it; empty if it is not understood."""
    if not name or dialect == DUCKDB:
        return name
    tree = parse_type(name, dialect)
    return written(tree, DUCKDB) if tree is not None else ""
