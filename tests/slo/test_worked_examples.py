"""The worked examples of docs/slo.md, computed: what stands there is what comes out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from analyticsops.evaluating import judge
from analyticsops.slo.bounds import of_source
from analyticsops.slo.budget import GOOGLE, Timeline, budget, burning
from analyticsops.slo.calendar import Calendar
from analyticsops.slo.clocks import Build, Graph, carry, lag
from analyticsops.slo.durations import spoken
from analyticsops.slo.evaluate import Context
from analyticsops.slo.forecast import exhausted_in_rolling
from analyticsops.slo.objective import Slo, Window
from analyticsops.slo.observed import Build as Built, Observed, Run, Seen
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, Span, Spans, instant_of
from analyticsops.slo.spec.declared import Declared
from analyticsops.slo.spec.indicators import Freshness
from analyticsops.slo.spec.reading import SharedSettings
from analyticsops.slo.spec.words import Duration
from analyticsops.slo.watermark import (
    Load,
    Watermark,
    WorkingTime,
    late,
    stale_by_working_time,
)
from tests.project_maker import project, workspace

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "slo.md").read_text(encoding="utf-8")
TARGET = Fraction(99, 100)
FOUR_WEEKS = 28 * DAY


def said(words: str) -> None:
    """The page says so, however its lines are broken."""
    assert words in re.sub(r"\n>? ?", " ", PAGE), words


def at(day: int, hour: int, minute: int = 0) -> Instant:
    """November 2026 begins on a Sunday; day 2 is a Monday."""
    return instant_of(datetime(2026, 11, day, hour, minute, tzinfo=UTC))


def test_staleness_between_two_looks() -> None:
    looks = [Seen("raw", at(2, 6), at(2, 5)), Seen("raw", at(2, 12), at(2, 11, 30))]
    window = (at(2, 5), at(2, 12))
    bounds = of_source(looks)
    sure = bounds.upper.stale(4 * HOUR, window)
    perhaps = bounds.lower.stale(4 * HOUR, window)
    assert not sure
    (unknown,) = (perhaps - sure).parts
    assert unknown == (at(2, 9) + 1, at(2, 11, 30))
    said("From 09:00 to 11:30")
    assert spoken(unknown[1] - unknown[0] + 1) == "2h 30m"
    said("These 2 h 30 min are unknown.")
    again = of_source([looks[0], Seen("raw", at(2, 12), at(2, 5))])
    assert again.upper.stale(4 * HOUR, window).parts == ((at(2, 9) + 1, at(2, 12)),)
    said("09:00 to 12:00 were 3 h stale")


def test_end_to_end() -> None:
    graph = Graph(
        {"raw": [], "stg": ["raw"], "fct": ["stg"]},
        {"stg": [Build(at(2, 6), at(2, 6))], "fct": [Build(at(2, 11), at(2, 11))]},
        {"raw": Watermark.of([Load(at(2, hour), at(2, hour)) for hour in (1, 5, 9)])},
    )
    now = at(2, 12)
    clocks = carry(graph)
    assert now - clocks["fct"].at(now)[0] == 7 * HOUR
    found = lag(graph, clocks, "fct", "raw", now)
    assert (found.source, found.pipeline, found.blame) == (3 * HOUR, 4 * HOUR, "stg")
    said("it is 7 h old. The source itself has had nothing newer for 3 h")
    said("the mart is 4 h behind the source")


def test_deadlines() -> None:
    schedule = Schedule(cron="0 5 * * *", grace=2 * HOUR)
    slots = schedule.slots(at(2, 0), at(5, 0))
    reached = {at(2, 5): at(2, 9)}
    found = late(reached.get, slots, schedule.grace, (at(2, 0), at(4, 7)))
    assert found.parts == ((at(2, 7), at(2, 9)), (at(3, 7), at(4, 7)))
    said("Monday is late from 07:00 to 09:00, 2 h.")
    said("late from Tuesday 07:00 until Wednesday 07:00")


def test_events() -> None:
    final, first = 1 - Fraction(2, 28), 1 - Fraction(3, 28)
    said(f"counts 2 bad of 28, {float(final):.1%}")
    said(f"counts 3, {float(first):.1%}")
    assert first < Fraction(90, 100) < final


def timeline(bad: list[Span], now: Instant) -> Timeline:
    return Timeline(scope=Spans.one(now - 2 * FOUR_WEEKS, now + FOUR_WEEKS), bad=Spans.of(bad))


def test_budget_and_burn_rate() -> None:
    now = at(28, 0)
    burned = timeline([(now - 2 * HOUR, now)], now)
    found = budget(burned, TARGET, (now - FOUR_WEEKS, now), now)
    assert timedelta(microseconds=int(found.allowed)) == timedelta(hours=6, minutes=43, seconds=12)
    said("99% over 28 days allow 6 h 43 min 12 s.")
    assert found.used is not None
    said(f"{float(found.used):.1%} of the budget is used")
    rate = burned.measure(now - 6 * HOUR, now).burn(TARGET)
    assert rate is not None
    said(f"(2/6) / 0.01 = {float(rate):.1f}")


@pytest.mark.parametrize(
    ("mode", "begin"), [("evaluate_only", (9, 7)), ("pause_age", (9, 9))], ids=str
)
def test_calendars(mode: str, begin: tuple[int, int]) -> None:
    office = Calendar(days=frozenset(range(5)), hours=((7 * 60, 19 * 60),))
    window = (at(6, 17), at(9, 12))
    counted = office.spans((at(1, 0), at(30, 0)))
    loaded = Watermark.of([Load(at(6, 17), at(6, 17))])
    if mode == "pause_age":
        stale = stale_by_working_time(loaded, 4 * HOUR, window, WorkingTime(counted))
    else:
        stale = loaded.stale(4 * HOUR, window) & counted
    monday = stale.clip(at(9, 0), at(9, 12))
    assert monday.parts[0][0] // 10 == at(*begin) // 10
    assert at(9, 9) - at(6, 17) == 64 * HOUR
    said("On Monday at 09:00 the age is 64 h by the clock on the wall")


def test_rules_for_burn_rates() -> None:
    for rule in GOOGLE:
        assert f"| `{rule.name}` |" in PAGE
        threshold = float(rule.threshold(TARGET, FOUR_WEEKS))
        digits = 2 if threshold < 1 else 1
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{rule.name}`"))
        assert f"| {threshold:.{digits}f} |" in row, row
        assert row.endswith(f"| {'page' if rule.page else 'ticket'} |")
    low = Fraction(90, 100)
    assert GOOGLE[0].threshold(low, FOUR_WEEKS) == 9
    now = at(28, 0)
    burned = timeline([(now - 54 * MINUTE, now)], now)
    assert burning(burned, low, FOUR_WEEKS, now)[0].rule == GOOGLE[0]
    less = timeline([(now - 53 * MINUTE, now)], now)
    assert GOOGLE[0] not in [one.rule for one in burning(less, low, FOUR_WEEKS, now)]
    said("The rule fires from 9 on: 54 minutes of an hour.")


def test_forecast() -> None:
    now = at(28, 0)
    began = now - 27 * DAY - 12 * HOUR
    burned = timeline([(began, began + 6 * HOUR)], now)
    found = exhausted_in_rolling(burned, TARGET, FOUR_WEEKS, now, Fraction(1, 24))
    assert found is not None
    left = budget(burned, TARGET, (now - FOUR_WEEKS, now), now).left
    assert int(left) // MINUTE == 43
    said('"43 minutes left, 1 h a day" says that the budget ends within a day.')
    days = (found - now) / DAY
    said(f"it is used up after {days:.0f} days")


def test_breach_certain() -> None:
    made = project(
        sources={"raw.orders": {"columns": "id"}},
        models={"fct": {"sql": "select id from @raw.orders", "materialized": "table"}},
    )
    schedule = Schedule(cron="0 8 * * *")
    slo = Slo(
        name="fresh",
        subject="fct",
        node="model.shop.fct",
        indicator=Freshness(threshold=Duration(26 * HOUR), scope="end_to_end"),
        target=TARGET,
        window=Window(rolling=FOUR_WEEKS),
        schedule=schedule,
    )
    run = Run("r", at(2, 8), at(2, 8, 5), "", "ok", "build", False, 1, "", False)
    built = Built(
        node="model.shop.fct",
        run="r",
        run_at=at(2, 8),
        started=at(2, 8),
        completed=at(2, 8),
        outcome="good",
        loads=True,
        backfill=False,
        seconds=1.0,
        rows=None,
        bytes=None,
        slot_ms=None,
        checksum="",
        message="",
    )
    observed = Observed(
        span=(at(1, 0), at(3, 0)),
        runs=(run,),
        builds={"model.shop.fct": (built,)},
        seen={"source.shop.raw.orders": (Seen("source.shop.raw.orders", at(2, 8), at(2, 5)),)},
    )
    declared = Declared(slos=(slo,), invalid=(), shared=SharedSettings())
    found = judge(Context(workspace(made).project, declared, observed, at(2, 12)))
    (alert,) = (one for one in found.alerts if one.rule == "breach-certain")
    assert found.standings[0].runs_out == at(3, 7)
    assert found.standings[0].arrives == at(3, 8)
    assert "too old from 2026-11-03 07:00 UTC" in alert.what
    said("Data of 05:00, threshold 26 h: too old from 07:00 tomorrow.")
    said("The next run is due at 08:00.")
