"""Hostile SQL to real workers: an answer within the budget, neighbours as they always are.

`make hostile-sql` asks all of it, in six dialects, up to a million tokens.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.hostile_sql import Judge, questions

from .sql import DIALECTS, GENERATORS

BUDGET = 0.5


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    made = Judge(BUDGET)
    yield made
    made.pool.close()


def test_there_are_enough() -> None:
    assert len(GENERATORS) >= 20
    assert len(DIALECTS) == 6


@pytest.mark.parametrize("name", GENERATORS)
def test_an_answer_in_time(name: str, judge: Judge) -> None:
    """Each in one dialect and one size; a query that works hard is ended."""
    number = list(GENERATORS).index(name)
    dialect = DIALECTS[number % len(DIALECTS)]
    sql = GENERATORS[name].of_tokens((300, 3_000)[number % 2], dialect)
    for kind, question in questions(sql, dialect):
        asked = judge.ask(kind, dialect, question)
        assert asked.fair, kind
        assert asked.seconds <= BUDGET + 1, kind


def test_types_of_subscripts_are_read_once(judge: Judge) -> None:
    """Snowflake's rule asked for the element and handed over to one that asked again: each of
    three hundred levels doubled the work."""
    sql = GENERATORS["subscripts"].of_tokens(1_000, "snowflake")
    asked = judge.ask("types", "snowflake", dict(questions(sql, "snowflake"))["types"])
    assert asked.answer == "answered"
