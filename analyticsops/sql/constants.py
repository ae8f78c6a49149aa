"""Rows of constants, which can be thousands and say nothing about lineage."""

from __future__ import annotations

from sqlglot.tokens import Token, TokenType

_CONSTANT = frozenset(
    {
        TokenType.BIT_STRING,
        TokenType.BYTE_STRING,
        TokenType.COMMA,
        TokenType.DASH,
        TokenType.DATE,
        TokenType.FALSE,
        TokenType.HEX_STRING,
        TokenType.NATIONAL_STRING,
        TokenType.NULL,
        TokenType.NUMBER,
        TokenType.PLUS,
        TokenType.RAW_STRING,
        TokenType.STRING,
        TokenType.TIMESTAMP,
        TokenType.TRUE,
    }
)


def without_constant_rows(tokens: list[Token]) -> list[Token]:
    """The tokens with only the first row of each run of constant rows in VALUES.

    For a query whose columns are to be traced, not for one whose meaning counts.
    """
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        kept.append(tokens[position])
        if tokens[position].token_type is TokenType.VALUES:
            end = _end_of_constant_row(tokens, position + 1)
            kept.extend(tokens[position + 1 : end])
            while end > position + 1 and _is(tokens, end, TokenType.COMMA):
                next_end = _end_of_constant_row(tokens, end + 1)
                if next_end == end + 1:
                    break
                end = next_end
            position = max(position, end - 1)
        position += 1
    return kept


def _end_of_constant_row(tokens: list[Token], start: int) -> int:
    """The position behind ``(1, 'a')`` at ``start``; ``start`` itself if there is none."""
    if not _is(tokens, start, TokenType.L_PAREN):
        return start
    end = start + 1
    while end < len(tokens) and tokens[end].token_type in _CONSTANT:
        end += 1
    return end + 1 if _is(tokens, end, TokenType.R_PAREN) else start


def _is(tokens: list[Token], position: int, kind: TokenType) -> bool:
    return position < len(tokens) and tokens[position].token_type is kind
