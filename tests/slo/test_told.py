"""What happened to a small shop, what it promises, and all that is told of it then.

It stands in tests/cases/slo/told.txt. After a wanted change write what is told again, and read the
difference in git:

    GOLDEN=write python -m pytest tests/slo/test_told.py

Lines before the YAML of `slos/` say what happened on a good day, whose hourly job starts at five
past: ``fault: node-fails:stg`` (from 12:07 on, or ``from 9:30``; of late data ``by 6h``), ``now:
16:07``, ``last 2 builds of stg: outcome=bad; message=...`` (or checks, looks, tests and runs).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from analyticsops.evaluating import judge
from analyticsops.project.model import Project
from analyticsops.slo.alert import Alert, moment
from analyticsops.slo.durations import duration, microseconds, spoken
from analyticsops.slo.evaluate import Context
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday.choosing import named
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.outcomes import with_runs
from analyticsops.slo.gameday.rehearsal import Rehearsal, known_at, rehearse
from analyticsops.slo.incident import Incident
from analyticsops.slo.observed import Observed
from analyticsops.slo.shares import percent
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, instant_of
from analyticsops.slo.standing import Standing
from tests.project_maker import project, workspace
from tests.slo.cases import CASES, Case, check, read_cases
from tests.slo.declaring import declared

FILE = CASES / "told.txt"
MIDNIGHT = instant_of(datetime(2026, 11, 20, tzinfo=UTC))
HAPPENED = re.compile(
    r"fault: (?P<fault>\S+?)(?: from (?P<since>[\d:]+))?(?: by (?P<by>\w+))?|now: (?P<now>[\d:]+)"
    r"|last (?P<count>\d+) (?P<kind>builds|checks|looks|tests|runs)"
    r"(?: of (?P<of>\S+))?: (?P<set>.+)"
    r"|previous: (?P<previous>[\d:]+)|environment: (?P<environment>\w+)"
)


def shop() -> Project:
    """Orders -> stg -> mart <- rates, and a mart of people that knows nothing of either."""
    made = project(
        sources={
            "raw.orders": {"columns": "id"},
            "raw.rates": {"columns": "id"},
            "raw.people": {"columns": "id"},
        },
        groups={"money": "Finance"},
        models={
            "stg": {"sql": "select id from @raw.orders", "materialized": "table"},
            "mart": {
                "sql": "select s.id from @stg s join @raw.rates r on r.id = s.id",
                "materialized": "table",
                "group": "money",
                "meta": {"analyticsops": {"runbook": "https://mart"}},
            },
            "people": {"sql": "select id from @raw.people", "materialized": "table"},
        },
        tests=[
            "unique stg.id",
            "not_null stg.id",
            "unique mart.id",
            {"name": "alike", "sql": "select 1 from @stg join @people on true"},
            {"name": "positive", "sql": "select 1 from @people where id < 0"},
        ],
        unit_tests={"adds_up": "stg"},
        exposures={"board": {"depends_on": ["mart"], "owner": "CFO"}},
    )
    return workspace(made).project


@pytest.fixture(scope="module")
def made() -> Project:
    return shop()


@pytest.fixture(scope="module")
def good(made: Project) -> Observed:
    found = rehearse(made, (MIDNIGHT - 4 * DAY, MIDNIGHT + DAY), Rehearsal())
    test = "unit_test.shop.stg.adds_up"
    tested = tuple(one._replace(node=test) for one in found.builds["model.shop.stg"])
    return msgspec.structs.replace(found, unit_tests={test: tested})


# -- what happened -------------------------------------------------------------


def at(clock: str) -> Instant:
    hour, minute = clock.split(":")
    return MIDNIGHT + int(hour) * HOUR + int(minute) * MINUTE


class Situation(NamedTuple):
    """What a case is about.

    Attributes:
        previous: when analyticsops ran before.
    """

    observed: Observed
    now: Instant
    previous: Instant | None
    promised: str


def situation(case: Case, made: Project, good: Observed) -> Situation:
    """What its lines say."""
    observed, now, previous, promised = good, at("16:07"), None, list[str]()
    lasts: list[re.Match[str]] = []
    for line in case.given.splitlines():
        said = HAPPENED.fullmatch(line)
        if said is None:
            promised.append(line)
        elif said["fault"]:
            fault = named(made, good, said["fault"], at(said["since"] or "12:07"))
            by = duration(said["by"]) if said["by"] else None
            late = fault.by if by is None else microseconds(by)
            observed = inject(made, observed, msgspec.structs.replace(fault, by=late))
        elif said["count"]:
            lasts.append(said)
        elif said["environment"]:
            observed = msgspec.structs.replace(observed, environment=said["environment"])
        else:
            now, previous = at(said["now"] or "16:07"), previous
            previous = at(said["previous"]) if said["previous"] else previous
    known = known_at(observed, now)
    for said in lasts:
        known = changed(known, said)
    return Situation(known, now, previous, "\n".join(promised))


def changed(observed: Observed, said: re.Match[str]) -> Observed:
    """The last builds of a node, or whatever it is, were otherwise."""
    more = dict(part.split("=", 1) for part in said["set"].split("; "))
    told = {key: plain(text, key) for key, text in more.items()}
    count = int(said["count"])

    def other(listed: Sequence[Any]) -> tuple[Any, ...]:
        return (*listed[:-count], *(one._replace(**told) for one in listed[-count:]))

    if said["kind"] == "runs":
        return with_runs(observed, other(observed.runs))
    field = {"looks": "seen", "tests": "unit_tests"}.get(said["kind"], said["kind"])
    tables: Mapping[str, Sequence[Any]] = getattr(observed, field)
    if said["kind"] == "checks":
        (name,) = (key for key, some in tables.items() if any(_is(one, said["of"]) for one in some))
        theirs = other([one for one in tables[name] if _is(one, said["of"])])
        rest = [one for one in tables[name] if not _is(one, said["of"])]
        listed = tuple(sorted((*theirs, *rest), key=lambda one: one.at))
    else:
        (name,) = (key for key in tables if key.endswith(f".{said['of']}"))
        listed = other(tables[name])
    return msgspec.structs.replace(observed, **{field: {**tables, name: listed}})


def _is(check: Any, name: str) -> bool:
    return str(check.name) == name


def plain(text: str, key: str) -> Any:
    """A value as it is written: a clock, a number, nothing, or a word."""
    if re.fullmatch(r"\d+:\d+", text):
        return at(text)
    if re.fullmatch(r"[\d.]+", text):
        return float(text) if key == "seconds" else int(text)
    return {"nothing": None, "yes": True, "no": False, "empty": ""}.get(text, text)


# -- what is told --------------------------------------------------------------


def told(found: Evaluation) -> Iterator[str]:
    """Each incident with its alerts, then how objectives stand that are not just met."""
    for incident in found.incidents:
        yield from of_incident(incident, found.at)
    for incident in found.silent:
        yield f"silent: {incident.root.id}"
    for standing in found.standings:
        yield of_standing(standing)


def of_incident(one: Incident, now: Instant) -> Iterator[str]:
    """What reaches people, and what they cannot see but machines do."""
    doubt = ", suspected" if one.root.suspected else ""
    yield f"{one.severity.upper()} {one.root.id}: {one.root.label} ({one.root.kind}{doubt})"
    owned = f"owner {one.owner or 'nobody'}, runbook {one.runbook or 'none'}"
    yield f"  since {clock(one.since)}, {one.id}, {owned}"
    hit = one.affected
    names = (*hit.marts, *hit.metrics, *hit.exposures)
    owners = f" of {' '.join(hit.owners)}" if hit.owners else ""
    yield f"  reaches {' '.join(names) or 'nothing'} and {hit.others} others{owners}"
    yield from (f"  - {line}" for alert in one.alerts for line in of_alert(alert, now))


def of_alert(alert: Alert, now: Instant) -> Iterator[str]:
    page = " page" if alert.page else ""
    about = alert.node or alert.job or alert.subject
    said = (f"{alert.rule}{page}", alert.kind, about, alert.slo, alert.tier, alert.group)
    yield " ".join(filter(None, said))
    yield f"  {alert.sentence(now)}"


def of_standing(one: Standing) -> str:
    """In one line; what is not known is left out."""
    since = f" since {clock(one.since)}" if one.since is not None else ""
    until = f" known until {clock(one.known)}" if one.stays else ""
    parts = {
        "because": one.because,
        "sli": percent(one.sli),
        "at worst": percent(one.worst.sli) if one.worst != one.measured else "",
        "left": percent(one.left),
        "used up": one.exhausts and clock(one.exhausts),
        "chance": one.chance and f"{one.chance:.3f}",
        "burning": " ".join(f"{fire.rule.name} {float(fire.rate):.2f}" for fire in one.burning),
        "too old": one.runs_out and clock(one.runs_out),
        "next": one.arrives and clock(one.arrives) + ("" if one.scheduled else " as usual"),
        "data": one.oldest and oldest(one, one.at),
    }
    said = "; ".join(f"{key} {value}" for key, value in parts.items() if value)
    return f"{one.slo.full_name} {one.state}: {one.now}{since}{until}; {said}"


def oldest(standing: Standing, now: Instant) -> str:
    """Whose data decides, and why it is as old."""
    found = standing.oldest
    assert found is not None
    data = "of no known time" if found.data is None else f"of {clock(found.data)}"
    behind = f"source {spoken(found.lag.source)}, pipeline {spoken(found.lag.pipeline)}"
    allowed = spoken(found.threshold)
    return f"{found.source} {data}, allowed {allowed}, {behind}, blame {found.lag.blame}"


def clock(instant: Instant) -> str:
    """Without the day, if it is this one."""
    return moment(instant).removeprefix("2026-11-20 ").removesuffix(" UTC")


Judge = Callable[[Situation], Evaluation]


@pytest.mark.parametrize("case", read_cases(FILE), ids=lambda case: case.name)
def test_case(case: Case, made: Project, good: Observed, tmp_path: Path) -> None:
    one = situation(case, made, good)
    context = Context(made, declared(made, tmp_path, one.promised), one.observed, one.now)
    check(FILE, case, told(judge(context, one.previous)))
