"""Expressions of one dialect in another."""

from __future__ import annotations

import re

from sqlglot import exp

from analyticsops.metrics.exports.portable import Field, Portable, Table
from analyticsops.sql.facts import Problem
from analyticsops.sql.fragments import parse_expression, written

_COLUMN = re.compile(r"[A-Za-z_]\w*")


def joined_sql(field: Field, table: Table, portable: Portable) -> str:
    """A field as it is where its table is joined and no row was found: NULL, as here, and not
    what its expression makes of NULLs. Columns are NULL by themselves."""
    keys = [table.key, *(join.right_field for join in portable.joins if join.right == table.name)]
    key = next((table.fields[name].sql for name in keys if name), "")
    if field.role == "value" or _COLUMN.fullmatch(field.sql) or not key:
        return field.sql
    return f"case when {key} is not null then {field.sql} end"


def translated(sql: str, source: str, target: str) -> str:
    """An expression in another dialect; as it is, if it cannot be read."""
    if source == target:
        return sql
    tree = parse_expression(sql, source)
    return sql if isinstance(tree, Problem) else written(tree, target)


def qualified(sql: str, table: str, dialect: str, target: str = "") -> str:
    """An expression whose columns are those of a table, which is named.

    Args:
        target: the dialect of the result, if it is another.
    """
    tree = parse_expression(sql, dialect)
    if isinstance(tree, Problem):
        return sql
    for column in tree.find_all(exp.Column):
        if not column.table:
            column.set("table", exp.to_identifier(table))
    return written(tree, target or dialect)
