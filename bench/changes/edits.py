"""Edits of one query, of the kinds that pull requests make."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from sqlglot import exp, parse_one

from bench.changes.databases import TABLE_NAME

Edit = Callable[[exp.Expression, Random], bool]
"""Changes a tree in place; False if there is nothing of that kind in it."""

_TEXTS = ("name", "status", "country", "method", "category")
"""How names of columns end that hold texts."""


def parse(sql: str) -> exp.Expression:
    """The tree of a model, in which the table ``@raw.orders`` is called ``_at_raw__orders``."""
    text = TABLE_NAME.sub(lambda match: f"_at_{match[1].replace('.', '__')}", sql)
    return parse_one(text, dialect="duckdb")


def printed(tree: exp.Expression) -> str:
    """The inverse of :func:`parse`."""
    text = tree.sql(dialect="duckdb")
    return re.sub(r"_at_(\w+?)(?:__(\w+))?\b", _at, text)


def _at(match: re.Match[str]) -> str:
    return f"@{match[1]}.{match[2]}" if match[2] else f"@{match[1]}"


def _any(tree: exp.Expression, chance: Random, *kinds: type[exp.Expression]) -> Any:
    found = list(tree.find_all(*kinds))
    return chance.choice(found) if found else None


def _computed(tree: exp.Expression, chance: Random) -> Any:
    """A column that some SELECT hands on as it is."""
    found = [
        item
        for select in tree.find_all(exp.Select)
        for item in select.expressions
        if isinstance(item, exp.Column) and not isinstance(item.this, exp.Star)
    ]
    return chance.choice(found) if found else None


def coalesce_dropped(tree: exp.Expression, chance: Random) -> bool:
    """``coalesce(x, 0)`` becomes ``x``."""
    node = _any(tree, chance, exp.Coalesce)
    if node is not None:
        node.replace(node.this)
    return node is not None


def default_added(tree: exp.Expression, chance: Random) -> bool:
    """A column becomes ``nullif(x, 1)``, whatever it is."""
    item = _computed(tree, chance)
    if item is None or item.name.endswith(_TEXTS):
        return False
    item.replace(
        exp.alias_(exp.Nullif(this=item.copy(), expression=exp.Literal.number(1)), item.name)
    )
    return True


def upper_cased(tree: exp.Expression, chance: Random) -> bool:
    """A text becomes ``upper(x)``."""
    item = _computed(tree, chance)
    if item is None or not item.name.endswith(_TEXTS):
        return False
    item.replace(exp.alias_(exp.Upper(this=item.copy()), item.name))
    return True


def constant_changed(tree: exp.Expression, chance: Random) -> bool:
    """Another number or text in an expression or condition."""
    found = [
        node
        for node in tree.find_all(exp.Literal)
        if not isinstance(node.parent, (exp.Group, exp.Limit, exp.Alias))
    ]
    if not found:
        return False
    node = chance.choice(found)
    other = exp.Literal.string("ab" if node.name != "ab" else "a")
    node.replace(other if node.is_string else exp.Literal.number(int(node.name) + 1))
    return True


def filter_changed(tree: exp.Expression, chance: Random) -> bool:
    """A comparison becomes another one."""
    kinds = (exp.GT, exp.LT, exp.NEQ, exp.GTE, exp.EQ)
    where = _any(tree, chance, exp.Where, exp.Having)
    node = _any(where, chance, *kinds) if where is not None else None
    if node is None:
        return False
    other = chance.choice([kind for kind in kinds if not isinstance(node, kind)])
    node.replace(other(this=node.this, expression=node.expression))
    return True


def filter_dropped(tree: exp.Expression, chance: Random) -> bool:
    """A WHERE is gone."""
    where = _any(tree, chance, exp.Where)
    if where is None or not isinstance(where.parent, exp.Select):
        return False
    where.pop()
    return True


def filter_added(tree: exp.Expression, chance: Random) -> bool:
    """One condition more."""
    select = _any(tree, chance, exp.Select)
    columns = [c for c in select.find_all(exp.Column) if c.parent_select is select and c.table]
    columns = [c for c in columns if not isinstance(c.this, exp.Star)]
    if not columns or not _is_in(columns[0].table, select):
        return False
    text = exp.cast(chance.choice(columns).copy(), "varchar")
    some = [exp.Literal.string(value) for value in ("2", "4", "a", "AB")]
    shown = exp.func("coalesce", text, exp.Literal.string(""))
    select.where(exp.In(this=shown, expressions=some).not_(), copy=False)
    return True


def _is_in(table: str, select: exp.Select) -> bool:
    return any(source.alias_or_name == table for source in select.find_all(exp.Table))


def aggregate_changed(tree: exp.Expression, chance: Random) -> bool:
    """sum, max, min, count: one becomes another."""
    kinds = (exp.Sum, exp.Max, exp.Min, exp.Count)
    found = [n for n in tree.find_all(*kinds) if isinstance(n.this, exp.Column)]
    found = [n for n in found if not isinstance(n.parent, exp.Filter)]
    if not found:
        return False
    node = chance.choice(found)
    node.replace(chance.choice([k for k in kinds if not isinstance(node, k)])(this=node.this))
    return True


def join_changed(tree: exp.Expression, chance: Random) -> bool:
    """LEFT JOIN, JOIN and FULL JOIN: one becomes another."""
    join = _any(tree, chance, exp.Join)
    if join is None:
        return False
    join.set("side", chance.choice([s for s in ("", "LEFT", "FULL") if s != (join.side or "")]))
    return True


def join_key_changed(tree: exp.Expression, chance: Random) -> bool:
    """The join asks for one thing more."""
    join = _any(tree, chance, exp.Join)
    if join is None or join.args.get("on") is None:
        return False
    column = chance.choice(list(join.args["on"].find_all(exp.Column)))
    some = [exp.Literal.string(value) for value in ("2", "4", "a", "AB")]
    more = exp.In(this=exp.cast(column.copy(), "varchar"), expressions=some).not_()
    join.on(more, copy=False)
    return True


def cte_renamed(tree: exp.Expression, chance: Random) -> bool:
    """A CTE, or the alias of a table, has another name."""
    cte = _any(tree, chance, exp.CTE)
    if cte is None:
        alias = _any(tree, chance, exp.TableAlias)
        if alias is None:
            return False
        old = alias.name
    else:
        old = cte.alias
    for node in tree.find_all(exp.Identifier):
        if node.name == old and (
            isinstance(node.parent, (exp.TableAlias, exp.Table)) or node.arg_key == "table"
        ):
            node.set("this", f"{old}_renamed")
    return True


def column_added(tree: exp.Expression, _chance: Random) -> bool:
    """One column more at the end, in every branch."""
    for select in _outermost(tree):
        select.append("expressions", exp.alias_(exp.Literal.number(1), "one_more"))
    return True


def column_removed(tree: exp.Expression, _chance: Random) -> bool:
    """The last column is gone, from every branch."""
    for select in _outermost(tree):
        if len(select.expressions) < 3 or select.expressions[-1].is_star:
            return False
        select.expressions.pop()
    return True


def column_renamed(tree: exp.Expression, _chance: Random) -> bool:
    """The last column has another name."""
    for select in _outermost(tree):
        item = select.expressions[-1]
        if item.is_star:
            return False
        item.replace(exp.alias_(item.unalias().copy(), "another_name"))
    return True


def _outermost(tree: exp.Expression) -> list[exp.Select]:
    """The SELECTs of which the result's columns are made."""
    if isinstance(tree, exp.SetOperation):
        return [*_outermost(tree.this), *_outermost(tree.expression)]
    return [tree] if isinstance(tree, exp.Select) else []


def window_reordered(tree: exp.Expression, chance: Random) -> bool:
    """The first key of a window's order in the other direction."""
    window = _any(tree, chance, exp.Window)
    order = window.args.get("order") if window is not None else None
    if order is None:
        return False
    key = order.expressions[0]
    key.set("desc", not key.args.get("desc"))
    return True


def partition_dropped(tree: exp.Expression, chance: Random) -> bool:
    """A window over everything."""
    window = _any(tree, chance, exp.Window)
    if window is None or not window.args.get("partition_by"):
        return False
    window.set("partition_by", None)
    return True


def distinct_toggled(tree: exp.Expression, chance: Random) -> bool:
    """DISTINCT comes or goes."""
    select = _any(tree, chance, exp.Select)
    if select.args.get("distinct"):
        select.set("distinct", None)
    else:
        select.set("distinct", exp.Distinct())
    return True


def union_changed(tree: exp.Expression, chance: Random) -> bool:
    """UNION ALL and UNION: one becomes the other."""
    node = _any(tree, chance, exp.Union)
    if node is not None:
        node.set("distinct", not node.args.get("distinct"))
    return node is not None


def branch_dropped(tree: exp.Expression, chance: Random) -> bool:
    """The second branch of a union is gone."""
    node = _any(tree, chance, exp.Union)
    if node is None or node is tree:
        return False
    node.replace(node.this)
    return True


def case_swapped(tree: exp.Expression, chance: Random) -> bool:
    """The branch of a CASE and its default change places."""
    case = _any(tree, chance, exp.Case)
    if case is None or case.args.get("default") is None:
        return False
    branch, default = case.args["ifs"][0], case.args["default"]
    value = branch.args["true"].copy()
    branch.set("true", default.copy())
    case.set("default", value)
    return True


def limit_changed(tree: exp.Expression, chance: Random) -> bool:
    """Two rows more."""
    limit = _any(tree, chance, exp.Limit)
    if limit is not None:
        limit.set("expression", exp.Literal.number(int(limit.expression.name) + 2))
    return limit is not None


def conditions_exchanged(tree: exp.Expression, chance: Random) -> bool:
    """Another spelling: operands change places, BETWEEN becomes two comparisons."""
    node = _any(tree, chance, exp.Between, exp.EQ, exp.Or, exp.And)
    if node is None:
        return False
    if isinstance(node, exp.Between):
        low = exp.GTE(this=node.this.copy(), expression=node.args["low"])
        node.replace(
            exp.paren(exp.and_(low, exp.LTE(this=node.this, expression=node.args["high"])))
        )
        return True
    node.replace(type(node)(this=node.expression, expression=node.this))
    return True


EDITS: Mapping[str, Edit] = {
    "a coalesce dropped": coalesce_dropped,
    "a nullif added": default_added,
    "a text upper-cased": upper_cased,
    "a constant changed": constant_changed,
    "a filter changed": filter_changed,
    "a filter dropped": filter_dropped,
    "a filter added": filter_added,
    "an aggregate changed": aggregate_changed,
    "a join of another kind": join_changed,
    "a join's condition": join_key_changed,
    "a CTE renamed": cte_renamed,
    "a column added": column_added,
    "a column removed": column_removed,
    "a column renamed": column_renamed,
    "a window's order": window_reordered,
    "a window's partition": partition_dropped,
    "DISTINCT": distinct_toggled,
    "UNION ALL": union_changed,
    "a branch dropped": branch_dropped,
    "a CASE turned round": case_swapped,
    "a limit": limit_changed,
    "another spelling": conditions_exchanged,
}
