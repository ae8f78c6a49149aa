"""Pieces of a query as SQL text, to show people what changed. Never used to decide."""

from __future__ import annotations

from sqlglot import exp


def predicate_texts(query: exp.Expression, dialect: str) -> list[str]:
    """The conjuncts of every WHERE, HAVING, QUALIFY and ON, in the order of the text."""
    texts: list[str] = []
    for node in query.find_all(exp.Where, exp.Having, exp.Qualify, exp.Join, bfs=False):
        condition = node.args.get("on") if isinstance(node, exp.Join) else node.this
        if condition is not None:
            parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
            texts.extend(part.unnest().sql(dialect=dialect, comments=False) for part in parts)
    return texts


def projection_texts(query: exp.Expression, name: str, dialect: str) -> list[str]:
    """The expressions that any SELECT of the query calls ``name``, bare columns left out."""
    return [node.sql(dialect=dialect, comments=False) for node in projections(query, name)]


def projections(query: exp.Expression, name: str) -> list[exp.Expression]:
    """As :func:`projection_texts`, as trees."""
    found: list[exp.Expression] = []
    for select in query.find_all(exp.Select, bfs=False):
        for projection in select.expressions:
            if projection.alias_or_name.lower() != name.lower():
                continue
            node = projection.unalias()
            if not isinstance(node, exp.Column) or node.name.lower() != name.lower():
                found.append(node)
    return found
