"""What `slo explain` says of the age of data."""

from __future__ import annotations

from collections.abc import Callable

from analyticsops.cli.slo.explaining import _age
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday.fault import FaultKind
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import HOUR
from analyticsops.slo.spec.indicators import Deadline
from tests.slo.test_alerts import MART, ORDERS, fault, fresh, good, judged, made, objective

# The fixtures of a shop whose runs are rehearsed.
__all__ = ["good", "judged", "made"]


def test_a_late_source_is_what_is_late_and_a_deadline_allows_no_age(
    judged: Callable[..., Evaluation],
) -> None:
    daily = Schedule(cron="0 14 * * *", grace=HOUR)
    due = objective("morning", Deadline(scope="end_to_end"), node=MART, schedule=daily)
    late = judged(fault(FaultKind.SOURCE_MISSING, ORDERS), slos=(fresh(MART),))
    assert list(_age(late.standings[0])) == [
        "4h 17m by raw.orders (data of 2026-11-20 11:50 UTC), 3h are allowed",
        "the source had nothing newer for 4h 17m",
        "the pipeline is 0s behind the source",
        "behind what it reads: raw.orders",
    ]
    well = judged(slos=(fresh(MART), due))
    young, met = (list(_age(one)) for one in well.standings)
    assert young[-1] == "too old from 2026-11-20 18:50 UTC on, if nothing comes"
    assert met == [young[0].removesuffix(", 3h are allowed"), *young[1:-1]]
