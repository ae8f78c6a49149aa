"""Events of each kind of objective in words: when, in which run, what and why; and which come."""

from __future__ import annotations

from typing import Any

from analyticsops.slo.budget import Missing
from analyticsops.slo.observed import Check, Deployed, Measurement
from analyticsops.slo.recorded.asked import Opened
from analyticsops.slo.spans import DAY, HOUR, MINUTE, time_of
from analyticsops.slo.spec.entries import PricesEntry
from analyticsops.slo.spec.indicators import (
    AlertLatency,
    Cost,
    CustomSql,
    DeploymentFrequency,
    LineageCoverage,
    NullRate,
    Quality,
    RunDuration,
    SchemaStability,
    Success,
    Volume,
)
from analyticsops.slo.spec.words import Duration, Share

from ..making import slo
from .making import (
    MONDAY,
    NIGHTLY,
    NODE,
    NOW,
    build,
    chained,
    due,
    judged,
    run,
    taken,
    told,
)

# -- in words ------------------------------------------------------------------


def test_what_is_said_of_runs() -> None:
    chains = chained(
        [run("a", due(0))],
        [run("b", due(1), "failed"), run("b2", due(1) + 2 * HOUR)],
        [run("c", due(2), "failed"), run("c2", due(2) + 2 * HOUR, "crashed")],
        [run("d", due(3), "interrupted")],
        [run("e", due(4), "unknown")],
    )
    assert told(slo(Success(), job="nightly"), due(7), **chains) == [
        "Mon 06:00 a good",
        "Tue 08:00 b2 good",
        "Wed 07:00 c2 1/1 bad (run crashed)",
        "Thu 05:00 d 1/1 bad (run interrupted)",
        "Fri 05:00 e unknown (run unknown)",
    ]
    missed = slo(Success(), job="nightly", schedule=NIGHTLY, missing=Missing.BAD)
    assert told(missed, due(2), **chained([run("a", due(0))])) == [
        "Mon 06:00 a good",
        "Tue 07:00 1/1 bad (no run)",
    ]
    assert told(slo(Success(), job="nightly", schedule=NIGHTLY), due(2), **chains)[2:] == []
    nobody = slo(Success(), job="nightly", schedule=NIGHTLY)
    assert told(nobody, due(2), **chained([run("a", due(0))]))[1:] == ["Tue 07:00 unknown (no run)"]
    # A run that ended before its slot, because it began too early, is told at the slot.
    early = chained([run("a", due(0) - 30_000_000, took=1_000_000)])
    assert told(nobody, due(1), **early) == ["Mon 05:00 a good"]


def test_what_is_said_of_a_job_of_several_commands() -> None:
    def verdicts(built: str, tested: str) -> list[str]:
        runs = [run("b", due(0), built, MINUTE), run("t", due(0) + HOUR, tested, command="test")]
        objective = slo(Success(), job="nightly", schedule=NIGHTLY)
        return told(objective, due(2), **chained(*([one] for one in runs)))[:1]

    assert verdicts("ok", "ok") == ["Mon 07:00 b good"]
    assert verdicts("failed", "ok") == ["Mon 07:00 b 1/1 bad (run failed)"]
    assert verdicts("ok", "failed") == ["Mon 07:00 t 1/1 bad (run failed)"]
    assert verdicts("ok", "unknown") == ["Mon 06:00 t unknown (run unknown)"]
    assert verdicts("unknown", "failed") == ["Mon 07:00 t 1/1 bad (run failed)"]


def test_what_is_said_of_builds() -> None:
    builds = (
        build("a", due(0)),
        build("b", due(1), "bad", message="Division by zero"),
        build("c", due(2), "warned", message="2 rows"),
        build("d", due(3), "none", message="skipped it"),
        build("e", due(4), "unknown", message="lost"),
    )
    assert told(slo(Success(), node=NODE), builds={NODE: builds}) == [
        "Mon 05:01 a good",
        "Tue 05:01 b 1/1 bad (Division by zero)",
        "Wed 05:01 c good (2 rows)",
        "Thu 05:01 d good",
        "Fri 05:01 e unknown (lost)",
    ]
    going = run("f", due(9), "unknown")
    on = {"builds": {NODE: (build("f", due(9), "bad"),)}, "runs": (going,)}
    assert told(slo(Success(), node=NODE), due(9) + HOUR, **on) == []


def test_what_is_said_of_lengths_rows_and_costs() -> None:
    short = RunDuration(threshold=Duration(MINUTE))
    runs = (
        run("a", due(0), took=MINUTE),
        run("b", due(1), took=HOUR + MINUTE),
        run("c", due(2), elapsed=None),
        run("d", due(3), job="other"),
        run("e", due(4), "failed"),
    )
    assert told(slo(short, job="nightly"), runs=runs) == [
        "Mon 05:01 a good",
        "Tue 06:01 b 1/1 bad (took 1h 1m)",
        "Wed 06:00 c unknown (it is not known how long it took)",
    ]
    assert len(told(slo(short, subject="project"), runs=runs)) == 4
    builds = {
        NODE: (
            build("a", due(0), seconds=90.5, rows=12_345, bytes=10**12),
            build("b", due(1), "partial", seconds=None, rows=None),
            build("c", due(2), "bad"),
            build("d", due(3), seconds=60.0, rows=0),
            build("e", due(4), seconds=None, bytes=5 * 10**11),
        )
    }
    assert told(slo(short, node=NODE), builds=builds)[:3] == [
        "Mon 05:01 a 1/1 bad (took 1m 30s)",
        "Tue 05:01 b unknown (it is not known how long it took)",
        "Thu 05:01 d good",
    ]
    assert told(slo(Volume(at_least=0, at_most=5), node=NODE), builds=builds)[:3] == [
        "Mon 05:01 a 1/1 bad (12,345 rows)",
        "Tue 05:01 b unknown (the adapter tells no rows)",
        "Thu 05:01 d good",
    ]
    prices = PricesEntry(terabyte=1234.5)
    dear = slo(Cost(at_most=1000), node=NODE)
    assert told(dear, builds=builds, prices=prices) == [
        "Mon 05:01 a 1/1 bad (cost 1,234.50)",
        "Tue 05:01 b unknown (it is not known what it used)",
        "Thu 05:01 d unknown (it is not known what it used)",
        "Fri 05:01 e good",
    ]
    slots = PricesEntry(slot_hour=2.0)
    used = {NODE: (build("a", due(0), slot_ms=1_800_000), build("b", due(1), slot_ms=1_800_001))}
    assert judged(slo(Cost(at_most=1), node=NODE), builds=used, prices=slots) == "gb"
    whole = (run("a", due(0)), run("x", due(1)), run("e", due(4)))
    both = {**builds, "model.shop.b": (build("a", due(0), bytes=10**12),)}
    assert told(slo(Cost(at_most=1000), job="nightly"), runs=whole, builds=both, prices=prices) == [
        "Mon 06:00 a 1/1 bad (cost 2,469.00)",
        "Tue 06:00 x unknown (it is not known what it used)",
        "Fri 06:00 e good",
    ]


def test_what_is_said_of_checks_and_measurements() -> None:
    tests = ("test.shop.unique_id.1", "test.shop.not_null_id.2", "odd")
    outcomes = zip(tests, ("bad", "unknown", "warned"), strict=True)
    checks = {
        NODE: tuple(
            Check(one, NODE, "r", due(n), what, 1) for n, (one, what) in enumerate(outcomes)
        )
    }
    strict = slo(Quality(warned="bad"), node=NODE)
    assert told(strict, checks=checks) == [
        "Mon 05:00 r 1/1 bad (unique_id failed)",
        "Tue 05:00 r unknown (it is not known what not_null_id said)",
        "Wed 05:00 r 1/1 bad (odd failed)",
    ]
    # Of a job those of its own runs; of the project all.
    runs = (run("r", due(0)), run("s", due(0), job="other"))
    other = {
        "a": (Check("t", "a", "s", due(0), "good", 0), Check("t", "a", "q", due(0), "good", 0))
    }
    more: dict[str, Any] = {"checks": {**checks, **other}, "runs": runs}
    assert len(told(slo(Quality(), job="nightly"), **more)) == 3
    assert len(told(slo(Quality(), job="other"), **more)) == 1
    assert len(told(slo(Quality(), subject="project"), **more)) == 5

    def measured(indicator: Any, *answers: Any) -> list[str]:
        objective = slo(indicator, node=NODE)
        name = objective.full_name
        listed = tuple(Measurement(name, due(n), *one) for n, one in enumerate(answers))
        return told(objective, measurements={name: listed})

    assert measured(NullRate(column="id"), (999, 1000, ""), (0, 0, ""), (0, 0, "", True)) == [
        "Mon 05:00 1/1 bad (0.10% of id null)",
        "Tue 05:00 unknown (there was nothing to measure)",
        "Wed 05:00 unknown (it could not be measured)",
    ]
    # What failed in between is not what the next is compared with.
    schemas = ((1, 1, "a"), (0, 0, "", True), (1, 1, "a"), (1, 1, "b"))
    assert measured(SchemaStability(), *schemas) == [
        "Mon 05:00 good",
        "Tue 05:00 unknown (it could not be measured)",
        "Wed 05:00 good",
        "Thu 05:00 1/1 bad (the schema changed)",
    ]
    assert measured(LineageCoverage(at_least=Share(9, 10)), (89, 100, ""), (90, 100, "")) == [
        "Mon 05:00 1/1 bad (89.0% of columns proven)",
        "Tue 05:00 good",
    ]
    counted = CustomSql(query="select 1", good="g", total="t")
    assert measured(counted, (1, 5001, ""), (5, 5, ""), (0, 0, "")) == [
        "Mon 05:00 5000/5001 bad (5,000 of 5,001 bad)",
        "Tue 05:00 good",
        "Wed 05:00 good",
    ]


def test_what_is_said_of_periods_and_incidents() -> None:
    deployed = (Deployed(MONDAY + HOUR, "a"), Deployed(MONDAY + 9 * DAY, "b"))
    frequent = slo(DeploymentFrequency(at_least=2, per="week"), subject="project")
    more = {"runs": (run("a", MONDAY),), "deployed": deployed}
    assert told(frequent, NOW + 1, **more) == [
        "Mon 00:00 1/1 bad (1 deployment)",
        "Mon 00:00 1/1 bad (1 deployment)",
    ]
    opened = (Opened(due(0), due(0) + 2 * HOUR, (NODE,)),)
    soon = slo(AlertLatency(threshold=Duration(HOUR)), node=NODE)
    assert told(soon, incidents=opened) == ["Mon 07:00 1/1 bad (told after 2h)"]


# -- what is to come -----------------------------------------------------------


def test_events_to_come_are_those_of_the_schedule_or_as_many_as_before() -> None:
    planned = slo(Quality(), job="nightly", schedule=NIGHTLY)
    found = taken(planned, due(3), due(6))
    assert [time_of(one).day for one in found.coming] == [5, 6, 7]
    assert [one.why for one in found.events] == ["nothing was measured"] * 3
    assert [f"{time_of(one.at):%a %H:%M}" for one in found.events] == [
        f"{day} 07:00" for day in ("Mon", "Tue", "Wed")
    ]
    assert taken(planned, due(3)).coming == ()
    checks = {NODE: tuple(Check("t", NODE, "r", due(n), "good", 0) for n in (0, 1))}
    usual = taken(slo(Quality(), node=NODE), due(4), due(6), checks=checks)
    assert usual.rate * 4 * DAY == 2, "from the first of them on"
    assert usual.expected(due(4), due(6)) == 1
    assert taken(slo(Quality(), node=NODE), due(4), checks=checks).rate == 0
    assert taken(slo(Quality(), node=NODE), due(4), due(6)).rate == 0, "nothing was before"
    # What was measured a little early is of its slot.
    early = {NODE: (Check("t", NODE, "r", due(1) - MINUTE, "good", 0),)}
    one = slo(Quality(), node=NODE, schedule=NIGHTLY)
    assert told(one, due(1) + 3 * HOUR, checks=early) == [
        "Mon 07:00 unknown (nothing was measured)",
        "Tue 04:59 r good",
    ]
    # What is measured at this very moment is of the slot, though it counts only from then on.
    now = due(0) + 3 * HOUR
    assert told(one, now, checks={NODE: (Check("t", NODE, "r", now, "good", 0),)}) == []
    assert told(one, now) == ["Mon 07:00 unknown (nothing was measured)"]
