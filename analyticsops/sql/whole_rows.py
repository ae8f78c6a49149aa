"""`SELECT t FROM t`: the name of a table as its whole row."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlglot import exp

from analyticsops.sql.facts import Problem
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Opening, Others

if TYPE_CHECKING:
    from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")


def whole_row(key: str, name: str, node: exp.Expression, scope: Scope[V, R]) -> V | None:
    """The row of the source of that name; None if there is none."""
    for source in scope.sources:
        relation = source.relation
        if source.key != key or not (relation.columns or relation.openings):
            continue
        values = [column.value for column in relation.columns]
        names = [column.name for column in relation.columns]
        if not relation.openings:
            return scope.algebra.row_of(values, names)
        problem = Problem("whole row of unknown columns", name, line_of(node))
        if scope.rules.row_wins and len(relation.openings) == 1:
            others = Others(problem, _fields(relation.openings[0], scope))
            return scope.algebra.row_of(values, names, others)
        row = scope.algebra.row_of(values, names)
        demanded = [opening.demand(key, name) for opening in relation.openings_for(key)]
        return scope.algebra.either([row, *demanded], problem)
    return None


def _fields(opening: Opening[V], scope: Scope[V, R]) -> Callable[[str], V]:
    fold = scope.rules.fold
    return lambda name: opening.demand(fold(name, False), name)
