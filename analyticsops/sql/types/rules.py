"""Rules in few words: tables of functions by what they return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sqlglot import exp

from analyticsops.sql.types.engine import Rule, Typer
from analyticsops.sql.types.sqltype import NULL, SqlType, array_of
from analyticsops.sql.types.typed import Typed, unknown

_BY_NAME = (exp.Anonymous, exp.AnonymousAggFunc)
"""Functions that sqlglot has no class for: their ``this`` is their name."""


def arguments(node: exp.Expression) -> list[exp.Expression | None]:
    """The arguments of a function, in sqlglot's order; None in the place of one that must
    be there and is not, so that no other takes its place."""
    if isinstance(node, _BY_NAME):
        return list(node.expressions)
    found: list[exp.Expression | None] = []
    for name, required in node.arg_types.items():
        value = node.args.get(name)
        if value and isinstance(value, list):
            found += [part for part in value if isinstance(part, exp.Expression)]
        elif isinstance(value, exp.Expression):
            found.append(value)
        elif required and not isinstance(value, bool):
            found.append(None)
    return found


def argument(node: exp.Expression, position: int) -> exp.Expression | None:
    """One argument, None if it is missing."""
    found = arguments(node)
    return found[position] if position < len(found) else None


def subject(node: exp.Expression) -> exp.Expression | None:
    """The argument that a function is about: sqlglot's ``this``; the first of a function
    that has none. None if it is missing."""
    if isinstance(node, _BY_NAME) or "this" not in node.arg_types:
        return argument(node, 0)
    this = node.args.get("this")
    return this if isinstance(this, exp.Expression) else None


def table(rules: Mapping[Rule, str]) -> dict[str, Rule]:
    """Rules by name, from rules with the names that they hold for, as one text."""
    return {name: rule for rule, names in rules.items() for name in names.split()}


def always(kind: SqlType | str) -> Rule:
    """The same type, whatever the arguments."""
    typed = Typed(SqlType(kind) if isinstance(kind, str) else kind)
    return lambda _node, _typer: typed


def returns(names: Mapping[str, str]) -> dict[str, Rule]:
    """Functions by the name of the type that they always return."""
    return table({always(kind): functions for kind, functions in names.items()})


def same(node: exp.Expression, typer: Typer) -> Typed:
    """The type of what the function is about."""
    return typer.of(subject(node)).settled


def second(node: exp.Expression, typer: Typer) -> Typed:
    """The type of the second argument."""
    return typer.of(argument(node, 1)).settled


def widest(node: exp.Expression, typer: Typer) -> Typed:
    """What all arguments take together."""
    return typer.widest(arguments(node))


def array(node: exp.Expression, typer: Typer) -> Typed:
    """An array of the first argument."""
    return arrayed(typer.of(subject(node)).settled)


def arrayed(element: Typed) -> Typed:
    """An array of these elements."""
    return Typed(array_of(element.type)) if element.type is not None else element


def element(node: exp.Expression, typer: Typer) -> Typed:
    """An element of the first argument."""
    return element_of(typer.of(subject(node)))


def element_of(value: Typed) -> Typed:
    """An element of an array; what a map holds."""
    if value.type is None:
        return value
    if value.type.name == "MAP" and len(value.type.of) == 2:
        return Typed(value.type.of[1])
    if value.type.element is None:
        return unknown("no array of known elements", value.type.name)
    return Typed(value.type.element)


Change: TypeAlias = Callable[[SqlType], SqlType | None]
"""What becomes of a type; None if nobody knows."""


def changed(value: Typed, change: Change) -> Typed:
    """What becomes of a value of a known type."""
    value = value.settled
    if value.type is None or value.type == NULL:
        return value
    kind = change(value.type)
    return Typed(kind) if kind is not None else unknown("no such function", f"of {value.type.name}")


def of_type(change: Change) -> Rule:
    """By the type of what the function is about."""
    return lambda node, typer: changed(typer.of(subject(node)), change)
