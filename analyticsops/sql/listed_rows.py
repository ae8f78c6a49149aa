"""Rows that a call lists: ``unnest(array[row('p', a), row('q', b)])``, ``stack(2, ...)``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from analyticsops.sql.explosions import EXPLOSIONS, explosion
from analyticsops.sql.syntax import kinds
from analyticsops.sql.table_functions import function_name

_OF_ONE = (*kinds("Explode", "ExplodeOuter", "Inline", "Posexplode", "PosexplodeOuter"),)

_TAKEN_APART = frozenset({"athena", "bigquery", "presto", "trino"})
"""Where UNNEST makes a column of each field of a row."""


def is_listed(function: exp.Expression) -> bool:
    """True for ``UNNEST([a, b])``: arrays of so many elements, whatever these are."""
    arrays = _arrays(function)
    return bool(arrays) and all(
        isinstance(array, exp.Array)
        and not any(isinstance(item, (exp.Query, exp.Star)) for item in array.expressions)
        for array in arrays
    )


def multiplies_by_number(projection: exp.Expression) -> bool:
    """True if all calls in a projection that multiply rows list their elements."""
    return all(is_listed(call) for call in projection.find_all(*EXPLOSIONS) if explosion(call))


def listed_rows(function: exp.Expression, dialect: str) -> Sequence[Sequence[exp.Expression]]:
    """The rows that become columns, all equally long; empty if they are not written there."""
    name = function_name(function)
    if name == "stack":
        return _stacked(list(function.iter_expressions()))
    apart = isinstance(function, exp.Unnest) and dialect in _TAKEN_APART
    if not (apart or name in ("inline", "inline_outer")) or not is_listed(function):
        return []
    arrays = _arrays(function)
    rows = [_cells(item) for item in arrays[0].expressions] if len(arrays) == 1 else []
    return rows if rows and len({len(row) for row in rows}) == 1 else []


def listed_names(function: exp.Expression) -> Sequence[str]:
    """What the first of those rows calls its fields; empty if it names none."""
    first = next((array.expressions[0] for array in _arrays(function) if array.expressions), None)
    parts = first.expressions if isinstance(first, exp.Struct) else []
    names = [part.this.name for part in parts if isinstance(part, exp.PropertyEQ)]
    return names if len(names) == len(parts) else []


def _arrays(function: exp.Expression) -> Sequence[exp.Expression]:
    if isinstance(function, exp.Unnest):
        return list(function.expressions)
    inner = function.this if isinstance(function, _OF_ONE) else None
    return [inner] if isinstance(inner, exp.Expression) else []


def _stacked(arguments: Sequence[exp.Expression]) -> Sequence[Sequence[exp.Expression]]:
    count, cells = (arguments[0], arguments[1:]) if arguments else (None, [])
    number = int(count.name) if isinstance(count, exp.Literal) and count.is_int else 0
    if number < 1 or not cells:
        return []
    width, rest = divmod(len(cells), number)
    return [] if rest else [cells[n : n + width] for n in range(0, len(cells), width)]


def _cells(item: exp.Expression) -> Sequence[exp.Expression]:
    if not isinstance(item, (exp.Struct, exp.Tuple)):
        return []
    return [
        part.expression if isinstance(part, exp.PropertyEQ) else part for part in item.expressions
    ]
