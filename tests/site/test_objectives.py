"""What is drawn of objectives says what their standings say, at every moment."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from analyticsops.project.model import Project
from analyticsops.site.model.objectives import Line, Objective
from analyticsops.site.objectives import daily, drawn, objectives_of
from analyticsops.site.runs import _changes, _Result, node_runs
from analyticsops.slo.evaluate import Context, ages_of
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday.fault import FaultKind
from analyticsops.slo.recorded.timelines import thresholds
from analyticsops.slo.spans import HOUR
from tests.slo.test_alerts import MART, NOW, ORDERS, fault, good, judged, made

# The fixtures of a shop whose runs are rehearsed.
__all__ = ["good", "judged", "made"]

Judge = Callable[..., Evaluation]


@pytest.fixture
def late(judged: Judge) -> Evaluation:
    """Six hours after a source stopped, which may be three hours old in the mart."""
    return judged(fault(FaultKind.SOURCE_MISSING, ORDERS), after=6 * HOUR)


def _at(line: Line, at: float) -> float | None:
    """A line at an instant: where it steps, what holds from then on."""
    place = bisect_right(line.at, at)
    if place == 0 or place == len(line.at):
        return line.values[min(place, len(line.at) - 1)]
    before, after = line.values[place - 1], line.values[place]
    if before is None or after is None:
        return None
    share = (at - line.at[place - 1]) / (line.at[place] - line.at[place - 1])
    return before + (after - before) * share


def _named(project: Project, evaluation: Evaluation) -> dict[str, Objective]:
    return {one.standing.objective: one for one in drawn(project, evaluation)}


def test_a_budget_ends_at_what_is_left_of_it(made: Project, late: Evaluation) -> None:
    found = _named(made, late)
    assert len(found) == 4
    for standing in late.standings:
        one = found[standing.slo.full_name]
        assert one.budget.values[0] == 1.0
        assert standing.left is not None
        assert one.budget.values[-1] == pytest.approx(float(standing.left))
        assert daily(standing)[-1] == pytest.approx(float(standing.left), abs=1e-4)
        assert all(a <= b for a, b in pairwise(one.budget.at))
        assert all(a >= b for a, b in pairwise(v for v in one.budget.values if v is not None))


def test_a_budget_is_at_every_moment_what_was_not_spent_by_then(
    made: Project, late: Evaluation
) -> None:
    for standing in late.standings:
        line = _named(made, late)[standing.slo.full_name].budget
        start, end = standing.window[0], standing.at
        for part in range(1, 200):
            at = start + (end - start) * part // 200
            spent = standing.recorded.measure(start, at).bad
            expected = float(1 - spent / standing.budget.allowed)
            assert _at(line, at / 1e6) == pytest.approx(expected, abs=1e-6)


def test_an_age_is_the_time_since_the_oldest_data_at_every_moment(
    made: Project, late: Evaluation
) -> None:
    context = Context(made, late.declared, late.observed, late.at)
    ages = ages_of(context, late.declared.slos)
    compared = 0
    for standing in late.standings:
        slo = standing.slo
        if slo.full_name not in ages:
            continue
        one = _named(made, late)[slo.full_name]
        carried = ages[slo.full_name].lower
        assert one.age is not None
        start, end = standing.window[0], standing.at
        for part in range(1, 300):
            at = start + (end - start) * part // 300
            marks = [carried[slo.node].of(source, at) for source, _ in thresholds(slo, carried)]
            oldest = min(mark for mark in marks if mark is not None)
            found = _at(one.age, at / 1e6)
            if found is not None:
                assert found == pytest.approx((at - oldest) / 1e6, abs=1.0)
                compared += 1
    assert compared > 400


def test_what_is_bad_is_where_the_age_is_above_its_threshold(
    made: Project, late: Evaluation
) -> None:
    one = _named(made, late)["mart/fresh"]
    assert one.age is not None
    assert one.threshold == 3 * 3600
    known = [span for span in one.bad if span.known]
    assert known
    for span in known:
        inside = _at(one.age, (span.start + span.end) / 2)
        assert inside is not None
        assert inside > one.threshold


def test_the_lag_adds_up_to_the_age_of_the_data(made: Project, late: Evaluation) -> None:
    one = _named(made, late)["mart/fresh"]
    assert [part.label for part in one.lag] == ["raw.orders", "stg", "mart"]
    assert one.age is not None
    assert sum(part.added for part in one.lag) == pytest.approx(one.age.values[-1], abs=1.0)
    assert max(one.lag, key=lambda part: part.added).label == "raw.orders"


def test_loads_failures_and_releases_are_marked(made: Project, judged: Judge) -> None:
    evaluation = judged(fault(FaultKind.NODE_FAILS, MART), after=6 * HOUR)
    kinds = {event.kind for event in _named(made, evaluation)["mart/fresh"].events}
    assert {"load", "failed"} <= kinds
    job = _named(made, evaluation)["hourly/success"]
    assert {event.kind for event in job.events} <= {"event", "release", "unknown"}
    assert sum(event.bad for event in job.events) == job.standing.bad


def test_the_worst_stands_first_and_chunks_have_the_same_order(
    made: Project, late: Evaluation
) -> None:
    listed = objectives_of(late, None).standings
    assert [one.objective for one in listed] == [
        one.standing.objective for one in drawn(made, late)
    ]
    assert listed[0].objective == "mart/fresh"


# -- runs ----------------------------------------------------------------------


def test_runs_of_a_node_are_those_that_were_observed(judged: Judge) -> None:
    evaluation = judged(fault(FaultKind.NODE_FAILS, MART), after=6 * HOUR)
    runs = node_runs(evaluation.observed)[MART]
    build: Any = next(one for one in runs if one.kind == "build")
    observed = evaluation.observed.builds[MART]
    outcomes = [build.words[place] for place in build.outcomes]
    assert outcomes == [one.outcome for one in observed]
    assert "bad" in outcomes
    assert build.messages[outcomes.index("bad")]
    assert list(build.at) == sorted(build.at)
    assert build.at[-1] <= (NOW + 6 * HOUR) // 1_000_000 + 600


def test_a_changed_file_is_marked_at_its_first_run() -> None:
    files = ["a", "a", "b", "", "b", "", "c"]  # dbt's log alone does not know the file
    results = [_Result(at, "good", "", definition=file) for at, file in enumerate(files)]
    assert list(_changes(results)) == [2, 6]
