"""SQL text -> the tree whose types are inferred."""

from __future__ import annotations

from sqlglot.tokens import Token, TokenType

from analyticsops.sql.facts import Problem
from analyticsops.sql.parse import tokens_of
from analyticsops.sql.recover import Parsed, parse_with_gaps
from analyticsops.sql.syntax import engine_of

_KEPT = {("postgres", "date_part"): "date_part_", ("redshift", "date_part"): "date_part_"}
"""Functions that sqlglot reads as another one whose type differs, by (dialect, name): the
name under which they are kept apart."""


def parse_for_types(sql: str, dialect: str) -> Parsed | Problem:
    """Parse one query; a problem only if nothing of it is understood."""
    return parse_with_gaps(sql, dialect, read=_read)


def _read(sql: str, dialect: str) -> list[Token] | Problem:
    """All tokens: rows of constants have types, too."""
    tokens = tokens_of(sql, dialect)
    if isinstance(tokens, Problem):
        return tokens
    engine = engine_of(dialect)
    for place, token in enumerate(tokens[:-1]):
        if token.token_type is TokenType.VAR:
            kept = _KEPT.get((dialect, token.text.lower()))
            if kept and tokens[place + 1].token_type is TokenType.L_PAREN:
                tokens[place] = engine.tokenize(kept)[0]
    return tokens
