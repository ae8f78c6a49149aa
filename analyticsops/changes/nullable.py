"""Which columns of a query come from the optional side of an outer join."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from analyticsops.sql.facts import Problem

if TYPE_CHECKING:
    from sqlglot import exp

Sides = Mapping[str, bool]
"""Name of a column, lower case -> True if a missing match makes it NULL."""


def from_outer_side(tree: exp.Query | Problem) -> Sides:
    """The columns of the result that are plain columns of a joined table.

    Followed through CTEs and subqueries. What is computed, what has no qualifier among
    several tables and what comes through a star over a table is left out: silence here
    is no claim.
    """
    if isinstance(tree, Problem):
        return {}
    from sqlglot import exp

    known: dict[str, Sides] = {}
    for cte in tree.find_all(exp.CTE, bfs=False):
        known[cte.alias.lower()] = _of(cte.this, known)
    return _of(tree, known)


def _of(query: exp.Expression, known: Mapping[str, Sides]) -> Sides:
    from sqlglot import exp

    if not isinstance(query, exp.Select):
        return {}
    tables = dict(_tables(query, known))
    found: dict[str, bool] = {}
    for projection in query.expressions:
        node = projection.unalias()
        if isinstance(node, exp.Star) and len(tables) == 1:
            ((optional, inner),) = tables.values()
            found.update({name: side or optional for name, side in inner.items()})
        elif isinstance(node, exp.Column) and not node.is_star:
            side = _side(node, tables)
            if side is not None:
                found[projection.alias_or_name.lower()] = side
    return found


def _side(column: exp.Column, tables: Mapping[str, tuple[bool, Sides]]) -> bool | None:
    name = column.table.lower() or (next(iter(tables)) if len(tables) == 1 else "")
    if name not in tables:
        return None
    optional, inner = tables[name]
    return optional or inner.get(column.name.lower(), False)


def _tables(
    query: exp.Select, known: Mapping[str, Sides]
) -> Iterator[tuple[str, tuple[bool, Sides]]]:
    """Each table by its alias: whether it is optional, and what is known inside it."""
    from analyticsops.sql.syntax import FROM

    clause = query.args.get(FROM)
    if clause is None:
        return
    joins = query.args.get("joins") or []
    sides = [str(join.side or "").upper() for join in joins]
    # A RIGHT or FULL join makes everything before it optional.
    for place, (item, side) in enumerate(zip([clause, *joins], ["", *sides], strict=True)):
        later = sides[place:]
        optional = side in ("LEFT", "FULL") or any(s in ("RIGHT", "FULL") for s in later)
        table = item.this
        yield table.alias_or_name.lower(), (optional, _inside(table, known))


def _inside(table: exp.Expression, known: Mapping[str, Sides]) -> Sides:
    from sqlglot import exp

    if isinstance(table, exp.Subquery):
        return _of(table.this, known)
    if isinstance(table, exp.Table) and not table.db:
        return known.get(table.name.lower(), {})
    return {}
