"""What burned an error budget, day by day, with the releases of that time beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

import msgspec

from analyticsops.slo.budget import Measured, Timeline
from analyticsops.slo.durations import spoken
from analyticsops.slo.observed import Deployed
from analyticsops.slo.spans import DAY, Instant, Span, time_of
from analyticsops.slo.standing import Standing


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day (UTC) of a budget.

    Attributes:
        day: the date.
        spent: microseconds, or events, that were bad on it.
        left: share of the budget of the window that was left at its end; None without a budget.
        because: what burned, for people.
        releases: commits that arrived on it.
    """

    day: date
    spent: int
    left: Fraction | None
    because: tuple[str, ...]
    releases: tuple[str, ...]


class BurnDown(msgspec.Struct, frozen=True, kw_only=True):
    """How the budget of an objective was used.

    Attributes:
        objective: full name.
        days: of its window, those on which it burned or something was released.
    """

    objective: str
    days: tuple[Day, ...]


def burn_down(standing: Standing, deployed: Sequence[Deployed]) -> BurnDown:
    """How the present window's budget was used, up to now. What is left is counted against the
    budget as it stands now, from the beginning of the window."""
    start, at = standing.window[0], standing.at
    allowed = standing.budget.allowed
    spent = Fraction(0)
    days: list[Day] = []
    for day_start, day_end in _days(start, at):
        bad = standing.recorded.measure(day_start, day_end).bad
        spent += bad
        releases = tuple(one.git_sha for one in deployed if day_start <= one.at < day_end)
        if bad or releases:
            days.append(
                Day(
                    day=time_of(day_start).date(),
                    spent=bad,
                    left=1 - spent / allowed if allowed else None,
                    because=tuple(_because(standing, (day_start, day_end))),
                    releases=releases,
                )
            )
    return BurnDown(objective=standing.slo.full_name, days=tuple(days))


def burned_by_parts(standing: Standing, parts: int) -> tuple[Measured | None, ...]:
    """What counted in each of so many equal parts of the present window; None for parts that are
    still to come. A part that goes on is measured up to now."""
    start, end = standing.window
    bounds = [start + (end - start) * number // parts for number in range(parts + 1)]
    return tuple(
        standing.recorded.measure(begin, min(until, standing.at)) if begin < standing.at else None
        for begin, until in pairwise(bounds)
    )


def _days(start: Instant, end: Instant) -> Iterator[Span]:
    begin = start
    while begin < end:
        following = min((begin // DAY + 1) * DAY, end)
        yield begin, following
        begin = following


def _because(standing: Standing, span: Span) -> Iterator[str]:
    recorded = standing.recorded
    if not isinstance(recorded, Timeline):
        yield from dict.fromkeys(event.why for event in recorded.between(*span) if event.bad)
        return
    for start, end in recorded.counted(*span).bad:
        yield f"{time_of(start):%H:%M}-{time_of(end):%H:%M} ({spoken(end - start)})"
