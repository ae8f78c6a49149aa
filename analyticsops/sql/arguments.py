"""What the arguments of a function mean: values, conditions, units of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, TypeAlias

from sqlglot import exp

from analyticsops.sql.masking import is_count
from analyticsops.sql.syntax import kinds


class Arguments(NamedTuple):
    """The arguments of a call that is more than a computation on all of them."""

    values: Sequence[exp.Expression]
    conditions: Sequence[exp.Expression] = ()
    how: Literal["computed", "cast", "aggregated", "counted"] = "computed"


def arguments_of(node: exp.Expression) -> Arguments | None:
    """How a call treats its arguments; None if all of them are values like any other."""
    for kind, split in _KINDS:
        if isinstance(node, kind):
            return split(node)
    if isinstance(node, exp.Anonymous):
        called = _CALLED.get(str(node.this).lower())
        return called(node) if called is not None else None
    return None


def _nvl2(node: exp.Expression) -> Arguments:
    values = [node.args.get("true"), node.args.get("false")]
    return Arguments([v for v in values if v is not None], [node.this])


def _decode(node: exp.Expression) -> Arguments:
    """``decode(a, 1, b, 2, c, d)``: b, c or d, as a equals 1, 2 or neither."""
    first, *rest = node.expressions
    default = rest.pop() if len(rest) % 2 else None
    results = [*rest[1::2], *([default] if default is not None else [])]
    return Arguments(results, [first, *rest[0::2]])


def _pairs(node: exp.Expression) -> Arguments:
    """``multiIf(a = 1, b, a = 2, c, d)``."""
    *pairs, default = node.expressions
    return Arguments([*pairs[1::2], default], pairs[0::2])


def _first_chooses(node: exp.Expression) -> Arguments:
    """``choose(a, b, c)``: the a-th of b and c."""
    first, *rest = node.expressions
    return Arguments(rest, [first])


def _combined(node: exp.Expression) -> Arguments | None:
    """ClickHouse's ``sumIf(x, a > 1)``: the last argument says which rows."""
    name = str(node.this).lower()
    arguments = list(node.args.get("params") or node.expressions)
    how: Literal["aggregated", "counted"] = "counted" if is_count(name) else "aggregated"
    chosen = name.removesuffix("ornull").removesuffix("ordefault").endswith("if")
    if not chosen or len(arguments) < 2:
        return Arguments(arguments, how=how)
    return Arguments(arguments[:-1], arguments[-1:], how)


def _convert(node: exp.Expression) -> Arguments:
    """``CONVERT(date, a)`` only casts; with a style it also formats."""
    value = node.args.get("expression")
    how: Literal["computed", "cast"] = "computed" if node.args.get("style") else "cast"
    return Arguments([value] if isinstance(value, exp.Expression) else [], how=how)


def _cast(node: exp.Expression) -> Arguments:
    """``CAST(a, 'Date')`` of ClickHouse."""
    return Arguments([node.this], how="cast")


def _without_unit(node: exp.Expression) -> Arguments:
    """A bare word in the first place is a unit of time: ``date_bucket(week, 2, a)``."""
    first, *rest = node.expressions
    return Arguments(rest if isinstance(first, exp.Column) and not first.table else [first, *rest])


def _nothing(_node: exp.Expression) -> Arguments:
    """``NEXT VALUE FOR s``: no column is read."""
    return Arguments(())


Split: TypeAlias = Callable[[exp.Expression], Arguments | None]

_KINDS: tuple[tuple[type[exp.Expression], Split], ...] = tuple(
    (kind, split)
    for split, names in (
        (_nvl2, ("Nvl2",)),
        (_decode, ("DecodeCase",)),
        (_combined, ("AnonymousAggFunc", "CombinedAggFunc", "CombinedParameterizedAgg")),
        (_combined, ("ParameterizedAgg",)),
        (_nothing, ("NextValueFor",)),
        (_convert, ("Convert",)),
        (_cast, ("CastToStrType",)),
    )
    for kind in kinds(*names)
)

ARGUED = tuple(kind for kind, _ in _KINDS)
"""Kinds of nodes whose arguments differ in meaning."""

_CALLED: dict[str, Split] = {
    "choose": _first_chooses,
    "date_bucket": _without_unit,
    "multiif": _pairs,
}

# -- columns that do not look like columns ---------------------------------------

_METHODS = frozenset({"exist", "modify", "nodes", "query", "value"})
"""Of SQL Server's xml type: ``t.doc.value('(/a)[1]', 'int')``."""


def owner(node: exp.Dot) -> exp.Column | None:
    """The column whose method is called; None if the name before it is a schema's."""
    call = node.expression
    if not isinstance(call, exp.Anonymous) or str(call.this).lower() not in _METHODS:
        return None
    if not call.expressions or not all(isinstance(a, exp.Literal) for a in call.expressions):
        return None
    parts = _identifiers(node.this)
    return exp.column(*reversed(parts)) if parts and len(parts) <= 4 else None


def _identifiers(node: exp.Expression) -> list[exp.Identifier]:
    """``a.b`` as its parts; none if there is anything else in it."""
    if isinstance(node, exp.Identifier):
        return [node]
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        before = _identifiers(node.this)
        return [*before, node.expression] if before else []
    return []


def bracketed(node: exp.Expression) -> exp.Column | None:
    """``(t).x`` and ``(t.s).x`` as one column; None if what is in brackets is none."""
    if not isinstance(node, exp.Dot):
        return None
    inner = node.this.unnest() if isinstance(node.this, exp.Paren) else None
    if not isinstance(inner, exp.Column) or not isinstance(node.expression, exp.Identifier):
        return None
    parts = [part for part in inner.parts if isinstance(part, exp.Identifier)]
    if len(parts) != len(inner.parts) or len(parts) > 3:
        return None
    return exp.column(node.expression.copy(), *(part.copy() for part in reversed(parts)))
