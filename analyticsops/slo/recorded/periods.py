"""Periods with enough deployments, and incidents of which one was told soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from analyticsops.slo.durations import spoken
from analyticsops.slo.recorded.asked import Asked
from analyticsops.slo.spans import Instant, Span, instant_of, time_of
from analyticsops.slo.spec.indicators import AlertLatency, DeploymentFrequency
from analyticsops.slo.tally import Event
from analyticsops.wording import quantity


def deployments(asked: Asked) -> Iterator[Event]:
    """One event for each whole day, week or month."""
    indicator = asked.slo.indicator
    assert isinstance(indicator, DeploymentFrequency), "chosen by its type"
    first = asked.observed.first
    for start, end in _periods(indicator.per, asked.span[0], asked.now):
        if first is None or start < first:
            continue
        count = sum(start <= one.at < end for one in asked.observed.deployed)
        bad = count < indicator.at_least
        yield Event(end, bad=int(bad), why=quantity(count, "deployment") if bad else "")


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


def latency(asked: Asked) -> Iterator[Event]:
    """One event for each incident."""
    indicator = asked.slo.indicator
    assert isinstance(indicator, AlertLatency), "chosen by its type"
    for one in asked.incidents:
        if asked.slo.node and asked.slo.node not in one.members:
            continue
        took = one.opened - one.since
        late = took > indicator.threshold
        yield Event(one.opened, bad=int(late), why=f"told after {spoken(took)}" if late else "")
