"""One evaluation with everything in it, in each format for other programs and as the report for
people: see :mod:`tests.golden`."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

from msgspec.structs import replace

from analyticsops.export.openlineage import PRODUCER
from analyticsops.report.objectives import objectives_report
from analyticsops.slo.alert import Kind
from analyticsops.slo.calendar import Calendar
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.exports import (
    alertmanager,
    grafana,
    openlineage,
    openslo,
    prometheus,
    prometheus_rules,
)
from analyticsops.slo.incident import Incident, Root
from analyticsops.slo.objective import Maintenance, Slo, Window
from analyticsops.slo.observed import Build, Deployed, Observed, Run
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE
from analyticsops.slo.spec.declared import Declared, Invalid
from analyticsops.slo.spec.entries import (
    CalendarEntry,
    CountryEntry,
    MatchEntry,
    ReceiverEntry,
    RouteEntry,
)
from analyticsops.slo.spec.indicators import (
    CustomSql,
    Deadline,
    Freshness,
    NullRate,
    Success,
    Volume,
)
from analyticsops.slo.spec.reading import SharedSettings
from analyticsops.slo.spec.words import Age, Days, Duration, Hours, Share, Zone
from analyticsops.slo.standing import Standing, stand
from analyticsops.slo.tally import Event, Tally
from tests.golden import check_golden, readable
from tests.project_maker import project, workspace
from tests.slo.exports.making import NOW, SOURCE, counted, evaluation, loaded, slo
from tests.telling.making import AFFECTED, alert

GOLDEN = Path(__file__).with_name("golden")
SHOP = workspace(
    project(
        models={"orders": "select * from @raw.orders", "revenue": "select * from @orders"},
        sources={"raw.orders": "id"},
    )
).project
HOLIDAYS = (date(2027, 1, 13), date(2027, 1, 14), date(2028, 2, 19), date(2028, 2, 20))
"""The second and third are the first and last that concern anybody from NOW on."""
OFFICE = CalendarEntry(
    days=Days(range(5)),
    hours=Hours(((420, 720), (780, 1_140))),
    timezone=Zone("Europe/Berlin"),
    holidays=HOLIDAYS,
)
SHARED = SharedSettings(
    calendars={
        "broken": CalendarEntry(holidays=CountryEntry(country="XX")),
        "night": CalendarEntry(hours=Hours(((0, 360),))),
        "office": OFFICE,
    },
    receivers={
        "beat": ReceiverEntry(type="heartbeat", url_env="BEAT_URL"),
        "chat": ReceiverEntry(type="slack", url_env="SLACK_URL"),
        "hook": ReceiverEntry(type="webhook", url_env="HOOK_URL", token_env="HOOK_TOKEN"),
        "oncall": ReceiverEntry(type="pagerduty", key_env="PD_KEY"),
    },
    routes=(
        RouteEntry(to=("oncall", "chat"), match=MatchEntry(severity="page", owner='the "A" team')),
        RouteEntry(
            to=("chat",), match=MatchEntry(group="mart*", tier="standard", node="o?ders.v2")
        ),
        RouteEntry(to=("hook", "beat", "gone")),
    ),
)
WORK = (
    Maintenance(reason="upgrade", span=(NOW + HOUR, NOW + 20 * HOUR + 1)),
    Maintenance(
        reason="vacuum",
        schedule=Schedule(cron="0 3 1 * *", timezone="Europe/Berlin"),
        lasts=90 * MINUTE,
        counts=True,
    ),
    Maintenance(reason="past", span=(NOW - 3 * DAY, NOW - 2 * DAY)),
)


def slos() -> dict[str, Slo]:
    """Objectives of every kind: with all that can be said, and with next to nothing."""
    office = Calendar(
        timezone="Europe/Berlin",
        days=frozenset(range(5)),
        hours=((420, 720), (780, 1_140)),
        holidays=frozenset(HOLIDAYS),
    )
    job = {"node": "", "job": "nightly", "subject": "nightly", "owner": "", "tier": "standard"}
    return {
        "late": slo(group="marts", runbook="https://runbooks.example/orders", description="Fresh."),
        "met": slo(
            name="by-six",
            subject="revenue",
            node="model.shop.revenue",
            indicator=Deadline(scope="own", sources={"raw.orders": Age.read("static")}),
            schedule=Schedule(
                cron="0 5 * * 1-5", grace=HOUR, holidays=frozenset({date(2027, 1, 1)})
            ),
            target=Fraction(2, 3),
            window=Window(calendar="month", timezone="Europe/Berlin"),
            alerting="seed4x",
        ),
        "office": slo(
            name="in-office-hours",
            indicator=Freshness(
                threshold=Duration(90_500_000),
                quality_gate="error",
                sources={"raw.orders": Age.read("26h")},
            ),
            calendar=office,
            pauses_age=True,
            maintenance=WORK,
            window=Window(rolling=7 * DAY, timezone="Europe/Berlin"),
            alerting="off",
        ),
        "weekend": slo(name="weekend", calendar=Calendar(days=frozenset({5, 6})), owner=""),
        "planned": slo(name="planned", maintenance=WORK[:1]),
        "runs": slo(
            name="runs", indicator=Success(skipped="exclude"), target=Fraction(9, 10), **job
        ),
        "rows": slo(
            name="rows", indicator=Volume(at_least=1_000), alerting="google", target=Fraction(1, 2)
        ),
        "nulls": slo(
            name="nulls",
            indicator=NullRate(column="email", at_most=Share(1, 3)),
            window=Window(rolling=90 * MINUTE),
        ),
        "asked": slo(
            name="asked",
            subject="project",
            node="",
            owner="",
            indicator=CustomSql(query="select 1 as x", value="x", at_least=1),
            window=Window(calendar="quarter"),
        ),
    }


def standings() -> tuple[Standing, ...]:
    known = slos()
    found = {
        "late": loaded(known["late"], NOW - 5 * HOUR, NOW),
        "met": loaded_by(known["met"]),
        "office": loaded(known["office"], NOW - MINUTE, NOW, start=NOW - DAY),
        "runs": counted(known["runs"], [True, True, False, True, True, False, False], NOW),
        "rows": counted(known["rows"], [True, False, True], NOW),
        "nulls": partly_unknown(known["nulls"]),
        "asked": counted(known["asked"], [], NOW),
    }
    return tuple(found.values())


def partly_unknown(promised: Slo) -> Standing:
    """Two events, of one of which nobody knows whether it was good."""
    events = (Event(NOW - HOUR), Event(NOW - MINUTE, unknown=True))
    return stand(promised, Tally(events=events), NOW)


def loaded_by(promised: Slo) -> Standing:
    """A deadline that was kept."""
    plain = loaded(slo(), NOW - HOUR, NOW)
    return replace(plain, slo=promised, runs_out=None)


def made() -> Evaluation:
    """An evaluation of all of them, with what happened."""
    found = standings()
    run = ("build", False, HOUR, "abcdef0123456789", False)
    runs = (
        Run("r1", NOW - 2 * DAY, NOW - 2 * DAY + HOUR, "nightly", "ok", *run),
        Run("r2", NOW - DAY, NOW - DAY + HOUR, "nightly", "failed", *run),
        Run("r3", NOW - HOUR, None, "hourly", "ok", *run),
    )
    usual = (True, False, 12.5, 100, None, None, "", "")
    builds = [
        Build("model.shop.orders", "r1", NOW - 2 * DAY, NOW, NOW - DAY, "good", *usual),
        Build("model.shop.orders", "r2", NOW - DAY, NOW, NOW - 5 * HOUR, "warned", *usual),
        Build("model.shop.orders", "r2", NOW - DAY, NOW, NOW - 4 * HOUR, "bad", *usual),
        Build("model.shop.orders", "r3", NOW - HOUR, None, None, "good", *usual),
    ]
    late = alert(
        "orders", slo="orders/fresh", page=True, since=NOW - 3 * HOUR, arrives=NOW + 2 * HOUR
    )
    incident = Incident(
        id="5f2d6a0c91be",
        root=Root(id=SOURCE, label="raw.orders", kind=Kind.LATE, suspected=True),
        since=NOW - 3 * HOUR,
        page=True,
        alerts=(late,),
        affected=AFFECTED,
    )
    invalid = Invalid(subject="a`b", name="x", what="models/m.yml:3: `target` is missing")
    return Evaluation(
        project="shop",
        environment="prod",
        at=NOW,
        declared=Declared(slos=tuple(slos().values()), invalid=(invalid,), shared=SHARED),
        observed=Observed(
            span=(NOW - 28 * DAY, NOW),
            runs=runs,
            builds={"model.shop.orders": tuple(builds)},
            deployed=(
                Deployed(NOW - 5 * HOUR, "abcdef0123456789"),
                Deployed(NOW - 4 * DAY, "0123456789abcdef"),
            ),
        ),
        standings=found,
        incidents=(incident,),
    )


def test_the_report_for_people() -> None:
    one = made()
    check_golden(GOLDEN / "report.md", objectives_report(one, one.standings))


def test_a_report_of_one_objective_that_is_met() -> None:
    found = loaded(slo(owner=""), NOW, NOW)
    one = evaluation(found)
    check_golden(GOLDEN / "report-met.md", objectives_report(replace(one, environment=""), [found]))


def test_the_configuration_of_alertmanager() -> None:
    check_golden(GOLDEN / "alertmanager.yml", alertmanager.config(made()))


def test_the_dashboard() -> None:
    check_golden(GOLDEN / "dashboard.json", readable(grafana.dashboard()))


def test_events_of_openlineage() -> None:
    found = openlineage.events(made(), SHOP, "")
    check_golden(GOLDEN / "openlineage.json", readable([*found]).replace(PRODUCER, "PRODUCER"))


def test_documents_of_openslo() -> None:
    check_golden(GOLDEN / "openslo.yml", openslo.render([*slos().values()], "My Shop", NOW))


def test_metrics() -> None:
    check_golden(GOLDEN / "metrics.txt", prometheus.exposition(made()))


def test_rules() -> None:
    check_golden(GOLDEN / "rules.yml", prometheus_rules.rules(90 * MINUTE))
