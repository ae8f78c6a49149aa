"""Whether a change may pass, and evaluations as facts for other programs."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import msgspec
import pytest

from analyticsops.slo.alert import Alert, Kind
from analyticsops.slo.budget import Missing, Timeline
from analyticsops.slo.clocks import Lag
from analyticsops.slo.facts import AlertFacts, BurningFacts, incident_facts, standing_facts
from analyticsops.slo.gate import decide
from analyticsops.slo.incident import Affected, Incident, Root
from analyticsops.slo.objective import Window
from analyticsops.slo.recorded.timelines import Oldest
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Spans, instant_of
from analyticsops.slo.spec.entries import PolicyEntry
from analyticsops.slo.spec.indicators import Freshness, Success
from analyticsops.slo.spec.words import Duration
from analyticsops.slo.standing import Standing, stand
from analyticsops.slo.tally import Event, Tally

from .making import slo

TIME = datetime(2026, 11, 20, 12, tzinfo=UTC)
NOON = instant_of(TIME)


def fresh(name: str, bad: Spans, tier: str = "critical") -> Standing:
    """Of ten days, of which one may be bad."""
    objective = slo(
        Freshness(threshold=Duration(HOUR), scope="own"),
        name=name,
        node="model.shop.a",
        subject="a",
        tier=tier,
        window=Window(rolling=10 * DAY),
        owner="ana",
        runbook="https://wiki",
        where="slos/a.yml:1",
    )
    return stand(objective, Timeline(scope=Spans.one(0, 2 * NOON), bad=bad), NOON)


def used(hours: int) -> Spans:
    return Spans.one(NOON - 5 * DAY, NOON - 5 * DAY + hours * HOUR)


@pytest.mark.parametrize(
    ("over", "branch", "labels", "is_open", "because"),
    [
        (False, "", (), True, "no budget of its tiers is used up"),
        (True, "", (), False, "the budget of a/x is used up; only fixes may merge"),
        (True, "feature/fix/1", ("docs",), False,
         "the budget of a/x is used up; only fixes may merge"),
        (True, "fix/1", (), True,
         "the budget of a/x is used up, but branch fix/1 is a fix (fix/*)"),
        (True, "revert-7", ("docs",), True,
         "the budget of a/x is used up, but branch revert-7 is a fix (revert-*)"),
        (True, "main", ("docs", "fix"), True,
         "the budget of a/x is used up, but the change is labelled fix"),
    ],
)  # fmt: skip
def test_who_may_pass(
    over: bool, branch: str, labels: tuple[str, ...], is_open: bool, because: str
) -> None:
    standings = [fresh("x", used(25 if over else 1)), fresh("y", used(30), tier="standard")]
    found = decide(standings, PolicyEntry(), branch=branch, labels=labels)
    assert (found.is_open, found.because) == (is_open, because)
    assert found.exhausted == (("a/x",) if over else ())
    assert [line.objective for line in found.lines] == list(found.exhausted)


def test_it_warns_from_three_quarters_on() -> None:
    policy = PolicyEntry()
    assert decide([fresh("x", used(18) - Spans.one(NOON - 5 * DAY, NOON - 5 * DAY + 1))],
                  policy).warned == ()  # fmt: skip
    standings = [fresh("x", used(18)), fresh("y", used(24)), fresh("z", used(0))]
    found = decide(standings, policy)
    assert (found.warned, found.exhausted) == (("a/x", "a/y"), ())
    assert found.because == "no budget is used up, but that of a/x, a/y is nearly"
    assert found.is_open
    both = decide([fresh("v", used(25)), fresh("w", used(26)), *standings], policy)
    assert (both.exhausted, both.warned) == (("a/v", "a/w"), ("a/x", "a/y"))
    assert both.because == "the budget of a/v, a/w is used up; only fixes may merge"
    assert [line.objective for line in both.lines] == ["a/v", "a/w", "a/x", "a/y"]


def test_an_empty_branch_is_no_fix() -> None:
    every = PolicyEntry(allow_branches=("*",))
    over = [fresh("x", used(25))]
    assert not decide(over, every).is_open
    assert decide(over, every, branch="any").is_open


def test_a_standing_as_facts() -> None:
    late = fresh("x", used(6) | Spans.one(NOON - 6 * HOUR, NOON))
    oldest = Oldest("source.shop.raw.b", NOON - 7 * HOUR, HOUR, Lag(3 * HOUR, None, "model.shop.a"))
    told = msgspec.structs.replace(
        late, oldest=oldest, runs_out=NOON + HOUR, arrives=NOON + 2 * HOUR, because="b"
    )
    found = msgspec.structs.asdict(standing_facts(told))
    burning = found.pop("burning")
    exhausts = found.pop("exhausts_at")
    assert found == {
        "objective": "a/x",
        "subject": "a",
        "node": "model.shop.a",
        "indicator": "freshness",
        "target": 0.9,
        "window": "10d",
        "window_from": datetime(2026, 11, 10, 12, tzinfo=UTC),
        "state": "breached",
        "now": "bad",
        "since": datetime(2026, 11, 20, 6, tzinfo=UTC),
        "known_until": TIME,
        "because": "b",
        "sli": 0.95,
        "sli_worst": 0.95,
        "counted": 864_000.0,
        "bad": 43_200.0,
        "unknown": 0.0,
        "budget_allowed": 86_400.0,
        "budget_left": 0.5,
        "exhausts_chance": None,
        "data_at": datetime(2026, 11, 20, 5, tzinfo=UTC),
        "data_from": "source.shop.raw.b",
        "threshold": 3600.0,
        "source_lag": 10_800.0,
        "pipeline_lag": None,
        "blame": "model.shop.a",
        "too_old_from": datetime(2026, 11, 20, 13, tzinfo=UTC),
        "arrives_at": datetime(2026, 11, 20, 14, tzinfo=UTC),
        "tier": "critical",
        "owner": "ana",
        "runbook": "https://wiki",
        "where": "slos/a.yml:1",
    }
    assert exhausts is None or exhausts > TIME
    assert burning == tuple(
        BurningFacts(rule=one.rule.name, rate=float(one.rate), threshold=float(one.threshold),
                     page=one.rule.page)
        for one in late.burning
    )  # fmt: skip
    assert {one.page for one in burning} == {True, False}
    lesser = standing_facts(fresh("x", Spans.one(NOON - 6 * HOUR, NOON), tier="standard"))
    assert {one.page for one in lesser.burning} == {False}


def test_events_are_no_seconds() -> None:
    events = [Event(NOON - DAY - n * HOUR, 1, int(n == 0), unknown=n == 5) for n in range(8)]
    objective = slo(Success(), job="nightly", target=Fraction(1, 2))
    found = standing_facts(
        stand(objective, Tally.of(events, Spans.one(0, 2 * NOON), Missing.UNKNOWN), NOON)
    )
    assert (found.counted, found.bad, found.unknown, found.budget_allowed) == (7, 1, 1, 3.5)
    assert found.sli == pytest.approx(6 / 7)
    assert found.sli_worst == 0.75
    assert (found.data_at, found.data_from, found.threshold) == (None, "", None)
    assert (found.source_lag, found.pipeline_lag, found.blame) == (None, None, "")


def test_a_time_before_the_first_year_is_not_known() -> None:
    oldest = Oldest("s", instant_of(datetime(1, 1, 1, tzinfo=UTC)) - DAY, 0, Lag(None, 0, ""))
    told = standing_facts(msgspec.structs.replace(fresh("x", Spans()), oldest=oldest))
    assert (told.data_at, told.source_lag, told.pipeline_lag) == (None, None, 0)


def test_an_incident_as_facts() -> None:
    alert = Alert(
        rule="node-failing",
        kind=Kind.FAILING,
        subject="a",
        what="a fails",
        since=NOON - 30 * MINUTE,
        node="model.shop.a",
        job="nightly",
        slo="a/x",
        owner="ana",
        cause="b",
    )
    found = Incident(
        id="i",
        root=Root(id="model.shop.a", label="a", kind=Kind.FAILING, suspected=True),
        since=NOON - HOUR,
        page=True,
        alerts=(alert, msgspec.structs.replace(alert, page=True)),
        affected=Affected(marts=("m",)),
        owner="bob",
        runbook="https://wiki",
    )
    told = msgspec.structs.asdict(incident_facts(found, NOON))
    alerts = told.pop("alerts")
    assert told == {
        "id": "i",
        "severity": "page",
        "title": "a fails",
        "root": "model.shop.a",
        "root_label": "a",
        "suspected": True,
        "since": datetime(2026, 11, 20, 11, tzinfo=UTC),
        "owner": "bob",
        "runbook": "https://wiki",
        "affected": Affected(marts=("m",)),
    }
    facts = AlertFacts(
        rule="node-failing",
        kind="failing",
        severity="ticket",
        subject="a",
        node="model.shop.a",
        job="nightly",
        objective="a/x",
        since=datetime(2026, 11, 20, 11, 30, tzinfo=UTC),
        owner="ana",
        cause="b",
        sentence="a fails, since 2026-11-20 11:30 UTC (30m); owner ana; caused by b",
    )
    assert alerts == (facts, msgspec.structs.replace(facts, severity="page"))
