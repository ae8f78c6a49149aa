"""What is told, and what is said to have caused it, on a small shop whose runs are rehearsed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from analyticsops.evaluating import judge
from analyticsops.project.model import Project
from analyticsops.slo.evaluate import Context
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.outcomes import unbuilt, with_runs
from analyticsops.slo.gameday.rehearsal import Rehearsal, known_at, rehearse
from analyticsops.slo.objective import Maintenance, Slo, Window
from analyticsops.slo.observed import Observed
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, instant_of
from analyticsops.slo.spec.declared import Declared, Maintained
from analyticsops.slo.spec.entries import AlertingEntry
from analyticsops.slo.spec.indicators import Deadline, Freshness, Success
from analyticsops.slo.spec.reading import SharedSettings
from analyticsops.slo.spec.words import Duration
from tests.project_maker import project, workspace

NOW = instant_of(datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
BEGIN = NOW + 7 * MINUTE
HOURLY = Schedule(cron="5 * * * *", grace=30 * MINUTE)


def shop() -> Project:
    """Two sources; orders go through a staging model, which a mart joins with rates; a customers
    mart knows nothing of either."""
    made = project(
        sources={
            "raw.orders": {"columns": "id"},
            "raw.rates": {"columns": "id"},
            "raw.people": {"columns": "id"},
        },
        models={
            "stg": {"sql": "select id from @raw.orders", "materialized": "table"},
            "mart": {
                "sql": "select s.id from @stg s join @raw.rates r on r.id = s.id",
                "materialized": "table",
            },
            "people": {"sql": "select id from @raw.people", "materialized": "table"},
        },
        exposures={"board": {"depends_on": ["mart"], "owner": "CFO"}},
        unit_tests={"adds_up": "stg"},
    )
    return workspace(made).project


TEST = "unit_test.shop.stg.adds_up"
MART, STG, PEOPLE = "model.shop.mart", "model.shop.stg", "model.shop.people"
ORDERS, RATES = "source.shop.raw.orders", "source.shop.raw.rates"


def objective(name: str, indicator: Any, **more: Any) -> Slo:
    told = {
        "subject": more.get("node", "").split(".")[-1] or more.get("job", "") or "project",
        "target": Fraction(99, 100),
        "window": Window(rolling=7 * DAY),
        "tier": "critical",
        **more,
    }
    return Slo(name=name, indicator=indicator, **told)


def fresh(node: str, threshold: int = 3 * HOUR, **more: Any) -> Slo:
    scope = "own" if node.startswith("source") else "end_to_end"
    indicator = Freshness(threshold=Duration(threshold), scope=scope)  # type: ignore[arg-type]
    return objective("fresh", indicator, node=node, **more)


JOB = objective("success", Success(), job="hourly", schedule=HOURLY, target=Fraction(95, 100))
USUAL = (fresh(MART), fresh(ORDERS, tier="standard"), fresh(PEOPLE, tier="standard"), JOB)


@pytest.fixture(scope="module")
def made() -> Project:
    return shop()


@pytest.fixture(scope="module")
def good(made: Project) -> Observed:
    return rehearse(made, (NOW - 5 * DAY, NOW + DAY), Rehearsal())


Judge = Callable[..., Evaluation]


@pytest.fixture
def judged(made: Project, good: Observed) -> Judge:
    """Judge the shop some time after the faults began."""

    def evaluate(
        *faults: Fault,
        slos: tuple[Slo, ...] = USUAL,
        after: int = 4 * HOUR,
        change: Callable[[Observed], Observed] = lambda seen: seen,
        **more: Any,
    ) -> Evaluation:
        observed = good
        for fault in faults:
            observed = inject(made, observed, fault)
        previous = more.pop("previous", None)
        alerting = more.pop("alerting", AlertingEntry())
        shared = SharedSettings(alerting=alerting)
        declared = Declared(slos=slos, invalid=(), shared=shared, **more)
        at = BEGIN + after
        return judge(Context(made, declared, change(known_at(observed, at)), at), previous)

    return evaluate


def fault(kind: FaultKind, target: str, *, at: Instant = BEGIN, by: int = 0) -> Fault:
    return Fault(kind=kind, target=target, at=at, by=by)


def roots(evaluation: Evaluation) -> dict[str, set[str]]:
    """Root -> rules of its incident."""
    return {one.root.id: {alert.rule for alert in one.alerts} for one in evaluation.incidents}


def test_when_all_is_well_nothing_is_told(judged: Judge) -> None:
    found = judged()
    assert found.incidents == ()
    assert {one.state for one in found.standings} == {"met"}


# -- causes -----------------------------------------------------------------------


def test_a_stale_source_and_a_failure_that_it_cannot_explain_are_two(judged: Judge) -> None:
    found = judged(fault(FaultKind.SOURCE_MISSING, ORDERS), fault(FaultKind.NODE_FAILS, PEOPLE))
    assert set(roots(found)) == {ORDERS, PEOPLE}
    assert "source-stale" in roots(found)[ORDERS]
    assert "node-failing" in roots(found)[PEOPLE]


def test_a_mart_that_fails_itself_is_not_hidden_behind_a_stale_source(judged: Judge) -> None:
    found = judged(fault(FaultKind.SOURCE_MISSING, ORDERS), fault(FaultKind.NODE_FAILS, MART))
    assert {ORDERS, MART} <= set(roots(found))
    assert "node-failing" in roots(found)[MART]


def test_what_is_below_a_failure_belongs_to_it(judged: Judge) -> None:
    found = judged(fault(FaultKind.NODE_FAILS, STG))
    (incident,) = found.incidents
    assert incident.root.id == STG
    assert incident.page, "the mart is critical, and grouping lowers nothing"
    assert {"mart/fresh", "hourly/success"} <= {alert.slo for alert in incident.alerts}
    assert incident.affected.marts == ("mart",)
    assert incident.affected.exposures == ("board",)
    assert "CFO" in incident.affected.owners


def test_only_what_lies_on_the_way_of_late_data_is_blamed(judged: Judge) -> None:
    # Rates are late; orders are late too, but nobody promised anything about them.
    slos = (fresh(MART), fresh(RATES, tier="standard"))
    found = judged(fault(FaultKind.SOURCE_MISSING, RATES), slos=slos)
    assert set(roots(found)) == {RATES}


def test_the_source_is_suspected_of_a_column_that_is_gone(judged: Judge) -> None:
    found = judged(fault(FaultKind.COLUMN_DROPPED, ORDERS))
    (incident,) = found.incidents
    assert (incident.root.id, incident.root.suspected) == (ORDERS, True)
    assert any("probably raw.orders" in alert.sentence(found.at) for alert in incident.alerts)


def test_a_failure_of_two_inputs_has_no_suspect(made: Project, good: Observed) -> None:
    from analyticsops.slo.troubles import _suspect

    assert _suspect(made, made.nodes[STG]) == ORDERS
    assert _suspect(made, made.nodes[MART]) == RATES, "models are built from code that is known"
    assert _suspect(made, made.nodes[PEOPLE]) == "source.shop.raw.people"


@pytest.mark.parametrize(
    ("message", "checksum", "root"),
    [
        ('Binder Error: Referenced column "***" not found', None, ORDERS),
        ('Binder Error: Referenced column "***" not found', "changed", STG),
        ("actual differs from expected", None, STG),
    ],
)
def test_a_unit_test_that_fails_is_what_keeps_its_model_from_being_built(
    judged: Judge, message: str, checksum: str | None, root: str
) -> None:
    """dbt runs it first, and skips the model and all below it; nothing else fails."""

    def failing(seen: Observed) -> Observed:
        """The last run, in which no model failed but the job did."""
        last = seen.runs[-1]
        builds = {
            node: tuple(
                unbuilt(one, "skipped") if one.run == last.id and node in (STG, MART) else one
                for one in listed
            )
            for node, listed in seen.builds.items()
        }
        if checksum is not None:
            changed = builds[STG][-1]._replace(checksum=checksum)
            builds[STG] = (*builds[STG][:-1], changed)
        tested = [
            one._replace(node=TEST, outcome="bad" if one.run == last.id else "good")
            for one in seen.builds[STG]
        ]
        tested[-1] = tested[-1]._replace(message=message)
        runs = (*seen.runs[:-1], last._replace(verdict="failed"))
        return with_runs(
            msgspec.structs.replace(seen, builds=builds, unit_tests={TEST: tuple(tested)}), runs
        )

    found = judged(change=failing)
    assert set(roots(found)) == {root}
    assert any("unit test adds_up of stg fails" in alert.what for alert in found.alerts)
    good = judged(change=lambda seen: msgspec.structs.replace(seen, unit_tests={TEST: ()}))
    assert good.incidents == ()


def test_a_source_is_blamed_for_data_that_it_may_have_but_that_nobody_saw(judged: Judge) -> None:
    """The mart is promised younger data than the source, which is not late by its own word."""
    slos = (fresh(MART, 3 * HOUR), fresh(ORDERS, 20 * HOUR), JOB)
    found = judged(fault(FaultKind.SOURCE_MISSING, ORDERS), slos=slos, after=4 * HOUR + HOUR // 2)
    assert set(roots(found)) == {ORDERS}
    silent = judged(fault(FaultKind.JOB_SILENT, "hourly"), slos=slos, after=5 * HOUR)
    assert set(roots(silent)) == {"job.hourly"}


# -- jobs -------------------------------------------------------------------------


def test_a_job_that_did_not_start(judged: Judge) -> None:
    found = judged(fault(FaultKind.JOB_SILENT, "hourly"))
    (incident,) = found.incidents
    assert incident.root.id == "job.hourly"
    assert "run-missing" in roots(found)["job.hourly"]
    assert incident.page
    assert "mart" in incident.affected.marts
    (alert,) = (one for one in found.alerts if one.rule == "run-missing")
    assert (alert.job, alert.subject, alert.tier) == ("hourly", "hourly", "critical")
    assert (alert.what, alert.since) == (
        "job hourly did not run at 2026-11-20 15:05 UTC, the last 3 times",
        NOW + 95 * MINUTE,
    )


def test_it_is_told_when_its_grace_has_passed(judged: Judge) -> None:
    silent = fault(FaultKind.JOB_SILENT, "hourly")
    slot = 58 * MINUTE  # 13:05, after 12:07
    slos = (JOB,)
    assert judged(silent, slos=slos, after=slot + 29 * MINUTE).incidents == ()
    assert roots(judged(silent, slos=slos, after=slot + 31 * MINUTE))


def test_a_job_without_a_schedule_is_missed_by_what_is_usual(judged: Judge) -> None:
    silent = fault(FaultKind.JOB_SILENT, "hourly")
    assert "job.hourly" not in roots(judged(silent, slos=(), after=110 * MINUTE))
    found = judged(silent, slos=(), after=3 * HOUR)
    assert roots(found) == {"job.hourly": {"run-missing"}}
    assert not found.incidents[0].page


def test_a_history_that_has_just_begun_misses_nothing(judged: Judge) -> None:
    def begun(seen: Observed) -> Observed:
        late = seen.runs[-1]._replace(started=seen.runs[-1].started + MINUTE)
        return msgspec.structs.replace(seen, runs=(late,))

    assert judged(slos=(JOB,), after=10 * MINUTE, change=begun).incidents == ()


def test_a_run_that_died(judged: Judge) -> None:
    found = judged(fault(FaultKind.JOB_CRASHES, "hourly"), after=HOUR)
    assert "run-crashed" in roots(found)["job.hourly"]


def test_what_was_never_measured_is_not_blamed_on_another_source(judged: Judge) -> None:
    """The job is silent, so nobody knows how old orders are; that nobody ever knew it of rates is
    another matter, whatever is above the mart besides."""

    def unmeasured(seen: Observed) -> Observed:
        return msgspec.structs.replace(seen, seen={**seen.seen, RATES: ()})

    slos = (fresh(MART), fresh(ORDERS, HOUR, tier="standard"), JOB)
    silent = fault(FaultKind.JOB_SILENT, "hourly")
    found = judged(silent, slos=slos, after=2 * HOUR, change=unmeasured)
    assert set(roots(found)) == {"job.hourly", RATES}


def test_its_own_silence(judged: Judge) -> None:
    alerting = AlertingEntry(every=Duration(HOUR))
    at = BEGIN + 4 * HOUR
    assert judged(previous=at - 2 * HOUR, alerting=alerting).incidents == ()
    found = judged(previous=at - 2 * HOUR - 1, alerting=alerting)
    assert roots(found) == {"analyticsops": {"evaluation-silent"}}
    assert found.incidents[0].page


# -- objectives -------------------------------------------------------------------


def test_two_misses_in_a_row_page_one_does_not(judged: Judge) -> None:
    failing = fault(FaultKind.NODE_FAILS, STG)
    once = judged(failing, slos=(JOB,), after=HOUR)
    assert not once.incidents[0].page
    twice = judged(failing, slos=(JOB,), after=2 * HOUR)
    (alert,) = (one for one in twice.alerts if one.rule == "budget-burning")
    assert alert.page
    assert "missed 2 times in a row" in alert.what


@pytest.mark.parametrize(("tier", "page"), [("critical", True), ("standard", False)])
def test_only_critical_objectives_page(judged: Judge, tier: str, page: bool) -> None:
    slos = (fresh(MART, tier=tier), fresh(ORDERS, tier="standard"))
    found = judged(fault(FaultKind.SOURCE_MISSING, ORDERS), slos=slos, after=5 * HOUR)
    assert [one.page for one in found.incidents] == [page]


def test_alerting_off_tells_nothing_of_an_objective(judged: Judge) -> None:
    slos = (fresh(MART, alerting="off"),)
    found = judged(fault(FaultKind.SOURCE_MISSING, ORDERS), slos=slos, after=9 * HOUR)
    assert found.incidents == ()
    assert found.standings[0].now == "bad"


def test_a_deadline_that_is_missed(judged: Judge) -> None:
    daily = Schedule(cron="0 14 * * *", grace=HOUR)
    slos = (objective("morning", Deadline(scope="own"), node=MART, schedule=daily),)
    found = judged(fault(FaultKind.NODE_FAILS, MART), slos=slos, after=4 * HOUR)
    assert roots(found)[MART] >= {"deadline-missed", "node-failing"}
    met = judged(slos=slos, after=4 * HOUR)
    assert met.standings[0].now == "good"


def test_a_budget_that_is_used_up_by_what_is_over(judged: Judge) -> None:
    # Yesterday 6 hours; now all is well.
    late = fault(FaultKind.SOURCE_LATE, ORDERS, at=NOW - DAY, by=6 * HOUR)
    slos = (fresh(ORDERS, tier="standard"),)

    def until_now(seen: Observed) -> Observed:
        return seen

    found = judged(late, slos=slos, change=until_now)
    standing = found.standings[0]
    assert standing.is_exhausted
    assert "budget-exhausted" in roots(found)[ORDERS]


def test_every_sentence_says_all_there_is_to_say(judged: Judge) -> None:
    slos = (fresh(MART, owner="Finance", runbook="https://run/book"), JOB)
    found = judged(fault(FaultKind.NODE_FAILS, STG), slos=slos, after=5 * HOUR)
    (alert,) = (
        one
        for one in found.incidents[0].alerts
        if one.rule == "budget-burning" and one.node == MART
    )
    said = alert.sentence(found.at)
    for part in (
        "mart/fresh burns its error budget",
        "since 2026-11-20 ",
        "of its budget used",
        "owner Finance",
        "caused by stg",
        "next data expected 2026-11-20 ",
        "(overdue)",
        "runbook https://run/book",
    ):
        assert part in said, said


# -- maintenance ------------------------------------------------------------------


def test_what_is_being_worked_on_is_told_to_nobody(judged: Judge) -> None:
    at = BEGIN + 4 * HOUR
    work = Maintenance(reason="upgrade", span=(at - HOUR, at + HOUR))
    failing = fault(FaultKind.NODE_FAILS, STG)
    found = judged(failing, maintenance=(Maintained(work, frozenset({STG})),))
    assert found.incidents == ()
    assert [one.root.id for one in found.silent] == [STG]
    elsewhere = judged(failing, maintenance=(Maintained(work, frozenset({PEOPLE})),))
    assert [one.root.id for one in elsewhere.incidents] == [STG]
    over = Maintenance(reason="upgrade", span=(at - HOUR, at))
    assert judged(failing, maintenance=(Maintained(over, None),)).incidents


# -- identity ---------------------------------------------------------------------


def test_an_incident_keeps_its_name_while_it_lasts(judged: Judge) -> None:
    failing = fault(FaultKind.NODE_FAILS, STG)
    first, later = (judged(failing, after=hours * HOUR).incidents[0] for hours in (2, 6))
    assert first.id == later.id
    assert len(later.alerts) > len(first.alerts)


def test_an_objective_can_be_replaced_by_another_environment(judged: Judge) -> None:
    failing = fault(FaultKind.NODE_FAILS, STG)
    other = judged(
        failing, change=lambda seen: msgspec.structs.replace(seen, environment="staging")
    )
    assert other.incidents[0].id != judged(failing).incidents[0].id
