"""Hours that count, by the clock on the wall of a place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from analyticsops.slo.spans import DAY, MICROSECOND, MINUTE, Instant, Span, Spans, time_of

_EPOCH_DAY = date(1970, 1, 1)


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Instants at which a clock on the wall shows certain hours of certain days. An hour that
    the clock shows twice counts twice, and one that it skips does not count.

    Attributes:
        timezone: name in the IANA database, such as ``Europe/Berlin``.
        days: of the week, 0 is Monday.
        hours: (from, to) in minutes after midnight; to is at most 1,440.
        holidays: days that do not count.
    """

    timezone: str = "UTC"
    days: frozenset[int] = frozenset(range(7))
    hours: tuple[tuple[int, int], ...] = ((0, 1_440),)
    holidays: frozenset[date] = frozenset()

    def spans(self, window: Span) -> Spans:
        """What counts in a window."""
        start, end = window
        found: list[Span] = []
        for segment in offsets(self.timezone, start, end):
            found.extend(self._within(*segment))
        return Spans.of(found)

    def _within(self, start: Instant, end: Instant, offset: int) -> Iterator[Span]:
        """What counts in a time in which the clock is not changed."""
        for day in range((start + offset) // DAY, (end + offset - 1) // DAY + 1):
            at = _EPOCH_DAY + timedelta(days=day)
            if at.weekday() not in self.days or at in self.holidays:
                continue
            midnight = day * DAY - offset
            for first, last in self.hours:
                yield max(midnight + first * MINUTE, start), min(midnight + last * MINUTE, end)


def local_date(instant: Instant, timezone: str) -> date:
    """The day that the calendar on the wall shows."""
    return time_of(instant).astimezone(ZoneInfo(timezone)).date()


Segment = tuple[Instant, Instant, int]
"""(start, end, offset from UTC in microseconds) of a time in which a clock is not changed."""


@lru_cache(maxsize=256)
def offsets(timezone: str, start: Instant, end: Instant) -> tuple[Segment, ...]:
    """A window in parts of one UTC offset each. No zone changes its offset twice in a day."""
    zone = ZoneInfo(timezone)
    found: list[Segment] = []
    begin, offset = start, _offset(zone, start)
    here = start
    while here < end:
        there = min(here + DAY, end)
        other = _offset(zone, there)
        if other != offset and there > here:
            change = _change(zone, here, there, offset)
            if change < end:
                found.append((begin, change, offset))
                begin, offset = change, other
        here = there
    if begin < end:
        found.append((begin, end, offset))
    return tuple(found)


def _offset(zone: ZoneInfo, instant: Instant) -> int:
    local = datetime(1970, 1, 1, tzinfo=UTC) + instant * MICROSECOND
    offset = local.astimezone(zone).utcoffset()
    assert offset is not None, "a zone of the database has an offset at all times"
    return offset // MICROSECOND


def _change(zone: ZoneInfo, low: Instant, high: Instant, before: int) -> Instant:
    """The first instant after ``low``, up to ``high``, at which the offset is another."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high
