"""Holes: places in a query's text where dbt wrote nothing.

Without a warehouse dbt renders a macro that asks it as nothing: ``select , a from t``,
``coalesce(a, )``, ``x in ()``. sqlglot reads over most of them, so they are looked for
among the tokens and filled with gaps before the query is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot.tokens import Token, TokenType

from analyticsops.sql.facts import INCOMPLETE, Problem
from analyticsops.sql.gaps import Gaps

_TRAILING_COMMA = frozenset(
    {"bigquery", "clickhouse", "databricks", "duckdb", "snowflake", "spark"}
)
"""Where a comma may stand behind the last item of SELECT."""

_TRAILING_ANYWHERE = frozenset({"clickhouse", "duckdb"})
"""And behind the last item of any list."""

_OPEN = frozenset({TokenType.L_BRACE, TokenType.L_BRACKET, TokenType.L_PAREN})
_CLOSE = frozenset({TokenType.R_BRACE, TokenType.R_BRACKET, TokenType.R_PAREN})

_BEFORE = _OPEN | {
    TokenType.COMMA,
    TokenType.DISTINCT,
    TokenType.GROUP_BY,
    TokenType.ORDER_BY,
    TokenType.PARTITION_BY,
    TokenType.SELECT,
}
"""A comma behind one of these has nothing in front of it."""

_CLAUSES = frozenset(
    {
        *(TokenType.EXCEPT, TokenType.GROUP_BY, TokenType.HAVING, TokenType.INTERSECT),
        *(TokenType.LIMIT, TokenType.ORDER_BY, TokenType.QUALIFY, TokenType.UNION),
        TokenType.WHERE,
    }
)
_AFTER = _CLOSE | _CLAUSES | {TokenType.FROM}
"""A comma in front of one of these has nothing behind it."""

_UNION_RELATIONS = "_dbt_source_relation"
"""The first column of ``dbt_utils.union_relations``; there are always others."""

_OFFLINE = "exists to keep SQLFluff happy"
"""dbt_utils writes this beside a star that is not there when the query runs."""

_STAR_FOLLOWS = "No columns from any of the relations"
_STAR_PRECEDES = "No columns were returned"
"""How the comment begins: of ``union_relations``, and of ``star``."""

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_HOLES = (
    *(",,", ",)", ",]", ",}", "(,", "[,", "select,", "distinct,", "by,"),
    *("selectfrom", "selectunion", "select)", "in()", "_dbt_source_relation,from"),
)
_TRAILING = (
    *(",from", ",where", ",group", ",order", ",having", ",limit", ",qualify", ",union"),
    *(",except", ",intersect"),
)
"""What a hole looks like without white space. Texts are searched several times as fast as
one pattern."""


def may_have_holes(sql: str, dialect: str) -> bool:
    """False for nearly all queries; told by their text, faster than by their tokens."""
    text = sql.lower()
    if _OFFLINE.lower() in text:
        return True
    if "--" in text or "/*" in text:
        text = _COMMENT.sub(" ", text)
    text = "".join(text.split())
    marks = _HOLES if dialect in _TRAILING_COMMA else (*_HOLES, *_TRAILING)
    return any(mark in text for mark in marks)


def fill_holes(tokens: list[Token], dialect: str, gaps: Gaps) -> list[Token]:
    """The tokens, with a gap in each hole."""
    filled: list[Token] = []
    places = _Places(dialect)
    ahead = [*tokens[1:], None]
    for token, following in zip(tokens, ahead, strict=True):
        if places.is_offline_star(token, following):
            detail = "dbt did not know which columns this star stands for"
            filled += gaps.columns(Problem(INCOMPLETE, detail, token.line))
            places.step(token)
            continue
        if places.is_hole_before(token):
            problem = Problem(INCOMPLETE, "nothing is written here", token.line)
            filled += gaps.columns(problem) if places.selects else gaps.value(problem)
        filled.append(token)
        places.step(token)
    return filled


class _Places:
    """Where in a query the tokens are that went by."""

    def __init__(self, dialect: str) -> None:
        self._in_select = dialect in _TRAILING_COMMA
        self._anywhere = dialect in _TRAILING_ANYWHERE
        self._last: list[Token] = []
        self._selects = [False]

    @property
    def selects(self) -> bool:
        """True between SELECT and FROM."""
        return self._selects[-1]

    def step(self, token: Token) -> None:
        """One token further."""
        kind = token.token_type
        if kind in _OPEN:
            self._selects.append(False)
        elif kind in _CLOSE and len(self._selects) > 1:
            self._selects.pop()
        elif kind is TokenType.SELECT:
            self._selects[-1] = True
        elif kind is TokenType.EXCEPT and self._kinds(1) == (TokenType.STAR,):
            pass  # `* except (a)`
        elif kind is TokenType.FROM or kind in _CLAUSES:
            self._selects[-1] = False
        self._last = [*self._last[-2:], token]

    def is_hole_before(self, token: Token) -> bool:
        """True if something is missing between the last token and this one."""
        if not self._last:
            return False
        kind, last = token.token_type, self._last[-1].token_type
        if kind is TokenType.COMMA:
            return last in _BEFORE
        if last is TokenType.COMMA and kind in _AFTER:
            return not self._may_trail(kind)
        if last is TokenType.SELECT and kind in _AFTER:
            return self._kinds(3)[0] is not TokenType.EXISTS  # Postgres: exists (select from t)
        return kind is TokenType.R_PAREN and self._kinds(2) == (TokenType.IN, TokenType.L_PAREN)

    def _may_trail(self, kind: TokenType) -> bool:
        if self._anywhere:
            return self._text_before_comma() != _UNION_RELATIONS
        return self._in_select and self.selects and self._text_before_comma() != _UNION_RELATIONS

    def _text_before_comma(self) -> str:
        return self._last[-2].text.lower() if len(self._last) > 1 else ""

    def _kinds(self, count: int) -> Sequence[TokenType]:
        return tuple(token.token_type for token in self._last[-count:])

    def is_offline_star(self, token: Token, following: Token | None) -> bool:
        """True for a star with dbt_utils' comment before or behind it."""
        if token.token_type is not TokenType.STAR or not self.selects:
            return False
        before, behind = [*self._last[-1:], token], [token, *([following] if following else [])]
        return _says(before, _STAR_FOLLOWS) or _says(behind, _STAR_PRECEDES)


def _says(tokens: Sequence[Token], beginning: str) -> bool:
    """True if dbt_utils' comment with this beginning is at one of the tokens."""
    comments = [" ".join(text.split()) for token in tokens for text in token.comments or ()]
    return any(text.startswith(beginning) and _OFFLINE in text for text in comments)
