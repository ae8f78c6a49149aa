"""Small changes to queries: some keep the meaning, most do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from sqlglot import exp, parse_one

from .equivalences import EQUIVALENCES

_OPERATORS: Sequence[type[exp.Expression]] = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_ARITHMETIC: Sequence[type[exp.Expression]] = (exp.Add, exp.Sub, exp.Mul, exp.Div)
_AGGREGATES: Sequence[type[exp.Expression]] = (exp.Sum, exp.Max, exp.Min, exp.Count, exp.Avg)


def mutant(sql: str, chance: Random) -> str | None:
    """The query after one or two changes; None if none of those tried fits."""
    tree = parse_one(sql, dialect="duckdb")
    for _ in range(chance.choice((1, 1, 2))):
        change = chance.choice(_CHANGES)
        changed = change(tree, chance)
        if changed is None:
            return None
        tree = changed
    return str(tree.sql(dialect="duckdb"))


def _one(tree: exp.Expression, chance: Random, *kinds: type[exp.Expression]) -> Any:
    found = [node for node in tree.find_all(*kinds) if node is not tree]
    return chance.choice(found) if found else None


def _swap_kind(kinds: Sequence[type[exp.Expression]]) -> Callable[..., exp.Expression | None]:
    def change(tree: exp.Expression, chance: Random) -> exp.Expression | None:
        node = _one(tree, chance, *kinds)
        if node is None:
            return None
        other = chance.choice([kind for kind in kinds if not isinstance(node, kind)])
        arguments = {"this": node.this}
        if node.args.get("expression") is not None:
            arguments["expression"] = node.expression
        node.replace(other(**arguments))
        return tree

    return change


def _constant(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    node = _one(tree, chance, exp.Literal)
    if node is None:
        return None
    new = exp.Literal.string("zz") if node.is_string else exp.Literal.number(chance.randrange(4))
    node.replace(new)
    return tree


def _operands(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    node = _one(tree, chance, exp.Binary)
    if node is None or isinstance(node, exp.Dot):
        return None
    left, right = node.this.copy(), node.expression.copy()
    node.set("this", right)
    node.set("expression", left)
    return tree


def _connective(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    return _swap_kind((exp.And, exp.Or))(tree, chance)


def _column(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    columns = [c for c in tree.find_all(exp.Column) if isinstance(c.this, exp.Identifier)]
    if len(columns) < 2:
        return None
    first, second = chance.sample(columns, 2)
    first.replace(second.copy())
    return tree


def _join_kind(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    join = _one(tree, chance, exp.Join)
    if join is None or not (join.args.get("on") or join.args.get("using")):
        return None
    join.set("kind", None)
    join.set("side", chance.choice((None, "LEFT", "RIGHT", "FULL")))
    return tree


def _move_filter(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """A conjunct of WHERE into ON."""
    select = next((s for s in tree.find_all(exp.Select) if s.args.get("where")), None)
    join = (
        next((j for j in (select.args.get("joins") or []) if j.args.get("on")), None)
        if select
        else None
    )
    if select is None or join is None:
        return None
    condition = select.args["where"].this
    join.set("on", exp.and_(join.args["on"], condition.copy()))
    select.set("where", None)
    return tree


def _drop_filter(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    node = _one(tree, chance, exp.Where, exp.Having, exp.Qualify)
    if node is None:
        return None
    node.pop()
    return tree


def _distinct(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    select = chance.choice(list(tree.find_all(exp.Select)))
    select.set("distinct", None if select.args.get("distinct") else exp.Distinct())
    return tree


def _union(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    union = next(iter(tree.find_all(exp.SetOperation)), None)
    if union is None:
        return None
    if chance.random() < 0.5:
        union.set("distinct", not union.args.get("distinct"))
    else:
        left, right = union.this.copy(), union.expression.copy()
        union.set("this", right)
        union.set("expression", left)
    return tree


def _wrap(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """``with w as (<query>) select * from w``."""
    return exp.select("*").from_("_w").with_("_w", as_=tree.copy())


def _wrap_table(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """A table behind a subquery that selects everything."""
    tables = [
        t for t in tree.find_all(exp.Table) if t.name in ("a", "b") and not t.args.get("joins")
    ]
    if not tables:
        return None
    table = chance.choice(tables)
    alias = table.alias_or_name
    inner = exp.select("*").from_(exp.to_table(table.name))
    if chance.random() < 0.3:
        inner = inner.where("id > 1")
    table.replace(inner.subquery(alias))
    return tree


def _rename_alias(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """Another name for a table of the FROM clause."""
    sql = tree.sql(dialect="duckdb")
    if not any(f" {name}." in sql for name in ("p", "q", "s", "u", "v", "c")):
        return None
    table = _one(tree, chance, exp.TableAlias)
    if table is None or table.this is None or isinstance(table.parent, exp.CTE):
        return None
    old = table.this.name
    for column in tree.find_all(exp.Column):
        if column.table == old:
            column.set("table", exp.to_identifier("_renamed"))
    table.set("this", exp.to_identifier("_renamed"))
    return tree


def _partition(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    window = _one(tree, chance, exp.Window)
    if window is None:
        return None
    window.set(
        "partition_by", chance.choice(([exp.column("y")], [exp.column("x"), exp.column("y")], []))
    )
    return tree


def _order(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    item = _one(tree, chance, exp.Ordered)
    if item is None:
        return None
    item.set("desc", not item.args.get("desc"))
    return tree


def _group(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    group = _one(tree, chance, exp.Group)
    if group is None:
        return None
    group.set("expressions", group.expressions[::-1])
    return tree


def _projection(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    """Two projections exchange their expressions, or their places."""
    select = chance.choice(list(tree.find_all(exp.Select)))
    items = select.expressions
    if len(items) < 2:
        return None
    i, j = chance.sample(range(len(items)), 2)
    items[i], items[j] = items[j].copy(), items[i].copy()
    if chance.random() < 0.5:
        names = items[i].alias_or_name, items[j].alias_or_name
        items[i] = exp.alias_(items[i].unalias(), names[1])
        items[j] = exp.alias_(items[j].unalias(), names[0])
    select.set("expressions", list(items))
    return tree


def _negate(tree: exp.Expression, chance: Random) -> exp.Expression | None:
    node = _one(tree, chance, exp.EQ, exp.GT, exp.LT, exp.In, exp.Between, exp.Exists)
    if node is None:
        return None
    times = chance.choice((1, 2))
    new = node.copy()
    for _ in range(times):
        new = exp.Not(this=exp.Paren(this=new))
    node.replace(new)
    return tree


_CHANGES: Sequence[Callable[[exp.Expression, Random], exp.Expression | None]] = (
    _swap_kind(_OPERATORS),
    _swap_kind(_ARITHMETIC),
    _swap_kind(_AGGREGATES),
    _constant,
    _operands,
    _operands,
    _connective,
    _column,
    _column,
    _join_kind,
    _join_kind,
    _move_filter,
    _drop_filter,
    _distinct,
    _union,
    _wrap,
    _wrap_table,
    _wrap_table,
    _rename_alias,
    _partition,
    _order,
    _group,
    _projection,
    _projection,
    _negate,
    *EQUIVALENCES,
)
