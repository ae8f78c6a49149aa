"""When something is expected: cron expressions in a time zone, less holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim, CronSimError

from analyticsops.slo.calendar import local_date
from analyticsops.slo.spans import Instant, instant_of, time_of


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """Instants at which something is expected.

    Attributes:
        cron: five fields, as Debian's cron reads them: a time that the clock skips in spring is
            due when it has skipped it, and one that it shows twice in autumn is due once.
        timezone: name in the IANA database.
        grace: microseconds after a slot until it is missed.
        holidays: days, by the clock on the wall, on which nothing is expected.
    """

    cron: str
    timezone: str = "UTC"
    grace: int = 0
    holidays: frozenset[date] = frozenset()

    def slots(self, start: Instant, end: Instant, most: int | None = None) -> tuple[Instant, ...]:
        """The instants from one on until, and without, another, ascending; at most so many."""
        return tuple(islice(takewhile(lambda slot: slot < end, self._from(start)), most))

    def following(self, instant: Instant) -> Instant | None:
        """The first slot from an instant on; None if there is none."""
        return next(self._from(instant), None)

    def _from(self, start: Instant) -> Iterator[Instant]:
        try:
            for time in CronSim(self.cron, time_of(start - 1).astimezone(ZoneInfo(self.timezone))):
                slot = instant_of(time)
                if slot >= start and local_date(slot, self.timezone) not in self.holidays:
                    yield slot
        except CronSimError:  # it was read before: no day is meant, as by 30 February
            return
