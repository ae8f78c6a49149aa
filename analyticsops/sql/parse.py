"""SQL text -> syntax tree, or the reason why not.

Compiled sqlglot overflows the C stack on deeply nested input and takes the process
with it, so nesting is measured on tokens, which cannot recurse, before parsing.
"""

from __future__ import annotations

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from analyticsops.sql.aliases import hand_down_scalars
from analyticsops.sql.arrows import has_arrow, with_json_arrows
from analyticsops.sql.constants import without_constant_rows
from analyticsops.sql.facts import Problem
from analyticsops.sql.syntax import engine_of
from analyticsops.sql.using_aliases import take_aliases, with_listed_aliases

MAX_NESTING = 256
"""Levels of brackets and CASE. Of 5,601 real compiled models the deepest has 16."""

MAX_TOKENS = 400_000
"""Real models reach 277,511; beyond this a query is not analysed."""

_BYTE_ORDER_MARK = "\ufeff"

_OPEN = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSE = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END})
_TILDE = getattr(TokenType, "TILDE", None) or TokenType["TILDA"]  # its name before sqlglot 28
_PREFIX = frozenset({TokenType.NOT, TokenType.DASH, _TILDE, TokenType.ARROW})


def parse_query(
    sql: str, dialect: str, *, constants: bool = True
) -> exp.Query | exp.Pivot | Problem:
    """Parse one SELECT statement (or set operation, VALUES, FROM-first query).

    Args:
        constants: False to leave out rows of constants in VALUES but the first, which
            matters for what a query means but not for where its columns come from.
    """
    tokens = tokens_of(sql, dialect, constants=constants)
    return tokens if isinstance(tokens, Problem) else parse_tokens(tokens, sql, dialect)


def tokens_of(sql: str, dialect: str, *, constants: bool = True) -> list[Token] | Problem:
    """The tokens of a query that can be parsed safely."""
    if _BYTE_ORDER_MARK in sql:  # at the start of a file that dbt pasted into another
        sql = sql.replace(_BYTE_ORDER_MARK, " ")
    try:
        tokens = engine_of(dialect).tokenize(sql)
    except (SqlglotError, ValueError) as fault:
        return _explain(fault)
    if not constants and "values" in sql.lower():
        tokens = without_constant_rows(tokens)
    return (check_nesting(tokens) if _may_nest(sql) else None) or tokens


def parse_tokens(tokens: list[Token], sql: str, dialect: str) -> exp.Query | exp.Pivot | Problem:
    """Parse the tokens of one query.

    Args:
        sql: the text that they were in, for messages.
    """
    statements = _statements(tokens, sql, dialect)
    if isinstance(statements, Problem):
        return statements
    if len(statements) > 1:
        return Problem("several statements", f"{len(statements)} statements")
    query = statements[0]
    if isinstance(query, (exp.Query, exp.Pivot)):  # DuckDB's PIVOT is a statement
        return query
    return Problem("not a query", type(query).__name__.lower())


def split_statements(sql: str, dialect: str) -> list[list[Token]] | Problem:
    """The tokens of each statement of a text, as hooks and operations hold them."""
    tokens = tokens_of(sql, dialect)
    if isinstance(tokens, Problem):
        return tokens
    found: list[list[Token]] = [[]]
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            found.append([])
        else:
            found[-1].append(token)
    return [statement for statement in found if statement]


def parse_statement(tokens: list[Token], sql: str, dialect: str) -> exp.Expression | Problem:
    """Parse the tokens of one statement of any kind.

    Args:
        sql: the text that they were in, for messages.
    """
    parsed = _statements(tokens, sql, dialect)
    return parsed if isinstance(parsed, Problem) else parsed[0]


_FAULTS = (
    *(SqlglotError, AssertionError, AttributeError, LookupError, RecursionError),
    *(TypeError, ValueError),
)
"""What the parser raises: its own errors, and those of code that met a text which its
author did not think of."""


def _statements(tokens: list[Token], sql: str, dialect: str) -> list[exp.Expression] | Problem:
    try:
        parser = engine_of(dialect).parser()
        listed = with_listed_aliases(tokens, dialect)
        parsed = [s for s in parser.parse(listed, sql) if s is not None]
    except _FAULTS as fault:
        return _explain(fault)
    statements = [s for s in parsed if not isinstance(s, exp.Semicolon)]
    if "->" in sql and has_arrow(tokens):
        for statement in statements:
            with_json_arrows(statement, dialect)
    if listed is not tokens:
        for statement in statements:
            take_aliases(statement)
    if dialect == "clickhouse":
        for statement in statements:
            hand_down_scalars(statement)
    return statements or Problem("empty SQL")


_NESTING = ("(", "[", "{", "case", "not", "-", "~")


def _may_nest(sql: str) -> bool:
    """False if there are too few brackets and prefixes in the text to nest too deeply, or
    to be too long: true of nearly all queries, and told faster than by their tokens."""
    text = sql.lower()
    return len(sql) > MAX_TOKENS or sum(map(text.count, _NESTING)) > MAX_NESTING


def check_nesting(tokens: list[Token]) -> Problem | None:
    """A problem if the tokens nest deeper, or are more, than can be parsed safely."""
    if len(tokens) > MAX_TOKENS:
        return Problem("too long", f"{len(tokens):,} tokens, limit {MAX_TOKENS:,}")
    depth = run = 0
    for token in tokens:
        kind = token.token_type
        if kind in _OPEN:
            depth += 1
        elif kind in _CLOSE:
            depth -= 1
        # A run of prefix operators nests without brackets: NOT NOT NOT x.
        run = run + 1 if kind in _PREFIX else 0
        if depth > MAX_NESTING or run > MAX_NESTING:
            return Problem("nested too deeply", f"limit {MAX_NESTING} levels", token.line)
    return None


def _explain(fault: Exception) -> Problem:
    if isinstance(fault, RecursionError):
        return Problem("nested too deeply", "the parser gave up")
    errors = getattr(fault, "errors", None)
    if errors:
        first = errors[0]
        near = " ".join(str(first.get("highlight") or "").split())[:40]
        what = str(first.get("description") or "syntax error").rstrip(".")
        detail = f"{what} near {near!r}" if near else what
        return Problem("cannot parse", detail, int(first.get("line") or 0))
    return Problem("cannot parse", " ".join(str(fault).split())[:120])
