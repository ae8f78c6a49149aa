"""A clock that jumps: evaluations in an order that is not that of their times."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import analyticsops as ao
from analyticsops import responding
from analyticsops.evaluating import evaluate
from analyticsops.history.store import Store
from analyticsops.slo.log.files import IncidentLog
from analyticsops.slo.log.state import State, fold
from tests.faults.place import NOW

BACK, AHEAD = timedelta(hours=12), timedelta(days=1)
"""How far it is wrong at most; further back there were no runs."""


def walk(place: Path, folder: Path, steps: int, seed: int) -> list[str]:
    """Evaluate at random times. What is open afterwards must be what the last evaluation found,
    and another order of files the same state; what is not so, one line each time."""
    chance, wrong = random.Random(seed), []
    workspace, store = ao.load(place / "target"), Store(place / "history")
    for _ in range(steps):
        now = NOW - BACK + (BACK + AHEAD) * chance.random()
        before = responding.look_before(folder)
        evaluation = evaluate(
            workspace, store, now=now, previous=before.previous, incidents=before.incidents
        )
        responding.respond(evaluation, folder, now=now, environ={})
        known = IncidentLog(folder).read()
        found = sorted(incident.root.id for incident in evaluation.incidents)
        if _open(known.state) != found:
            wrong.append(f"at {now} open are {_open(known.state)}, found were {found}")
        events = list(known.events)
        chance.shuffle(events)
        if fold(events) != known.state or known.damaged:
            wrong.append(f"at {now} files do not say the same in another order")
    return wrong


def _open(state: State) -> list[str]:
    return sorted(case.incident.root.id for case in state.cases.values() if case.is_open)
