"""What a history of a small shop lets one promise, in full. It stands in
tests/cases/slo/proposed.txt: ``days`` of a job by ``cron``, of which a source loads ``every`` so
often, and a fault. After a wanted change:

    GOLDEN=write python -m pytest tests/slo/test_proposed.py
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction

import msgspec
import pytest

from analyticsops.slo.durations import duration, microseconds
from analyticsops.slo.gameday.choosing import named
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE, instant_of
from analyticsops.slo.suggest import (
    Proposal,
    at_quantile,
    inferred,
    propose,
    rounded,
    target_of,
)
from tests.project_maker import project, workspace
from tests.slo.cases import CASES, Case, check, read_cases

FILE = CASES / "proposed.txt"
NOON = instant_of(datetime(2026, 11, 20, 12, tzinfo=UTC))
SHOP = workspace(
    project(
        sources={"raw.orders": {"columns": "id"}, "raw.rates": {"columns": "id"}},
        seeds={"colours": "id"},
        models={
            "stg": {"sql": "select id from @raw.orders", "materialized": "table"},
            "mart": {"sql": "select id from @stg", "materialized": "table"},
            "shades": {"sql": "select id from @colours", "materialized": "table"},
        },
        tests=["unique mart.id", "not_null stg.id"],
    )
).project


def said(case: Case) -> Iterator[str]:
    """A line for each proposal, and why."""
    given = dict(line.split(": ", 1) for line in case.given.splitlines())
    start = NOON - round(float(given["days"]) * DAY)
    every = duration(given.get("every", "10m"))
    assert every is not None
    how = Rehearsal(
        job=given.get("job", "nightly"),
        schedule=Schedule(cron=given["cron"]),
        loads=microseconds(every),
    )
    observed = rehearse(SHOP, (start, NOON), how)
    if "fault" in given:
        fault = named(SHOP, observed, given["fault"], NOON - 3 * DAY)
        observed = inject(SHOP, observed, msgspec.structs.replace(fault, by=5 * HOUR))
    if "failed looks" in given:
        seen = observed.seen["source.shop.raw.orders"]
        count = int(given["failed looks"])
        failed = tuple(one._replace(newest=None) for one in seen[:count])
        listed = {**observed.seen, "source.shop.raw.orders": (*failed, *seen[count:])}
        observed = msgspec.structs.replace(observed, seen=listed)
    for one in propose(SHOP, observed, Fraction(given.get("quantile", "0.99"))):
        if isinstance(one, Proposal):
            yield f"{one.subject}: {json.dumps(one.entry)}"
            yield f"  {one.because}"
        else:
            yield f"nothing for {one.subject}: {one.because}"


@pytest.mark.parametrize("case", read_cases(FILE), ids=lambda case: case.name)
def test_case(case: Case) -> None:
    check(FILE, case, said(case))


@pytest.mark.parametrize(
    ("numbers", "share", "found"),
    [
        ([5], "0.99", 5),
        ([1, 2, 3, 4], "0.5", 2),
        ([4, 3, 2, 1], "0.51", 3),
        (range(1, 101), "0.99", 99),
        (range(1, 101), "0.991", 100),
        ([1, 2], "0", 1),
        ([1, 2], "1", 2),
    ],
)
def test_a_quantile_is_the_least_number_that_so_many_do_not_exceed(
    numbers: list[int], share: str, found: int
) -> None:
    assert at_quantile(numbers, Fraction(share)) == found


@pytest.mark.parametrize(
    ("length", "found"),
    [
        (1, 5 * MINUTE),
        (250 * 1_000_000, 5 * MINUTE),
        (251 * 1_000_000, 10 * MINUTE),
        (35 * DAY, 42 * DAY),
        (29 * DAY, 35 * DAY),
        (36 * DAY, 44 * DAY),
    ],
)
def test_a_threshold_is_a_fifth_more_at_least(length: int, found: int) -> None:
    assert rounded(length) == found


def test_a_target_is_the_highest_that_was_kept() -> None:
    kept = [Fraction(one, 1000) for one in (1000, 999, 998, 995, 990, 970, 950, 949, 900, 899)]
    found = [target_of(one) for one in kept]
    assert [None if one is None else int(one * 1000) for one in found] == [
        *(999, 999, 995, 995, 990, 970, 950, 900, 900, None)
    ]


def starts(*minutes: int) -> list[int]:
    """Starts after a Monday at midnight."""
    monday = instant_of(datetime(2026, 11, 2, tzinfo=UTC))
    return [monday + one * MINUTE for one in minutes]


def days(count: int, *hours: int, skip: frozenset[int] = frozenset(), at: int = 0) -> list[int]:
    """Starts at some hours of each day, but for some days of the week."""
    return starts(
        *(n * 1440 + h * 60 + at for n in range(count) for h in hours if n % 7 not in skip)
    )


@pytest.mark.parametrize(
    ("times", "cron"),
    [
        (days(14, 5, at=30), "30 5 * * *"),
        (days(14, 17, 5), "0 5,17 * * *"),
        (days(14, 1, 5, 9, 13, 17, 21), "0 1,5,9,13,17,21 * * *"),
        (days(14, 1, 4, 7, 10, 13, 16, 19), None),
        (days(28, 5, skip=frozenset({5, 6})), "0 5 * * 1-5"),
        (days(28, 5, skip=frozenset({0, 1, 3, 4, 5})), "0 5 * * 0,3"),
        (days(28, 5, skip=frozenset(range(6))), "0 5 * * 0"),
        (days(10, 5, skip=frozenset({5, 6})), "0 5 * * *"),
        ([*days(18, 5), *days(20, 5, at=1)[18:]], "0 5 * * *"),
        ([*days(17, 5), *days(20, 5, at=1)[17:]], None),
        ([*days(19, 5), *starts(20 * 1440)], "0 0,5 * * *"),
        ([*days(20, 5), *starts(21 * 1440)], "0 5 * * *"),
        (starts(*range(0, 600, 60)), "0 * * * *"),
        (starts(*range(0, 1140, 60), 1260), "0 * * * *"),
    ],
    ids=str,
)
def test_a_schedule_is_what_nine_of_ten_starts_look_like(
    times: list[int], cron: str | None
) -> None:
    assert inferred(times) == cron
