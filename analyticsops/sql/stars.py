"""Stars in a SELECT list: which columns they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.chosen import (
    Choice,
    choice_of,
    columns_in,
    everything,
    is_patterned_star,
    is_plain_star,
)
from analyticsops.sql.facts import Problem
from analyticsops.sql.gaps import is_gap
from analyticsops.sql.nodes import identifiers, line_of
from analyticsops.sql.relation import Named, Opening, Source, others_of, without_keys
from analyticsops.sql.scope import Scope
from analyticsops.sql.syntax import EXCEPT, POSITIONAL
from analyticsops.sql.unnamed import at_position

V = TypeVar("V")
R = TypeVar("R")

Expanded = tuple[list[Named[V]], list[Opening[V]]]
"""The columns that a star stands for, and what it may hold beyond them."""


def is_star(projection: exp.Expression) -> bool:
    """True for ``*``, ``t.*`` and ``* LIKE 'a%'``: it stands for several columns."""
    if is_plain_star(projection) or is_patterned_star(projection):
        return True
    if isinstance(projection, exp.Dot) and isinstance(projection.expression, exp.Star):
        return True  # a struct's fields: ``array_agg(t)[OFFSET(0)].*``
    # Trino's ``t.* AS (a, b)``.
    return isinstance(projection, exp.Aliases) and is_plain_star(projection.this)


def expand_star(
    projection: exp.Expression, scope: Scope[V, R], algebra: Algebra[V, R]
) -> Expanded[V]:
    """The columns that a star stands for, and what it may hold beyond them."""
    if isinstance(projection, exp.Aliases):
        return _with_names(projection, expand_star(projection.this, scope, algebra), scope)
    if isinstance(projection, POSITIONAL):  # DuckDB's ``#1`` has the column's name
        found = at_position(int(projection.this.name), scope.sources, scope)
        return ([found], []) if found else _unsupported(projection, algebra)
    if isinstance(projection, exp.Apply):
        return _called(projection, scope, algebra)
    choice = choice_of(projection)
    if choice is not None:
        return _chosen(choice, scope, algebra)
    if isinstance(projection, exp.Dot):
        value = scope.project("", projection.this)
        return _fields(value, projection.expression, "struct", scope, algebra)
    return _computed(projection, scope, algebra)


def _unsupported(node: exp.Expression, algebra: Algebra[V, R]) -> Expanded[V]:
    problem = Problem("unsupported", "this form of COLUMNS", line_of(node))
    value = algebra.faulty(problem)
    return [], [Opening("columns(...)", lambda _key, _name: value)]


def _with_names(projection: exp.Aliases, expanded: Expanded[V], scope: Scope[V, R]) -> Expanded[V]:
    columns, openings = expanded
    named = [
        Named(scope.key(identifier), identifier.name, column.value)
        for identifier, column in zip(projection.expressions, columns, strict=False)
    ]
    return named, openings


# -- the columns themselves ---------------------------------------------------


def _chosen(choice: Choice, scope: Scope[V, R], algebra: Algebra[V, R]) -> Expanded[V]:
    if isinstance(choice.star, exp.Column) and is_gap(choice.star.table):
        return [], [_of_gap(choice.star, scope, algebra)]
    sources = _starred(choice.star, scope)
    if sources is None:
        return _of_struct(choice.star, scope, algebra)
    qualified = isinstance(choice.star, exp.Column)
    star = choice.star.this if qualified else choice.star
    openings = [opening for source in sources for opening in source.relation.openings]
    if choice.fits is everything and not scope.merged and not any(star.args.values()):
        return [column for source in sources for column in source.relation.columns], openings
    left_out = set(_excluded(star, scope))
    columns = [
        column
        for source, column in _columns(sources, scope, qualified=qualified)
        if choice.fits(_looked_at(source, column, scope) if choice.by_text else column.name)
        and (None, column.key) not in left_out
        and not (source and (source.key, column.key) in left_out)
    ]
    gone = [*identifiers(star.args.get(EXCEPT)), *(old for old, _ in _renames(star))]
    excluded = frozenset(scope.key(identifier) for identifier in gone)
    return _changed(star, columns, scope), without_keys(openings, excluded)


def _looked_at(source: Source[V, R] | None, column: Named[V], scope: Scope[V, R]) -> str:
    """What ``* LIKE`` of DuckDB looks at: of what USING makes of both sides of a full join, how
    that is computed."""
    if source is not None or column.key not in scope.coalesced:
        return column.name
    return f"COALESCE(.{column.name}, .{column.name})"


def _starred(star: exp.Expression, scope: Scope[V, R]) -> Sequence[Source[V, R]] | None:
    """The sources behind a star; None if its qualifier names none."""
    visible = [source for source in scope.sources if not source.hidden]
    if not isinstance(star, exp.Column):
        return visible
    table = star.args.get("table")
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
        return doubt if found is None else algebra.combined("union", found, doubt, scope.rows)

    return opening._replace(demand=demand)


def _of_struct(star: exp.Expression, scope: Scope[V, R], algebra: Algebra[V, R]) -> Expanded[V]:
    """``s.*``: the fields of a struct, whose names are not known; each is a part of it."""
    table = star.args["table"]
    value = scope.find(scope.key(table), table.name, star)
    if value is None:
        value = algebra.faulty(Problem("unknown table", table.name, line_of(star)))
    return _fields(value, star.this, table.name, scope, algebra)


def _fields(
    value: V, star: exp.Expression, name: str, scope: Scope[V, R], algebra: Algebra[V, R]
) -> Expanded[V]:
    excluded = frozenset(scope.key(i) for i in identifiers(star.args.get(EXCEPT)))
    fields = algebra.fields(value)
    if fields is not None:
        named = [Named(scope.rules.fold(name, False), name, part) for name, part in fields.items()]
        others = others_of(fields)
        keys = excluded.union(column.key for column in named)
        more = [Opening(f"{name}.*", lambda _key, n: others(n), keys)] if others else []
        return [column for column in named if column.key not in excluded], more
    opening = Opening(f"{name}.*", lambda key, _name: algebra.field(value, key), excluded)
    return [], [opening]


def _columns(
    sources: Sequence[Source[V, R]], scope: Scope[V, R], *, qualified: bool
) -> Iterator[tuple[Source[V, R] | None, Named[V]]]:
    """Columns in the order of the sources; those of USING once, before the others or
    where they stand first."""
    if qualified or not scope.merged:
        yield from ((source, column) for source in sources for column in source.relation.columns)
        return
    names = {c.key: c.name for source in reversed(sources) for c in source.relation.columns}
    open_too = any(source.relation.openings for source in sources)
    seen: set[str] = set()

    def once(keys: Iterable[str]) -> Iterator[tuple[None, Named[V]]]:
        for key in keys:
            if key not in seen and (key in names or open_too):
                seen.add(key)
                yield None, Named(key, names.get(key, key), scope.merged[key])

    for position, source in enumerate(scope.sources):
        yield from once(scope.leading.get(position, ()))
        for column in source.relation.columns if source in sources else ():
            if position < scope.merging.get(column.key, len(scope.sources)) and (
                column.key in scope.merged
            ):
                yield from once([column.key])
            else:
                yield source, column
    yield from once(scope.merged)  # keys of tables whose columns are unknown


def _excluded(star: exp.Expression, scope: Scope[V, R]) -> Iterator[tuple[str | None, str]]:
    """(key of the table or None, key of the column) of ``EXCLUDE (a, t.b)``."""
    excluded = star.args.get(EXCEPT) or ()
    for node in excluded if isinstance(excluded, list) else [excluded]:
        table = node.args.get("table") if isinstance(node, exp.Column) else None
        qualifier = scope.key(table) if isinstance(table, exp.Identifier) else None
        for identifier in identifiers(node):
            yield qualifier, scope.key(identifier)


def _changed(
    star: exp.Expression, columns: Sequence[Named[V]], scope: Scope[V, R]
) -> list[Named[V]]:
    """After REPLACE and RENAME. What they name exists, listed or not; DuckDB does not mind if
    what is to be renamed does not."""
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
        column = replaced.pop(column.key, column)
        new = renamed.pop(column.key, None)
        found.append(Named(scope.key(new), new.name, column.value) if new else column)
    found += replaced.values()
    for old, new in _renames(star):
        key = scope.key(old)
        may_exist = any(source.relation.openings_for(key) for source in scope.sources)
        if key in renamed and may_exist:
            value = scope.column(exp.column(old.copy()))
            found.append(Named(scope.key(new), new.name, value))
    return found


def _renames(star: exp.Expression) -> Iterator[tuple[exp.Identifier, exp.Identifier]]:
    for alias in star.args.get("rename") or ():
        if isinstance(alias, exp.Alias):
            for old in identifiers(alias.this):
                yield old, alias.args["alias"]


# -- something made of each column --------------------------------------------


def _computed(
    projection: exp.Expression, scope: Scope[V, R], algebra: Algebra[V, R]
) -> Expanded[V]:
    """``COLUMNS('a.*') + 1 AS x``: the expression once for each column. All COLUMNS(...)
    of one expression must choose the same."""
    node = projection.unalias()
    found = list(columns_in(node))
    first = choice_of(found[0]) if found else None
    if first is None or any(other != found[0] for other in found):
        return _unsupported(projection, algebra)

    def made(value: V) -> V:
        if isinstance(node, exp.Columns):
            return value
        return _with_each(node, value, scope)

    columns, openings = _chosen(first, scope, algebra)
    alias = projection.args.get("alias") if isinstance(projection, exp.Alias) else None
    if not isinstance(alias, exp.Identifier):
        changed = [column.of(made(column.value)) for column in columns]
        return changed, [opening.mapped(made) for opening in openings]
    named = []
    for column in columns:
        text = _numbered(first, alias.name, column.name)
        key = scope.rules.fold(text, bool(alias.args.get("quoted")))
        named.append(Named(key, text, made(column.value)))
    return named, _unsupported(projection, algebra)[1] if openings else []


def _with_each(node: exp.Expression, value: V, scope: Scope[V, R]) -> V:
    """The value of an expression with a column's in the place of its COLUMNS(...)."""

    def placed(part: exp.Expression) -> exp.Expression:
        chosen = isinstance(part, exp.Columns) and not part.args.get("unpack")
        return exp.column(exp.to_identifier(_PLACE, quoted=True)) if chosen else part

    scope.merged[_PLACE] = value
    try:
        return scope.evaluate(node.transform(placed))
    finally:
        del scope.merged[_PLACE]


_PLACE = "*"
"""No column is called that."""


def _numbered(choice: Choice, alias: str, name: str) -> str:
    r"""An alias such as ``'\2_\1'`` speaks of the groups of the pattern."""
    match = choice.pattern.search(name) if choice.pattern else None
    if match is None:
        return alias
    for number, text in enumerate((match.group(0), *match.groups(default=""))):
        alias = alias.replace(f"\\{number}", text)
    return alias


def _called(apply: exp.Expression, scope: Scope[V, R], algebra: Algebra[V, R]) -> Expanded[V]:
    """``* APPLY (sum)`` of ClickHouse: the call is also the name: ``sum(x)``."""
    function, choice = apply.args.get("expression"), choice_of(apply.this)
    if choice is None or not isinstance(function, (exp.Var, exp.Identifier)):
        return _unsupported(apply, algebra)
    call = exp.func(function.name, exp.Columns(this=exp.Star()), dialect=scope.rules.name)
    columns, openings = _chosen(choice, scope, algebra)
    named = []
    for column in columns:
        name = f"{function.name}({column.name})"
        key = scope.rules.fold(name, True)
        named.append(Named(key, name, _with_each(call, column.value, scope)))
    return named, _unsupported(apply, algebra)[1] if openings else []
