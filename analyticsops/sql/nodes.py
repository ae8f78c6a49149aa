"""What can be read off a syntax node alone: the names in it, and its line."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def identifiers(nodes: object) -> Iterator[exp.Identifier]:
    """The names in EXCLUDE (...), however the parser wraps them."""
    for node in nodes if isinstance(nodes, list) else [nodes]:
        if isinstance(node, exp.Identifier):
            yield node
        elif isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            yield node.this
        elif isinstance(node, (exp.Tuple, exp.Paren)):
            yield from identifiers(node.expressions or [node.this])


def line_of(node: exp.Expression) -> int:
    """Line in the SQL text of the first identifier below a node, 0 if unknown."""
    line = node.meta.get("line") if node.meta else None
    if isinstance(line, int):
        return line
    for identifier in node.find_all(exp.Identifier):
        line = identifier.meta.get("line")
        if isinstance(line, int):
            return line
    return 0
