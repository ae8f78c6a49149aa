"""CONNECT BY: rows joined to their own table again and again."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")


def connected(connect: exp.Expression, scope: Scope[V, R]) -> R:
    """The rows of ``START WITH a CONNECT BY PRIOR b = c``: those of the start, and all that
    the condition reaches from them."""
    algebra, start = scope.algebra, scope.rows
    condition = connect.args.get("start")
    if condition is not None:
        start = algebra.filtered(start, scope.evaluate(condition))
    how = "connect nocycle" if connect.args.get("nocycle") else "connect"
    reached = [scope.evaluate(connect.args["connect"])]
    return algebra.joined(start, scope.rows, f"{how} inner", reached)
