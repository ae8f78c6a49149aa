"""CONNECT BY: rows joined to their own table again and again."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.relation import Relation, Source
from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")


_PSEUDO = ("level", "connect_by_isleaf", "connect_by_iscycle")
"""Columns that CONNECT BY makes."""


def connected(connect: exp.Expression, scope: Scope[V, R]) -> R:
    """The rows of ``START WITH a CONNECT BY PRIOR b = c``: those of the start, and all that
    the condition reaches from them."""
    algebra, start = scope.algebra, scope.rows
    level = {scope.rules.fold(name, False): algebra.cell([], 0, name) for name in _PSEUDO}
    scope.sources.append(Source("", "", Relation([], algebra.single_row, aside=level)))
    condition = connect.args.get("start")
    if condition is not None:
        start = algebra.filtered(start, scope.evaluate(condition))
    how = "connect nocycle" if connect.args.get("nocycle") else "connect"
    reached = [scope.evaluate(connect.args["connect"])]
    return algebra.joined(start, scope.rows, f"{how} inner", reached)
