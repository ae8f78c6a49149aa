"""Texts of statements, as hooks and operations hold them: each by itself, so that one which
nobody understands hides no other."""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp
from sqlglot.tokens import Token

from analyticsops.sql.dml import Verb
from analyticsops.sql.facts import Problem
from analyticsops.sql.inputs import analyse
from analyticsops.sql.parse import parse_statement, release, split_statements
from analyticsops.sql.silent import script_word, silent_word
from analyticsops.sql.sources import Tables
from analyticsops.sql.statements import StatementFacts, analyse_statement

UNSUPPORTED = "unsupported statement"


class Silent(NamedTuple):
    """A statement that neither reads nor writes columns, by its first word: ``grant``."""

    word: str


Statement = StatementFacts | Silent | Problem
"""What is known of a statement."""


def analyse_statements(sql: str, dialect: str, tables: Tables) -> list[Statement]:
    """What each statement of a text reads and writes, in their order."""
    split = split_statements(sql, dialect)
    if isinstance(split, Problem):
        word = silent_word(sql)
        return [Silent(word) if word else split]
    found: list[Statement] = []
    for tokens in split:
        text = sql[tokens[0].start : tokens[-1].end + 1]
        if word := silent_word(text):
            found.append(Silent(word))
        elif word := script_word(text):
            found.append(Problem(UNSUPPORTED, f"a script ({word})", tokens[0].line))
        else:
            found.append(_analyse(tokens, sql, dialect, tables))
    return found


def _analyse(tokens: list[Token], sql: str, dialect: str, tables: Tables) -> Statement:
    parsed = parse_statement(tokens, sql, dialect)
    if isinstance(parsed, Problem):
        return parsed
    try:
        return _facts(parsed, dialect, tables)
    finally:
        release(parsed)


def _facts(statement: exp.Expression, dialect: str, tables: Tables) -> Statement:
    written = analyse_statement(statement, dialect, tables)
    if written is not None:
        return written
    query = _query_of(statement)
    if query is not None:
        facts = analyse(query, dialect, tables)
        if isinstance(facts, Problem):
            return facts
        return StatementFacts(verb=Verb.SELECT, target="", written=facts, effects=frozenset())
    if isinstance(statement, (exp.Create, exp.Copy)):  # CREATE TABLE t (a INT), COPY t FROM 'file'
        return Silent(statement.key)
    return Problem(UNSUPPORTED, statement.key)


def _query_of(statement: exp.Expression) -> exp.Expression | None:
    """The query that a statement is, or whose result it writes to a file."""
    if isinstance(statement, exp.Query):
        return statement
    if statement.key == "export":  # EXPORT DATA ... AS SELECT
        return statement.this if isinstance(statement.this, exp.Query) else None
    if not isinstance(statement, exp.Copy):
        return None
    places = (statement.this, *(statement.args.get("files") or ()))
    inner = next((place for place in places if isinstance(place, exp.Subquery)), None)
    if inner is None and not statement.args.get("kind") and isinstance(statement.this, exp.Table):
        return exp.select("*").from_(statement.this.copy())  # COPY t TO 'file'
    return inner
