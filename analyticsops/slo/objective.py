"""What is promised of one thing: a service level objective in its normal form.

However it was written (dbt's own ``freshness``, ``config.meta.analyticsops.slo``, a file in
``slos/``, an OpenSLO document), this is what is evaluated, explained and exported.
"""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import msgspec

from analyticsops.slo.budget import Missing
from analyticsops.slo.calendar import Calendar
from analyticsops.slo.durations import written
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import Instant, Span, instant_of, time_of
from analyticsops.slo.spec.entries import Tier
from analyticsops.slo.spec.indicators import ABOUT_TIME, AnyIndicator

PROJECT = "project"
"""What :attr:`Slo.subject` of the project as a whole is called."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """The time over which an objective holds.

    Attributes:
        rolling: microseconds back from now; 0 for a calendar window.
        calendar: week, month, quarter or year; empty for a rolling window.
        timezone: of the calendar.
    """

    rolling: int = 0
    calendar: str = ""
    timezone: str = "UTC"

    def span(self, now: Instant) -> Span:
        """The window that holds at an instant; one of the calendar may end after it."""
        if self.rolling:
            return now - self.rolling, now
        zone = ZoneInfo(self.timezone)
        local = time_of(now).astimezone(zone)
        if self.calendar == "week":
            first = local.toordinal() - local.weekday()
            return instant_of(_at(first, zone)), instant_of(_at(first + 7, zone))
        months = {"month": 1, "quarter": 3, "year": 12}[self.calendar]
        number = (local.year * 12 + local.month - 1) // months * months
        return instant_of(_month(number, zone)), instant_of(_month(number + months, zone))

    def length(self, now: Instant) -> int:
        """Of the window that holds at an instant, in microseconds."""
        start, end = self.span(now)
        return end - start

    def __str__(self) -> str:
        return written(self.rolling) if self.rolling else f"this {self.calendar}"


def _at(ordinal: int, zone: ZoneInfo) -> datetime:
    return datetime.fromordinal(ordinal).replace(tzinfo=zone)


def _month(number: int, zone: ZoneInfo) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=zone)


class Maintenance(msgspec.Struct, frozen=True, kw_only=True):
    """A time of planned work, once or by cron.

    Attributes:
        reason: why.
        span: once; None if it is by a schedule.
        schedule: when it begins each time.
        lasts: microseconds, with a schedule.
        counts: True if the time counts nevertheless, and only alerts are silent.
    """

    reason: str
    span: Span | None = None
    schedule: Schedule | None = None
    lasts: int = 0
    counts: bool = False

    def is_on(self, now: Instant) -> bool:
        """True if it is going on at an instant."""
        return any(start <= now < end for start, end in self.spans((now, now + 1)))

    def spans(self, window: Span) -> tuple[Span, ...]:
        """When it is, in a window."""
        if self.span is not None:
            return (self.span,)
        assert self.schedule is not None, "once or by a schedule"
        slots = self.schedule.slots(window[0] - self.lasts, window[1])
        return tuple((slot, slot + self.lasts) for slot in slots)


class Slo(msgspec.Struct, frozen=True, kw_only=True):
    """A service level objective.

    Attributes:
        name: short, unique among those of its subject.
        subject: what people call what it is about: a node, a job, or the project.
        node: ``unique_id``; empty if it is about a job or the project.
        job: name; empty if it is about a node or the project.
        indicator: what is measured.
        target: share of what counts that has to be good, between 0 and 1.
        window: over which it holds.
        schedule: when something is expected; None if nobody says.
        calendar: time that counts; None for all.
        pauses_age: True if data does not grow older outside of the calendar.
        maintenance: planned work.
        missing: what counts as which nothing is known.
        tier: critical or standard.
        owner: empty if nobody.
        group: dbt group; empty if none.
        runbook: address; empty if there is none.
        description: for people.
        alerting: preset of burn rate rules: batch, google, seed4x or off.
        origin: ``dbt`` (its own freshness), ``meta``, ``file`` or ``openslo``.
        where: file and line of what was written last about it; empty if not known.
    """

    name: str
    subject: str
    indicator: AnyIndicator
    node: str = ""
    job: str = ""
    target: Fraction
    window: Window
    schedule: Schedule | None = None
    calendar: Calendar | None = None
    pauses_age: bool = False
    maintenance: tuple[Maintenance, ...] = ()
    missing: Missing = Missing.UNKNOWN
    tier: Tier = "standard"
    owner: str = ""
    group: str = ""
    runbook: str = ""
    description: str = ""
    alerting: str = "batch"
    origin: str = "meta"
    where: str = ""

    @property
    def full_name(self) -> str:
        """``orders/fresh``: unique in a project."""
        return f"{self.subject}/{self.name}"

    @property
    def is_critical(self) -> bool:
        """True if it may page."""
        return self.tier == "critical"

    @property
    def is_about_time(self) -> bool:
        """True if its indicator says of every instant whether it was good."""
        return isinstance(self.indicator, ABOUT_TIME)
