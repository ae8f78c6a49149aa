"""Events of each kind of objective: which there are, and which were good."""

from __future__ import annotations

from typing import Any

from analyticsops.slo.budget import Missing
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Check, Deployed, Measurement
from analyticsops.slo.recorded.asked import Opened
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE
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
    chain_of,
    chained,
    due,
    judged,
    run,
)


def test_success_of_runs() -> None:
    told = chained(
        [run("a", due(0))],
        [run("b", due(1), "failed"), run("b2", due(1) + 2 * HOUR)],
        [run("c", due(2), "failed"), run("c2", due(2) + 2 * HOUR, "crashed")],
        [run("d", due(3), "unknown")],
        [run("e", due(4), job="other")],
    )
    now = due(6)
    final = judged(slo(Success(), job="nightly"), now, **told)
    first = judged(slo(Success(attempts="first"), job="nightly"), now, **told)
    assert sorted(final) == sorted("ggbu")
    assert sorted(first) == sorted("gbbu")


def test_success_by_a_schedule() -> None:
    told = chained(
        [run("a", due(0) - 30_000_000)],  # a little early: of this slot
        [run("c", due(2), "failed")],
        [run("d", due(3) + HOUR)],
    )
    objective = slo(Success(), job="nightly", schedule=NIGHTLY, missing=Missing.BAD)
    now = due(4) + HOUR
    # Tuesday nobody ran it; Friday's grace has not passed.
    assert judged(objective, now, **told) == "gbbg"
    assert judged(objective, due(4) + 3 * HOUR, **told) == "gbbgb"
    unknown = slo(Success(), job="nightly", schedule=NIGHTLY)
    assert judged(unknown, now, **told) == "gubg"
    # Before the history began nothing is missing.
    later = chained([run("d", due(3))])
    assert judged(objective, now, **later) == "g"


def test_a_job_of_several_commands_needs_each_of_them() -> None:
    def told(*verdicts: str) -> dict[str, Any]:
        """Sources are measured, then everything is built, which may be tried again, and tested."""
        fresh = run("f", due(0), took=MINUTE, command="source freshness")
        built = [
            run(f"b{n}", due(0) + (n + 1) * 10 * MINUTE, verdict, MINUTE, retry=n > 0)
            for n, verdict in enumerate(verdicts)
        ]
        docs = run("t", due(0) + HOUR, took=MINUTE, command="test")
        return chained([fresh], built, [docs])

    for schedule in (NIGHTLY, Schedule(cron="0 5 * * 1", grace=2 * HOUR)):
        final = slo(Success(), job="nightly", schedule=schedule)
        first = slo(Success(attempts="first"), job="nightly", schedule=schedule)
        now = due(0) + 3 * HOUR
        assert judged(final, now, **told("ok")) == "g"
        assert judged(final, now, **told("failed")) == "b", "good tests do not make it whole"
        assert judged(final, now, **told("failed", "ok")) == "g"
        assert judged(first, now, **told("ok")) == "g"
        assert judged(first, now, **told("failed", "ok")) == "b", "fresh sources were no try"
        assert judged(final, due(0) + 2 * DAY, **told("unknown"))[0] == "u"


def test_a_build_that_is_started_again_by_hand_counts_as_it_ended() -> None:
    told = chained([run("a", due(0), "failed", MINUTE)], [run("b", due(0) + HOUR)])
    objective = slo(Success(), job="nightly", schedule=NIGHTLY)
    assert judged(objective, due(0) + 3 * HOUR, **told) == "g"


def test_a_run_that_goes_on_is_not_missing() -> None:
    told = chained([run("a", due(0))], [run("b", due(1), "unknown")])
    objective = slo(Success(), job="nightly", schedule=NIGHTLY, missing=Missing.BAD)
    assert judged(objective, due(1) + 3 * HOUR, **told) == "g"
    assert judged(objective, due(1) + DAY + HOUR, **told) == "gu"


def test_success_of_a_node() -> None:
    outcomes = ("good", "warned", "none", "bad", "partial", "skipped", "unknown")
    builds = {NODE: tuple(build(f"r{n}", due(n), one) for n, one in enumerate(outcomes))}
    assert judged(slo(Success(), node=NODE), builds=builds) == "gggbbbu"
    owner = Success(skipped="exclude", partial="good")
    assert judged(slo(owner, node=NODE), builds=builds) == "gggbgu"
    chain = chain_of("a", "a2")
    retried = {NODE: (build("a", due(0), "bad"), build("a2", due(0) + HOUR))}
    assert judged(slo(Success(), node=NODE), builds=retried, chains=(chain,)) == "g"
    first = slo(Success(attempts="first"), node=NODE)
    assert judged(first, builds=retried, chains=(chain,)) == "b"


def test_durations() -> None:
    objective = slo(RunDuration(threshold=Duration(HOUR)), job="nightly")
    runs = (
        run("a", due(0)),
        run("b", due(1), took=HOUR + 1),
        run("c", due(2), elapsed=None),
        run("d", due(3), "failed"),
    )
    assert judged(objective, runs=runs) == "gbu"


def test_volumes() -> None:
    builds = (
        build("a", due(0)),
        build("b", due(1), rows=0),
        build("c", due(2), rows=99),
        build("d", due(3), rows=-1),
        build("e", due(4), loads=False, rows=0),
        build("f", due(5), backfill=True, rows=0),
        build("g", due(6), rows=1),
        build("h", due(7), rows=50),
    )
    objective = slo(Volume(at_least=1, at_most=50), node=NODE)
    assert judged(objective, builds={NODE: builds}) == "gbbugg"


def test_costs() -> None:
    prices = PricesEntry(hour=60.0, terabyte=5.0)
    builds = {
        NODE: (
            build("a", due(0)),  # a minute: 1.00
            build("b", due(1), bytes=10**12),  # and a terabyte: 6.00
            build("c", due(2), seconds=None),
        )
    }
    assert judged(slo(Cost(at_most=2), node=NODE), builds=builds, prices=prices) == "gbu"
    runs = tuple(run(name, due(day)) for day, name in enumerate("abc"))
    objective = slo(Cost(at_most=2), job="nightly")
    assert judged(objective, builds=builds, runs=runs, prices=prices) == "gbu"


def test_quality() -> None:
    outcomes = ("good", "bad", "warned", "unknown", "skipped", "none")
    checks = {
        NODE: tuple(Check("test.shop.t.1", NODE, "r", due(n), o, 1) for n, o in enumerate(outcomes))
    }
    assert judged(slo(Quality(), node=NODE), checks=checks) == "gbgu"
    assert judged(slo(Quality(warned="bad"), node=NODE), checks=checks) == "gbbu"


def test_measurements() -> None:
    def said(objective: Slo, *measured: tuple[int, int, str]) -> str:
        listed = tuple(
            Measurement(objective.full_name, due(n), good, total, digest)
            for n, (good, total, digest) in enumerate(measured)
        )
        return judged(objective, measurements={objective.full_name: listed})

    rate = slo(NullRate(column="id", at_most=Share(1, 100)), node=NODE)
    assert said(rate, (99, 100, ""), (98, 100, ""), (0, 0, "")) == "gbu"
    schema = slo(SchemaStability(), node=NODE)
    assert said(schema, (1, 1, "a"), (1, 1, "a"), (1, 1, "b"), (1, 1, "b")) == "ggbg"
    lineage = slo(LineageCoverage(at_least=Share(9, 10)), subject="project")
    assert said(lineage, (9, 10, ""), (8, 10, "")) == "gb"
    sql = slo(CustomSql(query="select 1", good="g", total="t"), node=NODE)
    assert said(sql, (5, 5, ""), (4, 5, "")) == "gb"


def test_deployments() -> None:
    deployed = tuple(Deployed(MONDAY + day * DAY, str(day)) for day in (0, 1, 9))
    runs = (run("a", MONDAY),)

    def per(period: Any, least: int) -> str:
        objective = slo(DeploymentFrequency(at_least=least, per=period), subject="project")
        return judged(objective, now=NOW + 1, runs=runs, deployed=deployed)

    assert per("week", 1) == "gg"
    assert per("week", 2) == "gb"
    assert per("day", 1) == "ggbbbbbbb" + "gbbbb"
    assert per("month", 1) == ""  # none of which all is known
    # Of a week in which the history began, or of none at all, nobody knows.
    objective = slo(DeploymentFrequency(at_least=1, per="week"), subject="project")
    begun = (run("a", MONDAY + HOUR),)
    assert judged(objective, now=NOW + 1, runs=begun, deployed=deployed) == "g"
    assert judged(objective, now=NOW + 1, deployed=deployed) == ""
    # A week that ends at this moment is over.
    assert judged(objective, now=NOW, runs=runs, deployed=deployed) == "g"
    assert judged(objective, now=NOW + 1, runs=runs, deployed=deployed) == "gg"


def test_alert_latency() -> None:
    opened = (
        Opened(due(0), due(0) + HOUR, (NODE,)),
        Opened(due(1), due(1) + HOUR + 1, (NODE,)),
        Opened(due(2), due(2) + HOUR, ("model.shop.other",)),
    )
    latency = AlertLatency(threshold=Duration(HOUR))
    assert judged(slo(latency, subject="project"), incidents=opened) == "gbg"
    assert judged(slo(latency, node=NODE), incidents=opened) == "gb"
