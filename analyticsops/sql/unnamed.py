"""Columns that an expression means without their names: by a star, by their position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from sqlglot import exp

from analyticsops.sql.chosen import choice_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.nodes import identifiers, line_of
from analyticsops.sql.relation import Named, Source
from analyticsops.sql.syntax import EXCEPT

if TYPE_CHECKING:
    from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")


def everything(node: exp.Expression, scope: Scope[V, R]) -> list[V]:
    """All columns that a star or COLUMNS(...) inside an expression stands for."""
    choice = choice_of(node)
    if choice is None:
        return [scope.unsupported(node, "this form of COLUMNS")]
    star = choice.star.this if isinstance(choice.star, exp.Column) else choice.star
    table = choice.star.args.get("table") if star is not choice.star else None
    wanted = scope.key(table) if isinstance(table, exp.Identifier) else None
    excluded = {scope.key(name) for name in identifiers(star.args.get(EXCEPT))}
    values: list[V] = []
    for source in scope.sources:
        if wanted not in (None, source.key) or source.hidden:
            continue
        values += [
            column.value
            for column in source.relation.columns
            if column.key not in excluded and choice.fits(column.name)
        ]
        for opening in source.relation.openings:
            problem = Problem("star over unknown columns", opening.table, line_of(node))
            values.append(scope.algebra.faulty(problem))
    return values


def by_position(
    node: exp.Expression, scope: Scope[V, R], column: exp.Expression | None = None
) -> list[V]:
    """The value of ``#1`` of DuckDB and ``$1`` of Snowflake, alone or behind ``t.``; none
    for a parameter, which is a constant.

    Args:
        column: the qualified reference, if it is one.
    """
    if isinstance(node, exp.Parameter) and not scope.rules.dollar_is_column:
        return []
    if not (isinstance(node.this, exp.Literal) and node.this.is_int):
        return []
    qualifier = column.args.get("table") if column is not None else None
    key = scope.key(qualifier) if isinstance(qualifier, exp.Identifier) else None
    sources = [source for source in scope.sources if key in (None, source.key)]
    found = at_position(int(node.this.name), sources, scope)
    if found is not None:
        return [found.value]
    return [scope.unsupported(node, "a column by its position")]


def at_position(
    position: int, sources: Sequence[Source[V, R]], scope: Scope[V, R]
) -> Named[V] | None:
    """The column at a position, counted from 1; None if that cannot be told."""
    # Positions count through all tables on DuckDB; on Snowflake only one is meant.
    if scope.merged or (len(sources) > 1 and scope.rules.dollar_is_column):
        return None
    if any(source.relation.openings for source in sources):
        return None
    columns = [column for source in sources for column in source.relation.columns]
    return columns[position - 1] if 0 < position <= len(columns) else None
