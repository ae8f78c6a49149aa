"""Functions that turn one row into several."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

_KINDS: tuple[type[exp.Expression], ...] = (
    exp.Explode,
    exp.ExplodeOuter,
    exp.Inline,
    exp.Posexplode,
    exp.PosexplodeOuter,
    exp.Unnest,
)

_CALLED = frozenset(
    {
        "generate_subscripts",
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


def explosions_in(node: exp.Expression) -> Iterator[str]:
    """What multiplies the rows of the SELECT in whose list the node stands."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, exp.Query):
            continue
        if isinstance(current, _KINDS):
            yield current.key
        elif isinstance(current, exp.Anonymous) and str(current.this).lower() in _CALLED:
            yield str(current.this).lower()
        stack.extend(current.iter_expressions())
