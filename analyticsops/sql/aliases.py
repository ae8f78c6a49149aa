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
    yield from scalars_of(query)
    parts = [query.args.get(name) for name in ("prewhere", "where", "having", "qualify", "group")]
    stack = [*query.expressions, *(part for part in parts if part is not None)]
    while stack:
        node = stack.pop()
        if not isinstance(node, exp.Query):
            if isinstance(node, exp.Alias):
                yield from _alias(node)
            stack.extend(node.iter_expressions())


def scalars_of(query: exp.Expression) -> Iterator[Alias]:
    """The aliases of ClickHouse's ``WITH 1 AS x``."""
    clause = query.args.get(WITH)
    for cte in clause.expressions if clause is not None else ():
        if cte.args.get("scalar"):
            yield cte.args["alias"].this, cte.this


def hand_down_scalars(statement: exp.Expression) -> None:
    """Give the aliases of each WITH to the queries below, as ClickHouse does before it runs
    a query: ``WITH 1 AS x SELECT y FROM (SELECT x AS y)``."""
    for clause in statement.find_all(exp.With):
        scalars = [cte for cte in clause.expressions if cte.args.get("scalar")]
        if not scalars or clause.parent is None:
            continue
        names = {cte.alias for cte in scalars}
        for query in list(clause.parent.find_all(exp.Select)):
            if query is clause.parent or not names & {c.name for c in query.find_all(exp.Column)}:
                continue
            own = query.args.get(WITH)
            listed = list(own.expressions) if own is not None else []
            there = {cte.alias for cte in listed}
            added = [cte.copy() for cte in scalars if cte.alias not in there]
            query.set(WITH, exp.With(expressions=[*added, *listed]))


def _alias(node: exp.Alias) -> Iterator[Alias]:
    if isinstance(node.args["alias"], exp.Identifier):
        yield node.args["alias"], node.this
