"""What is claimed of data between measurements, against loads that are known to the second."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from analyticsops.slo.bounds import Bounds, of_builds, of_source
from analyticsops.slo.observed import Build, Check, Observed, Seen
from analyticsops.slo.recorded.timelines import ages_through, timeline
from analyticsops.slo.spans import HOUR, Spans
from analyticsops.slo.spec.words import Duration

from ..declaring import shop
from ..making import freshness_slo

END = 40
instants = st.integers(0, END)
times = st.lists(instants, max_size=8).map(sorted)


def truth(loads: list[int], now: int) -> int | None:
    """The newest data at an instant, of a table whose rows bear the time of their load."""
    return max((load for load in loads if load <= now), default=None)


def seen_of(loads: list[int], measured: list[int], scale: int = 1, node: str = "s") -> list[Seen]:
    """What `dbt source freshness` says at these instants; of an empty table nothing."""
    return [
        Seen(node, at * scale, None if (mark := truth(loads, at)) is None else mark * scale)
        for at in measured
    ]


@settings(max_examples=1_000, deadline=None)
@given(times, times, st.integers(0, 15))
def test_the_true_age_lies_between_the_bounds(
    loads: list[int], measured: list[int], threshold: int
) -> None:
    low, high = of_source(seen_of(loads, measured))
    surely, perhaps = (mark.stale(threshold, (0, END)) for mark in (high, low))
    for now in range(END):
        mark = truth(loads, now)
        stale = mark is not None and now - mark > threshold
        if now in surely:
            assert stale
        lowest = low.at(now)
        if lowest is not None:
            assert mark is not None
            assert lowest <= mark
            assert stale <= (now in perhaps)
        highest = high.at(now)
        assert highest is not None
        assert mark is None or mark <= highest


@given(times, times)
def test_at_a_measurement_nothing_is_unknown(loads: list[int], measured: list[int]) -> None:
    low, high = of_source(seen_of(loads, measured), holds=1)
    for at in measured:
        if (mark := truth(loads, at)) is not None:
            assert (low.at(at), high.at(at)) == (mark, mark)


@given(times, times)
def test_more_measurements_tell_more(loads: list[int], measured: list[int]) -> None:
    few, many = of_source(seen_of(loads, measured[::2])), of_source(seen_of(loads, measured))
    for now in range(END):
        assert _floor(few, now) <= _floor(many, now)
        assert (many.upper.at(now) or 0) <= (few.upper.at(now) or 0)


def _floor(found: Bounds, now: int) -> int:
    mark = found.lower.at(now)
    return -1 if mark is None else mark


# -- through builds ------------------------------------------------------------

STEP = 2 * HOUR
"""Longer than a measurement is taken to hold, so that it never holds for too long."""

built_at = st.lists(st.tuples(instants, st.integers(0, 3)), max_size=5)

SOURCE, TABLE = "source.shop.raw.orders", "model.shop.orders"


def build(start: int, end: int, outcome: str = "good", **more: object) -> Build:
    one = Build(
        TABLE, f"r{start}", start, start, end, outcome, True, False, 1.0, 5, None, None, "", ""
    )
    return one._replace(**more)  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(times, times, built_at, st.integers(0, 12))
def test_the_true_age_through_builds(
    loads: list[int], measured: list[int], built: list[tuple[int, int]], threshold: int
) -> None:
    """raw.orders -> stg (view) -> orders (table) -> board (exposure)."""
    builds = sorted(
        (build(at * STEP, (at + took) * STEP) for at, took in built),
        key=lambda one: one.completed or 0,
    )
    observed = Observed(
        span=(0, END * STEP),
        builds={TABLE: tuple(builds)},
        seen={SOURCE: tuple(seen_of(loads, measured, STEP, SOURCE))},
    )
    project = shop()
    for node in (TABLE, "exposure.shop.board"):
        slo = freshness_slo(node, Duration(threshold * STEP))
        ages = ages_through(project, observed, [node], gated=False)
        span = (0, END * STEP)
        line = timeline(slo, ages, Spans.one(*span), span)
        for now in range(END):
            shown = [one for one in builds if (one.completed or 0) <= now * STEP]
            if not shown:
                continue
            stale: set[bool] = set()
            for one in shown:
                if one.completed == shown[-1].completed and one.started is not None:
                    mark = truth(loads, one.started // STEP)
                    # Of an empty source nothing is old, and nothing is new either.
                    stale |= {True, False} if mark is None else {now - mark > threshold}
            if now * STEP in line.unknown:
                continue
            assert (now * STEP in line.bad) in stale, (node, now)


def check(at: int, outcome: str) -> Check:
    return Check("t", TABLE, "r", at, outcome, None)


def visible(*checks: Check, **more: object) -> tuple[list[int], list[int]]:
    """When a build of 1 to 5 was visible: surely, perhaps."""
    found = of_builds([build(1, 5, **more)], checks or None)  # type: ignore[arg-type]
    return [one.visible for one in found.lower], [one.visible for one in found.upper]


def test_a_gate_of_quality() -> None:
    assert visible() == ([5], [5])
    assert visible(check(7, "good"), check(9, "warned")) == ([9], [9])
    assert visible(check(7, "good"), check(9, "bad")) == ([], [])
    assert visible(check(3, "good")) == ([], [5])  # nobody checked after it
    assert visible(check(7, "skipped")) == ([], [5])


def test_builds_that_bring_nothing_or_perhaps_something() -> None:
    assert visible(outcome="partial") == ([], [5])
    assert visible(loads=None) == ([], [5])
    for more in ({"loads": False}, {"backfill": True}, {"outcome": "bad"}, {"outcome": "skipped"}):
        assert visible(**more) == ([], [])
