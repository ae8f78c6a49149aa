"""Texts of statements, as hooks and operations hold them: each by itself, so that one which
nobody understands hides no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from analyticsops.sql.dml import Verb, write_of
from analyticsops.sql.facts import Problem
from analyticsops.sql.inputs import analyse
from analyticsops.sql.parse import parse_statement, split_statements
from analyticsops.sql.silent import script_word, silent_word
from analyticsops.sql.single_writes import mutations, single_writes
from analyticsops.sql.sources import Tables
from analyticsops.sql.statements import StatementFacts, analyse_statement

UNSUPPORTED = "unsupported statement"


class Silent(NamedTuple):
    """A statement that neither reads nor writes columns, by its first word: ``grant``."""

    word: str


Statement = StatementFacts | Silent | Problem
"""What is known of a statement."""


def analyse_statements(sql: str, dialect: str, tables: Tables) -> list[Statement]:
    """What each statement of a text reads and writes, in their order; one that writes several
    tables is several."""
    found: list[Statement] = []
    for parsed in _parsed(sql, dialect):
        if isinstance(parsed, (Problem, Silent)):
            found.append(parsed)
            continue
        found.append(_facts(parsed, dialect, tables))
    return found


def spoken_statements(sql: str, dialect: str) -> list[exp.Expression | Problem]:
    """The syntax trees of the statements that may read or write columns, in their order."""
    parsed = list(_parsed(sql, dialect))
    silent = [isinstance(found, exp.Expression) and _is_silent(found) for found in parsed]
    return [
        found
        for found, quiet in zip(parsed, silent, strict=True)
        if not quiet and not isinstance(found, Silent)
    ]


def _parsed(sql: str, dialect: str) -> Iterator[exp.Expression | Silent | Problem]:
    split = split_statements(sql, dialect)
    if isinstance(split, Problem):
        word = silent_word(sql)
        yield Silent(word) if word else split
        return
    for tokens in split:
        text = sql[tokens[0].start : tokens[-1].end + 1]
        if word := silent_word(text):
            yield Silent(word)
        elif word := script_word(text):
            yield Problem(UNSUPPORTED, f"a script ({word})", tokens[0].line)
        else:
            for one in mutations(tokens, dialect):
                parsed = parse_statement(one, sql, dialect)
                problem = isinstance(parsed, Problem)
                yield from [parsed] if problem else single_writes(parsed, dialect)


def _facts(statement: exp.Expression, dialect: str, tables: Tables) -> Statement:
    written = analyse_statement(statement, dialect, tables)
    if written is not None:
        return written
    query = _query_of(statement)
    if query is None:
        quiet = isinstance(statement, _QUIET)
        return Silent(statement.key) if quiet else Problem(UNSUPPORTED, statement.key)
    facts = analyse(query, dialect, tables)
    if isinstance(facts, Problem):
        return facts
    return StatementFacts(verb=Verb.SELECT, target="", written=facts, effects=frozenset())


_QUIET = (exp.Create, exp.Copy)
"""``CREATE TABLE t (a INT)``, ``COPY t FROM 'file'``."""


def _is_silent(statement: exp.Expression) -> bool:
    quiet = isinstance(statement, _QUIET)
    return quiet and write_of(statement) is None and _query_of(statement) is None


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
