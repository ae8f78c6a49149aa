"""How new the data of a table was, at every instant, and when it was too old.

A table's *watermark* is the newest data time of all that was visible by then. It never falls: a
backfill of old data, or a load that arrives late or is told twice, does not make data older. The
age at an instant is that instant less the watermark; an age equal to the threshold is still fresh.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec

from analyticsops.slo.calendar import Calendar
from analyticsops.slo.spans import DAY, Instant, Span, Spans


class Load(NamedTuple):
    """New data in a table.

    Attributes:
        visible: when readers could see it.
        data: the newest data time in it.
    """

    visible: Instant
    data: Instant


class Watermark(msgspec.Struct, frozen=True):
    """A watermark over time, as the steps by which it rises.

    Attributes:
        times: when it rises, ascending.
        marks: to which data time, ascending; as many.
        ahead: loads whose data time was later than the moment at which they became visible:
            a clock is wrong. They count as data of that moment.
    """

    times: tuple[Instant, ...] = ()
    marks: tuple[Instant, ...] = ()
    ahead: tuple[Load, ...] = ()

    @classmethod
    def of(cls, loads: Iterable[Load], *, skew: int = 0) -> Watermark:
        """The watermark of these loads, in any order, told any number of times.

        Args:
            skew: microseconds by which clocks may differ without being told in ``ahead``.
        """
        times: list[Instant] = []
        marks: list[Instant] = []
        ahead: dict[Load, None] = {}
        for visible, data in sorted(loads):
            if data > visible:
                if data > visible + skew:
                    ahead[Load(visible, data)] = None
                data = visible
            if marks and data <= marks[-1]:
                continue
            if times and times[-1] == visible:
                marks[-1] = data
            else:
                times.append(visible)
                marks.append(data)
        return cls(tuple(times), tuple(marks), tuple(ahead))

    def at(self, instant: Instant) -> Instant | None:
        """The watermark at an instant; None before the first load."""
        place = bisect_right(self.times, instant) - 1
        return self.marks[place] if place >= 0 else None

    def unknown(self, window: Span) -> Spans:
        """When in a window nothing is known yet: before the first load."""
        start, end = window
        return Spans.one(start, min(end, self.times[0]) if self.times else end)

    def stale(self, threshold: int, window: Span) -> Spans:
        """When in a window the data was older than a threshold.

        Args:
            threshold: in microseconds.
        """
        return Spans.of(self._stale(threshold, window))

    def _stale(self, threshold: int, window: Span) -> Iterable[Span]:
        start, end = window
        times, marks = self.times, self.marks
        place = max(bisect_right(times, start) - 1, 0)
        for number in range(place, len(times)):
            begin = max(times[number], marks[number] + threshold + 1, start)
            until = times[number + 1] if number + 1 < len(times) else end
            if begin < min(until, end):
                yield begin, min(until, end)
            if until >= end:
                break

    def reached(self, data: Instant) -> Instant | None:
        """When data at least as new as this became visible; None if it never did."""
        place = bisect_right(self.marks, data - 1)
        return self.times[place] if place < len(self.times) else None


class WorkingTime:
    """A clock that stands still outside of a calendar.

    Args:
        calendar: when it runs. Nothing is known outside of its first and last instant, so it
            must reach from the oldest data to the end of what is asked.
    """

    def __init__(self, calendar: Spans) -> None:
        self._parts = calendar.parts
        self._before: list[int] = []
        total = 0
        for start, end in self._parts:
            self._before.append(total)
            total += end - start

    def between(self, start: Instant, end: Instant) -> int:
        """Microseconds of working time from one instant to another."""
        return self._until(end) - self._until(start)

    def _until(self, instant: Instant) -> int:
        place = bisect_right(self._parts, instant, key=lambda span: span[0]) - 1
        if place < 0:
            return 0
        start, end = self._parts[place]
        return self._before[place] + min(instant, end) - start

    def after(self, instant: Instant, worked: int) -> Instant | None:
        """The first instant at which more than so much working time has passed since another;
        None if that is not within the calendar."""
        wanted = self._until(instant) + worked
        place = bisect_right(self._before, wanted) - 1
        if place < 0:
            return None
        start, end = self._parts[place]
        found = start + wanted - self._before[place] + 1
        return found if found <= end else None


def stale_by_working_time(
    watermark: Watermark, threshold: int, window: Span, clock: WorkingTime
) -> Spans:
    """When in a window the data was older than a threshold, by a clock that stands still outside
    of a calendar."""
    start, end = window
    found: list[Span] = []
    for number, (time, mark) in enumerate(zip(watermark.times, watermark.marks, strict=True)):
        until = watermark.times[number + 1] if number + 1 < len(watermark.times) else end
        if until <= start:
            continue
        late = clock.after(mark, threshold)
        if late is not None:
            found.append((max(time, late, start), min(until, end)))
        if until >= end:
            break
    return Spans.of(found)


def late(
    reached: Callable[[Instant], Instant | None],
    slots: Sequence[Instant],
    grace: int,
    window: Span,
) -> Spans:
    """When in a window the data of a scheduled slot was overdue: the slot and its grace had
    passed, and the watermark had not reached the slot.

    Lateness for one slot ends when the next one is due, where that one's begins if it is late
    as well: what overlaps is not counted twice.

    Args:
        reached: says when data of a time became visible, as :meth:`Watermark.reached` does.
        slots: data times that were promised, ascending.
        grace: microseconds after a slot until its data must be visible.
    """
    start, end = window
    found: list[Span] = []
    for number, slot in enumerate(slots):
        due = slot + grace
        if due >= end:
            break
        there = reached(slot)
        next_due = slots[number + 1] + grace if number + 1 < len(slots) else end
        until = min(next_due, end if there is None else there, end)
        if until > max(due, start):
            found.append((max(due, start), until))
    return Spans.of(found)


_AHEAD = 400 * DAY
"""So far is looked ahead for time that counts."""


def worked(calendar: Calendar, start: Instant, length: int) -> Instant | None:
    """When so much of the calendar's time has passed: the last instant of an age that will do;
    None if it never has."""
    clock = WorkingTime(calendar.spans((start, start + length + _AHEAD)))
    after = clock.after(start, length)
    return None if after is None else after - 1
