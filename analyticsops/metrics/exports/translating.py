"""Expressions of one dialect in another."""

from __future__ import annotations

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError


def translated(sql: str, source: str, target: str) -> str:
    """An expression in another dialect; as it is, if it cannot be read."""
    if source == target:
        return sql
    try:
        return str(parse_one(sql, dialect=source).sql(dialect=target))
    except SqlglotError:
        return sql


def qualified(sql: str, table: str, dialect: str, target: str = "") -> str:
    """An expression whose columns are those of a table, which is named.

    Args:
        target: the dialect of the result, if it is another.
    """
    try:
        tree = parse_one(sql, dialect=dialect)
    except SqlglotError:
        return sql
    for column in tree.find_all(exp.Column):
        if not column.table:
            column.set("table", exp.to_identifier(table))
    return str(tree.sql(dialect=target or dialect))
