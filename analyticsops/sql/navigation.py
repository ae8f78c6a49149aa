"""Arrays that FROM reaches by their name alone: ``FROM t, t.items``, ``ARRAY JOIN items``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard, TypeVar

from sqlglot import exp

from analyticsops.sql.laterals import ARRAY, Call, Elements
from analyticsops.sql.relation import Named, Relation, Source
from analyticsops.sql.scope import Scope

V = TypeVar("V")
R = TypeVar("R")

_NAVIGATING = frozenset({"bigquery", "redshift"})
"""Where an item of FROM that starts with an alias is an array in its rows."""


def as_array(item: exp.Expression, scope: Scope[V, R]) -> exp.Expression:
    """The UNNEST that an item of FROM stands for; the item itself if it is none."""
    if isinstance(item, exp.AtIndex):  # t.items AS x AT i
        return _unnest(item.this, item.expression)
    if isinstance(item, exp.Pivot) and isinstance(item.this, exp.AtIndex):
        # UNPIVOT t.object AS value AT name
        return _unnest(item.this.this, item.this.expression, kind="pairs")
    if isinstance(item, exp.Table) and item.args.get("rows_from"):  # ROWS FROM (f(), g())
        calls = [
            call
            for part in item.args["rows_from"]
            for call in (part.expressions if isinstance(part, exp.Unnest) else [part.this])
        ]
        alias = item.args.get("alias")
        return exp.Unnest(
            expressions=[call.copy() for call in calls],
            alias=alias.copy() if alias is not None else None,
            offset=item.args.get("ordinality"),
        )
    if isinstance(item, exp.Table) and scope.rules.name in _NAVIGATING:
        parts = [part for part in item.parts if isinstance(part, exp.Identifier)]
        known = {source.key for source in scope.sources}
        if len(parts) > 1 and len(parts) == len(item.parts) and scope.key(parts[0]) in known:
            path = exp.column(*(part.copy() for part in reversed(parts[:4])))
            for part in parts[4:]:
                path = exp.Dot(this=path, expression=part.copy())
            alias = item.args.get("alias")
            identifier = alias.this if isinstance(alias, exp.TableAlias) else parts[-1]
            return _unnest(exp.Alias(this=path, alias=identifier.copy()), None)
    return item


def _unnest(named: exp.Expression, offset: exp.Expression | None, kind: str = "") -> exp.Expression:
    alias = named.args.get("alias")
    array = named.this if isinstance(named, exp.Alias) else named
    columns = [alias.copy()] if isinstance(alias, exp.Identifier) else []
    return exp.Unnest(
        expressions=[
            exp.Anonymous(this=kind, expressions=[array.copy()]) if kind else array.copy()
        ],
        alias=exp.TableAlias(columns=columns),
        offset=offset.copy() if offset is not None else None,
    )


# -- ClickHouse -----------------------------------------------------------------


def is_array_join(join: exp.Join | None) -> TypeGuard[exp.Join]:
    """True for ``ARRAY JOIN``."""
    return join is not None and str(join.args.get("kind") or "").upper() == "ARRAY"


def read_array_join(join: exp.Join, scope: Scope[V, R]) -> None:
    """``ARRAY JOIN xs AS x, ys``: all in step. Without an alias the array's own name
    stands for its element from here on."""
    items = [found for item in [join.this, *join.expressions] for found in _items(item, scope)]
    names = [exp.to_identifier(f"{table}.{name}" if table else name) for table, name, _, _ in items]
    call = Call(
        function=exp.Unnest(expressions=[array.copy() for *_, array in items]),
        shape=ARRAY,
        columns=[(scope.key(name), name.name) for name in names],
    )
    what = " ".join(["array join", str(join.args.get("side") or "").lower()])
    relation = Elements(call, scope, what).relation()
    scope.rows = relation.rows
    found: dict[str, list[Named[V]]] = {}
    for (table, name, itself, _), column in zip(items, relation.columns, strict=True):
        if itself:
            scope.merged[column.key] = column.value
        else:
            found.setdefault(table, []).append(Named(name, name, column.value))
    for table, columns in found.items():
        scope.sources.append(Source(table, table, Relation(columns, scope.rows)))


def _items(
    item: exp.Expression, scope: Scope[V, R]
) -> Iterator[tuple[str, str, bool, exp.Expression]]:
    """(table, name, whether it is the array's own, array) of the columns that an item
    makes: several of a nested structure, whose columns are called ``nested.key``."""
    array = item.this if isinstance(item, exp.Alias) else item
    alias = item.args.get("alias")
    name = alias.name if isinstance(alias, exp.Identifier) else array.alias_or_name
    prefix = f"{array.name}."
    nested = [
        column.name
        for source in scope.sources
        for column in source.relation.columns
        if isinstance(array, exp.Column) and column.name.startswith(prefix)
    ]
    for inner in nested:
        column = exp.column(exp.to_identifier(inner, quoted=True))
        yield name, inner.removeprefix(prefix), False, column
    if not nested:
        yield "", name, alias is None, array
