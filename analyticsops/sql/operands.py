"""Missing operands: ``a = and b > 1``, ``cast( as date)``, ``between 1 and``.

Without a warehouse dbt writes nothing where a macro should have written a value. Such SQL
does not parse; with a gap for each missing operand it mostly does.
"""

from __future__ import annotations

from sqlglot.tokens import Token, TokenType

from analyticsops.sql.facts import INCOMPLETE, Problem
from analyticsops.sql.gaps import Gaps

_COMPARISONS = frozenset(
    {
        *(TokenType.EQ, TokenType.GT, TokenType.GTE, TokenType.LT, TokenType.LTE),
        *(TokenType.DPIPE, TokenType.ILIKE, TokenType.LIKE, TokenType.NEQ),
    }
)
_WANTS_OPERAND = _COMPARISONS | {
    *(TokenType.AND, TokenType.BETWEEN, TokenType.DASH, TokenType.HAVING, TokenType.NOT),
    *(TokenType.ON, TokenType.OR, TokenType.PLUS, TokenType.QUALIFY, TokenType.SLASH),
    *(TokenType.ELSE, TokenType.THEN, TokenType.WHEN, TokenType.WHERE),
}
_FOLLOWS_OPERAND = _COMPARISONS | {
    *(TokenType.ALIAS, TokenType.AND, TokenType.BETWEEN, TokenType.COMMA, TokenType.OR),
    *(TokenType.ELSE, TokenType.END, TokenType.IN, TokenType.IS, TokenType.THEN, TokenType.WHEN),
    *(TokenType.R_BRACKET, TokenType.R_PAREN, TokenType.SLASH),
    *(TokenType.EXCEPT, TokenType.FROM, TokenType.GROUP_BY, TokenType.HAVING),
    *(TokenType.INTERSECT, TokenType.LIMIT, TokenType.ORDER_BY, TokenType.QUALIFY),
    *(TokenType.UNION, TokenType.WHERE),
    *(TokenType.CROSS, TokenType.FULL, TokenType.INNER, TokenType.JOIN, TokenType.LEFT),
    *(TokenType.RIGHT,),
}
_BRACKETS = frozenset({TokenType.L_BRACKET, TokenType.L_PAREN})
_FOLLOWS_OPERAND_IN_BRACKETS = _COMPARISONS | {
    *(TokenType.ALIAS, TokenType.AND, TokenType.IS, TokenType.OR, TokenType.SLASH),
}
"""Others may follow a bracket: ``()``, ``filter (where a)``, ``over (order by a)``."""


def fill_operands(tokens: list[Token], gaps: Gaps) -> list[Token]:
    """The tokens, with a gap for each operand that is missing."""
    filled: list[Token] = []
    following: list[Token | None] = [*tokens[1:], None]
    for token, behind in zip(tokens, following, strict=True):
        filled.append(token)
        after = None if behind is None else behind.token_type
        if _is_missing(token.token_type, after):
            filled += gaps.value(Problem(INCOMPLETE, "an operand is missing", token.line))
    return filled


def _is_missing(before: TokenType, after: TokenType | None) -> bool:
    """True if an operand should stand between these two."""
    if before in _BRACKETS:
        return after in _FOLLOWS_OPERAND_IN_BRACKETS
    return before in _WANTS_OPERAND and (after is None or after in _FOLLOWS_OPERAND)
