"""``JOIN u USING (id) AS ju`` of Postgres, which sqlglot does not read: `ju` names a relation
of the merged columns."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from analyticsops.sql.pieces import end_of, kind_at
from analyticsops.sql.syntax import engine_of

_ALIAS = "using_alias"
_MARK = "__using_alias"
"""Stands in the list before the alias, while the query is parsed."""


def with_listed_aliases(tokens: list[Token], dialect: str) -> list[Token]:
    """The tokens, with each alias as the last name in its brackets."""
    if dialect != "postgres" or not any(t.token_type is TokenType.USING for t in tokens):
        return tokens
    found = list(tokens)
    for place in reversed(range(len(tokens))):
        if kind_at(tokens, place) is not TokenType.USING:
            continue
        opened = kind_at(tokens, place + 1) is TokenType.L_PAREN
        end = end_of(tokens, place + 1) if opened else len(tokens)
        if kind_at(tokens, end + 1) is TokenType.ALIAS and end + 2 < len(tokens):
            listed = [*engine_of(dialect).tokenize(f", {_MARK}, x")[:-1], tokens[end + 2]]
            found[end : end + 3] = [*listed, tokens[end]]
    return found


def take_aliases(statement: exp.Expression) -> None:
    """Take the aliases out of the lists again, in place."""
    for join in statement.find_all(exp.Join):
        names = join.args.get("using") or []
        if len(names) > 1 and names[-2].name == _MARK:
            alias = names[-1]
            join.set(_ALIAS, alias.this if isinstance(alias, exp.Column) else alias)
            join.set("using", names[:-2])


def using_alias(join: exp.Join) -> exp.Identifier | None:
    """The name of the merged columns of a join."""
    alias = join.args.get(_ALIAS)
    return alias if isinstance(alias, exp.Identifier) else None
