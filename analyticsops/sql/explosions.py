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


EXPLOSIONS = (*_KINDS, exp.Anonymous)
"""Kinds of nodes that may multiply rows."""


def explosion(node: exp.Expression) -> str:
    """The name of the node's function if it multiplies the rows of its SELECT, else ''."""
    if isinstance(node, _KINDS):
        return str(node.key)
    if isinstance(node, exp.Anonymous) and str(node.this).lower() in _CALLED:
        return str(node.this).lower()
    return ""
