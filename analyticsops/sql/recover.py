"""Queries that do not parse: as much of them as can be understood.

The query is taken apart along its brackets and clauses, on tokens, and each piece is
parsed alone; the smallest one that does not parse is replaced by a gap. So one broken
CTE, join or expression leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlglot import exp
from sqlglot.tokens import TokenType

from analyticsops.sql.facts import INCOMPLETE, Problem
from analyticsops.sql.gaps import Gaps, is_gap
from analyticsops.sql.holes import fill_holes, may_have_holes
from analyticsops.sql.operands import fill_operands
from analyticsops.sql.parse import parse_tokens, tokens_of
from analyticsops.sql.pieces import (
    CONDITIONS,
    LISTS,
    SET_OPERATIONS,
    Tokens,
    alias_of,
    ands,
    commas,
    cte_body,
    end_of,
    is_balanced,
    is_by_name,
    join_words,
    joins,
    kind_at,
    outermost,
    starts_clause,
    with_merged_conditions,
)
from analyticsops.sql.syntax import FROM, engine_of

Parse = Callable[[Tokens], "exp.Expression | Problem"]

_COMMA = TokenType.COMMA
_ALL_OR_DISTINCT = frozenset({TokenType.ALL, TokenType.DISTINCT})


def _for_lineage(sql: str, dialect: str) -> Tokens | Problem:
    return tokens_of(sql, dialect, constants=False)


class Parsed(NamedTuple):
    """A query of which all that can be understood is understood.

    Attributes:
        tree: with gaps in the place of the rest.
        gaps: why each gap is there, in order.
    """

    tree: exp.Query
    gaps: tuple[Problem, ...] = ()


def parse_with_gaps(
    sql: str, dialect: str, *, read: Callable[[str, str], Tokens | Problem] = _for_lineage
) -> Parsed | Problem:
    """Parse one query; a problem only if nothing of it is understood.

    Args:
        read: (SQL, dialect) -> tokens.
    """
    tokens = read(sql, dialect)
    if isinstance(tokens, Problem):
        return tokens
    gaps = Gaps(engine_of(dialect))
    if may_have_holes(sql, dialect):
        tokens = fill_holes(tokens, dialect, gaps)
    tree = parse_tokens(tokens, sql, dialect)
    if isinstance(tree, Problem) and tree.reason == "cannot parse" and is_balanced(tokens):
        tree = _recovered(tokens, sql, dialect, gaps, tree)
    return tree if isinstance(tree, Problem) else Parsed(tree, tuple(gaps.problems))


def _recovered(
    tokens: Tokens, sql: str, dialect: str, gaps: Gaps, problem: Problem
) -> exp.Query | Problem:
    """What is understood of a query that does not parse; its problem if nothing is."""
    tokenize = engine_of(dialect).tokenize
    recovery = Recovery(lambda t: parse_tokens(t, sql, dialect), tokenize, gaps)
    try:
        tree = parse_tokens(recovery.query(tokens), sql, dialect)
    except RecursionError:
        return problem
    return problem if isinstance(tree, Problem) or _is_gap_alone(tree) else tree


def _is_gap_alone(tree: exp.Query) -> bool:
    """True if the last SELECT is a gap: then no column of the result is understood."""
    if not isinstance(tree, exp.Select) or not tree.is_star:
        return False
    clause = tree.args.get(FROM)
    return clause is not None and isinstance(clause.this, exp.Table) and is_gap(clause.this.name)


class Recovery:
    """Takes one query apart.

    Args:
        parse: tokens of one query -> its tree, or why not.
        tokenize: for the few tokens that are made up.
    """

    def __init__(self, parse: Parse, tokenize: Callable[[str], Tokens], gaps: Gaps) -> None:
        self._parse = parse
        self._tokenize = tokenize
        self._gaps = gaps

    def query(self, tokens: Tokens) -> Tokens:
        """The query with gaps, which parses."""
        if not tokens:
            return self._gaps.query(Problem(INCOMPLETE, "a query is missing"))
        problem = self._problem(tokens)
        if problem is None:
            return tokens
        mark = self._gaps.mark()
        filled = fill_operands(tokens, self._gaps)
        if self._problem(filled) is None:
            return filled
        self._gaps.back_to(mark)
        found = self._bracketed(tokens) or self._with(tokens) or self._set_operation(tokens)
        found = found or self._select(tokens)
        if found is not None and self._problem(found) is None:
            return found
        self._gaps.back_to(mark)
        return self._gaps.query(problem)

    def _problem(self, tokens: Tokens) -> Problem | None:
        found = self._parse(tokens)
        return found if isinstance(found, Problem) else None

    # -- what queries are made of ------------------------------------------------------

    def _bracketed(self, tokens: Tokens) -> Tokens | None:
        if kind_at(tokens, 0) is not TokenType.L_PAREN or end_of(tokens, 0) != len(tokens) - 1:
            return None
        return [tokens[0], *self.query(tokens[1:-1]), tokens[-1]]

    def _with(self, tokens: Tokens) -> Tokens | None:
        """``WITH a AS (...), b AS (...) SELECT ...``, CTE by CTE."""
        if kind_at(tokens, 0) is not TokenType.WITH:
            return None
        found, position = tokens[:1], 1
        while True:
            start = cte_body(tokens, position)
            if start is None:
                return None
            end = end_of(tokens, start)
            body = tokens[start + 1 : end]
            line = Problem(INCOMPLETE, "a query is missing", tokens[start].line)
            inside = self.query(body) if body else self._gaps.query(line)
            found += [*tokens[position : start + 1], *inside, *tokens[end : end + 1]]
            position = end + 1
            if kind_at(tokens, position) is not TokenType.COMMA:
                return [*found, *self.query(tokens[position:])]
            position += 1
            if kind_at(tokens, position) is TokenType.SELECT:  # a comma behind the last CTE
                return [*found, *self.query(tokens[position:])]
            found.append(tokens[position - 1])

    def _set_operation(self, tokens: Tokens) -> Tokens | None:
        """``SELECT ... UNION ALL SELECT ...``, branch by branch."""
        cuts = [
            place
            for place in outermost(tokens)
            if tokens[place].token_type in SET_OPERATIONS
            and kind_at(tokens, place - 1) is not TokenType.STAR
        ]
        if not cuts:
            return None
        found: Tokens = []
        start = 0
        for cut in [*cuts, len(tokens)]:
            found += self.query(tokens[start:cut])
            start = cut + 1
            while kind_at(tokens, start) in _ALL_OR_DISTINCT or is_by_name(tokens, start):
                start += 1
            found += tokens[cut:start]
        return found

    def _select(self, tokens: Tokens) -> Tokens | None:
        if kind_at(tokens, 0) is not TokenType.SELECT:
            return None
        cuts = [0, *(place for place in outermost(tokens) if starts_clause(tokens, place))]
        bounds = zip(cuts, [*cuts[1:], len(tokens)], strict=True)
        clauses = with_merged_conditions(
            [tokens[start:end] for start, end in bounds], self._tokenize("AND")
        )
        return [token for clause in clauses for token in self._clause(clause)]

    # -- clauses --------------------------------------------------------------------------

    def _clause(self, clause: Tokens) -> Tokens:
        kind = clause[0].token_type
        before = [] if kind is TokenType.SELECT else self._tokenize("SELECT 1")
        if kind not in (TokenType.SELECT, TokenType.FROM):
            before += self._tokenize("FROM t")
        problem = self._problem([*before, *clause])
        if problem is None:
            return clause
        mark = self._gaps.mark()
        filled = fill_operands(clause, self._gaps)
        if self._problem([*before, *filled]) is None:
            return filled
        self._gaps.back_to(mark)
        clause = self._nested(clause)
        if self._problem([*before, *clause]) is None:
            return clause
        if kind is TokenType.SELECT:
            return self._items(before, clause, self._projection)
        if kind is TokenType.FROM:
            return self._from(clause)
        if kind in CONDITIONS:
            return self._conjuncts(clause)
        if kind in LISTS:
            return self._items(before, clause, self._key)
        self._gaps.value(problem)  # LIMIT and its like are left out, which is said
        return []

    def _nested(self, tokens: Tokens) -> Tokens:
        """The tokens with all queries in brackets made to parse."""
        found: Tokens = []
        position = 0
        while position < len(tokens):
            found.append(tokens[position])
            end = end_of(tokens, position)
            starts = kind_at(tokens, position + 1) in (TokenType.SELECT, TokenType.WITH)
            if tokens[position].token_type is TokenType.L_PAREN and end < len(tokens):
                inside = tokens[position + 1 : end]
                found += self.query(inside) if starts else self._nested(inside)
                position = end
            else:
                position += 1
        return found

    def _items(
        self, before: Tokens, clause: Tokens, gap: Callable[[Tokens, Problem], Tokens]
    ) -> Tokens:
        """A list with commas, item by item."""
        first = 2 if kind_at(clause, 1) in _ALL_OR_DISTINCT else 1
        found = clause[:first]
        start = first
        for cut in [*commas(clause), len(clause)]:
            item = clause[start:cut]
            problem = self._problem([*before, clause[0], *item])
            found += gap(item, problem) if problem else item
            found += clause[cut : cut + 1]
            start = cut + 1
        return found

    def _projection(self, item: Tokens, problem: Problem) -> Tokens:
        """A gap under the alias of the projection, if it has one."""
        alias = item[-2:]
        if kind_at(alias, 0) is TokenType.ALIAS:
            return [*self._gaps.value(problem), *alias]
        if kind_at(alias, 0) is TokenType.R_PAREN and kind_at(alias, 1) is TokenType.VAR:
            return [*self._gaps.value(problem), *alias[1:]]
        return self._gaps.columns(problem)

    def _key(self, _item: Tokens, problem: Problem) -> Tokens:
        return self._gaps.value(problem)

    def _conjuncts(self, clause: Tokens) -> Tokens:
        """A condition, part by part between its ANDs."""
        found = clause[:1]
        start = 1
        for cut in [*ands(clause), len(clause)]:
            part = clause[start:cut]
            problem = self._problem([*self._tokenize("SELECT"), *part])
            found += part if problem is None else self._gaps.value(problem)
            found += clause[cut : cut + 1]
            start = cut + 1
        return found

    def _from(self, clause: Tokens) -> Tokens:
        """FROM, join by join."""
        cuts = [0, *joins(clause)]
        found: Tokens = []
        for start, end in zip(cuts, [*cuts[1:], len(clause)], strict=True):
            found += self._join(clause[start:end])
        return found

    def _join(self, join: Tokens) -> Tokens:
        before = self._tokenize("SELECT 1")
        if join[0].token_type is not TokenType.FROM:
            before += self._tokenize("FROM t")
        problem = self._problem([*before, *join])
        if problem is None:
            return join
        on = next((n for n in outermost(join) if join[n].token_type is TokenType.ON), None)
        mark = self._gaps.mark()
        if on is not None:
            condition = self._conjuncts(join[on:])
            if self._problem([*before, *join[:on], *condition]) is None:
                return [*join[:on], *condition]
        self._gaps.back_to(mark)
        table = [*join_words(join), *self._gaps.table(problem)]
        using = next((n for n in outermost(join) if join[n].token_type is TokenType.USING), None)
        if using is None:
            return [*table, *alias_of(join[:on])]
        # What it merges is of the gap, too.
        end = end_of(join, using + 1)
        names = [token for token in join[using + 2 : end] if token.token_type is not _COMMA]
        listed = [part for name in names for part in (*self._tokenize(","), name)][1:]
        brackets = [*join[using : using + 2], *listed, *join[end : end + 1]]
        return [*table, *alias_of(join[:using]), *brackets]
