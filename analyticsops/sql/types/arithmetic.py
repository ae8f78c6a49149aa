"""Operators: numbers with numbers, moments with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from sqlglot import exp

from analyticsops.sql.types.engine import Rule, Typer
from analyticsops.sql.types.families import family_of
from analyticsops.sql.types.rules import arrayed
from analyticsops.sql.types.sqltype import NULL, SqlType
from analyticsops.sql.types.typed import Typed, unknown
from analyticsops.sql.types.widening import NUMBERS

Numbers: TypeAlias = Callable[[str, Typed, Typed], SqlType | None]
"""(operator, left, right), both numbers -> what they yield; None if nobody knows."""

OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "intdiv": "//",
    "mod": "%",
}
"""By sqlglot's key of the node's class."""


def arithmetic(numbers: Numbers, operations: Mapping[str, str], *, texts: bool = False) -> Rule:
    """The rule of all operators.

    Args:
        operations: what ``date + interval`` and its like yield, see :func:`moments`.
        texts: ``numbers`` knows what texts yield, too.
    """
    operands = NUMBERS | {"text"} if texts else NUMBERS

    def rule(node: exp.Expression, typer: Typer) -> Typed:
        # Long sums lean to the left; the spine is walked without recursion.
        spine: list[exp.Expression] = []
        left = node
        while left.key in OPERATORS and isinstance(left, exp.Binary):
            spine.append(left)
            left = left.this
        result = typer.of(left)
        for operation in reversed(spine):
            right = typer.of(operation.expression)
            operator = OPERATORS[operation.key]
            if operands.issuperset((_family(result), _family(right))):
                result = _calculated(operator, result, right, numbers)
            else:
                result = _moved(operator, result, right, operations)
        return result

    return rule


def called(operator: str, numbers: Numbers) -> Rule:
    """The rule of a function that is an operator, such as SAFE_DIVIDE."""

    def rule(node: exp.Expression, typer: Typer) -> Typed:
        left, right = typer.of(node.this), typer.of(node.expression)
        if NUMBERS.issuperset((_family(left), _family(right))):
            return _calculated(operator, left, right, numbers)
        return _moved(operator, left, right, {})

    return rule


def _family(value: Typed) -> str:
    return family_of(value.type) if value.type is not None else ""


def _calculated(operator: str, left: Typed, right: Typed, numbers: Numbers) -> Typed:
    kind = numbers(operator, left, right)
    return Typed(kind) if kind is not None else _no_operation(operator, left, right)


def _moved(operator: str, left: Typed, right: Typed, operations: Mapping[str, str]) -> Typed:
    if left.type is None or right.type is None:
        return left if left.type is None else right
    if left.type == NULL or right.type == NULL:
        return unknown("operation on NULL")
    return _moment(operator, left, right, operations) or _no_operation(operator, left, right)


def _no_operation(operator: str, left: Typed, right: Typed) -> Typed:
    names = [value.type.name if value.type is not None else "?" for value in (left, right)]
    return unknown("no such operation", f"{names[0]} {operator} {names[1]}")


def _moment(
    operator: str, left: Typed, right: Typed, operations: Mapping[str, str]
) -> Typed | None:
    one, other = _word(left), _word(right)
    name = operations.get(f"{one} {operator} {other}")
    if name is None and "clock" in (one, other):
        plain = [word.replace("clock", "interval") for word in (one, other)]
        name = operations.get(f"{plain[0]} {operator} {plain[1]}")
    if name == "same":
        moved = right if one in ("clock", "interval", "number") else left
        return moved.settled
    return Typed(SqlType(name)) if name is not None else None


def _word(value: Typed) -> str:
    family = _family(value)
    if family == "interval" and value.text == "clock":
        return "clock"
    if family == "time" and value.type == _TIMETZ:
        return "timetz"
    return "number" if family in NUMBERS else family


def moments(text: str) -> dict[str, str]:
    """The operations of a text with lines such as ``date + number, date - number: DATE``.

    Operands are families, and ``timetz``; ``number`` stands for any of numbers, ``clock``
    for an interval that is not of whole days, if an engine tells it apart. ``same`` is the
    type of the moment that an interval or number is added to.
    """
    found: dict[str, str] = {}
    for line in text.split("\n"):
        operations, _, kind = line.partition(":")
        found |= {operation.strip(): kind.strip() for operation in operations.split(",") if kind}
    return found


_TIMETZ = SqlType("TIMETZ")


# -- text -----------------------------------------------------------------------

_JOINED = frozenset({"BINARY", "JSON", "JSONB"})
"""What ``||`` also joins, if all of it is of one of these types."""


def concatenation(text: SqlType) -> Rule:
    """``a || b``: a text, unless one is an array or all are something else that is joined."""

    def rule(node: exp.Expression, typer: Typer) -> Typed:
        parts: list[exp.Expression] = []
        left = node
        while isinstance(left, exp.DPipe):
            parts.append(left.expression)
            left = left.this
        values = [typer.of(part) for part in (left, *reversed(parts))]
        plain = [v for v in values if v.form != "string" and v.type != NULL]  # no constants
        names = {value.type.name if value.type is not None else "" for value in plain}
        if "ARRAY" in names:
            return joined_arrays(values, typer)
        if len(names) == 1 and names <= _JOINED:
            return plain[0].settled
        if any(_family(value) == "text" for value in values):
            return Typed(text)
        doubtful = (value for value in values if value.type is None)
        return next(doubtful, Typed(text))

    return rule


def joined_arrays(values: Iterable[Typed], typer: Typer) -> Typed:
    """Arrays end to end; what is no array is an element of one."""
    arrays = [
        value if value.type is None or value.type.name in ("ARRAY", "NULL") else arrayed(value)
        for value in values
    ]
    return typer.engine.widest(arrays)
