"""Sets of time as unions of half-open intervals, exact to the microsecond."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import msgspec

Instant: TypeAlias = int
"""Microseconds since 1970-01-01 00:00 UTC."""

Span: TypeAlias = tuple[Instant, Instant]
"""From the first instant up to, and without, the second."""

MICROSECOND = timedelta(microseconds=1)
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_of(time: datetime) -> Instant:
    """A time with a zone as an instant.

    Raises:
        ValueError: it has no zone.
    """
    if time.tzinfo is None:
        raise ValueError(f"{time} has no time zone")
    return (time - _EPOCH) // MICROSECOND


def time_of(instant: Instant) -> datetime:
    """An instant as a time, in UTC.

    Raises:
        OverflowError: it is outside of the years 1 to 9999.
    """
    return _EPOCH + timedelta(microseconds=instant)


class Spans(msgspec.Struct, frozen=True):
    """A set of instants.

    Attributes:
        parts: sorted, not empty, and neither overlapping nor touching one another, so that
            equal sets are equal.
    """

    parts: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Spans:
        """The union of any spans, in any order; what ends before it starts is empty."""
        merged: list[Span] = []
        for start, end in sorted(spans):
            if end <= start:
                continue
            if merged and start <= merged[-1][1]:
                if end > merged[-1][1]:
                    merged[-1] = (merged[-1][0], end)
            else:
                merged.append((start, end))
        return cls(tuple(merged))

    @classmethod
    def one(cls, start: Instant, end: Instant) -> Spans:
        """A single span; empty if it ends before it starts."""
        return cls(((start, end),)) if start < end else cls()

    @property
    def length(self) -> int:
        """In microseconds."""
        return sum(end - start for start, end in self.parts)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __iter__(self) -> Iterator[Span]:
        return iter(self.parts)

    def __contains__(self, instant: Instant) -> bool:
        place = bisect_right(self.parts, instant, key=_start) - 1
        return place >= 0 and instant < self.parts[place][1]

    def __or__(self, other: Spans) -> Spans:
        if not self.parts or not other.parts:
            return self if self.parts else other
        return Spans.of((*self.parts, *other.parts))

    def __and__(self, other: Spans) -> Spans:
        return Spans(tuple(self._shared(other)))

    def __sub__(self, other: Spans) -> Spans:
        return Spans(tuple(self._left(other)))

    def clip(self, start: Instant, end: Instant) -> Spans:
        """What lies between two instants."""
        if not self.parts or (start <= self.parts[0][0] and self.parts[-1][1] <= end):
            return self
        first = max(bisect_right(self.parts, start, key=_start) - 1, 0)
        last = bisect_right(self.parts, end, key=_start)
        cut = ((max(s, start), min(e, end)) for s, e in self.parts[first:last])
        return Spans(tuple(span for span in cut if span[0] < span[1]))

    def _shared(self, other: Spans) -> Iterator[Span]:
        mine, theirs = self.parts, other.parts
        here = there = 0
        while here < len(mine) and there < len(theirs):
            start = max(mine[here][0], theirs[there][0])
            end = min(mine[here][1], theirs[there][1])
            if start < end:
                yield start, end
            if mine[here][1] < theirs[there][1]:
                here += 1
            else:
                there += 1

    def _left(self, other: Spans) -> Iterator[Span]:
        theirs, there = other.parts, 0
        for begin, end in self.parts:
            start = begin
            while there < len(theirs) and theirs[there][1] <= start:
                there += 1
            place = there
            while place < len(theirs) and theirs[place][0] < end:
                if start < theirs[place][0]:
                    yield start, theirs[place][0]
                start = max(start, theirs[place][1])
                place += 1
            if start < end:
                yield start, end


def _start(span: Span) -> Instant:
    return span[0]
