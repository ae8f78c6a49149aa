"""Readers that take a table's columns by their position and not by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from analyticsops.changes.version import Version
from analyticsops.project.model import Node
from analyticsops.sql.facts import Problem

if TYPE_CHECKING:
    from sqlglot import exp


def positional_readers(version: Version, node: Node) -> tuple[Node, ...]:
    """The models, snapshots and tests that put all columns of ``node`` into a UNION, INTERSECT
    or EXCEPT that pairs them by position."""
    found = version.by_position.get(node.unique_id)
    if found is None:
        found = version.by_position[node.unique_id] = tuple(_readers(version, node))
    return found


def _readers(version: Version, node: Node) -> Iterator[Node]:
    for unique_id in version.project.children.get(node.unique_id, ()):
        reader = version.project.nodes[unique_id]
        if reader.kind not in ("model", "snapshot", "test") or node.relation is None:
            continue
        sql = (version.code(reader).sql or "").lower()
        if "*" not in sql or not any(word in sql for word in ("union", "intersect", "except")):
            continue
        tree = version.tree(reader)
        if not isinstance(tree, Problem) and _pairs_a_star(tree, _names(node)):
            yield reader


def _names(node: Node) -> set[str]:
    inlined = f"__dbt__cte__{node.name}".lower()
    return {node.relation.identifier.lower() if node.relation else "", inlined}


def _pairs_a_star(tree: exp.Query, names: set[str]) -> bool:
    """True if a branch of a set operation is ``select *`` over one of the tables, perhaps
    through CTEs that are no more than that themselves."""
    from sqlglot import exp

    names = set(names)
    for cte in tree.find_all(exp.CTE):  # a CTE stands before its readers
        if _is_star_over(cte.this, names):
            names.add(cte.alias.lower())
    return any(
        _is_star_over(side, names)
        for operation in tree.find_all(exp.SetOperation)
        if not operation.args.get("by_name")
        for side in (operation.this, operation.expression)
    )


def _is_star_over(query: exp.Expression | None, names: set[str]) -> bool:
    from sqlglot import exp

    from analyticsops.sql.syntax import FROM

    if not isinstance(query, exp.Select) or not any(item.is_star for item in query.expressions):
        return False
    tables = [query.args.get(FROM), *(query.args.get("joins") or ())]
    found = (table.find(exp.Table) for table in tables if table is not None)
    return any(table is not None and table.name.lower() in names for table in found)
