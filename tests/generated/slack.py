"""Predicted edges that never show: the other direction of the oracle.

A violation is a lost edge. A false edge can only be suspected: the data may not exercise
it. So the suspects are counted, and the smallest queries that have them are looked at.
"""

from __future__ import annotations

from typing import NamedTuple

from analyticsops.sql.facts import Problem
from analyticsops.verify.experiment import experiment
from analyticsops.verify.prediction import predict
from analyticsops.verify.sandbox import Refused

from .judge import Database


class Edges(NamedTuple):
    """Edges of columns of one query, as (input, output)."""

    value: frozenset[tuple[str, str]]
    value_silent: frozenset[tuple[str, str]]
    control: frozenset[tuple[str, str]]
    control_silent: frozenset[tuple[str, str]]


def edges_of(database: Database, sql: str) -> Edges | None:
    """Which edges of a query showed; None if nothing can be said, for instance because the
    query has no rows."""
    facts = database.facts(sql)
    if isinstance(facts, Problem):
        return None
    prediction = predict(facts)
    prepared = database.prepared(sql)
    if isinstance(prepared, Refused) or prediction.unknown or not prediction.complete:
        return None
    query, answer = prepared
    if len(answer.rows) < 2 or len(query.names) != len(prediction.outputs):
        return None
    trial = database.trial(sql, query, prediction, answer)
    outcome = experiment(trial)
    found: dict[str, set[tuple[str, str]]] = {"value": set(), "control": set()}
    silent: dict[str, set[tuple[str, str]]] = {"value": set(), "control": set()}
    for edge in outcome.predicted:
        input_, position = edge
        if position >= 0:
            output = prediction.outputs[position]
            kind = "value" if input_ in output.value else "control"
            named = (".".join(input_), output.name)
            found[kind].add(named)
            if edge not in outcome.shown:
                silent[kind].add(named)
    return Edges(*(frozenset(s) for k in found for s in (found[k], silent[k])))
