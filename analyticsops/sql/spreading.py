"""Calls in a SELECT list that make several columns: ``explode(m) AS (k, v)``,
``unnest(struct)``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from sqlglot import exp

from analyticsops.sql.explosions import goes_deeper
from analyticsops.sql.laterals import Call, Elements
from analyticsops.sql.listed_rows import is_listed
from analyticsops.sql.relation import Named, Opening
from analyticsops.sql.scope import Scope
from analyticsops.sql.table_functions import shape_of

V = TypeVar("V")
R = TypeVar("R")


def spread(
    projection: exp.Expression, scope: Scope[V, R]
) -> tuple[list[Named[V]], list[Opening[V]]]:
    """The columns of such a call; the rows of the scope are multiplied."""
    if scope.rules.name == "duckdb":
        return _unnested(projection.unalias(), scope)
    named = isinstance(projection, exp.Aliases)
    function = projection.this if named else projection
    call = Call(
        function=function,
        shape=shape_of(function, scope.rules.name),
        columns=[(scope.key(i), i.name) for i in projection.expressions] if named else (),
    )
    elements = Elements(call, scope, f"list {function.key}", lambda part: scope.project("", part))
    relation = elements.relation()
    scope.rows = relation.rows
    return list(relation.columns), list(relation.openings)


def _unnested(call: exp.Expression, scope: Scope[V, R]) -> tuple[list[Named[V]], list[Opening[V]]]:
    """DuckDB makes columns of the fields of a struct, and of those in a list if it is told to."""
    algebra, argument = scope.algebra, call.this
    deeper = goes_deeper(call)
    value = scope.project("", argument)
    fields = algebra.fields(value)
    is_struct = isinstance(argument, exp.Struct) or _is_row(argument, scope)
    if not is_struct:
        counted = is_listed(call) and not algebra.constants
        scope.rows = algebra.exploded(scope.rows, algebra.nothing if counted else value, call.key)
    if fields is not None and (is_struct or deeper):
        parts = _flat(fields, scope) if deeper else fields.items()
        return [Named(scope.rules.fold(name, False), name, part) for name, part in parts], []
    element = value if is_struct else algebra.element(scope.rows, value, call.key)
    return [], [Opening("unnest", lambda key, _name: algebra.field(element, key))]


def _flat(fields: Mapping[str, V], scope: Scope[V, R]) -> Iterator[tuple[str, V]]:
    for name, part in fields.items():
        inner = scope.algebra.fields(part)
        if inner is None:
            yield name, part
        else:
            yield from _flat(inner, scope)


def _is_row(argument: exp.Expression, scope: Scope[V, R]) -> bool:
    """True for the name of a table, unless it is that of a column."""
    if not isinstance(argument, exp.Column) or argument.table:
        return False
    key = scope.key(argument.this)
    columns = any(source.relation.value(key) is not None for source in scope.sources)
    return not columns and any(source.key == key for source in scope.sources)
