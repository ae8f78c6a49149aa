"""Changes to queries that keep the meaning, or nearly: where the difference is one that is
easily overlooked, both are tried.

They write what :mod:`analyticsops.sql.canonical` rewrites: constants, conditions that follow
from others, conditions on the keys of groups, joins that only ask whether, empty queries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from sqlglot import exp, parse_one

Change = Callable[[exp.Expression, Random], exp.Expression | None]


def _parsed(sql: str) -> exp.Expression:
    return parse_one(sql, dialect="duckdb")


def _selects(tree: exp.Expression, *clauses: str) -> list[exp.Select]:
    return [s for s in tree.find_all(exp.Select) if all(s.args.get(c) for c in clauses)]


def _conjuncts(node: exp.Expression) -> list[exp.Expression]:
    return list(node.flatten()) if isinstance(node, exp.And) else [node]


def _and(parts: Sequence[exp.Expression]) -> exp.Expression:
    return exp.and_(*(part.copy() for part in parts))


def calculated(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """``2`` as ``1 + 1``, as ``3 - 1``, or one more than it was."""
    numbers = [n for n in tree.find_all(exp.Literal) if not n.is_string and n.is_int]
    numbers = [n for n in numbers if not isinstance(n.parent, (exp.Limit, exp.Group))]
    if not numbers:
        return None
    node = chance.choice(numbers)
    if isinstance(node.parent, (exp.WindowSpec, exp.Tuple, exp.Ordered)):
        return None
    value = int(node.name)
    sql = chance.choice(
        (f"({value - 1} + 1)", f"({value + 1} - 1)", f"({value} + 1)", f"-(-{value})")
    )
    node.replace(_parsed(sql))
    return tree


def always(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """One more condition that is always true, never, or NULL."""
    selects = [s for s in _selects(tree) if s.args.get("from_") or s.args.get("from")]
    if not selects:
        return None
    more = chance.choice(
        ("1 = 1", "2 > 1", "1 = 2", "null", "null is null", "not false", "'a' = 'b'")
    )
    select = chance.choice(selects)
    select.where(_parsed(more), copy=False)
    return tree


def chosen(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """A condition of WHERE as a CASE that says the same, or not where it is NULL."""
    selects = _selects(tree, "where")
    if not selects:
        return None
    where = chance.choice(selects).args["where"]
    condition = where.this.sql(dialect="duckdb")
    form = chance.choice(
        (
            f"case when {condition} then true else false end",
            f"case when {condition} then 1 else 2 end = 1",
            f"case when {condition} then 1 else 2 end <> 2",
            f"case when {condition} then null else 1 end is null",
            f"case when not ({condition}) then false else true end",
            f"({condition}) is true",
            f"({condition}) is not false",
            f"coalesce({condition}, false)",
            f"case when false then false when {condition} then true end",
        )
    )
    where.set("this", _parsed(f"select 1 where {form}").args["where"].this)
    return tree


def contradicted(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """One more condition on a value that is compared with a number already."""
    found = [
        (node.find_ancestor(exp.Select), node)
        for node in tree.find_all(exp.EQ, exp.LT, exp.GT, exp.GTE, exp.LTE, exp.NEQ)
        if isinstance(node.expression, exp.Literal) and isinstance(node.this, exp.Column)
        if node.find_ancestor(exp.Where)
    ]
    if not found:
        return None
    select, node = chance.choice(found)
    if select is None or not select.args.get("where"):
        return None
    kind = chance.choice((exp.EQ, exp.LT, exp.GT, exp.GTE, exp.LTE, exp.NEQ, exp.Is))
    if kind is exp.Is:
        more: exp.Expression = exp.Is(this=node.this.copy(), expression=exp.Null())
        more = exp.not_(more) if chance.random() < 0.7 else more
    else:
        number = exp.Literal.number(chance.randrange(5))
        more = kind(this=node.this.copy(), expression=number)
    if node.find_ancestor(exp.Or, exp.Not):
        return None
    select.where(more, copy=False)
    return tree


def transferred(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """A condition on one side of an equality as one on the other, or besides."""
    equal = [
        e
        for e in tree.find_all(exp.EQ)
        if isinstance(e.this, exp.Column) and isinstance(e.expression, exp.Column)
        if e.find_ancestor(exp.Join, exp.Where)
    ]
    if not equal:
        return None
    pair = chance.choice(equal)
    left, right = chance.sample([pair.this, pair.expression], 2)
    uses = [c for c in tree.find_all(exp.Column) if c == left and c.parent is not pair]
    if uses and chance.random() < 0.6:
        chance.choice(uses).replace(right.copy())
        return tree
    select = pair.find_ancestor(exp.Select)
    if select is None:
        return None
    number = chance.randrange(4)
    select.where(_parsed(f"{left.sql()} > {number}"), copy=False)
    if chance.random() < 0.5:
        select.where(_parsed(f"{right.sql()} > {number}"), copy=False)
    return tree


def fixed(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """A column that WHERE compares with a number as that number, where it is shown."""
    for select in _selects(tree, "where"):
        for part in _conjuncts(select.args["where"].this):
            column, constant = part.args.get("this"), part.args.get("expression")
            if not isinstance(column, exp.Column) or not isinstance(constant, exp.Literal):
                continue
            if not isinstance(part, exp.EQ) and chance.random() < 0.5:
                part.replace(exp.EQ(this=column.copy(), expression=constant.copy()))
                return tree
            for shown in list(select.expressions):
                if shown.unalias() == column and chance.random() < 0.7:
                    shown.replace(exp.alias_(constant.copy(), shown.alias_or_name))
                    return tree
    return None


def having(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """A condition on a key of a group, in WHERE, in HAVING or around the query."""
    groups = [s for s in _selects(tree, "group") if s.args["group"].expressions]
    if not groups:
        return None
    select = chance.choice(groups)
    if any(select.args["group"].args.get(form) for form in ("rollup", "cube", "grouping_sets")):
        return None
    where, after = select.args.get("where"), select.args.get("having")
    if where is not None and chance.random() < 0.5:
        parts = _conjuncts(where.this)
        moved = chance.choice(parts)
        rest = [part for part in parts if part is not moved]
        select.set("where", exp.Where(this=_and(rest)) if rest else None)
        both = [moved, *(_conjuncts(after.this) if after is not None else [])]
        select.set("having", exp.Having(this=_and(both)))
        return tree
    key = chance.choice(select.args["group"].expressions)
    if not isinstance(key, exp.Column):
        return None
    more = _parsed(f"{key.sql()} {chance.choice(('>', '=', '<', '<>'))} {chance.randrange(4)}")
    if chance.random() < 0.5:
        select.where(more, copy=False)
    else:
        select.having(more, copy=False)
    return tree


def grouped(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """DISTINCT as GROUP BY, one more constant key, or distinct rows grouped again."""
    selects = _selects(tree, "group")
    if selects and chance.random() < 0.5:
        select = chance.choice(selects)
        if select.args["group"].expressions:
            select.args["group"].append(
                "expressions", _parsed(chance.choice(("'k'", "1 + 1", "null")))
            )
            return tree
    distinct = _selects(tree, "distinct")
    if distinct:
        select = chance.choice(distinct)
        if any(isinstance(e, exp.Star) for e in select.expressions):
            return None
        select.set("distinct", None)
        keys = [e.unalias().copy() for e in select.expressions]
        select.set("group", exp.Group(expressions=keys))
        return tree
    return None


def asked(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """IN, EXISTS, a semi join and a join with distinct rows, for one another."""
    exists = [
        e
        for e in tree.find_all(exp.Exists)
        if isinstance(e.this, exp.Select) and e.this.args.get("where")
    ]
    if exists:
        node = chance.choice(exists)
        for part in _conjuncts(node.this.args["where"].this):
            if isinstance(part, exp.EQ) and isinstance(part.this, exp.Column):
                rest = [p for p in _conjuncts(node.this.args["where"].this) if p is not part]
                query = node.this.copy()
                query.set("expressions", [part.this.copy()])
                query.set("where", exp.Where(this=_and(rest)) if rest else None)
                node.replace(exp.In(this=part.expression.copy(), query=query.subquery()))
                return tree
    inside = [i for i in tree.find_all(exp.In) if i.args.get("query") is not None]
    if inside:
        node = chance.choice(inside)
        query = node.args["query"].this
        if isinstance(query, exp.Select) and len(query.expressions) == 1:
            asked_for = query.copy().where(
                exp.EQ(this=query.expressions[0].unalias().copy(), expression=node.this.copy()),
                copy=False,
            )
            node.replace(exp.Exists(this=asked_for))
            return tree
    return None


def emptied(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """A set operation with a query without rows, or the query without rows."""
    if tree.args.get("with_") or tree.args.get("with") or not isinstance(tree, exp.Query):
        return None
    if tree.args.get("order") or tree.args.get("limit"):
        return None
    nothing = (
        exp.select("*")
        .from_(tree.copy().subquery("_n"))
        .where(chance.choice(("false", "null", "1 = 2")))
    )
    kind = chance.choice(("union all", "except all", "union all", "intersect", "union"))
    left, right = chance.sample([tree.copy(), nothing], 2)
    texts = [f"select * from ({side.sql(dialect='duckdb')}) as _s" for side in (left, right)]
    return _parsed(f" {kind} ".join(texts))


def marked(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """EXISTS as a LEFT JOIN whose mark is tested: of distinct rows it is the same."""
    for select in _selects(tree, "where"):
        for part in _conjuncts(select.args["where"].this):
            node = part.this if isinstance(part, exp.Not) else part
            if not isinstance(node, exp.Exists) or not isinstance(node.this, exp.Select):
                continue
            inner = node.this
            tables = list(inner.find_all(exp.Table))
            if len(tables) != 1 or inner.args.get("where") is None:
                continue
            own = tables[0].alias_or_name
            equal = [p for p in _conjuncts(inner.args["where"].this) if isinstance(p, exp.EQ)]
            keys = [p for p in equal if isinstance(p.this, exp.Column) and p.this.table == own]
            if not keys or not isinstance(keys[0].expression, exp.Column):
                continue
            rest = [p for p in _conjuncts(inner.args["where"].this) if p is not keys[0]]
            group = chance.choice(("group by 1", "", "group by 1, 2"))
            where = f"where {_and(rest).sql(dialect='duckdb')}" if rest else ""
            key = keys[0].this.sql(dialect="duckdb")
            table = tables[0].sql(dialect="duckdb")
            mark = f"select {key} as _k, true as _m from {table} {where} {group}"
            not_ = "" if isinstance(part, exp.Not) else "not"
            outer = keys[0].expression.sql(dialect="duckdb")
            part.replace(_parsed(f"select 1 where _j._m is {not_} null").args["where"].this)
            select.join(
                _parsed(f"({mark})"),
                on=f"_j._k = {outer}",
                join_type="left",
                join_alias="_j",
                copy=False,
            )
            return tree
    return None


def kept_constant(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """A limit of no rows, or no limit."""
    if tree.args.get("limit") is None or chance.random() < 0.5:
        return None
    tree.args["limit"].set("expression", exp.Literal.number(0))
    return tree


EQUIVALENCES: Sequence[Change] = (
    calculated,
    always,
    chosen,
    contradicted,
    transferred,
    transferred,
    fixed,
    having,
    having,
    grouped,
    asked,
    emptied,
    marked,
    kept_constant,
)
