"""What stands somewhere in a projection and matters for the whole SELECT, in one visit."""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.explosions import EXPLOSIONS, explosion


class Traits(NamedTuple):
    """Of one projection, nested queries left out.

    Attributes:
        many: it holds COLUMNS(...), so it stands for several columns.
        aggregate: it aggregates over the query's own rows (windows do not).
        explosions: functions in it that multiply the rows.
    """

    many: bool = False
    aggregate: bool = False
    explosions: tuple[str, ...] = ()


PLAIN = Traits()
"""Of a column, perhaps under an alias: the usual projection."""

_NONE_OF_IT = Traits(many=False)

_LEAVES = (exp.Column, exp.Literal, exp.Identifier, exp.DataType, exp.Null, exp.Boolean, exp.Query)

_NONE, _LEAF, _AGGREGATE, _MANY, _EXPLODES, _WINDOW = range(6)

_ROLES: dict[type, int] = {}
"""What a node of a type may mean, found once per type."""


def traits_of(projection: exp.Expression) -> Traits:
    """The traits of a projection, with or without its alias; :data:`PLAIN` itself for a
    plain column."""
    node = projection.args["this"] if type(projection) is exp.Alias else projection
    if type(node) is exp.Column and type(node.args["this"]) is exp.Identifier:
        return PLAIN
    many = aggregate = False
    explosions: list[str] = []
    stack = [projection]
    while stack:
        node = stack.pop()
        role = _ROLES.get(type(node))
        if role is None:
            role = _ROLES[type(node)] = _role(node)
        if role == _LEAF:
            continue
        if role == _WINDOW:
            # The function itself does not aggregate: sum(sum(x)) over () does, inside.
            stack += _under_window(node)
            continue
        if role == _AGGREGATE:
            aggregate = True
        elif role == _MANY:
            many = True
        elif role == _EXPLODES and (what := explosion(node)):
            explosions.append(what)
        for value in node.args.values():
            if type(value) is list:
                stack += [item for item in value if isinstance(item, exp.Expression)]
            elif isinstance(value, exp.Expression):
                stack.append(value)
    if many or aggregate or explosions:
        return Traits(many, aggregate, tuple(explosions))
    return _NONE_OF_IT


def _role(node: exp.Expression) -> int:
    kinds = (
        (_LEAVES, _LEAF),
        (EXPLOSIONS, _EXPLODES),
        (exp.AggFunc, _AGGREGATE),
        (exp.Columns, _MANY),
        (exp.Window, _WINDOW),
    )
    return next((role for kind, role in kinds if isinstance(node, kind)), _NONE)


def _under_window(node: exp.Expression) -> list[exp.Expression]:
    found: list[exp.Expression] = []
    for child in node.iter_expressions():
        if isinstance(child, exp.AggFunc):
            found += child.iter_expressions()
        else:
            found.append(child)
    return found
