"""Pieces of a query as runs of tokens: where they begin and end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot.tokens import Token, TokenType

Tokens = list[Token]

_OPEN = frozenset({TokenType.L_BRACE, TokenType.L_BRACKET, TokenType.L_PAREN, TokenType.CASE})
_CLOSE = frozenset({TokenType.R_BRACE, TokenType.R_BRACKET, TokenType.R_PAREN, TokenType.END})

SET_OPERATIONS = frozenset({TokenType.EXCEPT, TokenType.INTERSECT, TokenType.UNION})
CONDITIONS = frozenset({TokenType.WHERE, TokenType.HAVING, TokenType.QUALIFY})
LISTS = frozenset({TokenType.GROUP_BY, TokenType.ORDER_BY})
_CLAUSES = (
    CONDITIONS
    | LISTS
    | {TokenType.FETCH, TokenType.FROM, TokenType.LIMIT, TokenType.OFFSET, TokenType.WINDOW}
)
_JOIN_WORDS = frozenset(
    {
        *(TokenType.ANTI, TokenType.ASOF, TokenType.CROSS, TokenType.FULL, TokenType.INNER),
        *(TokenType.JOIN, TokenType.LATERAL, TokenType.LEFT, TokenType.NATURAL),
        *(TokenType.OUTER, TokenType.RIGHT, TokenType.SEMI),
    }
)

_CTE_HEAD = 8
"""Tokens and bracketed lists before the body of a CTE, at most."""


def kind_at(tokens: Sequence[Token], place: int) -> TokenType | None:
    """The kind of the token at a place; None if there is none."""
    return tokens[place].token_type if 0 <= place < len(tokens) else None


def is_balanced(tokens: Sequence[Token]) -> bool:
    """True if every bracket is closed; otherwise pieces cannot be told apart."""
    depth = 0
    for token in tokens:
        depth += (token.token_type in _OPEN) - (token.token_type in _CLOSE)
        if depth < 0:
            return False
    return depth == 0


def end_of(tokens: Sequence[Token], start: int) -> int:
    """The place of the bracket that closes the one at ``start``; behind the last token if
    none does."""
    depth = 0
    for place in range(start, len(tokens)):
        kind = tokens[place].token_type
        depth += (kind in _OPEN) - (kind in _CLOSE)
        if depth <= 0:
            return place
    return len(tokens)


def outermost(tokens: Sequence[Token]) -> Iterator[int]:
    """The places outside of all brackets and CASEs."""
    depth = 0
    for place, token in enumerate(tokens):
        if token.token_type in _CLOSE:
            depth -= 1
        if depth <= 0:
            yield place
        if token.token_type in _OPEN:
            depth += 1


def commas(tokens: Sequence[Token]) -> list[int]:
    """The commas outside of all brackets."""
    return [n for n in outermost(tokens) if tokens[n].token_type is TokenType.COMMA]


def ands(tokens: Sequence[Token]) -> Iterator[int]:
    """The ANDs between conditions; not those of BETWEEN."""
    between = False
    for place in outermost(tokens):
        kind = tokens[place].token_type
        if kind is TokenType.BETWEEN:
            between = True
        elif kind is TokenType.AND:
            if not between or kind_at(tokens, place + 1) is TokenType.AND:
                yield place
            between = False


def joins(tokens: Sequence[Token]) -> Iterator[int]:
    """Where the joins of a FROM clause begin."""
    before: TokenType | None = None
    for place in outermost(tokens):
        kind = tokens[place].token_type
        if kind is TokenType.COMMA or (kind in _JOIN_WORDS and before not in _JOIN_WORDS):
            yield place
        before = None if kind is TokenType.COMMA else kind


def join_words(join: Sequence[Token]) -> Tokens:
    """``LEFT JOIN``, ``FROM`` or the comma before an item of FROM."""
    words = list(join[:1])
    for token in join[1:]:
        if token.token_type not in _JOIN_WORDS or token.token_type is TokenType.LATERAL:
            break
        words.append(token)
    return words


def starts_clause(tokens: Sequence[Token], place: int) -> bool:
    """True for WHERE, GROUP BY and their like."""
    kind = tokens[place].token_type
    # `a is distinct from b`
    return kind in _CLAUSES and kind_at(tokens, place - 1) is not TokenType.DISTINCT


def with_merged_conditions(clauses: Sequence[Tokens], conjunction: Tokens) -> list[Tokens]:
    """The clauses, two WHEREs joined into one."""
    found: list[Tokens] = []
    for clause in clauses:
        if found and clause[0].token_type in CONDITIONS:
            last = found[-1]
            if last[0].token_type is clause[0].token_type:
                found[-1] = [*last, *conjunction, *clause[1:]]
                continue
        found.append(clause)
    return found


def cte_body(tokens: Sequence[Token], position: int) -> int | None:
    """The place of the bracket that opens the body of the CTE at ``position``."""
    named = False
    for number, place in enumerate(outermost(tokens[position:])):
        kind = tokens[position + place].token_type
        if named and kind is TokenType.L_PAREN:
            return position + place
        named = named or kind is TokenType.ALIAS
        if number > _CTE_HEAD:
            break
    return None


def alias_of(join: Sequence[Token]) -> Tokens:
    """The alias of a FROM item, as far as it can be told."""
    for place in reversed(list(outermost(join))):
        if join[place].token_type is TokenType.ALIAS:
            return list(join[place : place + 2])
    last = list(join[-1:])
    return last if kind_at(join, len(join) - 1) is TokenType.VAR and len(join) > 2 else []


def is_by_name(tokens: Sequence[Token], place: int) -> bool:
    """True for the words BY NAME behind UNION."""
    return place < len(tokens) and tokens[place].text.upper() in ("BY NAME", "NAME", "BY")
