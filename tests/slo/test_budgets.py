"""Budgets, burn rates, tallies and what is shown of them, by worked examples."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from analyticsops.slo.budget import (
    FOUR_TIMES,
    GOOGLE,
    Budget,
    Burning,
    BurnRule,
    Measured,
    Missing,
    Timeline,
    budget,
    burning,
)
from analyticsops.slo.burndown import burn_down, burned_by_parts
from analyticsops.slo.forecast import chance_of_exhaustion
from analyticsops.slo.objective import Window
from analyticsops.slo.observed import Deployed
from analyticsops.slo.spans import DAY, HOUR, Spans, instant_of
from analyticsops.slo.spec.indicators import Freshness, Success
from analyticsops.slo.spec.words import Duration
from analyticsops.slo.standing import Standing, stand, worst_first
from analyticsops.slo.tally import Event, Tally

from .making import slo

NINETY = Fraction(9, 10)
SCOPE = Spans.one(0, 1000)
NOON = instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))


# -- measuring -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "counted", "bad", "unknown"),
    [(Missing.BAD, 100, 40, 0), (Missing.UNKNOWN, 80, 20, 20), (Missing.EXCLUDE, 80, 20, 0)],
)
def test_what_is_unknown_counts_as_the_objective_says(
    missing: Missing, counted: int, bad: int, unknown: int
) -> None:
    known = Timeline(
        scope=Spans.of([(0, 50), (60, 110)]),
        bad=Spans.of([(10, 35), (55, 60)]),  # of which 30 to 35 nobody knows for sure
        unknown=Spans.of([(30, 60), (200, 300)]),
        missing=missing,
    )
    assert known.measure(0, 300) == Measured(counted, bad, unknown)
    part = known.measure(20, 40)  # 20 to 30 is bad, and 30 to 40 unknown
    assert (
        part
        == {
            Missing.BAD: Measured(20, 20),
            Missing.UNKNOWN: Measured(10, 10, 10),
            Missing.EXCLUDE: Measured(10, 10),
        }[missing]
    )


def test_shares_of_what_counted() -> None:
    assert Measured(10, 3).sli == Fraction(7, 10)
    assert Measured(10, 0).sli == 1
    assert Measured(0, 0, 5).sli is None
    assert Measured(10, 3).burn(NINETY) == 3
    assert Measured(0, 0).burn(NINETY) is None
    assert Measured(10, 3).burn(Fraction(1)) is None  # nothing may be bad: there is no rate
    assert Budget(Fraction(10), 4).left == 6
    assert Budget(Fraction(10), 14).left == -4
    assert Budget(Fraction(10), 14).used == Fraction(7, 5)
    assert Budget(Fraction(0), 4).used is None


def test_the_budget_of_a_calendar_window_is_known_from_its_beginning() -> None:
    known = Timeline(scope=SCOPE, bad=Spans.of([(0, 5), (40, 50), (70, 80)]))
    assert budget(known, NINETY, (10, 110), 60) == Budget(Fraction(10), 10)
    assert budget(known, NINETY, (10, 110), 75) == Budget(Fraction(10), 15)
    assert budget(known, NINETY, (10, 60), 90) == Budget(Fraction(5), 10)  # a window that is over
    assert budget(known, NINETY, (10, 60), 4) == Budget(Fraction(5), 0)  # one that is to come
    gap = Timeline(scope=Spans.of([(0, 50), (100, 110)]), bad=Spans())
    assert budget(gap, NINETY, (0, 110), 50).allowed == 6


# -- burning -------------------------------------------------------------------


def test_thresholds_of_burn_rates() -> None:
    assert [float(rule.threshold(Fraction(999, 1000), 30 * DAY)) for rule in GOOGLE] == [
        14.4,
        6,
        3,
        1,
    ]
    (four,) = FOUR_TIMES
    assert four.threshold(Fraction(99, 100), 28 * DAY) == 4
    assert four.threshold(Fraction(1, 2), 28 * DAY) == Fraction(9, 5)  # at most 2 can be reached


def test_a_rule_fires_when_both_times_burn() -> None:
    rule = BurnRule("r", Fraction(0), 60, 10, page=True, rate=Fraction(5))

    def fires(*bad: tuple[int, int]) -> bool:
        found = burning(
            Timeline(scope=SCOPE, bad=Spans.of(bad)), NINETY, 1000, 100, (rule,)
        )  # fmt: skip
        assert not found or found[0].threshold == 5
        return bool(found)

    assert fires((70, 100))  # 30 of 60: exactly five times a tenth
    assert not fires((71, 100))
    assert fires((45, 75), (95, 100))
    assert not fires((45, 75), (96, 100))  # it is nearly over
    assert not fires((90, 100))  # it has only begun
    (one,) = burning(Timeline(scope=SCOPE, bad=Spans.one(40, 100)), NINETY, 1000, 100, (rule,))
    assert one == Burning(rule, Fraction(10), Fraction(5))
    # What nobody knows for the short time does not fire.
    gone = Timeline(scope=Spans.one(0, 90), bad=Spans.one(0, 90))
    assert burning(gone, NINETY, 1000, 100, (rule,)) == ()
    young = Timeline(scope=Spans.one(95, 200), bad=Spans.one(95, 200))
    assert len(burning(young, NINETY, 1000, 100, (rule,))) == 1


# -- events --------------------------------------------------------------------

EVENTS = (Event(1, 4, 1), Event(5, 10, 0, unknown=True), Event(9, 2, 2, why="b"))


@pytest.mark.parametrize(
    ("missing", "measured", "counted"),
    [
        (Missing.BAD, (16, 13, 0), [(1, 4, 1), (5, 10, 10), (9, 2, 2)]),
        (Missing.UNKNOWN, (6, 3, 10), [(1, 4, 1), (9, 2, 2)]),
        (Missing.EXCLUDE, (6, 3, 0), [(1, 4, 1), (9, 2, 2)]),
    ],
)
def test_events_are_measured_as_time_is(
    missing: Missing, measured: tuple[int, ...], counted: list[tuple[int, int, int]]
) -> None:
    found = Tally.of(EVENTS[::-1], Spans.one(0, 20), missing)
    assert found.measure(0, 20) == measured
    assert found.counted(0, 20) == counted
    assert found.measure(2, 5) == (0, 0, 0)
    assert found.between(1, 9) == EVENTS[:2]
    assert Tally.of(EVENTS, Spans.one(2, 9), missing).events == EVENTS[1:2]


def test_events_to_come() -> None:
    planned = Tally.of((), SCOPE, Missing.BAD, coming=[10, 20, 30], rate=7.0)
    assert [planned.expected(*span) for span in ((0, 40), (10, 30), (11, 20), (40, 50))] == [
        3,
        2,
        0,
        0,
    ]
    usual = Tally.of((), SCOPE, Missing.BAD, rate=0.5)
    assert (usual.expected(10, 20), usual.expected(20, 10)) == (5, 0)
    assert Tally.of((), SCOPE, Missing.BAD).expected(0, 10) == 0
    assert Tally(events=()).expected(0, 10) == 0


def test_the_chance_that_a_budget_is_used_up() -> None:
    assert chance_of_exhaustion(10, 2, -1, 5) == 1
    assert chance_of_exhaustion(10, 2, 5, 5) == 0
    assert chance_of_exhaustion(10, 10, 0, 0) == 0
    # Of one event to come the probability is that of Jeffreys' posterior: (bad + 1/2) / (n + 1).
    assert chance_of_exhaustion(10, 2, 0, 1) == pytest.approx(2.5 / 11)
    # Of two, that at least one is bad: 1 - (8.5 / 11) * (9.5 / 12).
    assert chance_of_exhaustion(10, 2, 0, 2) == pytest.approx(1 - 8.5 / 11 * 9.5 / 12)
    assert chance_of_exhaustion(10, 2, 1, 2) == pytest.approx(2.5 / 11 * 3.5 / 12)


# -- how it was used -----------------------------------------------------------


def _fresh(bad: Spans, **more: object) -> Standing:
    indicator = Freshness(threshold=Duration(HOUR), scope="own")
    objective = slo(indicator, node="source.s.raw.a", window=Window(rolling=10 * DAY), **more)
    return stand(objective, Timeline(scope=Spans.one(0, 2 * NOON), bad=bad), NOON)


def test_a_burn_down() -> None:
    midnight = NOON - 12 * HOUR
    bad = Spans.of(
        [
            (midnight - 5 * DAY - HOUR, midnight - 5 * DAY + HOUR),
            (midnight - 12 * DAY, midnight - 11 * DAY),  # out of the window
            (NOON - 3 * HOUR, NOON - HOUR),
        ]
    )
    released = [
        Deployed(at=at, git_sha=sha)
        for at, sha in ((midnight - 3 * DAY, "aaa"), (midnight - DAY - 1, "bbb"), (NOON, "ccc"))
    ]
    found = burn_down(_fresh(bad), released)
    assert found.objective == "source.s.raw.a/freshness"
    allowed = 24 * HOUR  # a tenth of ten days
    assert [
        (one.day, one.spent, one.left, one.because, one.releases) for one in found.days
    ] == [
        (date(2026, 11, 14), HOUR, 1 - Fraction(HOUR, allowed), ("23:00-00:00 (1h)",), ()),
        (date(2026, 11, 15), HOUR, 1 - Fraction(2 * HOUR, allowed), ("00:00-01:00 (1h)",), ()),
        (date(2026, 11, 17), 0, 1 - Fraction(2 * HOUR, allowed), (), ("aaa",)),
        (date(2026, 11, 18), 0, 1 - Fraction(2 * HOUR, allowed), (), ("bbb",)),
        (date(2026, 11, 20), 2 * HOUR, 1 - Fraction(4 * HOUR, allowed), ("09:00-11:00 (2h)",), ()),
    ]  # fmt: skip


def test_a_burn_down_of_events_names_each_reason_once() -> None:
    events = [
        Event(NOON - HOUR, 1, 1, why="run b failed"),
        Event(NOON - 2 * HOUR, 1, 1, why="run a failed"),
        Event(NOON - 3 * HOUR, 1, 1, why="run b failed"),
        Event(NOON - 4 * HOUR, why="fine"),
    ]
    objective = slo(Success(), job="nightly", target=Fraction(1))
    recorded = Tally.of(events, Spans.one(0, 2 * NOON), Missing.UNKNOWN)
    (day,) = burn_down(stand(objective, recorded, NOON), ()).days
    assert (day.spent, day.left) == (3, None)  # of 100% there is no budget
    assert day.because == ("run b failed", "run a failed")


def test_parts_of_a_window() -> None:
    bad = Spans.of([(NOON - 9 * DAY, NOON - 8 * DAY)])
    (first, last) = burned_by_parts(_fresh(bad), 2)
    assert first == Measured(5 * DAY, DAY)
    assert last == Measured(5 * DAY, 0)
    month = slo(Success(), job="x", window=Window(calendar="month"))
    recorded = Tally.of([Event(NOON - HOUR)], Spans.one(0, 2 * NOON), Missing.UNKNOWN)
    assert burned_by_parts(stand(month, recorded, NOON), 3) == (
        Measured(0, 0),
        Measured(1, 0),
        None,
    )


def test_the_worst_first() -> None:
    def named(name: str, bad: Spans, tier: str = "standard") -> Standing:
        return _fresh(bad, name=name, tier=tier)

    now, before = Spans.one(NOON - HOUR, NOON), Spans.one(NOON - 4 * HOUR, NOON - 2 * HOUR)
    listed = [
        named("met", Spans()),
        named("half", Spans.one(NOON - 9 * DAY, NOON - 9 * DAY + 12 * HOUR)),
        named("critical", Spans(), "critical"),
        named("late", now, "critical"),
        named("later", before | now, "critical"),
        named("over", Spans.one(NOON - 9 * DAY, NOON - 7 * DAY)),
        named("also", Spans()),
    ]
    assert [one.slo.name for one in worst_first(listed)] == [
        "over",
        "later",
        "late",
        "critical",
        "half",
        "also",
        "met",
    ]
