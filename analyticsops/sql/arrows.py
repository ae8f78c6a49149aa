"""``f(doc -> 'a')``: sqlglot reads a lambda, whose parameter would be no column; the engine
reads a part of the JSON column `doc`."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from analyticsops.sql.syntax import engine_of

_NO_LAMBDAS = frozenset({"mysql", "postgres", "redshift", "sqlite"})
"""Where an arrow is JSON's whatever follows it."""


def has_arrow(tokens: list[Token]) -> bool:
    """True if there is an arrow that may be either."""
    return any(token.token_type is TokenType.ARROW for token in tokens)


def with_json_arrows(tree: exp.Expression, dialect: str) -> None:
    """Turn the lambdas that are none into JSON access, in place."""
    engine = engine_of(dialect)
    for node in list(tree.find_all(exp.Lambda)):
        path = _path(node, dialect)
        if path is not None:
            document = exp.Column(this=node.expressions[0].copy())
            part = exp.JSONExtract(this=document, expression=engine.to_json_path(path.copy()))
            if path is node.this:
                node.replace(part)
            else:
                path.replace(part)
                node.replace(node.this.copy())


def _path(node: exp.Lambda, dialect: str) -> exp.Expression | None:
    """What follows the arrow directly, if it says which part of a JSON column is meant: a
    constant, since a lambda begins with its parameter more often than not."""
    if len(node.expressions) != 1 or not isinstance(node.expressions[0], exp.Identifier):
        return None
    parameter, path = node.expressions[0].name, node.this
    if any(found.name == parameter for found in path.find_all(exp.Identifier)):
        return None
    while isinstance(path, (exp.Binary, exp.Cast)):
        path = path.this
    constant = isinstance(path.this if isinstance(path, exp.Neg) else path, exp.Literal)
    return path if constant or dialect in _NO_LAMBDAS else None
