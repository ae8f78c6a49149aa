"""Calendars and schedules against the clock on the wall, through every change of it."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from analyticsops.slo.calendar import Calendar, offsets
from analyticsops.slo.objective import Window
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import instant_of, time_of

FIRST, LAST = 2000, 2040
OFFICE = Calendar(
    timezone="Europe/Berlin",
    days=frozenset(range(5)),
    hours=((7 * 60, 12 * 60), (13 * 60, 19 * 60)),
    holidays=frozenset({date(2026, 12, 25)}),
)


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    return instant_of(datetime(year, month, day, hour, tzinfo=UTC))


def shows(calendar: Calendar, instant: int) -> bool:
    """By the definition: what the clock on the wall shows."""
    local = time_of(instant).astimezone(ZoneInfo(calendar.timezone))
    minute = local.hour * 60 + local.minute
    day = local.weekday() in calendar.days and local.date() not in calendar.holidays
    return day and any(first <= minute < last for first, last in calendar.hours)


def alike() -> list[str]:
    """One zone of all that show the same on the first of every month."""
    months = [datetime(y, m, 1, tzinfo=UTC) for y in range(FIRST, LAST) for m in range(1, 13)]
    found: dict[tuple[object, ...], str] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        found.setdefault(tuple(month.astimezone(zone).utcoffset() for month in months), name)
    return sorted(found.values())


@pytest.fixture(scope="module")
def changes() -> list[tuple[str, int]]:
    """Every change of every clock, once for zones that change alike."""
    found: dict[tuple[int, int, int], str] = {}
    for name in alike():
        parts = offsets(name, at(FIRST, 1, 1), at(LAST, 1, 1))
        for (_, end, before), (_, _, after) in itertools.pairwise(parts):
            found.setdefault((end, before, after), name)
    return [(name, change) for (change, _, _), name in found.items()]


def test_every_change_of_every_clock_is_known(changes: list[tuple[str, int]]) -> None:
    assert len(changes) > 1_000
    for name, change in changes:
        before, after = (
            time_of(t).astimezone(ZoneInfo(name)).utcoffset() for t in (change - 1, change)
        )
        assert before != after, (name, change)


def test_calendars_show_what_the_clock_shows(changes: list[tuple[str, int]]) -> None:
    chance = Random(7)
    for name, change in changes:
        start = time_of(change).astimezone(ZoneInfo(name))
        low = max(start.hour * 60 + start.minute - 100, 0)
        calendar = Calendar(timezone=name, hours=((low, min(low + 145, 1_440)),))
        hours = 4 * 3_600_000_000
        spans = calendar.spans((change - hours, change + hours))
        for _ in range(12):
            instant = change + chance.randint(-240, 239) * 60_000_000
            assert (instant in spans) == shows(calendar, instant), (name, instant)


def test_an_office() -> None:
    week = OFFICE.spans((at(2026, 12, 21), at(2026, 12, 28)))
    assert len(week.parts) == 8  # Monday to Thursday
    assert week.length == 4 * 11 * 3_600_000_000
    assert all(shows(OFFICE, start) and not shows(OFFICE, end) for start, end in week)


def test_an_hour_that_the_clock_shows_twice_counts_twice() -> None:
    night = Calendar(timezone="Europe/Berlin", hours=((120, 180),))
    for day, hours in ((date(2026, 10, 25), 2), (date(2026, 3, 29), 0), (date(2026, 7, 1), 1)):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        window = instant_of(noon - timedelta(days=1)), instant_of(noon)
        assert night.spans(window).length == hours * 3_600_000_000


def test_a_daily_slot_comes_once_a_day_whatever_the_clock_does(
    changes: list[tuple[str, int]],
) -> None:
    """As Debian's cron has it: what the clock skips is due when it has skipped it."""
    for name, change in changes:
        if name in ("Pacific/Apia", "Pacific/Fakaofo"):
            continue  # they skipped a whole day, whose slot is due at its end
        local = time_of(change - 1).astimezone(ZoneInfo(name))
        middle = (datetime.combine(local.date(), local.time()) + timedelta(minutes=30)).time()
        schedule = Schedule(cron=f"{middle.minute} {middle.hour} * * *", timezone=name)
        three = 3 * 86_400_000_000
        slots = schedule.slots(change - three, change + three)
        gaps = {(b - a) / 3_600_000_000 for a, b in itertools.pairwise(slots)}
        assert len(slots) in (5, 6, 7), (name, change, slots)
        assert all(20 < gap < 52 for gap in gaps), (name, change, gaps)


def test_slots_of_a_schedule() -> None:
    nightly = Schedule(
        cron="0 5 * * 1-5", timezone="Europe/Berlin", holidays=frozenset({date(2026, 12, 25)})
    )
    slots = nightly.slots(at(2026, 12, 21), at(2026, 12, 29))
    assert [time_of(slot).isoformat()[:16] for slot in slots] == [
        "2026-12-21T04:00",
        "2026-12-22T04:00",
        "2026-12-23T04:00",
        "2026-12-24T04:00",
        "2026-12-28T04:00",
    ]
    assert nightly.slots(slots[0], slots[1]) == (slots[0],)


@pytest.mark.parametrize(
    ("calendar", "zone", "start", "end"),
    [
        ("week", "UTC", "2026-11-16T00:00+00:00", "2026-11-23T00:00+00:00"),
        ("month", "UTC", "2026-11-01T00:00+00:00", "2026-12-01T00:00+00:00"),
        ("quarter", "UTC", "2026-10-01T00:00+00:00", "2027-01-01T00:00+00:00"),
        ("year", "UTC", "2026-01-01T00:00+00:00", "2027-01-01T00:00+00:00"),
        ("week", "Asia/Kathmandu", "2026-11-16T00:00+05:45", "2026-11-23T00:00+05:45"),
        ("quarter", "Europe/Berlin", "2026-10-01T00:00+02:00", "2027-01-01T00:00+01:00"),
        ("year", "America/New_York", "2026-01-01T00:00-05:00", "2027-01-01T00:00-05:00"),
    ],
)
def test_a_window_of_the_calendar_is_the_one_that_goes_on(
    calendar: str, zone: str, start: str, end: str
) -> None:
    window = Window(calendar=calendar, timezone=zone)
    span = tuple(instant_of(datetime.fromisoformat(one)) for one in (start, end))
    noon = instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))
    for now in (noon, span[0], span[1] - 1):
        assert window.span(now) == span
    assert window.span(span[1])[0] == span[1]
    assert window.length(noon) == span[1] - span[0]
