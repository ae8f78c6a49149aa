"""What SQL Server writes when a statement names a CTE or a derived table: the table below.

``WITH q AS (SELECT *, row_number() OVER (...) AS rn FROM t) DELETE FROM q WHERE rn > 1``
deletes rows of `t`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.syntax import FROM, WITH


class Below(NamedTuple):
    """A table, seen through the queries that stand above it.

    Attributes:
        table: the table.
        column: a name that the uppermost query gives a column -> that of the table; None if
            it is computed.
    """

    table: exp.Table
    column: Callable[[str], str | None]


def table_below(name: exp.Table, statement: exp.Expression) -> Below | None:
    """The table that is written where a statement names `name`: itself, unless a query is
    called so; None if that query reads more than one table or computes its rows."""
    return _through(name, _queries(statement))


def _queries(statement: exp.Expression) -> dict[str, exp.Expression]:
    """CTEs and the derived tables of FROM, by name."""
    clause, source = statement.args.get(WITH), statement.args.get(FROM)
    items = [statement.this, source.this if source is not None else None]
    items += [join.this for item in items if item for join in item.args.get("joins") or ()]
    derived = [item for item in items if isinstance(item, exp.Subquery)]
    ctes = clause.expressions if clause is not None else []
    return {node.alias.lower(): node for node in (*ctes, *derived)}


def _through(name: exp.Table, queries: dict[str, exp.Expression]) -> Below | None:
    found = None if name.args.get("db") else queries.get(name.name.lower())
    if found is None:
        return Below(name, lambda column: column)
    query = found.this
    while isinstance(query, exp.Subquery):
        query = query.this
    if not isinstance(query, exp.Select) or any(query.args.get(clause) for clause in _MAKING):
        return None
    source = query.args.get(FROM)
    item = source.this if source is not None else None
    if item is None or item.args.get("joins"):
        return None
    others = {key: node for key, node in queries.items() if node is not found}
    if isinstance(item, exp.Subquery):
        item, others = exp.to_table(item.alias), {**others, item.alias.lower(): item}
    below = _through(item, others) if isinstance(item, exp.Table) else None
    if below is None:
        return None
    named = found.args["alias"].args.get("columns") or []

    def column(wanted: str) -> str | None:
        own = _column_of(query, [part.name for part in named], wanted)
        return below.column(own) if own is not None else None

    return Below(below.table, column)


_MAKING = ("joins", "laterals", "group", "having", "distinct", WITH)
"""Clauses of a query whose rows are not rows of one table."""


def _column_of(query: exp.Select, named: list[str], wanted: str) -> str | None:
    """What the table calls the column that a query over it calls `wanted`."""
    parts = query.expressions
    stars = [part for part in parts if part.is_star]
    if named:
        place = [name.lower() for name in named].index(wanted.lower()) if wanted in named else -1
        found = parts[place] if place >= 0 and not stars and place < len(parts) else None
        return found.unalias().name if found and isinstance(found.unalias(), exp.Column) else None
    for part in parts:
        if part.alias_or_name.lower() == wanted.lower() and not part.is_star:
            inner = part.unalias()
            return inner.name if isinstance(inner, exp.Column) else None
    return wanted if stars else None
