"""Gaps: relations and values of which nothing is known, in the place of SQL that is missing
or is not understood.

A gap is written into a query as ordinary tokens that name a table ``__gap_0``; the walk
finds that name among the CTEs. So everything that passes through a gap, and nothing else,
carries the problem that made it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import Token

from analyticsops.sql.algebra import Algebra
from analyticsops.sql.dialect import Rules
from analyticsops.sql.facts import Problem
from analyticsops.sql.relation import Opening, Relation

V = TypeVar("V")
R = TypeVar("R")

_NAME = "__gap_"


class Gaps:
    """The gaps of one query. Each method makes one, and gives the tokens for it."""

    def __init__(self, engine: Dialect) -> None:
        self.problems: list[Problem] = []
        self._engine = engine

    def mark(self) -> int:
        """How many there are, for :meth:`back_to`."""
        return len(self.problems)

    def back_to(self, mark: int) -> None:
        """Forget the gaps of an attempt that did not help."""
        del self.problems[mark:]

    def query(self, problem: Problem) -> list[Token]:
        """In the place of a whole query."""
        return self._tokens("SELECT * FROM {}", problem)

    def value(self, problem: Problem) -> list[Token]:
        """In the place of an expression."""
        return self._tokens("(SELECT gap FROM {})", problem)

    def columns(self, problem: Problem) -> list[Token]:
        """In the place of columns in a SELECT list."""
        return self._tokens("{}.*", problem)

    def table(self, problem: Problem) -> list[Token]:
        """In the place of an item of FROM, without its alias."""
        return self._tokens("{}", problem)

    def _tokens(self, text: str, problem: Problem) -> list[Token]:
        name = f"{_NAME}{len(self.problems)}"
        self.problems.append(problem)
        tokens: list[Token] = self._engine.tokenize(text.format(name))
        return tokens


def is_gap(name: str) -> bool:
    """True for the name of a gap."""
    return name.startswith(_NAME)


def gap_relations(
    problems: Sequence[Problem], rules: Rules, algebra: Algebra[V, R]
) -> Mapping[str, Relation[V, R]]:
    """The gaps of a query, in order, by the key under which the walk looks for them."""
    return {
        rules.fold(f"{_NAME}{number}", False): _unknown(problem, algebra)
        for number, problem in enumerate(problems)
    }


def _unknown(problem: Problem, algebra: Algebra[V, R]) -> Relation[V, R]:
    value = algebra.faulty(problem)
    rows = algebra.faulty_rows(algebra.single_row, problem)
    opening = Opening(f"a gap ({problem.reason})", lambda _key, _name: value)
    return Relation([], rows, [opening])
