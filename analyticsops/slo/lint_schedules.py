"""What a schedule will bring, through all seasons."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from analyticsops.slo.calendar import offsets
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, Instant

AHEAD = 400 * DAY
"""Microseconds over which schedules are looked at: each season once."""

MOST = 20_000
"""Slots that are looked at: who has one each minute is not kept waiting for a year of them."""

NEVER = 9 * 366 * DAY
"""Microseconds. A 29 February may be eight years away."""


class Coming(NamedTuple):
    """What comes of a schedule.

    Attributes:
        slots: of the next 400 days, the first 20,000 at most.
        longest: microseconds between two of them, 400 days if there are no two.
        skipped: when a daily time of it is one that the clock skips; empty if never.
        is_never: True if nothing is ever due.
    """

    slots: tuple[Instant, ...]
    longest: int
    skipped: str
    is_never: bool


def coming_of(schedule: Schedule, now: Instant) -> Coming:
    """What comes of a schedule from a moment on."""
    slots = schedule.slots(now, now + AHEAD, MOST)
    longest = max((later - one for one, later in pairwise(slots)), default=AHEAD)
    return Coming(slots, longest, _skipped(schedule, now), not slots and _is_never(schedule, now))


def _is_never(schedule: Schedule, now: Instant) -> bool:
    following = schedule.following(now)
    return following is None or following > now + NEVER


def _skipped(schedule: Schedule, now: Instant) -> str:
    minute, hour = schedule.cron.split()[:2]
    if not (minute.isdigit() and hour.isdigit()):
        return ""
    wanted = (int(hour) * 60 + int(minute)) * 60_000_000
    for (_, change, before), (_, _, after) in pairwise(
        offsets(schedule.timezone, now, now + AHEAD)
    ):
        gap = (change + before) % DAY, (change + before) % DAY + after - before
        if gap[0] <= wanted < gap[1] and schedule.slots(change, change + 1):
            return f"means {int(hour):02}:{int(minute):02}, which {schedule.timezone} skips"
    return ""
