"""The aliases that a SELECT gives, wherever its engine lets it give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")


def declare_aliases(query: exp.Select, scope: Scope[V, R]) -> None:
    """Make the aliases of a SELECT known to its scope."""
    for projection in query.expressions:
        if isinstance(projection, exp.Alias):
            scope.declare_alias(projection.args["alias"], projection.this)
    if scope.rules.alias_wins:
        for identifier, node in _anywhere(query):
            scope.declare_alias(identifier, node)


def _anywhere(query: exp.Select) -> Iterator[tuple[exp.Identifier, exp.Expression]]:
    """ClickHouse: ``WITH 1 AS x``, and aliases inside expressions: ``(a + 1 AS b) * 2``."""
    clause = query.args.get("with_")
    for cte in clause.expressions if clause is not None else ():
        if cte.args.get("scalar"):
            yield cte.args["alias"].this, cte.this
    parts = [query.args.get(name) for name in ("prewhere", "where", "having", "qualify", "group")]
    stack = [*query.expressions, *(part for part in parts if part is not None)]
    while stack:
        node = stack.pop()
        if isinstance(node, exp.Query):
            continue
        if isinstance(node, exp.Alias) and isinstance(node.args.get("alias"), exp.Identifier):
            yield node.args["alias"], node.this
        stack.extend(node.iter_expressions())
