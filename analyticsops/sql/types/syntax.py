"""Types of what is SQL's own syntax, and much the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlglot import exp

from analyticsops.sql.syntax import kinds
from analyticsops.sql.types.engine import Rule, Typer
from analyticsops.sql.types.rules import arrayed, element_of
from analyticsops.sql.types.spelling import from_tree
from analyticsops.sql.types.sqltype import BOOLEAN, NULL, ROW, SqlType, array_of, map_of, struct_of
from analyticsops.sql.types.typed import ALWAYS_NULL, Typed, unknown

PERCENTILES = kinds("PercentileCont", "PercentileDisc", "Mode")
"""Aggregates whose WITHIN GROUP orders the very values that they return."""

NOTHING = exp.Null()
"""What there is without ELSE."""

_SEMI_STRUCTURED = frozenset({"JSON", "JSONB", "OBJECT", "SUPER", "VARIANT"})


# -- leaves ---------------------------------------------------------------------


def _column(node: exp.Expression, typer: Typer) -> Typed:
    if not isinstance(node.this, exp.Identifier):
        return typer.unknown("unsupported", "a star in an expression", node)
    first, *rest = [part.name for part in node.parts]
    if first in typer.parameters:
        return _fields(typer.parameters[first], rest)
    return typer.scope.column(node).settled


def _identifier(node: exp.Expression, typer: Typer) -> Typed:
    found = typer.parameters.get(node.name)
    return found or typer.unknown("unsupported", f"{node.name} in an expression", node)


def _literal(node: exp.Expression, typer: Typer) -> Typed:
    constants = typer.engine.constants
    if node.args.get("is_string"):
        return Typed(constants.string, None, "string", node.name)
    if node.name.isdigit():
        return Typed(constants.integer(node.name), None, "integer", node.name)
    return Typed(constants.number(node.name), None, "decimal", node.name)


def _null(_node: exp.Expression, _typer: Typer) -> Typed:
    return ALWAYS_NULL


def _boolean(_node: exp.Expression, _typer: Typer) -> Typed:
    return Typed(BOOLEAN)


_CLOCK = re.compile(
    r"hour|minute|second|\b(?:h|hh|hr|hrs|m|mi|min|mins|s|sec|secs|ms|us|ns)\b", re.IGNORECASE
)


def _interval(node: exp.Expression, _typer: Typer) -> Typed:
    """An interval, and whether it is of less than days: that makes a date a timestamp."""
    unit, amount = node.args.get("unit"), node.this
    words = unit.sql() if unit is not None else getattr(amount, "name", "")
    return Typed(SqlType("INTERVAL"), text="clock" if _CLOCK.search(words) else "")


def _string(_node: exp.Expression, typer: Typer) -> Typed:
    return Typed(typer.engine.constants.string)


def _called(node: exp.Expression, typer: Typer) -> Typed:
    """A function that sqlglot has no class for, by its name."""
    name = str(node.this).lower()
    rule = typer.engine.functions.get(name)
    return rule(node, typer) if rule else typer.unknown("unknown function", name, node)


# -- what hands on the type of a part ---------------------------------------------


def _inner(node: exp.Expression, typer: Typer) -> Typed:
    return typer.of(node.this)


def _settled(node: exp.Expression, typer: Typer) -> Typed:
    """A function's argument in a wrapper, or a function's answer in one."""
    return typer.of(node.this).settled


def _first(node: exp.Expression, typer: Typer) -> Typed:
    return typer.of(node.expressions[0] if node.expressions else None)


def _named_argument(node: exp.Expression, typer: Typer) -> Typed:
    return typer.of(node.expression)


def _cast(node: exp.Expression, typer: Typer) -> Typed:
    kind = from_tree(node.args["to"], typer.engine.dialect)
    if kind is None:
        return typer.unknown("unknown type", node.args["to"].sql(typer.engine.dialect), node)
    return Typed(kind)


def _negative(node: exp.Expression, typer: Typer) -> Typed:
    """A negative constant is a constant."""
    value = typer.of(node.this)
    return value._replace(text=f"-{value.text}") if value.form == "integer" else value


# -- choices --------------------------------------------------------------------


def _case(node: exp.Expression, typer: Typer) -> Typed:
    branches = [branch.args["true"] for branch in node.args["ifs"]]
    return typer.widest([*branches, node.args.get("default") or NOTHING])


def _if(node: exp.Expression, typer: Typer) -> Typed:
    return typer.widest([node.args.get("true"), node.args.get("false") or NOTHING])


def _coalesce(node: exp.Expression, typer: Typer) -> Typed:
    return typer.widest([node.this, *node.expressions])


# -- queries --------------------------------------------------------------------


def _query(node: exp.Expression, typer: Typer) -> Typed:
    """A scalar subquery: its only column, or what SELECT AS STRUCT makes of them."""
    relation = typer.scope.query(node)
    if relation.openings or not relation.columns:
        return typer.unknown("subquery with unknown columns", "", node)
    inner = node
    while isinstance(inner, exp.Subquery):
        inner = inner.this
    if str(inner.args.get("kind") or "").upper() == "STRUCT":
        return struct_from((column.name, column.value) for column in relation.columns)
    if len(relation.columns) > 1:
        return struct_from((column.name, column.value) for column in relation.columns)
    return relation.columns[0].value.settled


# -- arrays, structs, maps --------------------------------------------------------


def _array(node: exp.Expression, typer: Typer) -> Typed:
    """``[a, b]``, ``array(select ...)`` and ``[x + 1 for x in xs]``."""
    items = list(node.expressions)
    if not items:
        return Typed(array_of(NULL))
    return arrayed(typer.widest(items).settled)


def _comprehension(node: exp.Expression, typer: Typer) -> Typed:
    item = element_of(typer.of(node.args["iterator"]))
    return typer.inside({node.expression.name: item}).of(node.this)


def _struct(node: exp.Expression, typer: Typer) -> Typed:
    return struct_from(_struct_fields(node.expressions, typer))


def _struct_fields(nodes: list[exp.Expression], typer: Typer) -> Iterator[tuple[str, Typed]]:
    for node in nodes:
        if isinstance(node, exp.PropertyEQ):
            yield node.this.name, typer.of(node.expression).settled
        elif isinstance(node, exp.Alias):
            yield node.alias, typer.of(node.this).settled
        else:
            name = node.output_name if isinstance(node, (exp.Column, exp.Dot)) else ""
            yield name, typer.of(node).settled


def struct_from(fields: Iterable[tuple[str, Typed]]) -> Typed:
    """A struct of typed fields; not known if one is not."""
    found: list[tuple[str, SqlType]] = []
    for name, value in fields:
        if value.type is None:
            return value
        found.append((name, value.type))
    return Typed(struct_of(*found))


def _map(node: exp.Expression, typer: Typer) -> Typed:
    """``map([k], [v])``."""
    keys, values = typer.of(node.args.get("keys")), typer.of(node.args.get("values"))
    for part in (keys, values):
        if part.type is None:
            return part
    key, value = element_of(keys), element_of(values)
    if key.type is None or value.type is None:
        return key if key.type is None else value
    return Typed(map_of(key.type, value.type))


def _map_of_struct(node: exp.Expression, typer: Typer) -> Typed:
    """``map {'a': 1}``."""
    pairs = [pair for pair in node.this.expressions if isinstance(pair, exp.PropertyEQ)]
    key = typer.widest([pair.this for pair in pairs]).settled
    value = typer.widest([pair.expression for pair in pairs]).settled
    if key.type is None or value.type is None:
        return key if key.type is None else value
    return Typed(map_of(key.type, value.type))


def _bracket(node: exp.Expression, typer: Typer) -> Typed:
    """``a[1]``, ``a[1:2]``, ``m['k']``, ``s['field']``, ``j['key']``."""
    value = typer.of(node.this).settled
    if value.type is None:
        return value
    index = node.expressions[0]
    if isinstance(index, exp.Slice):
        return value
    if value.type.name == "STRUCT" and isinstance(index, exp.Literal) and index.is_string:
        return _fields(value, [index.name])
    if value.type.name in _SEMI_STRUCTURED or value.type.name == "VARCHAR":
        return value
    return element_of(value)


def _dot(node: exp.Expression, typer: Typer) -> Typed:
    if isinstance(node.expression, exp.Func):  # schema.function(...)
        return typer.of(node.expression)
    return _fields(typer.of(node.this).settled, [node.expression.name])


def _fields(value: Typed, path: list[str]) -> Typed:
    for name in path:
        value = field_of(value, name)
    return value


def field_of(value: Typed, name: str) -> Typed:
    """A field of a struct, a map, a row or a JSON value; ``column 1`` is the second of a
    row."""
    kind = value.type
    if kind is None:
        return value
    if kind.name in _SEMI_STRUCTURED:
        return Typed(SqlType("JSON") if kind.name == "JSON" else kind)
    if name.startswith("column ") and name[7:].isdigit():
        return _at(kind, int(name[7:]))
    found = kind.field(name) if kind.fields else None
    if found is None and kind.name == ROW and kind.of:
        found = kind.of[0].field(name) if kind.of[0].fields else None
    if found is None and kind.name == "MAP" and len(kind.of) == 2:
        found = kind.of[1]
    return Typed(found) if found is not None else _no_field(kind, name)


def _at(kind: SqlType, position: int) -> Typed:
    """The n-th column of a row; what is no row has one."""
    if kind.name != ROW:
        return Typed(kind) if position == 0 else _no_field(kind, f"column {position}")
    if position < len(kind.of):
        return Typed(kind.of[position])
    return _no_field(kind, f"column {position}")


def _no_field(kind: SqlType, name: str) -> Typed:
    return unknown("no such field", f"{name} in {kind.name}")


SYNTAX: dict[str, Rule] = {
    "anonymous": _called,
    "anonymousaggfunc": _called,
    "array": _array,
    "boolean": _boolean,
    "bracket": _bracket,
    "case": _case,
    "cast": _cast,
    "coalesce": _coalesce,
    "column": _column,
    "comprehension": _comprehension,
    "distinct": _first,
    "dot": _dot,
    "exists": _boolean,
    "filter": _settled,
    "havingmax": _settled,
    "identifier": _identifier,
    "if": _if,
    "ignorenulls": _settled,
    "interval": _interval,
    "kwarg": _named_argument,
    "limit": _settled,
    "literal": _literal,
    "map": _map,
    "neg": _negative,
    "not": _boolean,
    "null": _null,
    "order": _inner,
    "ordered": _inner,
    "predicate": _boolean,
    "propertyeq": _named_argument,
    "query": _query,
    "rawstring": _string,
    "respectnulls": _settled,
    "struct": _struct,
    "tomap": _map_of_struct,
    "trycast": _cast,
    "tuple": _struct,
    "varmap": _map,
    "window": _settled,
    "withingroup": _settled,
}
"""By sqlglot's key of the node's class."""
