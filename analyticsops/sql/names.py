"""The names of output columns that the SQL does not name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.dialect import Rules

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")

_FUNCTIONS = (exp.Abs, exp.Avg, exp.Count, exp.Lower, exp.Max, exp.Min, exp.Sum, exp.Upper)
"""Functions that every engine calls the same and prints as they are written."""


class OutputName(NamedTuple):
    """What a column is called.

    Attributes:
        text: the name.
        quoted: how it is compared.
        given: the SQL says so; otherwise the engine makes it up.
        known: False if what the engine makes up is not known here.
    """

    text: str
    quoted: bool = False
    given: bool = True
    known: bool = True


def output_name(
    projection: exp.Expression, rules: Rules, position: int, unnamed: int, behind_star: bool
) -> OutputName:
    """The name of a projection that is no star.

    Args:
        position: how many columns stand before it.
        unnamed: how many of those have no name of their own.
        behind_star: True if the number of columns before it is not known.
    """
    identifier = _written(projection)
    if identifier is not None:
        return OutputName(identifier.name, bool(identifier.args.get("quoted")))
    make = _MADE_UP.get(rules.name)
    name = make(projection, position, unnamed) if make and not behind_star else ""
    if name:
        return OutputName(name, given=False)
    guess = projection.output_name or f"_col{position}"
    return OutputName(guess, given=False, known=False)


def _written(projection: exp.Expression) -> exp.Identifier | None:
    """The identifier that names the column."""
    if isinstance(projection, exp.Alias):
        alias = projection.args["alias"]
        return alias if isinstance(alias, exp.Identifier) else exp.to_identifier(str(alias))
    node = projection
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return node.this
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Identifier):
        return node.expression
    return None


def _duckdb(node: exp.Expression, _position: int, _unnamed: int) -> str:
    if isinstance(node, exp.Literal):
        return f"'{node.name}'" if node.is_string else str(node.name)
    if isinstance(node, exp.Count) and (node.this is None or isinstance(node.this, exp.Star)):
        return "count_star()"
    if isinstance(node, _FUNCTIONS) and not node.expressions and isinstance(node.this, exp.Column):
        parts = [part.name for part in node.this.parts if isinstance(part, exp.Identifier)]
        if parts and all(_PLAIN.fullmatch(part) for part in parts):
            return f"{node.key}({'.'.join(parts)})"
    return ""


def _postgres(node: exp.Expression, _position: int, _unnamed: int) -> str:
    """The name of the function, or of the column that is cast."""
    if isinstance(node, _FUNCTIONS):
        return str(node.key)
    if isinstance(node, exp.Case):
        return "case"
    if isinstance(node, exp.Cast):
        inner = _written(node.this)
        return inner.name if inner is not None else ""
    return ""


def _bigquery(_node: exp.Expression, _position: int, unnamed: int) -> str:
    return f"f{unnamed}_"


def _trino(_node: exp.Expression, position: int, _unnamed: int) -> str:
    return f"_col{position}"


_MADE_UP: Mapping[str, Callable[[exp.Expression, int, int], str]] = {
    "athena": _trino,
    "bigquery": _bigquery,
    "duckdb": _duckdb,
    "postgres": _postgres,
    "presto": _trino,
    "redshift": _postgres,
    "trino": _trino,
}
