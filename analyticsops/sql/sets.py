"""UNION, EXCEPT and INTERSECT: which columns meet, by position or by name."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

from sqlglot import exp

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.dialect import Rules
from analyticsops.sql.facts import Problem
from analyticsops.sql.nodes import line_of
from analyticsops.sql.relation import Named, Opening, Relation, without_keys

V = TypeVar("V")
R = TypeVar("R")


class Pair(NamedTuple, Generic[V]):
    """A column of a set operation, and its values on both sides."""

    column: Named[V]
    left: V
    right: V


def combine(
    algebra: Algebra[V, R],
    how: str,
    left: Relation[V, R],
    right: Relation[V, R],
    node: exp.SetOperation,
    rules: Rules,
) -> Relation[V, R]:
    """The relation of ``left UNION right`` and its like."""
    reason = "set operation over unknown columns"
    if len(left.columns) != len(right.columns) and not (left.openings or right.openings):
        reason = "set operation over different numbers of columns"
    problem = Problem(reason, f"{len(left.columns)} and {len(right.columns)}", line_of(node))
    by_name = bool(node.args.get("by_name"))
    if by_name:
        pairs = _chosen(_paired_by_name(algebra, left, right, problem), left, right, node, rules)
    else:
        pairs = _paired_by_position(algebra, left, right, problem)
    rows = algebra.combined_rows(how, left.rows, right.rows, [(p.left, p.right) for p in pairs])
    if how != "union all" and (left.openings or right.openings):
        rows = algebra.faulty_rows(rows, problem)
    columns = [p.column.of(algebra.combined(how, p.left, p.right, rows)) for p in pairs]
    openings = _combined_openings(algebra, how, left, right, None if by_name else problem)
    return Relation(columns, rows, without_keys(openings, frozenset(p.column.key for p in pairs)))


def _combined_openings(
    algebra: Algebra[V, R],
    how: str,
    left: Relation[V, R],
    right: Relation[V, R],
    problem: Problem | None,
) -> list[Opening[V]]:
    """The names are those of the left; by position, they say nothing of the right."""
    if problem is None:
        return [*left.openings, *right.openings]
    others = right.openings if how.startswith("union") else ()

    def doubted(opening: Opening[V]) -> Opening[V]:
        def demand(key: str, name: str) -> V:
            both = [opening.demand(key, name), *(o.demand(key, name) for o in others)]
            return algebra.either(both, problem)

        return opening._replace(demand=demand)

    return [doubted(opening) for opening in left.openings]


def _paired_by_position(
    algebra: Algebra[V, R], left: Relation[V, R], right: Relation[V, R], problem: Problem
) -> list[Pair[V]]:
    if len(left.columns) == len(right.columns) and not (left.openings or right.openings):
        return [Pair(a, a.value, b.value) for a, b in zip(left.columns, right.columns, strict=True)]
    paired = []
    for position, a in enumerate(left.columns):
        # Positions cannot be counted: by name is the likely pair, and says so.
        b = _named(right, a.key, a.name)
        if b is None and position < len(right.columns):
            b = right.columns[position].value
        other = algebra.nothing if b is None else b
        paired.append(Pair(a, algebra.either([a.value], problem), other))
    return paired


def _paired_by_name(
    algebra: Algebra[V, R], left: Relation[V, R], right: Relation[V, R], problem: Problem
) -> list[Pair[V]]:
    def on(side: Relation[V, R], column: Named[V]) -> V:
        listed = side.value(column.key)
        if listed is not None:
            return listed
        found = _named(side, column.key, column.name)
        if found is None:
            return algebra.nothing
        return algebra.either([found], problem)

    paired = [Pair(c, c.value, on(right, c)) for c in left.columns]
    paired += [Pair(c, on(left, c), c.value) for c in right.columns if left.value(c.key) is None]
    return paired


def _chosen(
    pairs: list[Pair[V]],
    left: Relation[V, R],
    right: Relation[V, R],
    node: exp.SetOperation,
    rules: Rules,
) -> list[Pair[V]]:
    """The columns that BY NAME keeps: of both sides, of the left or the common ones."""
    listed = node.args.get("on")
    if isinstance(listed, list) and listed:
        keys = [rules.fold(n.name, _is_quoted(n)) for n in listed]
        found = {pair.column.key: pair for pair in pairs}
        return [found[key] for key in keys if key in found]
    side = str(node.args.get("side") or "").lower()
    lefts = set(left.listed_keys())
    if left.openings or right.openings or side == "full":
        return pairs
    if side == "left":
        return [pair for pair in pairs if pair.column.key in lefts]
    # BigQuery keeps common columns, or refuses if there are others.
    if str(node.args.get("kind") or "").lower() == "inner" or rules.name == "bigquery":
        common = lefts.intersection(right.listed_keys())
        return [pair for pair in pairs if pair.column.key in common]
    return pairs


def _is_quoted(node: exp.Expression) -> bool:
    identifier = node.this if isinstance(node, exp.Column) else node
    return isinstance(identifier, exp.Identifier) and bool(identifier.args.get("quoted"))


def _named(relation: Relation[V, R], key: str, name: str) -> V | None:
    """A column by its name, listed or possible."""
    listed = relation.value(key)
    if listed is not None:
        return listed
    openings = relation.openings_for(key)
    return openings[0].demand(key, name) if openings else None
