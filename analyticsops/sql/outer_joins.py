"""Outer joins that are none: ``a LEFT JOIN b ... WHERE b.x > 1`` keeps no row without a
partner, so it is an inner join.

A condition *rejects* a table if it cannot be true where all columns of the table are NULL
(Galindo-Legaria and Rosenthal, Outerjoin Simplification and Reordering for Query
Optimization, 1997).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from analyticsops.sql.syntax import FROM

_COMPARISONS = (
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Like, exp.ILike),
    *(exp.RegexpLike, exp.RegexpILike, exp.Between),
)
"""NULL if an operand is."""

_STRICT = (
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Paren, exp.Cast),
    *(exp.Lower, exp.Upper, exp.Trim, exp.Abs, exp.Length),
)
"""NULL if any operand is, in every dialect."""


def without_needless_outer_joins(query: exp.Query) -> exp.Query:
    """The query with such joins as inner ones, and a FULL JOIN as the LEFT or RIGHT one
    that it is; the query itself if there are none."""
    if not any(_is_outer(join) for join in query.find_all(exp.Join)):
        return query
    copy = query.copy()
    for select in copy.find_all(exp.Select):
        _simplify(select)
    return copy


def _is_outer(join: exp.Join) -> bool:
    return _side(join) in ("left", "right", "full")


def _side(join: exp.Join) -> str:
    return str(join.args.get("side") or "").lower()


def _simplify(select: exp.Select) -> None:
    clause, joins = select.args.get(FROM), select.args.get("joins") or []
    if clause is None or not any(_is_outer(join) for join in joins):
        return
    names = [clause.this.alias_or_name.lower(), *(join.alias_or_name.lower() for join in joins)]
    if len(set(names)) < len(names) or any(_is_special(join) for join in joins):
        return
    where = select.args.get("where")
    conditions = list(_conjuncts(where.this)) if where is not None else []
    # From the last join on: what an inner join asks for holds for the rows before it.
    for place in range(len(joins), 0, -1):
        join = joins[place - 1]
        _weaken(join, names[:place], names[place], conditions)
        if not _is_outer(join) and isinstance(join.args.get("on"), exp.Expression):
            conditions += _conjuncts(join.args["on"])


def _is_special(join: exp.Join) -> bool:
    """True for joins whose sides are not simply two tables, or whose kind is another."""
    kind = str(join.args.get("kind") or "").lower()
    nested = join.this.args.get("joins") or join.this.args.get("laterals")
    return bool(nested or join.args.get("method") or kind not in ("", "inner", "outer", "cross"))


def _weaken(
    join: exp.Join, before: Sequence[str], own: str, conditions: Sequence[exp.Expression]
) -> None:
    """Take from a join what the conditions undo."""
    side = _side(join)
    if side not in ("left", "right", "full"):
        return
    needs_own = any(_rejects(condition, [own]) for condition in conditions)
    needs_left = any(_rejects(condition, [name]) for condition in conditions for name in before)
    # A row of the left side alone has no columns of the joined table, and the other way round.
    keeps_left = side in ("left", "full") and not needs_own
    keeps_right = side in ("right", "full") and not needs_left
    kept = {(True, True): "FULL", (True, False): "LEFT", (False, True): "RIGHT"}
    join.set("side", kept.get((keeps_left, keeps_right)))
    if not keeps_left and not keeps_right:
        join.set("kind", None)


def _conjuncts(node: exp.Expression) -> Iterator[exp.Expression]:
    stack = [node]
    while stack:
        part = stack.pop().unnest()
        if isinstance(part, exp.And):
            stack += (part.expression, part.this)
        else:
            yield part


def _rejects(condition: exp.Expression, names: Sequence[str]) -> bool:
    """True if it cannot be true where every column of these tables is NULL."""
    node = condition.unnest()
    if isinstance(node, exp.And):
        return _rejects(node.this, names) or _rejects(node.expression, names)
    if isinstance(node, exp.Or):
        return _rejects(node.this, names) and _rejects(node.expression, names)
    if isinstance(node, _COMPARISONS):
        operands = [node.this, *(node.args.get(part) for part in ("expression", "low", "high"))]
        if any(isinstance(operand, (exp.All, exp.Any)) for operand in operands):
            return False  # of an empty query ALL is true, and so is NOT ANY
        return any(_is_null(operand, names) for operand in operands)
    if isinstance(node, exp.In):
        return _is_null(node.this, names)
    if isinstance(node, exp.Not):
        return _not_rejects(node.this.unnest(), names)
    if isinstance(node, exp.Is) and node.args.get("negate"):  # as Postgres reads IS NOT
        return isinstance(node.expression, exp.Null) and _is_null(node.this, names)
    return _is_null(node, names)


def _not_rejects(node: exp.Expression, names: Sequence[str]) -> bool:
    """The same of ``NOT node``."""
    if isinstance(node, exp.Is):
        return (
            not node.args.get("negate")
            and isinstance(node.expression, exp.Null)
            and _is_null(node.this, names)
        )
    if isinstance(node, exp.In):  # NOT IN of an empty query is true
        return node.args.get("query") is None and _is_null(node.this, names)
    if isinstance(node, _COMPARISONS) and not isinstance(node, exp.Between):
        return _rejects(node, names)
    return _is_null(node, names)


def _is_null(node: object, names: Sequence[str]) -> bool:
    """True if an expression is NULL where every column of these tables is."""
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, exp.Column) and part.table.lower() in names:
            return True
        if isinstance(part, _STRICT):
            stack += (part.this, part.args.get("expression"))
    return False
