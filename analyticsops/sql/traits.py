"""What stands somewhere in a projection and matters for the whole SELECT, in one visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.aggregates import is_aggregate
from analyticsops.sql.aliases import scalars_of
from analyticsops.sql.explosions import EXPLOSIONS, explosion, may_be_struct
from analyticsops.sql.syntax import POSITIONAL
from analyticsops.sql.table_functions import function_name


class Traits(NamedTuple):
    """Of one projection, nested queries left out.

    Attributes:
        many: it stands for several columns, and is no plain star: COLUMNS(...), ``#1``,
            ``* APPLY (f)``, ``explode(m) AS (k, v)``.
        aggregate: it aggregates over the query's own rows (windows do not).
        windowed: it holds a window.
        explosions: functions in it that multiply the rows.
    """

    many: bool = False
    aggregate: bool = False
    windowed: bool = False
    explosions: tuple[str, ...] = ()


PLAIN = Traits()
"""Of a column, perhaps under an alias: the usual projection."""

_NONE_OF_IT = Traits(many=False)

_LEAVES = (exp.Column, exp.Literal, exp.Identifier, exp.DataType, exp.Null, exp.Boolean, exp.Query)

_SKIPPED = frozenset({str, bool, type(None), *_LEAVES})
"""Types of arguments that have no traits, told without a look at their classes."""

_NONE, _LEAF, _AGGREGATE, _MANY, _CALL, _EXPLODES, _WINDOW = range(7)

_ROLES: dict[type, int] = {}
"""What a node of a type may mean, found once per type."""


def traits_of(projections: Sequence[exp.Expression], dialect: str) -> list[Traits]:
    """The traits of each projection, with or without its alias; :data:`PLAIN` itself for a
    plain column."""
    found = []
    for projection in projections:
        node = projection.args["this"] if type(projection) is exp.Alias else projection
        plain = type(node) is exp.Column and type(node.args["this"]) is exp.Identifier
        found.append(PLAIN if plain else _traits_of(projection, node, dialect))
    return found


def traits_in(query: exp.Select, dialect: str) -> list[Traits]:
    """The traits of a query's projections, with those of ``WITH count() AS n`` where they
    use it."""
    found = traits_of(query.expressions, dialect)
    scalars = {name.name: node for name, node in scalars_of(query)}
    if not scalars:
        return found
    for place, projection in enumerate(query.expressions):
        for name in _used(projection, scalars):
            more = _traits_of(scalars[name], scalars[name], dialect)
            if more is not _NONE_OF_IT:
                found[place] = _both(found[place], more)
    return found


def _used(projection: exp.Expression, scalars: Mapping[str, exp.Expression]) -> list[str]:
    """The aliases that an expression uses, and those that they use."""
    found: list[str] = []
    stack = [projection]
    while stack:
        for node in stack.pop().walk(prune=lambda inner: isinstance(inner, exp.Query)):
            name = node.name if isinstance(node, exp.Column) and not node.table else ""
            if name in scalars and name not in found:
                found.append(name)
                stack.append(scalars[name])
    return found


def _both(one: Traits, other: Traits) -> Traits:
    return Traits(
        one.many or other.many,
        one.aggregate or other.aggregate,
        one.windowed or other.windowed,
        (*one.explosions, *other.explosions),
    )


def _traits_of(projection: exp.Expression, inside: exp.Expression, dialect: str) -> Traits:
    many = spreads(projection, dialect)
    aggregate = windowed = False
    explosions: list[str] = []
    stack = [inside]
    while stack:
        node = stack.pop()
        role = _ROLES.get(type(node))
        if role is None:
            role = _ROLES[type(node)] = _role(node)
        if role == _LEAF:
            continue
        if role == _WINDOW:
            # The function itself does not aggregate: sum(sum(x)) over () does, inside.
            windowed = True
            stack += _under_window(node)
            continue
        if role == _AGGREGATE:
            aggregate = True
        elif role == _MANY:
            # `#1` alone has the name of its column; `* APPLY (f)` is never part of more.
            chosen = isinstance(node, exp.Columns) and not node.args.get("unpack")
            many = many or chosen or node is projection
        elif role == _CALL and is_aggregate(node, dialect):
            aggregate = True
        elif role in (_CALL, _EXPLODES) and (what := explosion(node)):
            explosions.append(what)
        for value in node.args.values():
            kind = type(value)
            if kind in _SKIPPED:
                continue
            if kind is list:
                stack += [item for item in value if isinstance(item, exp.Expression)]
            elif isinstance(value, exp.Expression):
                stack.append(value)
    if many or aggregate or windowed or explosions:
        return Traits(many, aggregate, windowed, tuple(explosions))
    return _NONE_OF_IT


def _role(node: exp.Expression) -> int:
    kinds = (
        (_LEAVES, _LEAF),
        ((exp.Anonymous, exp.Any, exp.Dot, exp.List), _CALL),
        (EXPLOSIONS, _EXPLODES),
        (exp.AggFunc, _AGGREGATE),
        ((exp.Columns, exp.Apply, *POSITIONAL), _MANY),
        (exp.Window, _WINDOW),
    )
    return next((role for kind, role in kinds if isinstance(node, kind)), _NONE)


def _under_window(node: exp.Expression) -> list[exp.Expression]:
    function, *rest = node.iter_expressions()
    while isinstance(function, (exp.IgnoreNulls, exp.RespectNulls, exp.Filter, exp.WithinGroup)):
        function, *more = function.iter_expressions()
        rest += more
    return [*function.iter_expressions(), *rest]


_SPREADING = frozenset(
    {
        *("explode", "explode_outer", "inline", "inline_outer", "json_tuple"),
        *("posexplode", "posexplode_outer", "stack"),
    }
)
"""Of Spark: they make several columns, unless a single name says otherwise."""


def spreads(projection: exp.Expression, dialect: str) -> bool:
    """True for ``explode(m) AS (k, v)`` and its kin, DuckDB's ``unnest(struct)``, and Trino's
    ``t.* AS (a, b)``."""
    if type(projection) is exp.Aliases:
        return True
    if dialect == "duckdb":
        return may_be_struct(projection)
    if dialect not in ("databricks", "spark"):
        return False
    return isinstance(projection, exp.Func) and function_name(projection) in _SPREADING
