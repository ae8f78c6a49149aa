"""Thousands of queries that nobody wrote: DuckDB judges their lineage.

``make verify-long`` runs as many as one likes. A query that fails becomes a case in
``tests/cases/lineage/generated.md`` before it is mended.
"""

from __future__ import annotations

import pytest

from .judge import QUERIES_PER_DATABASE, Database, Verdict

DATABASES = 210
"""Of :data:`QUERIES_PER_DATABASE` queries each: a few of them DuckDB refuses."""

PER_TEST = 10

REFUSED = 0.2
"""Share of queries, and parts of them, that DuckDB may refuse: the grammar is well typed."""

UNKNOWN = 0.03
"""Share of queries of which the analysis may say that it does not understand a part."""


@pytest.mark.parametrize("start", range(0, DATABASES, PER_TEST))
def test_lineage_of_random_queries(start: int) -> None:
    verdicts: list[Verdict] = []
    written = refused = 0
    for seed in range(start, start + PER_TEST):
        with Database(seed) as database:
            verdicts += [database.judge(number, sql) for number, sql in database.queries()]
            written += database.writer.written
            refused += database.writer.refused
    wrong = [verdict for verdict in verdicts if verdict.failures]
    assert not wrong, "\n\n".join(
        f"seed {v.seed} number {v.number}: {'; '.join(v.failures)}\n{v.sql}" for v in wrong[:3]
    )
    assert len(verdicts) >= PER_TEST * QUERIES_PER_DATABASE * (1 - REFUSED)
    assert refused <= written * REFUSED
    unknown = sum(bool(verdict.unknown) for verdict in verdicts)
    assert unknown <= len(verdicts) * UNKNOWN, "the analysis evades the question"
    assert sum(verdict.executions for verdict in verdicts) >= 3 * len(verdicts)


def test_there_are_five_thousand() -> None:
    assert DATABASES * QUERIES_PER_DATABASE * (1 - REFUSED / 4) >= 4_900
