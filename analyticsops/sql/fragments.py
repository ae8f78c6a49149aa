"""Expressions and types that stand alone: of metrics, dimensions, columns.

They are read in the process that asks and not by a worker, so that what could end a process, or
take it minutes, must be refused before it is parsed.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from analyticsops.errors import UnsupportedError
from analyticsops.sql.facts import Problem
from analyticsops.sql.parse import parse_statement, tokens_of

MAX_CHARACTERS = 100_000
"""Of one expression or type. Metrics have a few hundred; the longest type of a nested column that
was seen, a table of events, has five thousand."""

MAX_DEPTH = 64
"""Of a type in types. BigQuery allows 15."""

_SHOWN = 60


def parse_expression(text: str, dialect: str) -> exp.Expression | Problem:
    """Parse one expression, as it stands in a SELECT list or a condition."""
    if len(text) > MAX_CHARACTERS:
        return Problem("too long", f"{len(text):,} characters, limit {MAX_CHARACTERS:,}")
    tokens = tokens_of(text, dialect)
    if isinstance(tokens, Problem):
        return tokens
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        return Problem("several statements")
    return parse_statement(tokens, text, dialect)


def expression_of(text: str, dialect: str) -> exp.Expression:
    """The same.

    Raises:
        UnsupportedError: it cannot be parsed.
    """
    found = parse_expression(text, dialect)
    if isinstance(found, Problem):
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        raise UnsupportedError(f"the SQL expression {shown!r} is not understood: {found}")
    return found


def written(tree: exp.Expression, dialect: str, *, pretty: bool = False) -> str:
    """An expression or a query as text, ``pretty`` on several lines.

    Raises:
        UnsupportedError: it is nested too deeply.
    """
    try:
        return str(tree.sql(dialect=dialect, pretty=pretty))
    except (RecursionError, SqlglotError, ValueError) as fault:
        raise UnsupportedError("an SQL expression cannot be written: it is too deep") from fault


def parse_type(text: str, dialect: str) -> exp.DataType | None:
    """The type that a text means; None if it is not understood."""
    if len(text) > MAX_CHARACTERS or _depth(text) > MAX_DEPTH:
        return None
    try:
        return exp.DataType.build(text, dialect=dialect)
    except (SqlglotError, ValueError, AttributeError, LookupError, TypeError, RecursionError):
        return None


def _depth(text: str) -> int:
    """How deep a type nests at most; ``int[][]`` does without a bracket in another."""
    deepest = depth = arrays = 0
    for character in text:
        if character in "(<{[":
            depth += 1
            arrays += character == "["
        elif character in ")>}]":
            depth -= 1
        deepest = max(deepest, depth)
    return max(deepest, arrays)
