"""Calls in a SELECT list that make several columns: ``explode(m) AS (k, v)``."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.laterals import Call, Elements
from analyticsops.sql.relation import Named, Opening
from analyticsops.sql.scope import Scope
from analyticsops.sql.table_functions import shape_of

V = TypeVar("V")
R = TypeVar("R")


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
