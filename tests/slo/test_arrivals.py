"""When the next data is expected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from analyticsops.slo.arrivals import (
    Arrival,
    arrivals_of,
    job_schedules,
    next_arrival,
    usual_next,
    usual_time,
)
from analyticsops.slo.observed import Build, Observed, Run, Seen
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, instant_of
from analyticsops.slo.spec.indicators import Success
from analyticsops.slo.spec.words import Duration
from tests.project_maker import project, workspace

from .making import freshness_slo, slo

MIDNIGHT = instant_of(datetime(2026, 11, 20, tzinfo=UTC))
NIGHTLY = Schedule(cron="0 5 * * *", grace=HOUR)
MODEL = "model.shop.orders"
SOURCE = "source.shop.raw.orders"
LENGTH = Duration(4 * HOUR)


def build(at: Instant, took: int | None = 10 * MINUTE, outcome: str = "good") -> Build:
    done = None if took is None else at + took
    return Build(MODEL, f"r{at}", at, at, done, outcome, True, False, 1.0, 1, None, None, "", "")


def hourly(count: int, **more: Any) -> tuple[Build, ...]:
    return tuple(build(MIDNIGHT + n * HOUR, **more) for n in range(count))


def test_the_usual_time_is_that_of_95_of_100_builds() -> None:
    builds = [build(n, took=n) for n in range(1, 21)]
    assert usual_time(builds) == 20
    assert usual_time([*builds, build(21, took=21)]) == 20
    assert usual_time(builds[:1]) == 1
    assert usual_time([]) == 0
    bad = [build(1, took=90, outcome="bad"), build(2, took=None), build(3, took=5)]
    assert usual_time(bad) == 5
    # Only the last fifty say what is usual.
    assert usual_time([build(n, took=99) for n in range(50)] + [build(9, took=3)] * 50) == 3
    assert usual_time([build(n, took=99) for n in range(50)] + [build(9, took=3)] * 49) == 3
    assert usual_time([build(n, took=99) for n in range(50)] + [build(9, took=3)] * 47) == 99


def test_what_is_usual_needs_five_times_between() -> None:
    assert usual_next([0, 10, 20, 30, 40], 7) is None
    assert usual_next([0, 10, 20, 30, 40, 50], 7) == 67
    assert usual_next([0, 10, 20, 30, 40, 90], 0) == 100  # the median, not the mean
    assert usual_next([], 7) is None
    assert usual_next([n * 1000 for n in range(50)] + [49_000 + n for n in range(1, 51)], 0) == (
        49_051
    )


def test_the_first_slot_that_was_not_served() -> None:
    now = MIDNIGHT + 12 * HOUR
    assert next_arrival(NIGHTLY, (), now) == MIDNIGHT + DAY + 5 * HOUR
    yesterday = build(MIDNIGHT - DAY + 5 * HOUR)
    assert next_arrival(NIGHTLY, (yesterday,), now) == MIDNIGHT + 5 * HOUR + 10 * MINUTE
    failed = build(MIDNIGHT + 5 * HOUR, outcome="bad")
    assert next_arrival(NIGHTLY, (yesterday, failed), now) == MIDNIGHT + 5 * HOUR + 10 * MINUTE
    warned = build(MIDNIGHT + 5 * HOUR, outcome="warned")
    assert next_arrival(NIGHTLY, (yesterday, warned), now) == (
        MIDNIGHT + DAY + 5 * HOUR + 10 * MINUTE
    )
    assert next_arrival(Schedule(cron="0 5 30 2 *"), (), now) is None


def test_schedules_of_jobs() -> None:
    about_job = slo(Success(), job="nightly", schedule=NIGHTLY)
    without = slo(Success(), job="other")
    about_node = freshness_slo(MODEL, LENGTH, schedule=NIGHTLY)
    assert job_schedules([without, about_node, about_job]) == {"nightly": NIGHTLY}


def test_by_schedule_by_job_and_by_what_is_usual() -> None:
    made = workspace(
        project(
            sources={"raw.orders": {"columns": "id"}},
            models={"orders": {"sql": "select id from @raw.orders", "materialized": "table"}},
            exposures={"board": "orders"},
        )
    ).project
    now = MIDNIGHT + 12 * HOUR
    builds = hourly(12)
    seen = tuple(
        Seen(SOURCE, MIDNIGHT + n * HOUR, MIDNIGHT + n * HOUR - 20 * MINUTE) for n in range(8)
    )
    runs = tuple(
        Run(b.run, b.run_at, b.completed, "nightly", "ok", "build", False, 1, "", False)
        for b in builds
    )
    board, orders, source = (
        freshness_slo(node, LENGTH, subject=node) for node in ("exposure.shop.board", MODEL, SOURCE)
    )
    gone = freshness_slo("model.shop.gone", LENGTH, subject="gone")
    nightly = slo(Success(), job="nightly", schedule=NIGHTLY)
    listed = (gone, board, orders, source)
    known = Observed(
        span=(MIDNIGHT, now),
        builds={MODEL: builds},
        seen={SOURCE: (*seen, Seen(SOURCE, now, None))},
        runs=runs,
    )
    usual = {
        board.full_name: Arrival(MIDNIGHT + 12 * HOUR + 10 * MINUTE, scheduled=False),
        orders.full_name: Arrival(MIDNIGHT + 12 * HOUR + 10 * MINUTE, scheduled=False),
        source.full_name: Arrival(MIDNIGHT + 7 * HOUR + 40 * MINUTE, scheduled=False),
    }
    assert arrivals_of(made, listed, known, now) == usual
    by_job = Arrival(MIDNIGHT + DAY + 5 * HOUR + 10 * MINUTE, scheduled=True)
    assert arrivals_of(made, (*listed, nightly), known, now) == {
        **usual,
        orders.full_name: by_job,
    }
    own = freshness_slo(SOURCE, LENGTH, subject=SOURCE, schedule=NIGHTLY)
    assert arrivals_of(made, (own,), known, now) == {
        own.full_name: Arrival(MIDNIGHT + DAY + 5 * HOUR, scheduled=True)
    }
    assert arrivals_of(made, listed, Observed(span=(MIDNIGHT, now)), now) == {}
