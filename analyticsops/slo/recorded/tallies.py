"""Objectives about events: runs, builds, checks, loads, measurements, periods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from analyticsops.slo.durations import spoken
from analyticsops.slo.observed import Build, Measurement, Observed, Run
from analyticsops.slo.recorded.asked import EARLY, Asked, slots_of
from analyticsops.slo.recorded.periods import deployments, latency
from analyticsops.slo.recorded.success import success
from analyticsops.slo.spans import Instant, Spans
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
    for start, end in slots_of(asked):
        due = start + asked.slo.schedule.grace
        # What came a little before the next slot is of that one, and not of this one as well.
        until = end - EARLY if end <= asked.now else end
        if due < asked.now and not any(start - EARLY <= time < until for time in times):
            yield Event(due, unknown=True, why="nothing was measured")


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
        if check.outcome == "unknown":
            why = f"it is not known what {check.name} said"
            yield Event(check.at, unknown=True, why=why, run=check.run)
            continue
        bad = check.outcome == "bad" or (check.outcome == "warned" and indicator.warned == "bad")
        why = f"{check.name} failed" if bad else ""
        yield Event(check.at, bad=int(bad), why=why, run=check.run)


def _measured(asked: Asked) -> Iterator[Event]:
    before: Measurement | None = None
    for one in asked.observed.measurements.get(asked.slo.full_name, ()):
        if one.failed:
            yield Event(one.at, unknown=True, why="it could not be measured")
            continue
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


_EVENTS: Mapping[type[Any], Callable[[Asked], Iterable[Event]]] = {
    Success: success,
    RunDuration: _duration,
    Quality: _quality,
    Volume: _volume,
    Cost: _cost,
    NullRate: _measured,
    SchemaStability: _measured,
    LineageCoverage: _measured,
    CustomSql: _measured,
    DeploymentFrequency: deployments,
    AlertLatency: latency,
}
