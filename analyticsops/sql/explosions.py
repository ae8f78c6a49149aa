"""Functions of the SELECT list that turn one row into several, or into several columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.laterals import Call, Elements
from analyticsops.sql.relation import Named, Opening
from analyticsops.sql.scope import Scope
from analyticsops.sql.table_functions import function_name, shape_of

V = TypeVar("V")
R = TypeVar("R")

_KINDS: tuple[type[exp.Expression], ...] = (
    exp.Explode,
    exp.ExplodeOuter,
    exp.ExplodingGenerateSeries,
    exp.Inline,
    exp.Posexplode,
    exp.PosexplodeOuter,
    exp.Unnest,
)

_CALLED = frozenset(
    {
        "generate_subscripts",
        "inline_outer",
        "json_array_elements",
        "json_array_elements_text",
        "json_each",
        "json_each_text",
        "json_object_keys",
        "jsonb_array_elements",
        "jsonb_array_elements_text",
        "jsonb_each",
        "jsonb_each_text",
        "jsonb_object_keys",
        "jsonb_path_query",
        "regexp_matches",
        "regexp_split_to_table",
        "stack",
        "string_to_table",
    }
)

_SPREADING = frozenset(
    {
        *("explode", "explode_outer", "inline", "inline_outer", "json_tuple"),
        *("posexplode", "posexplode_outer", "stack"),
    }
)
"""Of Spark: they make several columns, unless a single name says otherwise."""


def explosions_in(node: exp.Expression) -> Iterator[str]:
    """What multiplies the rows of the SELECT in whose list the node stands."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, exp.Query):
            continue
        if isinstance(current, _KINDS):
            yield current.key
        elif isinstance(current, exp.Anonymous) and str(current.this).lower() in _CALLED:
            yield str(current.this).lower()
        stack.extend(current.iter_expressions())


def spreads(projection: exp.Expression, dialect: str) -> bool:
    """True for ``explode(m) AS (k, v)`` and its kin: several columns of one call."""
    if isinstance(projection, exp.Aliases):
        return isinstance(projection.this, exp.Func)
    spark = dialect in ("databricks", "spark")
    return spark and isinstance(projection, exp.Func) and function_name(projection) in _SPREADING


def spread(
    projection: exp.Expression, scope: Scope[V, R]
) -> tuple[list[Named[V]], list[Opening[V]]]:
    """The columns of such a call; the rows of the scope are multiplied."""
    named = isinstance(projection, exp.Aliases)
    function = projection.this if named else projection
    call = Call(
        function=function,
        shape=shape_of(function, scope.rules.name),
        columns=[(scope.key(i), i.name) for i in projection.expressions] if named else (),
    )
    elements = Elements(call, scope, f"list {function.key}", lambda part: scope.project("", part))
    relation = elements.relation()
    scope.rows = relation.rows
    return list(relation.columns), list(relation.openings)
