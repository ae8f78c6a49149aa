"""A query -> how each of its columns comes about, for people. Never an exception."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from analyticsops.lineage.query import Near, known_tables
from analyticsops.lineage.questions import ShownSteps, StepsQuery
from analyticsops.sql.facts import Problem
from analyticsops.sql.steps import Steps, all_steps_of

MOST = 12
"""Steps of a column that are kept."""

LONGEST = 2_000
"""Characters of a step that are kept."""

_near = msgspec.msgpack.Decoder(Near)


def read_steps(query: StepsQuery) -> tuple[ShownSteps, ...] | Problem:
    """Parse a query and say how its columns come about, in this process."""
    near = [_near.decode(packed) for packed in query.near]
    tables = known_tables(near, query.own)
    found = all_steps_of(query.sql, query.dialect, tables, query.names)
    if isinstance(found, Problem):
        return found
    return tuple(_shown(name, steps) for name, steps in found.items() if steps is not None)


def _shown(name: str, steps: Steps) -> ShownSteps:
    told = list(dict.fromkeys(_told(steps))) or [(step.query, step.sql) for step in steps.steps[:1]]
    return ShownSteps(
        name,
        tuple(told[:MOST]),
        max(len(told) - MOST, 0),
        tuple(str(problem) for problem in steps.problems),
    )


def _told(steps: Steps) -> Iterator[tuple[str, str]]:
    for step in steps.steps:
        if step.sql != "*":
            sql = step.sql if len(step.sql) <= LONGEST else step.sql[: LONGEST - 1] + "…"
            yield step.query, sql
