"""Objectives about events: runs, builds, checks, loads, measurements, periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from analyticsops.slo.budget import Missing
from analyticsops.slo.durations import spoken
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Build, Measurement, Observed, Run
from analyticsops.slo.spans import DAY, MINUTE, Instant, Span, Spans, instant_of, time_of
from analyticsops.slo.spec.entries import PricesEntry
from analyticsops.slo.spec.indicators import (
    AlertLatency,
    Cost,
    CustomSql,
    DeploymentFrequency,
    LineageCoverage,
    NullRate,
    Quality,
    RunDuration,
    SchemaStability,
    Success,
    Volume,
)
from analyticsops.slo.tally import Event, Tally

EARLY = MINUTE
"""A run that starts so long before its slot belongs to it: clocks differ."""

LOST = DAY
"""A run that has not ended after that is not expected to."""


class Opened(NamedTuple):
    """An incident, for objectives about how soon one is told.

    Attributes:
        since: when it began.
        opened: when it was told.
        members: nodes and jobs that it is about.
    """

    since: Instant
    opened: Instant
    members: tuple[str, ...]


class Asked(NamedTuple):
    """What the events of an objective are taken from.

    Attributes:
        span: over which it is asked.
        now: the end of what is known.
    """

    slo: Slo
    observed: Observed
    span: Span
    now: Instant
    prices: PricesEntry
    incidents: Sequence[Opened]


def tally(asked: Asked, scope: Spans, until: Instant) -> Tally:
    """What is known of an objective about events.

    Args:
        scope: the time that counts.
        until: end of its window, up to which more is expected.
    """
    slo = asked.slo
    events = list(_EVENTS[type(slo.indicator)](asked))
    if slo.schedule is not None and not isinstance(slo.indicator, Success):
        events += _not_measured(asked, events)
    coming: Sequence[Instant] = ()
    rate = 0.0
    if slo.schedule is not None:
        coming = slo.schedule.slots(asked.now, until) if until > asked.now else ()
    elif until > asked.now:
        first = min((event.at for event in events), default=asked.now)
        known = asked.now - max(first, asked.span[0])
        rate = len(events) / known if known else 0.0
    return Tally.of(events, scope, slo.missing, coming, rate)


def _not_measured(asked: Asked, events: Sequence[Event]) -> Iterator[Event]:
    """An unknown event for each slot of a schedule in which there was none."""
    assert asked.slo.schedule is not None, "asked for above"
    times = sorted(event.at for event in events)
    for start, end in _slots(asked):
        due = start + asked.slo.schedule.grace
        if due < asked.now and not any(start - EARLY <= time < end for time in times):
            yield Event(due, unknown=True, why="nothing was measured")


def _slots(asked: Asked) -> Iterator[tuple[Instant, Instant]]:
    """Each slot, and the next one."""
    assert asked.slo.schedule is not None, "asked for by who calls"
    start = asked.span[0] - asked.slo.schedule.grace
    slots = (*asked.slo.schedule.slots(start, asked.now), asked.now + EARLY)
    yield from pairwise(slots)


# -- success -------------------------------------------------------------------


class _Tried(NamedTuple):
    """A run and its retries, as far as an objective is concerned.

    Attributes:
        attempts: what became of each, oldest first: good, bad, skipped or unknown.
        ended: when the last one did.
    """

    started: Instant
    ended: Instant
    attempts: tuple[str, ...]
    run: str
    why: str


def _success(asked: Asked) -> Iterator[Event]:
    slo, indicator = asked.slo, asked.slo.indicator
    assert isinstance(indicator, Success), "chosen by its type"
    tried = _tried_nodes(asked, indicator) if slo.node else _tried_runs(asked)
    if slo.schedule is None:
        for one in tried:
            yield from _event(indicator, [one], one.ended)
        return
    for start, end in _slots(asked):
        within = [one for one in tried if start - EARLY <= one.started < end - EARLY]
        due = start + slo.schedule.grace
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
    attempts = [outcome for one in tried for outcome in one.attempts]
    judged = [outcome for outcome in attempts if outcome != "skipped"]
    if indicator.skipped == "exclude":
        attempts = judged
    if not attempts:
        return
    outcome = attempts[-1] if indicator.attempts == "final" else attempts[0]
    run, why = tried[-1].run, tried[-1].why
    if outcome == "unknown":
        yield Event(at, unknown=True, why=why, run=run)
    else:
        yield Event(at, bad=int(outcome != "good"), why=why, run=run)


def _tried_runs(asked: Asked) -> list[_Tried]:
    """The runs of a job, or of the project."""
    found: list[_Tried] = []
    run_of = asked.observed.run_of
    for chain in asked.observed.chains:
        runs = [run_of[name] for name in chain.attempts if name in run_of]
        if not runs or (asked.slo.job and runs[0].job != asked.slo.job):
            continue
        outcomes = tuple(_outcome_of_run(run, asked.now) for run in runs)
        if outcomes[-1] == "running":
            continue
        last = runs[-1]
        why = "" if outcomes[-1] == "good" else f"run {last.verdict}"
        found.append(_Tried(runs[0].started, last.ended or last.started, outcomes, last.id, why))
    return found


def _outcome_of_run(run: Run, now: Instant) -> str:
    if run.verdict == "ok":
        return "good"
    if run.verdict in ("failed", "crashed", "interrupted"):
        return "bad"
    return "running" if now - run.started < LOST else "unknown"


def _tried_nodes(asked: Asked, indicator: Success) -> list[_Tried]:
    """The builds of a node, those of a run and of its retries together."""
    chain_of = {
        name: chain.attempts[0] for chain in asked.observed.chains for name in chain.attempts
    }
    grouped: dict[str, list[Build]] = {}
    for build in asked.observed.builds.get(asked.slo.node, ()):
        grouped.setdefault(chain_of.get(build.run, build.run), []).append(build)
    partial = indicator.partial
    words = {"good": "good", "warned": "good", "none": "good", "bad": "bad", "partial": partial}
    found = [
        _Tried(
            builds[0].run_at,
            builds[-1].at,
            tuple(words.get(one.outcome, one.outcome) for one in builds),
            builds[-1].run,
            builds[-1].message if builds[-1].outcome not in ("good", "none") else "",
        )
        for builds in grouped.values()
    ]
    return sorted(found, key=lambda one: (one.started, one.run))


# -- runs and builds that went well --------------------------------------------


def _finished(asked: Asked) -> Iterator[tuple[Instant, str, Run | Build]]:
    """(when it was known, run, what ended well) of a job, the project or a node."""
    if asked.slo.node:
        for build in asked.observed.builds.get(asked.slo.node, ()):
            if build.outcome in ("good", "partial"):
                yield build.at, build.run, build
        return
    for run in asked.observed.runs:
        if run.verdict == "ok" and (not asked.slo.job or run.job == asked.slo.job):
            yield run.ended or run.started, run.id, run


def _duration(asked: Asked) -> Iterator[Event]:
    indicator = asked.slo.indicator
    assert isinstance(indicator, RunDuration), "chosen by its type"
    for at, run, one in _finished(asked):
        took = one.elapsed if isinstance(one, Run) else _microseconds(one.seconds)
        if took is None:
            yield Event(at, unknown=True, why="it is not known how long it took", run=run)
        else:
            long = took > indicator.threshold
            yield Event(at, bad=int(long), why=f"took {spoken(took)}" if long else "", run=run)


def _microseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1_000_000)


def _volume(asked: Asked) -> Iterator[Event]:
    indicator = asked.slo.indicator
    assert isinstance(indicator, Volume), "chosen by its type"
    for build in asked.observed.builds.get(asked.slo.node, ()):
        if build.outcome not in ("good", "partial") or not build.loads or build.backfill:
            continue
        if build.rows is None or build.rows < 0:
            yield Event(build.at, unknown=True, why="the adapter tells no rows", run=build.run)
        else:
            bad = not _within(build.rows, indicator.at_least, indicator.at_most)
            why = f"{build.rows:,} rows" if bad else ""
            yield Event(build.at, bad=int(bad), why=why, run=build.run)


def _within(value: float, at_least: float | None, at_most: float | None) -> bool:
    return (at_least is None or value >= at_least) and (at_most is None or value <= at_most)


def _cost(asked: Asked) -> Iterator[Event]:
    indicator = asked.slo.indicator
    assert isinstance(indicator, Cost), "chosen by its type"
    of_run: dict[str, float | None] = {}
    if not asked.slo.node:
        of_run = costs_of_runs(asked.observed, asked.prices)
    for at, run, one in _finished(asked):
        price = price_of(one, asked.prices) if isinstance(one, Build) else of_run.get(run)
        if price is None:
            yield Event(at, unknown=True, why="it is not known what it used", run=run)
        else:
            high = price > indicator.at_most
            yield Event(at, bad=int(high), why=f"cost {price:,.2f}" if high else "", run=run)


def price_of(build: Build, prices: PricesEntry) -> float | None:
    """What a build cost; None if it is not known what it used of what has a price."""
    parts = (
        (prices.hour, build.seconds, 3_600),
        (prices.terabyte, build.bytes, 1e12),
        (prices.slot_hour, build.slot_ms, 3_600_000),
    )
    priced = [(price, used, unit) for price, used, unit in parts if price]
    if not priced or all(used is None for _, used, _ in priced):
        return None
    return sum(price * used / unit for price, used, unit in priced if used is not None)


def costs_of_runs(observed: Observed, prices: PricesEntry) -> dict[str, float | None]:
    """Run -> what its builds cost together."""
    found: dict[str, float | None] = {}
    for builds in observed.builds.values():
        for build in builds:
            price = price_of(build, prices)
            if price is not None:
                found[build.run] = (found.get(build.run) or 0.0) + price
    return found


# -- checks and measurements ---------------------------------------------------


def _quality(asked: Asked) -> Iterator[Event]:
    indicator = asked.slo.indicator
    assert isinstance(indicator, Quality), "chosen by its type"
    checks = asked.observed.checks
    listed = [checks.get(asked.slo.node, ())] if asked.slo.node else list(checks.values())
    run_of = asked.observed.run_of
    for check in (check for some in listed for check in some):
        job = run_of[check.run].job if check.run in run_of else ""
        if check.outcome in ("skipped", "none") or (asked.slo.job and job != asked.slo.job):
            continue
        bad = check.outcome == "bad" or (check.outcome == "warned" and indicator.warned == "bad")
        why = f"{_test_name(check.test)} failed" if bad else ""
        yield Event(check.at, bad=int(bad), why=why, run=check.run)


def _test_name(unique_id: str) -> str:
    """``test.shop.not_null_orders_id.9f3c...`` -> ``not_null_orders_id``."""
    parts = unique_id.split(".")
    return parts[2] if len(parts) > 2 else unique_id


def _measured(asked: Asked) -> Iterator[Event]:
    before: Measurement | None = None
    for one in asked.observed.measurements.get(asked.slo.full_name, ()):
        yield _judged(asked.slo.indicator, one, before)
        before = one


def _judged(indicator: Any, one: Measurement, before: Measurement | None) -> Event:
    if isinstance(indicator, SchemaStability):
        changed = before is not None and before.digest != one.digest
        return Event(one.at, bad=int(changed), why="the schema changed" if changed else "")
    if isinstance(indicator, CustomSql):
        bad = one.total - one.good
        return Event(one.at, one.total, bad, why=f"{bad:,} of {one.total:,} bad" if bad else "")
    if not one.total:
        return Event(one.at, unknown=True, why="there was nothing to measure")
    if isinstance(indicator, NullRate):
        bad = one.total - one.good > indicator.at_most * one.total
        why = f"{(one.total - one.good) / one.total:.2%} of {indicator.column} null"
    else:
        assert isinstance(indicator, LineageCoverage), "the last of what is measured"
        bad = one.good < indicator.at_least * one.total
        why = f"{one.good / one.total:.1%} of columns proven"
    return Event(one.at, bad=int(bad), why=why if bad else "")


# -- periods -------------------------------------------------------------------


def _deployments(asked: Asked) -> Iterator[Event]:
    indicator = asked.slo.indicator
    assert isinstance(indicator, DeploymentFrequency), "chosen by its type"
    first = asked.observed.first
    for start, end in _periods(indicator.per, asked.span[0], asked.now):
        if first is None or start < first:
            continue
        count = sum(start <= one.at < end for one in asked.observed.deployed)
        bad = count < indicator.at_least
        yield Event(end, bad=int(bad), why=f"{count} deployments" if bad else "")


def _periods(per: str, start: Instant, end: Instant) -> Iterator[Span]:
    """Whole days, weeks or months, UTC, that end within a span."""
    day = time_of(start).replace(hour=0, minute=0, second=0, microsecond=0)
    if per == "week":
        day -= timedelta(days=day.weekday())
    elif per == "month":
        day = day.replace(day=1)
    while True:
        following = _next(day, per)
        if instant_of(following) > end:
            return
        yield instant_of(day), instant_of(following)
        day = following


def _next(day: datetime, per: str) -> datetime:
    if per == "month":
        return datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC)
    return day + timedelta(days=7 if per == "week" else 1)


def _latency(asked: Asked) -> Iterator[Event]:
    indicator = asked.slo.indicator
    assert isinstance(indicator, AlertLatency), "chosen by its type"
    for one in asked.incidents:
        if asked.slo.node and asked.slo.node not in one.members:
            continue
        took = one.opened - one.since
        late = took > indicator.threshold
        yield Event(one.opened, bad=int(late), why=f"told after {spoken(took)}" if late else "")


_EVENTS: Mapping[type[Any], Callable[[Asked], Iterable[Event]]] = {
    Success: _success,
    RunDuration: _duration,
    Quality: _quality,
    Volume: _volume,
    Cost: _cost,
    NullRate: _measured,
    SchemaStability: _measured,
    LineageCoverage: _measured,
    CustomSql: _measured,
    DeploymentFrequency: _deployments,
    AlertLatency: _latency,
}
