"""When something is expected: cron expressions in a time zone, less holidays."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim

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

    def slots(self, start: Instant, end: Instant) -> tuple[Instant, ...]:
        """The instants from one on until, and without, another, ascending.

        Raises:
            CronSimError: the expression cannot be read.
        """
        found: list[Instant] = []
        for time in CronSim(self.cron, time_of(start - 1).astimezone(ZoneInfo(self.timezone))):
            slot = instant_of(time)
            if slot >= end:
                break
            if slot >= start and local_date(slot, self.timezone) not in self.holidays:
                found.append(slot)
        return tuple(found)
