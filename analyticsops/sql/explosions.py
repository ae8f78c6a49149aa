"""Functions that turn one row into several."""

from __future__ import annotations

from sqlglot import exp

_KINDS: tuple[type[exp.Expression], ...] = (
    exp.Explode,
    exp.ExplodeOuter,
    exp.ExplodingGenerateSeries,
    exp.Inline,
    exp.Posexplode,
    exp.PosexplodeOuter,
    exp.Unnest,
)

_CALLED = frozenset(
    {
        "generate_subscripts",
        "inline_outer",
        "json_array_elements",
        "json_array_elements_text",
        "json_each",
        "json_each_text",
        "json_object_keys",
        "jsonb_array_elements",
        "jsonb_array_elements_text",
        "jsonb_each",
        "jsonb_each_text",
        "jsonb_object_keys",
        "jsonb_path_query",
        "regexp_matches",
        "regexp_split_to_table",
        "stack",
        "string_to_table",
    }
)


def may_be_struct(projection: exp.Expression) -> bool:
    """True for DuckDB's ``unnest(s)`` where the fields of `s` become columns if it is a struct,
    or its elements are; an alias is given to lists, nearly always."""
    call = projection.unalias()
    if not isinstance(call, exp.Explode):
        return False
    listed = isinstance(call.this, exp.Array) or call is not projection
    return goes_deeper(call) or isinstance(call.this, exp.Struct) or not listed


def goes_deeper(call: exp.Explode) -> bool:
    """True for ``unnest(xs, recursive := true)`` and ``unnest(xs, max_depth := 2)``."""
    options = [part for part in call.expressions if isinstance(part, (exp.PropertyEQ, exp.Kwarg))]
    return any(
        part.expression.name != "1" if part.this.name.lower() == "max_depth" else True
        for part in options
    )


EXPLOSIONS = (*_KINDS, exp.Anonymous)
"""Kinds of nodes that may multiply rows."""


def explosion(node: exp.Expression) -> str:
    """The name of the node's function if it multiplies the rows of its SELECT, else ''."""
    if isinstance(node, _KINDS):
        return str(node.key)
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _CALLED:
        return str(node.this).lower()
    return ""
