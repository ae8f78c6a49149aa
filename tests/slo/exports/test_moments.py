"""When data will no longer do: the instant at which the exact evaluation finds it bad, if nothing
comes."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings, strategies as st
from msgspec.structs import replace

from analyticsops.slo.budget import Missing, Timeline
from analyticsops.slo.calendar import Calendar
from analyticsops.slo.clocks import Lag
from analyticsops.slo.exports.moments import counts, expires, in_a_row
from analyticsops.slo.objective import Slo
from analyticsops.slo.recorded.timelines import Oldest
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Spans
from analyticsops.slo.spec.indicators import Deadline, Success
from analyticsops.slo.standing import Standing, stand
from analyticsops.slo.watermark import (
    Load,
    Watermark,
    WorkingTime,
    late,
    stale_by_working_time,
)
from tests.slo.exports.making import NOW, SOURCE, counted, loaded, slo

AHEAD = (NOW, NOW + 60 * DAY)


def standing(promised: Slo, data: int, threshold: int) -> Standing:
    """Good now, with data of a time."""
    line = Timeline(scope=Spans.of([(NOW - DAY, NOW)]), bad=Spans())
    oldest = Oldest(SOURCE, data, threshold, Lag(0, 0, SOURCE))
    return replace(stand(promised, line, NOW), oldest=oldest)


@given(
    ago=st.integers(0, 3 * DAY),
    grace=st.integers(0, 6 * HOUR),
    cron=st.sampled_from(["0 5 * * *", "*/20 * * * *", "30 2 * * 1-5", "0 0 1 * *"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin"]),
)
@settings(max_examples=50, deadline=None)
def test_a_deadline(ago: int, grace: int, cron: str, zone: str) -> None:
    data = NOW - ago
    schedule = Schedule(cron=cron, timezone=zone, grace=grace)
    mark = Watermark.of([Load(data, data)])
    bad = late(mark.reached, schedule.slots(data - 40 * DAY, AHEAD[1]), grace, AHEAD)
    promised = slo(indicator=Deadline(scope="end_to_end"), schedule=schedule)
    found = expires(standing(promised, data, 0))
    assert found is not None
    first = next(iter(bad))[0]
    assert max(found, NOW) == first


@given(
    ago=st.integers(0, 6 * DAY),
    threshold=st.integers(MINUTE, 30 * HOUR),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    hours=st.sampled_from([((420, 1_140),), ((0, 360), (1_320, 1_440)), ((0, 1_440),)]),
    zone=st.sampled_from(["UTC", "America/St_Johns"]),
)
@settings(max_examples=50, deadline=None)
def test_a_clock_that_pauses(
    ago: int,
    threshold: int,
    days: frozenset[int],
    hours: tuple[tuple[int, int], ...],
    zone: str,
) -> None:
    data = NOW - ago
    calendar = Calendar(timezone=zone, days=days, hours=hours)
    clock = WorkingTime(calendar.spans((data, AHEAD[1])))
    mark = Watermark.of([Load(data, data)])
    bad = stale_by_working_time(mark, threshold, AHEAD, clock)
    found = expires(standing(slo(calendar=calendar, pauses_age=True), data, threshold))
    assert found is not None
    # Data of exactly the greatest age is fresh: it is bad from the next microsecond on.
    assert max(found + 1, NOW) == next(iter(bad))[0]


def test_what_is_bad_has_expired_and_what_is_unknown_has_not() -> None:
    promised = slo()
    assert expires(loaded(promised, NOW - 5 * HOUR, NOW)) == NOW - 3 * HOUR
    for missing, wanted in ((Missing.BAD, NOW - HOUR), (Missing.UNKNOWN, None)):
        line = Timeline(
            scope=Spans.of([(NOW - DAY, NOW)]),
            bad=Spans(),
            unknown=Spans.of([(NOW - HOUR, NOW)]),
            missing=missing,
        )
        asked = replace(promised, missing=missing)
        assert expires(stand(asked, line, NOW)) == wanted


def test_planned_work_does_not_count() -> None:
    for scope, wanted in (([(NOW - DAY, NOW)], True), ([(NOW - DAY, NOW - HOUR)], False)):
        line = Timeline(scope=Spans.of(scope), bad=Spans())
        assert counts(stand(slo(), line, NOW)) is wanted


def test_outside_of_the_calendar_an_event_does_not_count() -> None:
    """NOW is a Friday at 8:00 UTC."""
    runs = slo(name="runs", indicator=Success())
    assert counts(counted(runs, [True], NOW))
    for hours, wanted in (((480, 1_140), True), ((0, 480), False), ((481, 1_140), False)):
        found = replace(runs, calendar=Calendar(hours=(hours,)))
        assert counts(counted(found, [True], NOW)) is wanted


def test_a_deadline_that_never_comes_never_expires() -> None:
    promised = slo(indicator=Deadline(scope="end_to_end"), schedule=Schedule(cron="0 0 30 2 *"))
    assert expires(standing(promised, NOW - HOUR, 0)) is None
    assert expires(standing(replace(promised, schedule=None), NOW - HOUR, 0)) is None


def test_misses_in_a_row() -> None:
    runs = slo(name="runs", indicator=Success(), target=Fraction(9, 10))
    for goods, wanted in (([], 0), ([True], 0), ([False, True, False, False], 2)):
        found = counted(runs, goods, NOW)
        assert in_a_row(found) == wanted
        assert expires(found) is None
