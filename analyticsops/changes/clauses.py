"""The clauses of a query that decide about its rows, as texts to be compared.

They locate a difference that the fingerprints have found, and never decide whether there
is one. Aliases of tables are replaced by the tables, so that a renamed alias is no change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.syntax import FROM

_CHOOSING = (exp.RowNumber, exp.FirstValue, exp.LastValue)


class JoinClause(NamedTuple):
    """One join: to which table, of which kind, on what."""

    source: str
    kind: str
    condition: str

    def __str__(self) -> str:
        using = self.condition.startswith("using ")
        on = f" {'' if using else 'on '}{self.condition}" if self.condition else ""
        return f"{self.kind.lower()} join {self.source}{on}"


class Clauses(NamedTuple):
    """What decides about the rows of a query, each in the order of the text."""

    filters: tuple[str, ...]
    joins: tuple[JoinClause, ...]
    groups: tuple[str, ...]
    choices: tuple[str, ...]
    operations: tuple[str, ...]
    limits: tuple[str, ...]
    unnested: tuple[str, ...]


def clauses_of(tree: exp.Query, dialect: str) -> Clauses:
    """The clauses of a query and of everything inside it."""
    copy = tree.copy()
    for column in copy.find_all(exp.Column):
        source = _source(column) if column.table else ""
        if source:
            column.set("table", exp.to_identifier(source))
    return Clauses(
        filters=tuple(_filters(copy, dialect)),
        joins=tuple(_joins(copy, dialect)),
        groups=tuple(_groups(copy, dialect)),
        choices=tuple(_choices(copy, dialect)),
        operations=tuple(_operations(copy)),
        limits=tuple(_limits(copy, dialect)),
        unnested=tuple(_unnested(copy, dialect)),
    )


def _text(node: exp.Expression, dialect: str) -> str:
    return str(node.sql(dialect=dialect, comments=False))


def _source(column: exp.Column) -> str:
    """The table that a qualifier stands for, in the nearest SELECT that has it."""
    wanted = column.table.lower()
    select = column.parent_select
    while isinstance(select, exp.Select):
        for table in _tables(select):
            if table.alias_or_name.lower() == wanted:
                return _name(table)
        select = select.parent_select
    return ""


def _tables(select: exp.Select) -> Iterator[exp.Expression]:
    clause = select.args.get(FROM)
    for item in ([clause] if clause is not None else []) + (select.args.get("joins") or []):
        yield item.this


def _name(table: exp.Expression) -> str:
    """The table's own name; a subquery has none but its alias."""
    name = table.name if isinstance(table, exp.Table) else table.alias_or_name
    return str(name).lower()


def _filters(tree: exp.Query, dialect: str) -> Iterator[str]:
    for node in tree.find_all(exp.Where, exp.Having, exp.Qualify, bfs=False):
        condition = node.this.copy()
        for window in list(condition.find_all(exp.Window)):
            if window is not condition:
                window.replace(exp.Var(this="<window>"))
        parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
        yield from (_text(part.unnest(), dialect) for part in parts)


def _joins(tree: exp.Query, dialect: str) -> Iterator[JoinClause]:
    for join in tree.find_all(exp.Join, bfs=False):
        if isinstance(join.this, exp.Unnest | exp.Lateral):
            continue
        words = [str(join.args.get(key) or "").upper() for key in ("method", "side", "kind")]
        kind = " ".join(word for word in words if word and word != "OUTER")
        on, using = join.args.get("on"), join.args.get("using")
        if using:
            condition = "using " + ", ".join(item.name for item in using)
        else:
            condition = _sorted_conjuncts(on, dialect) if on is not None else ""
        plain = "INNER" if condition else "CROSS"
        yield JoinClause(_name(join.this), kind or plain, condition)


def _sorted_conjuncts(condition: exp.Expression, dialect: str) -> str:
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    return " AND ".join(sorted(_either_way(part.unnest(), dialect) for part in parts))


def _either_way(part: exp.Expression, dialect: str) -> str:
    """An equation with its sides in the order of their texts."""
    if isinstance(part, exp.EQ):
        sides = sorted(_text(side, dialect) for side in (part.this, part.expression))
        return " = ".join(sides)
    return _text(part, dialect)


def _groups(tree: exp.Query, dialect: str) -> Iterator[str]:
    for select in tree.find_all(exp.Select, bfs=False):
        distinct, group = select.args.get("distinct"), select.args.get("group")
        if distinct is not None:
            yield _text(distinct, dialect) or "DISTINCT"
        if group is None:
            continue
        keys = [_text(_key(select, key), dialect) for key in group.expressions]
        extra = [
            name.upper()
            for name in ("all", "rollup", "cube", "grouping_sets", "totals")
            if group.args.get(name)
        ]
        yield f"GROUP BY {', '.join(sorted(keys) + extra)}"


def _key(select: exp.Select, key: exp.Expression) -> exp.Expression:
    """What a grouping key by number or alias stands for."""
    if isinstance(key, exp.Literal) and key.is_int:
        place = int(key.name) - 1
        if 0 <= place < len(select.expressions):
            return select.expressions[place].unalias()
    if isinstance(key, exp.Column) and not key.table:
        for projection in select.expressions:
            if isinstance(projection, exp.Alias) and projection.alias == key.name:
                return projection.this
    return key


def _choices(tree: exp.Query, dialect: str) -> Iterator[str]:
    """By what a row is chosen among several."""
    for window in tree.find_all(exp.Window, bfs=False):
        if isinstance(window.this, _CHOOSING) and _decides(window):
            yield _text(window, dialect)
    for query in tree.find_all(exp.Select, exp.SetOperation, bfs=False):
        order, distinct = query.args.get("order"), query.args.get("distinct")
        on = distinct.args.get("on") if isinstance(distinct, exp.Distinct) else None
        if order is not None and (query.args.get("limit") or on is not None):
            yield _text(order, dialect)


def _decides(window: exp.Window) -> bool:
    """True if a filter depends on the window: by its place, or by the name of a number
    that an outer query compares with a constant."""
    if window.find_ancestor(exp.Qualify, exp.Where):
        return True
    alias = window.parent
    if not isinstance(alias, exp.Alias):
        return False
    root = window.root()
    return any(
        column.name.lower() == alias.alias.lower()
        and column.find_ancestor(exp.Where, exp.Qualify, exp.Join) is not None
        for column in root.find_all(exp.Column)
    )


def _operations(tree: exp.Query) -> Iterator[str]:
    for operation in tree.find_all(exp.SetOperation, bfs=False):
        every = operation.args.get("distinct") is False
        by_name = " BY NAME" if operation.args.get("by_name") else ""
        yield f"{operation.key.upper()}{' ALL' if every else ''}{by_name}"


def _limits(tree: exp.Query, dialect: str) -> Iterator[str]:
    for node in tree.find_all(exp.Limit, exp.Offset, exp.Fetch, exp.TableSample, bfs=False):
        yield _text(node, dialect).strip()


def _unnested(tree: exp.Query, dialect: str) -> Iterator[str]:
    for node in tree.find_all(exp.Unnest, exp.Lateral, exp.Explode, exp.ExplodeOuter, bfs=False):
        copy = node.copy()
        copy.set("alias", None)
        yield _text(copy, dialect)
