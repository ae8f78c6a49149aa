"""A query that fails, made smaller while it still fails in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from sqlglot import exp, parse_one

Fails = Callable[[str], bool]

_OPTIONAL = (
    *("where", "having", "qualify", "order", "limit", "offset", "distinct", "group", "windows"),
    *("with_", "joins", "laterals", "pivots", "filter", "default", "sample"),
)


def shrunk(sql: str, fails: Fails, seconds: float = 60.0) -> str:
    """The smallest query found.

    Args:
        fails: whether a query (which may not run at all) still shows the fault.
        seconds: after which the best so far will do.
    """
    end = time.monotonic() + seconds
    best = _text(parse_one(sql, dialect="duckdb"))
    if not fails(best):
        return sql  # sqlglot's own words for it do not fail
    shorter: str | None = best
    while shorter is not None:
        best = shorter
        shorter = next(
            (
                text
                for text in _smaller(best)
                if time.monotonic() < end and len(text) < len(best) and fails(text)
            ),
            None,
        )
    return best


def _smaller(sql: str) -> Iterator[str]:
    """The query with one part less; large parts first."""
    count = len(list(parse_one(sql, dialect="duckdb").walk()))
    seen = {sql}
    for place in range(count):
        for change in _CHANGES:
            for step in range(4):
                tree = parse_one(sql, dialect="duckdb")
                nodes = list(tree.walk())
                changed = change(tree, nodes[place], step) if place < len(nodes) else None
                if changed is None:
                    break
                text = _text(changed)
                if text not in seen:
                    seen.add(text)
                    yield text


def _text(tree: exp.Expression) -> str:
    return str(tree.sql(dialect="duckdb"))


def _without_clause(tree: exp.Expression, node: exp.Expression, step: int) -> exp.Expression | None:
    """Leave out an optional clause."""
    present = [name for name in _OPTIONAL if node.args.get(name)]
    if step >= len(present):
        return None
    node.set(present[step], None)
    return tree


def _without_item(tree: exp.Expression, node: exp.Expression, step: int) -> exp.Expression | None:
    """Leave out one of several: a projection, a key, a join, a CTE."""
    lists = [
        (name, place)
        for name, value in node.args.items()
        if isinstance(value, list) and (len(value) > 1 or name == "joins")
        for place in range(len(value))
    ]
    if step >= len(lists):
        return None
    name, place = lists[step]
    node.set(name, [item for n, item in enumerate(node.args[name]) if n != place])
    return tree


def _hoisted(tree: exp.Expression, node: exp.Expression, step: int) -> exp.Expression | None:
    """Put an expression in the place of the one around it, or a query in that of all."""
    if step == 0 and isinstance(node, exp.Query) and node is not tree and node.parent:
        own = node.copy()
        clause = tree.args.get("with_")
        if clause is not None and not own.args.get("with_") and isinstance(own, exp.Select):
            own.set("with_", clause.copy())
        return own
    children = [child for child in node.iter_expressions() if isinstance(child, exp.Condition)]
    if node is tree or not isinstance(node, exp.Condition) or step >= len(children):
        return None
    if isinstance(node, exp.Column):
        return None
    node.replace(children[step].copy())
    return tree


def _constant(tree: exp.Expression, node: exp.Expression, step: int) -> exp.Expression | None:
    """A constant in the place of an expression."""
    if step or node is tree or not isinstance(node, exp.Condition):
        return None
    if isinstance(node, exp.Literal) or isinstance(node.parent, (exp.Table, exp.Identifier)):
        return None
    node.replace(exp.Literal.number(1))
    return tree


def _side(tree: exp.Expression, node: exp.Expression, step: int) -> exp.Expression | None:
    """One side of a set operation."""
    if not isinstance(node, exp.SetOperation) or step > 1:
        return None
    side = (node.this if step == 0 else node.expression).copy()
    if node is tree:
        if node.args.get("with_") is not None and isinstance(side, exp.Select):
            side.set("with_", node.args["with_"].copy())
        return side
    node.replace(side)
    return tree


def _table(tree: exp.Expression, node: exp.Expression, step: int) -> exp.Expression | None:
    """A plain table in the place of a derived one, keeping its alias: which one is tried."""
    if step or not isinstance(node, exp.Subquery) or not node.alias:
        return None
    tables = [t for t in node.find_all(exp.Table) if isinstance(t.this, exp.Identifier)]
    if not tables:
        return None
    plain = tables[0].copy()
    plain.set("joins", None)
    plain.set("alias", node.args["alias"].copy())
    node.replace(plain)
    return tree


_CHANGES = (_without_clause, _without_item, _side, _hoisted, _table, _constant)
