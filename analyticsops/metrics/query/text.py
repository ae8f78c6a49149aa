"""Readable SQL: SELECTs with a line for each part, and names for those before them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import indent
from typing import NamedTuple

from analyticsops.sql.time_functions import quoted

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

_RESERVED = frozenset(
    [
        "all",
        "and",
        "any",
        "array",
        "as",
        "asc",
        "between",
        "both",
        "by",
        "case",
        "cast",
        "check",
        "collate",
        "column",
        "constraint",
        "create",
        "cross",
        "cube",
        "current",
        "date",
        "default",
        "desc",
        "distinct",
        "else",
        "end",
        "except",
        "exists",
        "extract",
        "false",
        "fetch",
        "filter",
        "following",
        "for",
        "foreign",
        "from",
        "full",
        "grant",
        "group",
        "grouping",
        "having",
        "if",
        "in",
        "index",
        "inner",
        "intersect",
        "interval",
        "into",
        "is",
        "join",
        "key",
        "language",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "merge",
        "natural",
        "new",
        "no",
        "not",
        "null",
        "nulls",
        "of",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "over",
        "partition",
        "percent",
        "position",
        "primary",
        "qualify",
        "range",
        "recursive",
        "references",
        "right",
        "rollup",
        "row",
        "rows",
        "select",
        "session",
        "set",
        "some",
        "start",
        "table",
        "tablesample",
        "then",
        "time",
        "timestamp",
        "to",
        "trailing",
        "true",
        "union",
        "unique",
        "unnest",
        "user",
        "using",
        "value",
        "values",
        "view",
        "when",
        "where",
        "window",
        "with",
        "within",
        "year",
    ]
)
"""Words that some engine does not take as a name without quotes."""


class Column(NamedTuple):
    """What a SELECT yields under a name."""

    sql: str
    name: str


class Names:
    """Names as a dialect writes them."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect

    def __call__(self, name: str) -> str:
        """The name, in quotes where it needs them."""
        if _PLAIN.fullmatch(name) and name not in _RESERVED:
            return name
        return quoted(name, self._dialect)

    def column(self, column: Column) -> str:
        """``sql as name``."""
        name = self(column.name)
        return name if column.sql == name else f"{column.sql} as {name}"


def select(
    names: Names,
    columns: Sequence[Column],
    source: Sequence[str],
    *,
    where: Sequence[str] = (),
    group: Sequence[str] = (),
    distinct: bool = False,
    order: Sequence[str] = (),
    limit: int = 0,
) -> str:
    """A SELECT.

    Args:
        source: FROM and each JOIN, a line or more each.
        group: expressions of GROUP BY.
    """
    listed = ",\n".join(names.column(column) for column in columns)
    lines = [f"select{' distinct' if distinct else ''}", indent(listed, "    "), *source]
    if where:
        lines.append("where " + "\n  and ".join(where))
    if group:
        lines.append(f"group by {', '.join(group)}")
    if order:
        lines.append(f"order by {', '.join(order)}")
    if limit:
        lines.append(f"limit {limit}")
    return "\n".join(lines)


def inside(sql: str) -> str:
    """A query in brackets."""
    return f"(\n{indent(sql, '    ')}\n)"
