"""Events that were good or bad, for objectives that count runs, checks, loads or periods."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

import msgspec

from analyticsops.slo.budget import Measured, Missing
from analyticsops.slo.spans import Instant, Spans


class Event(NamedTuple):
    """Something that counts.

    Attributes:
        at: when it was known.
        total: as how much it counts.
        bad: so much of it was bad.
        unknown: True if nobody knows whether it was.
        why: what made it bad, for people.
        run: invocation that it comes from, if it comes from one.
    """

    at: Instant
    total: int = 1
    bad: int = 0
    unknown: bool = False
    why: str = ""
    run: str = ""


class Tally(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is known of an objective about events.

    Attributes:
        events: by time; those outside of the time that counts are left out.
        missing: what unknown events count as.
        coming: instants to come at which an event is expected, as far as the window reaches.
        rate: events in a microsecond where none are scheduled, for what is still to come.
    """

    events: tuple[Event, ...]
    missing: Missing = Missing.UNKNOWN
    coming: tuple[Instant, ...] = ()
    rate: float = 0.0

    @classmethod
    def of(
        cls,
        events: Sequence[Event],
        scope: Spans,
        missing: Missing,
        coming: Sequence[Instant] = (),
        rate: float = 0.0,
    ) -> Tally:
        """Of events in any order, within the time that counts.

        Args:
            scope: it must reach over all that will be asked.
        """
        kept = sorted(event for event in events if event.at in scope)
        return cls(events=tuple(kept), missing=missing, coming=tuple(coming), rate=rate)

    def measure(self, start: Instant, end: Instant) -> Measured:
        """How much counts between two instants."""
        first, last = self._place(start), self._place(end)
        total, bad, unknown = (sums[last] - sums[first] for sums in self._sums)
        if self.missing is Missing.BAD:
            return Measured(total + unknown, bad + unknown, 0)
        return Measured(total, bad, unknown if self.missing is Missing.UNKNOWN else 0)

    def counted(self, start: Instant, end: Instant) -> list[tuple[Instant, int, int]]:
        """(when, how much counts, how much of it is bad) of each event that counts."""
        if self.missing is Missing.BAD:
            return [
                (event.at, event.total, event.total if event.unknown else event.bad)
                for event in self.between(start, end)
            ]
        return [
            (event.at, event.total, event.bad)
            for event in self.between(start, end)
            if not event.unknown
        ]

    def expected(self, start: Instant, end: Instant) -> float:
        """How many events will come between two instants that have not been yet."""
        if self.coming:
            return bisect_left(self.coming, end) - bisect_left(self.coming, start)
        return self.rate * max(end - start, 0)

    def between(self, start: Instant, end: Instant) -> tuple[Event, ...]:
        """The events between two instants."""
        return self.events[self._place(start) : self._place(end)]

    def _place(self, instant: Instant) -> int:
        return bisect_left(self._times, instant)

    @cached_property
    def _times(self) -> list[Instant]:
        return [event.at for event in self.events]

    @cached_property
    def _sums(self) -> tuple[list[int], list[int], list[int]]:
        return (
            _running([0 if event.unknown else event.total for event in self.events]),
            _running([0 if event.unknown else event.bad for event in self.events]),
            _running([event.total if event.unknown else 0 for event in self.events]),
        )


def _running(numbers: Sequence[int]) -> list[int]:
    return list(accumulate(numbers, initial=0))
