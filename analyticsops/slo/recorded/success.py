"""Runs of a job, and builds of a node, that went well or did not, with their retries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analyticsops.slo.budget import Missing
from analyticsops.slo.observed import LOST, Build, Run
from analyticsops.slo.recorded.asked import EARLY, Asked, slots_of
from analyticsops.slo.spans import Instant
from analyticsops.slo.spec.indicators import Success
from analyticsops.slo.tally import Event


class _Tried(NamedTuple):
    """A run and its retries, as far as an objective is concerned.

    Attributes:
        attempts: what became of each, oldest first: good, bad, skipped, running or unknown.
        ended: when the last one did.
        command: of dbt; of a node always the same.
    """

    started: Instant
    ended: Instant
    attempts: tuple[str, ...]
    run: str
    why: str
    command: str = ""

    @property
    def is_running(self) -> bool:
        """True if its last attempt has not ended."""
        return self.attempts[-1] == "running"


def success(asked: Asked) -> Iterator[Event]:
    """One event for each slot of the schedule, or for each run if nobody says when one is due."""
    slo, indicator = asked.slo, asked.slo.indicator
    assert isinstance(indicator, Success), "chosen by its type"
    tried = _tried_nodes(asked, indicator) if slo.node else _tried_runs(asked)
    if slo.schedule is None:
        for one in (one for one in tried if not one.is_running):
            yield from _event(indicator, [one], one.ended)
        return
    for start, end in slots_of(asked):
        within = [one for one in tried if start - EARLY <= one.started < end - EARLY]
        due = start + slo.schedule.grace
        if any(one.is_running for one in within):
            continue  # it began in time; what becomes of it is not known yet
        if within:
            yield from _event(indicator, within, max(within[-1].ended, start))
        elif not _covers(asked, due):  # before anything was recorded
            continue
        elif due < asked.now and slo.missing is Missing.BAD:
            yield Event(due, bad=1, why="no run")
        elif due < asked.now:
            yield Event(due, unknown=True, why="no run")


def _covers(asked: Asked, instant: Instant) -> bool:
    """True if the history had begun by then."""
    first = asked.observed.first
    return first is not None and first <= instant


def _event(indicator: Success, tried: Sequence[_Tried], at: Instant) -> Iterator[Event]:
    """What became of a slot: of each command of the job, since good tests do not make a failed
    build good, and each may have been started again."""
    steps: dict[str, list[_Tried]] = {}
    for one in tried:
        steps.setdefault(one.command, []).append(one)
    found = [step for some in steps.values() if (step := _step(indicator, some)) is not None]
    for outcome in ("bad", "unknown", "good"):
        ended = next(((run, why) for what, run, why in found if what == outcome), None)
        if ended is not None:
            run, why = ended
            unknown, bad = outcome == "unknown", int(outcome == "bad")
            yield Event(at, unknown=unknown, bad=bad, why=why, run=run)
            return


def _step(indicator: Success, tried: Sequence[_Tried]) -> tuple[str, str, str] | None:
    """(good, bad or unknown; the last run; why) of one command; None if nothing counts."""
    attempts = [outcome for one in tried for outcome in one.attempts]
    if indicator.skipped == "exclude":
        attempts = [outcome for outcome in attempts if outcome != "skipped"]
    if not attempts:
        return None
    outcome = attempts[-1] if indicator.attempts == "final" else attempts[0]
    known = outcome if outcome in ("good", "unknown") else "bad"
    return known, tried[-1].run, tried[-1].why


def _tried_runs(asked: Asked) -> list[_Tried]:
    """The runs of a job, or of the project."""
    found: list[_Tried] = []
    run_of = asked.observed.run_of
    for chain in asked.observed.chains:
        runs = [run_of[name] for name in chain.attempts if name in run_of]
        if not runs or (asked.slo.job and runs[0].job != asked.slo.job):
            continue
        outcomes = tuple(_outcome_of_run(run, asked.now) for run in runs)
        last = runs[-1]
        why = "" if outcomes[-1] == "good" else f"run {last.verdict}"
        ended = last.ended or last.started
        found.append(_Tried(runs[0].started, ended, outcomes, last.id, why, runs[0].command))
    return found


def _outcome_of_run(run: Run, now: Instant) -> str:
    if run.verdict == "ok":
        return "good"
    if run.verdict in ("failed", "crashed", "interrupted"):
        return "bad"
    return "running" if now - run.started < LOST else "unknown"


def _tried_nodes(asked: Asked, indicator: Success) -> list[_Tried]:
    """The builds of a node, those of a run and of its retries together."""
    observed = asked.observed
    grouped: dict[str, list[Build]] = {}
    for build in observed.builds.get(asked.slo.node, ()):
        grouped.setdefault(observed.last_try.get(build.run, build.run), []).append(build)
    partial = indicator.partial
    words = {"good": "good", "warned": "good", "none": "good", "bad": "bad", "partial": partial}
    found = [
        _Tried(
            builds[0].run_at,
            builds[-1].at,
            ("running",)
            if observed.goes_on(last, asked.now)
            else tuple(words.get(one.outcome, one.outcome) for one in builds),
            builds[-1].run,
            builds[-1].message if builds[-1].outcome not in ("good", "none") else "",
        )
        for last, builds in grouped.items()
    ]
    return sorted(found, key=lambda one: (one.started, one.run))
