"""The aliases that a SELECT gives, wherever its engine lets it give them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from analyticsops.sql.syntax import WITH

Alias = tuple[exp.Identifier, exp.Expression]


def aliases_in(query: exp.Select, *, anywhere: bool) -> Iterator[Alias]:
    """Names and what they stand for; of equal names the first counts.

    Args:
        anywhere: ClickHouse: ``WITH 1 AS x``, and aliases inside expressions:
            ``(a + 1 AS b) * 2``.
    """
    for projection in query.expressions:
        if isinstance(projection, exp.Alias):
            yield from _alias(projection)
    if not anywhere:
        return
    clause = query.args.get(WITH)
    for cte in clause.expressions if clause is not None else ():
        if cte.args.get("scalar"):
            yield cte.args["alias"].this, cte.this
    parts = [query.args.get(name) for name in ("prewhere", "where", "having", "qualify", "group")]
    stack = [*query.expressions, *(part for part in parts if part is not None)]
    while stack:
        node = stack.pop()
        if not isinstance(node, exp.Query):
            if isinstance(node, exp.Alias):
                yield from _alias(node)
            stack.extend(node.iter_expressions())


def _alias(node: exp.Alias) -> Iterator[Alias]:
    if isinstance(node.args["alias"], exp.Identifier):
        yield node.args["alias"], node.this
