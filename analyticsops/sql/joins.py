"""Joins: what becomes of rows, keys and values when a source joins those before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.facts import UNKNOWN_COLUMN, Problem
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Named, Relation, Source, narrowed
from analyticsops.sql.scope import Scope
from analyticsops.sql.using_aliases import using_alias

V = TypeVar("V")
R = TypeVar("R")


def join_sources(
    new: Sequence[Source[V, R]],
    rows: R,
    scope: Scope[V, R],
    join: exp.Join | None,
    lateral: str = "",
) -> None:
    """Make sources visible and join their rows to those of the scope.

    Args:
        new: one source, or those of a join in brackets.
        rows: their rows.
        join: None for the first item of FROM and for items that only follow it.
        lateral: ``lateral``, or ``left`` for OUTER APPLY, where the rows are made anew for
            each row of the scope.
    """
    number = 0 if lateral else _instance_number(rows, scope)
    if number:
        rows = _told_apart(new, rows, scope, number)
    how = how_joined(join)
    if lateral and how in ("inner", "cross"):
        how = lateral
    for source in new:
        source.hidden = how in ("semi", "anti")
    first = not scope.sources and join is None
    if is_comma(join):
        scope.segment = len(scope.sources)
    scope.sources.extend(new)
    if first:
        scope.rows = rows
        return
    before = dict(scope.merged)
    conditions = _conditions(join, new, scope, how) if join is not None else []
    scope.rows = scope.algebra.joined(scope.rows, rows, how, conditions)
    null_extend(scope, len(new), how, before)
    for source in new:
        if source.hidden:
            _forget(source)
    alias = using_alias(join) if join is not None else None
    if join is not None and alias is not None:
        _name_merged(alias, join, scope)


def _name_merged(alias: exp.Identifier, join: exp.Join, scope: Scope[V, R]) -> None:
    """``USING (id) AS j``: `j.id` is the merged column."""
    pairs = [_using_name(node, scope) for node in join.args.get("using") or ()]
    merged = scope.merged
    columns = [Named(key, name, merged[key]) for key, name in pairs if key in merged]
    relation = Relation(columns, scope.algebra.single_row)
    scope.sources.append(Source(scope.key(alias), alias.name, relation, hidden=True))


def _forget(source: Source[V, R]) -> None:
    """Behind its ON, a semi or anti join's right side has no names; its rows still count
    as a use of theirs."""
    source.key = source.full_key = ""
    source.relation = Relation([], source.relation.rows)


def how_joined(join: exp.Join | None) -> str:
    """The kind of a join in words that :meth:`Algebra.joined` knows."""
    if join is None:
        return "cross"
    kind = str(join.args.get("kind") or "").lower()
    side = str(join.args.get("side") or "").lower()
    method = str(join.args.get("method") or "").lower()
    if kind in ("semi", "anti") and method in ("", "natural"):
        return kind
    restricted = join.args.get("on") or join.args.get("using") or method == "natural"
    plain = side if side in ("left", "right", "full") else "inner" if restricted else "cross"
    usual = ("", "inner", "outer", "cross", "straight")
    special = [word for word in (method, kind) if word not in (*usual, "natural")]
    special += ["nearest"] if join.args.get("nearest") else []
    special += [join.args["match_condition"].key] if join.args.get("match_condition") else []
    return " ".join([*special, plain])


def _instance_number(rows: R, scope: Scope[V, R]) -> int:
    """Which use of its rows this is: 0 if no source around has some of them too."""
    around = [source.relation.rows for s in scope.outward() if s.apart for source in s.sources]
    return scope.algebra.use_number(around, rows)


def _told_apart(new: Sequence[Source[V, R]], rows: R, scope: Scope[V, R], number: int) -> R:
    algebra = scope.algebra
    for source in new:
        source.relation = _in_use(source.relation, number, algebra)
    return algebra.instance_rows(rows, number)


def _in_use(relation: Relation[V, R], number: int, algebra: Algebra[V, R]) -> Relation[V, R]:
    rows = relation.rows
    own = algebra.instance_rows(rows, number)
    return relation.mapped(lambda value: algebra.instance(value, number, rows), own)


def null_extend(
    scope: Scope[V, R], new: int, how: str, merged_before: dict[str, V] | None = None
) -> None:
    """Values of the side that may be missing can be NULL from here on."""
    algebra, rows = scope.algebra, scope.rows
    if not algebra.tells_rows_apart:
        return
    side = algebra.depends(rows, how.rpartition(" ")[2])
    cut = len(scope.sources) - new
    extended = {"left": scope.sources[cut:], "right": scope.sources[:cut], "full": scope.sources}
    for source in extended.get(side, ()):
        source.relation = source.relation.mapped(
            lambda value: algebra.optional(value, rows), source.relation.rows
        )
    if side in ("right", "full"):
        for key, value in (merged_before or {}).items():
            if scope.merged[key] is value:
                scope.merged[key] = algebra.optional(value, rows)


# -- conditions -----------------------------------------------------------------


def _conditions(
    join: exp.Join, new: Sequence[Source[V, R]], scope: Scope[V, R], how: str
) -> list[V]:
    conditions = [
        scope.evaluate(part, "any" if scope.rules.alias_in_join else "")
        for part in (join.args.get("on"), join.args.get("match_condition"))
        if isinstance(part, exp.Expression)
    ]
    names = [node for node in join.args.get("using") or () if isinstance(node, exp.Expression)]
    pairs = [_using_name(node, scope) for node in names]
    if str(join.args.get("method") or "").upper() == "NATURAL":
        pairs += _natural(new, scope)
    for key, name in pairs:
        conditions.extend(_merge(key, name, len(new), scope, how, join))
    _lead([key for key, _ in pairs], len(new), scope)
    return conditions


def _lead(keys: list[str], new: int, scope: Scope[V, R]) -> None:
    """Where USING moves its columns to the front of a star, each join does so."""
    where = scope.rules.using_first
    if not keys or not where:
        return
    if where == "left":
        order = [c.key for source in scope.sources[:-new] for c in source.relation.columns]
        keys.sort(key=lambda key: order.index(key) if key in order else len(order))
    before = scope.leading.get(scope.segment, [])
    scope.leading[scope.segment] = [*keys, *(key for key in before if key not in keys)]


def is_comma(join: exp.Join | None) -> bool:
    """True for ``FROM a, b``: a comma binds less than any JOIN."""
    return join is None or not any(
        join.args.get(name) for name in ("on", "using", "method", "side", "kind")
    )


def _natural(new: Sequence[Source[V, R]], scope: Scope[V, R]) -> list[tuple[str, str]]:
    """Columns of both sides; with unknown columns the join itself is not understood."""
    if any(source.relation.openings for source in scope.sources):
        problem = Problem("natural join over unknown columns")
        scope.rows = scope.algebra.faulty_rows(scope.rows, problem)
    known = {column.key: column.name for source in new for column in source.relation.columns}
    others = [
        *scope.merged,
        *(column.key for s in scope.sources[: -len(new)] for column in s.relation.columns),
    ]
    return [(key, known[key]) for key in dict.fromkeys(others) if key in known]


def _merge(key: str, name: str, new: int, scope: Scope[V, R], how: str, join: exp.Join) -> list[V]:
    """Make one column of the two that USING names; both are join keys."""
    algebra = scope.algebra
    left = scope.merged.get(key)
    if left is None:
        left = _value_in(scope.sources[:-new], key, name, scope, join)
    right = _value_in(scope.sources[-new:], key, name, scope, join)
    sides = [side for side in (left, right) if side is not None]
    scope.merging[key] = len(scope.sources)
    if left is not None and right is not None:
        side = how.rpartition(" ")[2]
        scope.merged[key] = algebra.merged(left, right, side)
        if side == "full":
            scope.coalesced.add(key)
        elif side == "right":
            scope.coalesced.discard(key)
    elif sides:
        scope.merged[key] = sides[0]
    problem = Problem(UNKNOWN_COLUMN, f"{name} in USING", line_of(join))
    while len(sides) < 2:
        sides.append(algebra.faulty(problem))
    return [algebra.equated(*sides)]


def _value_in(
    sources: Sequence[Source[V, R]], key: str, name: str, scope: Scope[V, R], node: exp.Expression
) -> V | None:
    """The column of that name; else one that a table with unknown columns may have."""
    relations: list[Relation[V, R]] = [source.relation for source in sources]
    for relation in relations:
        value = relation.value(key)
        if value is not None:
            return value
    openings = [opening for relation in relations for opening in relation.openings_for(key)]
    openings = narrowed(openings, key)
    values = [opening.demand(key, name) for opening in openings]
    if len(values) < 2:
        return values[0] if values else None
    where = " or ".join(opening.table for opening in openings)
    problem = Problem("ambiguous column", f"{name} may come from {where}", line_of(node))
    return scope.algebra.either(values, problem)


def _using_name(node: exp.Expression, scope: Scope[V, R]) -> tuple[str, str]:
    identifier = node.this if isinstance(node, exp.Column) else node
    if isinstance(identifier, exp.Identifier):
        return scope.key(identifier), identifier.name
    return scope.rules.fold(node.name, False), node.name
