"""Tests of a node that fail are one alert of that node."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from analyticsops.evaluating import judge
from analyticsops.history.record import NodeResult
from analyticsops.slo.alert import Alert, Kind
from analyticsops.slo.evaluate import Context
from analyticsops.slo.measurements import Answer, result_of
from analyticsops.slo.objective import Window
from analyticsops.slo.observed import Check, Observed, Run
from analyticsops.slo.spans import DAY, HOUR, instant_of
from analyticsops.slo.spec.declared import Declared
from analyticsops.slo.spec.indicators import Success
from analyticsops.slo.spec.reading import SharedSettings
from tests.project_maker import project, workspace

from .making import slo

NOON = instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))
SHOP = workspace(
    project(
        models={"a": "select 1 as id, 2 as b, 3 as c, 4 as d", "other": "select 1 as id"},
        tests=["unique a.id", "unique a.b", "unique a.c", "unique a.d", "unique other.id"],
    )
).project
TESTS = sorted(name for name in SHOP.nodes if name.startswith("test.") and "other" not in name)


def alerts(*outcomes: str, verdict: str = "failed", tested: str = "model.shop.a") -> list[Alert]:
    """Of hourly runs until now; a letter of each test for each: good, bad or skipped."""
    words = {"g": "good", "b": "bad", "s": "skipped"}
    count = max(map(len, outcomes))
    starts = [NOON - (count - n) * HOUR for n in range(count)]
    checks = tuple(
        Check(test, tested, f"r{n}", at, words[letters[n]], None)
        for n, at in enumerate(starts)
        for test, letters in zip(TESTS, outcomes, strict=False)
    )
    runs = tuple(
        Run(f"r{n}", at, at + 1, "j", "failed" if n < count - 1 else verdict, "build", False, 1,
            "", False)
        for n, at in enumerate(starts)
    )  # fmt: skip
    observed = Observed(span=(NOON - 9 * DAY, NOON), runs=runs, checks={tested: checks})
    declared = Declared(slos=(), invalid=(), shared=SharedSettings())
    found = judge(Context(SHOP, declared, observed, NOON)).alerts
    return [one for one in found if one.kind is Kind.CHECKS]


def test_tests_that_fail_are_named_and_since_when() -> None:
    names = [SHOP.nodes[test].name for test in TESTS]
    (one,) = alerts("gbb", "ggg")
    assert (one.rule, one.node, one.subject) == ("checks-failing", "model.shop.a", "a")
    assert (one.what, one.since) == (f"tests of a fail: {names[0]}", NOON - 2 * HOUR)
    (two,) = alerts("gggb", "gbbb")
    assert (two.what, two.since) == (f"tests of a fail: {names[0]}, {names[1]}", NOON - 3 * HOUR)
    (four,) = alerts("b", "b", "b", "b")
    assert four.what == f"tests of a fail: {', '.join(names[:3])} and 1 more"


def test_a_test_that_was_not_judged_keeps_its_last_answer() -> None:
    (one,) = alerts("gbs")
    assert one.since == NOON - 2 * HOUR
    assert alerts("bg") == []
    assert alerts("gs") == []


def test_a_run_that_goes_on_may_try_again() -> None:
    assert alerts("gb", verdict="unknown") == []


def test_a_test_of_no_model_is_of_the_node_that_it_reads() -> None:
    (one,) = alerts("gb", tested="")
    assert one.node == "model.shop.a"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(3, 4), {"status": "fail", "failures": 1, "rows_affected": 4, "measured_at": NOON}),
        (Answer(4, 4, at=7), {"status": "pass", "failures": 0, "rows_affected": 4,
                              "measured_at": 7}),
        (Answer(digest="x", total=1, good=1), {"status": "pass", "failures": 0,
                                               "rows_affected": 1, "checksum": "x",
                                               "measured_at": NOON}),
        (Answer(error="gone"), {"status": "error", "message": "gone", "measured_at": NOON}),
    ],
)  # fmt: skip
def test_a_measurement_is_a_row_of_the_history(answer: Answer, expected: dict[str, Any]) -> None:
    objective = slo(Success(), job="nightly", window=Window(rolling=DAY))
    name = f"measurement.shop.{objective.full_name}{'@7' if answer.at else ''}"
    found = result_of(objective, "shop", answer, NOON)
    assert found == NodeResult(unique_id=name, completed_at=NOON, **expected)
