"""Stars in a SELECT list: which columns they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.facts import Problem
from analyticsops.sql.gaps import is_gap
from analyticsops.sql.relation import Named, Opening, without_keys
from analyticsops.sql.scope import Scope, Source, identifiers, line_of
from analyticsops.sql.syntax import EXCEPT

V = TypeVar("V")
R = TypeVar("R")


def is_star(projection: exp.Expression) -> bool:
    """True for ``*``, ``t.*`` and ``* LIKE 'a%'``: it stands for several columns."""
    if isinstance(projection, exp.Star):
        return True
    if isinstance(projection, (exp.Like, exp.ILike)) and isinstance(projection.this, exp.Star):
        return True
    return isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star)


def expand_star(
    projection: exp.Expression, scope: Scope[V, R], algebra: Algebra[V, R]
) -> tuple[list[Named[V]], list[Opening[V]]]:
    """The columns that a star stands for, and what it may hold beyond them."""
    inner = _inner_star(projection)
    if inner is None:
        problem = Problem("unsupported", "this form of COLUMNS", line_of(projection))
        value = algebra.faulty(problem)
        return [], [Opening("columns(...)", lambda _key, _name: value)]
    if isinstance(inner, exp.Column) and is_gap(inner.table):
        return [], [_of_gap(inner, scope, algebra)]
    sources = _starred(inner, scope)
    if sources is None:
        return _of_struct(inner, scope, algebra)
    star = inner.this if isinstance(inner, exp.Column) else inner
    openings = [opening for source in sources for opening in source.relation.openings]
    if inner is projection and not scope.merged and not any(star.args.values()):
        return [column for source in sources for column in source.relation.columns], openings
    columns = _columns(sources, scope, qualified=isinstance(inner, exp.Column))
    named = _changed(star, [c for c in columns if _fits(projection, star, c.name)], scope)
    gone = [*identifiers(star.args.get(EXCEPT)), *(old for old, _ in _renames(star))]
    excluded = frozenset(scope.key(identifier) for identifier in gone)
    return named, without_keys(openings, excluded)


def _inner_star(projection: exp.Expression) -> exp.Expression | None:
    """The star in ``* LIKE 'a%'`` and ``COLUMNS(...)``; None if it is not understood."""
    if isinstance(projection, (exp.Like, exp.ILike)) and isinstance(projection.this, exp.Star):
        return projection.this if isinstance(projection.expression, exp.Literal) else None
    if isinstance(projection, exp.Columns):
        chosen = projection.this
        if isinstance(chosen, exp.Star) or (
            isinstance(chosen, exp.Column) and isinstance(chosen.this, exp.Star)
        ):
            return chosen
        return exp.Star() if _names_in(chosen) is not None or _is_text(chosen) else None
    return projection if isinstance(projection, (exp.Star, exp.Column)) else None


def _starred(projection: exp.Expression, scope: Scope[V, R]) -> Sequence[Source[V, R]] | None:
    """The sources behind a star; None if its qualifier names none."""
    visible = [source for source in scope.sources if not source.hidden]
    if not isinstance(projection, exp.Column):
        return visible
    table = projection.args.get("table")
    if not isinstance(table, exp.Identifier):
        return visible
    key = scope.key(table)
    for around in scope.outward():
        named = [s for s in around.sources if s.key == key and not s.hidden]
        if named:
            return named
    return None


def _of_gap(star: exp.Expression, scope: Scope[V, R], algebra: Algebra[V, R]) -> Opening[V]:
    """Columns that are missing from the SELECT list: likely those of the same names."""
    (opening,) = scope.query(exp.Table(this=star.args["table"].copy())).openings

    def demand(key: str, name: str) -> V:
        doubt = opening.demand(key, name)
        found = scope.find(key, name, star)
        return doubt if found is None else algebra.combined("union", found, doubt)

    return opening._replace(demand=demand)


def _of_struct(
    star: exp.Expression, scope: Scope[V, R], algebra: Algebra[V, R]
) -> tuple[list[Named[V]], list[Opening[V]]]:
    """``s.*``: the fields of a struct, whose names are not known; each is a part of it."""
    table = star.args["table"]
    value = scope.find(scope.key(table), table.name, star)
    if value is None:
        value = algebra.faulty(Problem("unknown table", table.name, line_of(star)))
    excluded = frozenset(scope.key(i) for i in identifiers(star.this.args.get(EXCEPT)))
    fields = algebra.fields(value)
    if fields is not None:
        named = [Named(scope.rules.fold(name, False), name, part) for name, part in fields.items()]
        return [column for column in named if column.key not in excluded], []
    opening = Opening(f"{table.name}.*", lambda key, _name: algebra.field(value, key), excluded)
    return [], [opening]


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
                yield column.of(scope.merged[column.key])
    if not qualified:
        for key, value in scope.merged.items():
            if key not in seen and any(source.relation.openings for source in sources):
                yield Named(key, key, value)  # a key of tables whose columns are unknown


def _changed(
    star: exp.Expression, columns: Sequence[Named[V]], scope: Scope[V, R]
) -> list[Named[V]]:
    """After EXCLUDE, REPLACE and RENAME. What they name exists, listed or not."""
    excluded = {scope.key(i) for i in identifiers(star.args.get(EXCEPT))}
    replaced = {
        scope.key(alias.args["alias"]): Named(
            scope.key(alias.args["alias"]),
            alias.args["alias"].name,
            scope.evaluate(alias.this),
        )
        for alias in star.args.get("replace") or ()
        if isinstance(alias, exp.Alias)
    }
    renamed = {scope.key(old): new for old, new in _renames(star)}
    found: list[Named[V]] = []
    for column in columns:
        if column.key in excluded:
            continue
        column = replaced.pop(column.key, column)
        new = renamed.pop(column.key, None)
        found.append(Named(scope.key(new), new.name, column.value) if new else column)
    found += replaced.values()
    for old, new in _renames(star):
        if scope.key(old) in renamed:
            value = scope.column(exp.column(old.copy()))
            found.append(Named(scope.key(new), new.name, value))
    return found


def _renames(star: exp.Expression) -> Iterator[tuple[exp.Identifier, exp.Identifier]]:
    for alias in star.args.get("rename") or ():
        if isinstance(alias, exp.Alias):
            for old in identifiers(alias.this):
                yield old, alias.args["alias"]


def _fits(projection: exp.Expression, star: exp.Expression, name: str) -> bool:
    """True if a column has a name that LIKE, ILIKE or COLUMNS(...) asks for."""
    pattern = star.args.get("ilike")
    if isinstance(pattern, exp.Literal) and not _like(pattern.name, name, re.IGNORECASE):
        return False
    if isinstance(projection, (exp.Like, exp.ILike)):
        flags = re.IGNORECASE if isinstance(projection, exp.ILike) else re.NOFLAG
        return _like(projection.expression.name, name, flags)
    if isinstance(projection, exp.Columns):
        names = _names_in(projection.this)
        if names is not None:
            return name.lower() in names
        if _is_text(projection.this):
            try:
                return re.search(projection.this.name, name) is not None
            except re.error:
                return True
    return True


def _like(pattern: str, name: str, flags: re.RegexFlag) -> bool:
    expression = re.escape(pattern).replace("%", ".*").replace("_", ".")
    return re.fullmatch(expression, name, flags | re.DOTALL) is not None


def _is_text(node: object) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _names_in(node: exp.Expression) -> set[str] | None:
    """The names in ``COLUMNS(['a', 'b'])``."""
    if not isinstance(node, exp.Array) or not all(_is_text(item) for item in node.expressions):
        return None
    return {item.name.lower() for item in node.expressions}
