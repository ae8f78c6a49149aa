"""Stars in a SELECT list, and the names of output columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.facts import Problem
from analyticsops.sql.relation import Named, Opening, without_keys
from analyticsops.sql.scope import Scope, Source, line_of

V = TypeVar("V")
R = TypeVar("R")


def is_star(projection: exp.Expression) -> bool:
    """True for ``*``, ``t.*`` and DuckDB's ``COLUMNS(...)`` as a whole projection."""
    if isinstance(projection, (exp.Star, exp.Columns)):
        return True
    return isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star)


def output_name(projection: exp.Expression, scope: Scope[V, R], position: int) -> tuple[str, str]:
    """(key, name) of a projection that is no star."""
    if isinstance(projection, exp.Alias):
        identifier = projection.args["alias"]
        return scope.key(identifier), identifier.name
    node = projection
    while isinstance(node, (exp.Paren, exp.Cast)) and node.this is not None:
        node = node.this  # engines name a cast after its column
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return scope.key(node.this), node.name
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return scope.key(node.expression), node.expression.name
    name = projection.output_name or f"_col{position}"
    return scope.rules.fold(name, False), name


def expand_star(
    projection: exp.Expression, scope: Scope[V, R], algebra: Algebra[V, R]
) -> tuple[list[Named[V]], list[Opening[V]]]:
    """The columns that a star stands for, and what it may hold beyond them."""
    star = projection.this if isinstance(projection, exp.Column) else projection
    sources, missing = _starred(projection, scope)
    if missing:
        problem = Problem("unknown table", missing, line_of(projection))
        return [Named("*", "*", algebra.faulty(problem))], []
    columns = list(_columns(sources, scope, qualified=isinstance(projection, exp.Column)))
    excluded = frozenset(scope.key(i) for i in _identifiers(star.args.get("except_")))
    replaced = {
        scope.key(alias.args["alias"]): scope.evaluate(alias.this)
        for alias in star.args.get("replace") or ()
        if isinstance(alias, exp.Alias)
    }
    renamed = dict(_renames(star, scope))
    kept = _matching(star, columns)
    named = [
        Named(*renamed.get(c.key, (c.key, c.name)), replaced.get(c.key, c.value))
        for c in kept
        if c.key not in excluded
    ]
    openings = [opening for source in sources for opening in source.relation.openings]
    return named, without_keys(openings, excluded | frozenset(renamed))


def _starred(projection: exp.Expression, scope: Scope[V, R]) -> tuple[Sequence[Source[V, R]], str]:
    """The sources behind a star; or the qualifier that names none."""
    visible = [source for source in scope.sources if not source.hidden]
    if not isinstance(projection, exp.Column):
        return visible, ""
    table = projection.args.get("table")
    if not isinstance(table, exp.Identifier):
        return visible, ""
    key = scope.key(table)
    named = [source for source in visible if source.key == key]
    if named:
        return named, ""
    if scope.parent is not None:
        outer = [source for source in scope.parent.sources if source.key == key]
        if outer:
            return outer, ""
    return [], table.name


def _columns(
    sources: Sequence[Source[V, R]], scope: Scope[V, R], *, qualified: bool
) -> Iterator[Named[V]]:
    """Columns in the order of the sources; those of USING once, where they stand first."""
    seen: set[str] = set()
    for source in sources:
        for column in source.relation.columns:
            if qualified or column.key not in scope.merged:
                yield column
            elif column.key not in seen:
                seen.add(column.key)
                yield Named(column.key, column.name, scope.merged[column.key])


def _identifiers(nodes: object) -> Iterator[exp.Identifier]:
    """The names in EXCLUDE (...), however the parser wraps them."""
    for node in nodes if isinstance(nodes, list) else [nodes]:
        if isinstance(node, exp.Identifier):
            yield node
        elif isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            yield node.this
        elif isinstance(node, (exp.Tuple, exp.Paren)):
            yield from _identifiers(node.expressions or [node.this])


def _renames(star: exp.Expression, scope: Scope[V, R]) -> Iterator[tuple[str, tuple[str, str]]]:
    for alias in star.args.get("rename") or ():
        if isinstance(alias, exp.Alias):
            new = alias.args["alias"]
            for old in _identifiers(alias.this):
                yield scope.key(old), (scope.key(new), new.name)


def _matching(star: exp.Expression, columns: Sequence[Named[V]]) -> Sequence[Named[V]]:
    """Columns whose name fits COLUMNS('regex') or ILIKE 'pattern'."""
    pattern = star.args.get("ilike")
    if isinstance(pattern, exp.Literal):
        like = re.escape(pattern.name).replace("%", ".*").replace("_", ".")
        return [c for c in columns if re.fullmatch(like, c.name, re.IGNORECASE | re.DOTALL)]
    if isinstance(star, exp.Columns) and isinstance(star.this, exp.Literal):
        try:
            return [c for c in columns if re.search(star.this.name, c.name)]
        except re.error:
            return columns
    return columns
