"""What each receiver is sent, and a post-mortem, as they look: see :mod:`tests.golden`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest
from msgspec.structs import replace

from analyticsops.slo.alert import Kind
from analyticsops.slo.incident import Affected, Incident, Root
from analyticsops.slo.log.events import (
    AcknowledgedEvent,
    AnyEvent,
    ChangedEvent,
    MergedEvent,
    OpenedEvent,
    ResolvedEvent,
    SilencedEvent,
    SilenceMatch,
    ToldEvent,
    View,
    What,
)
from analyticsops.slo.log.state import Case, State, fold
from analyticsops.slo.spans import HOUR, MINUTE, Instant
from analyticsops.slo.spec.entries import ReceiverEntry
from analyticsops.telling.due import Notice, due
from analyticsops.telling.message import headline
from analyticsops.telling.post_mortem import post_mortem
from analyticsops.telling.receivers import (
    Letter,
    address_of,
    batch_of,
    beat_of,
    harmless,
    letter_of,
)
from tests.golden import check_golden, readable
from tests.telling.making import NOON, alert, incident, settings

GOLDEN = Path(__file__).with_name("golden")
ENVIRON = {
    "SLACK_URL": "https://hooks.slack.example/services/T/B/x",
    "PD_KEY": "routing-key",
    "HOOK_URL": "https://hook.example/incidents",
    "HOOK_TOKEN": "token",
    "AM_URL": "http://localhost:9093/",
    "HEART_URL": "https://beats.example/ping/1",
}
RECEIVERS = {
    "slack": ReceiverEntry(type="slack", url_env="SLACK_URL"),
    "pagerduty": ReceiverEntry(type="pagerduty", key_env="PD_KEY"),
    "webhook": ReceiverEntry(type="webhook", url_env="HOOK_URL", token_env="HOOK_TOKEN"),
    "alertmanager": ReceiverEntry(type="alertmanager", url_env="AM_URL"),
    "heartbeat": ReceiverEntry(type="heartbeat", url_env="HEART_URL"),
}
TEAM = settings(team=RECEIVERS["webhook"])
NOW = NOON + 90 * MINUTE


def rich() -> Incident:
    """A page with a suspected root, members, and everything that can be said."""
    root = Root(id="source.shop.raw.orders", label="raw.orders", kind=Kind.LATE, suspected=True)
    late = alert("raw.orders", page=True)
    below = alert(
        "fct_orders",
        rule="budget-burning",
        kind=Kind.BUDGET,
        node="model.shop.fct_orders",
        slo="fct_orders/fresh",
        tier="standard",
        what="fct_orders burns its budget 14 times as fast as it lasts",
        cause="raw.orders",
        since=NOON - 30 * MINUTE,
        budget="71 % of the budget of 28d is used",
        arrives=None,
        runbook="",
    )
    job = alert(
        "nightly",
        rule="job-failed",
        kind=Kind.FAILING,
        node="",
        job="nightly",
        slo="",
        tier="",
        what="nightly failed 2 times in a row",
        budget="",
        owner="",
        arrives=NOON,
    )
    return replace(incident(late, below, job), id="5f2d6a0c91be", root=root)


def bare() -> Incident:
    """A ticket of which nobody knows more than that it is there."""
    one = alert(
        "load",
        rule="data-unmeasured",
        kind=Kind.UNMEASURED,
        node="",
        job="load",
        slo="",
        tier="standard",
        what="nobody looked at load",
        since=NOON - 2 * HOUR,
        budget="",
        owner="",
        group="",
        arrives=None,
        runbook="",
    )
    root = Root(id="job.load", label="load", kind=Kind.UNMEASURED)
    found = incident(one, owner="", affected=Affected())
    return replace(found, id="00000000beef", root=root)


def opened(found: Incident, at: Instant = NOON, environment: str = "prod") -> OpenedEvent:
    return OpenedEvent(at=at, id=found.id, project="shop", environment=environment, incident=found)


def case_of(*events: AnyEvent) -> Case:
    (case,) = fold(events).cases.values()
    return case


ACKNOWLEDGED = AcknowledgedEvent(at=NOON + 10 * MINUTE, id=rich().id, by="Ana", note="on it")
RESOLVED = ResolvedEvent(at=NOON + HOUR, id=rich().id)
CASES: dict[str, tuple[What, Case]] = {
    "opened": ("opened", case_of(opened(rich()))),
    "acknowledged": ("acknowledged", case_of(opened(rich()), ACKNOWLEDGED)),
    "resolved": ("resolved", case_of(opened(rich()), ACKNOWLEDGED, RESOLVED)),
    "bare": ("opened", case_of(opened(bare(), environment=""))),
}


def said(letter: Letter) -> str:
    """A request, for people."""
    return readable({**letter._asdict(), "body": json.loads(letter.body or b"null")})


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("receiver", ["slack", "pagerduty", "webhook"])
def test_what_is_sent_of_one_incident(receiver: str, name: str) -> None:
    what, case = CASES[name]
    notice = Notice(receiver=receiver, what=what, case=case, key="0123456789abcdef")
    entry = RECEIVERS[receiver]
    letter = letter_of(notice, entry, address_of(entry, ENVIRON), NOW)
    check_golden(GOLDEN / f"{receiver}-{name}.json", said(letter))


def test_what_alertmanager_is_sent_of_all() -> None:
    """Of one that pages since it was told as a ticket, of one that ended, and of a bare one."""
    told = ToldEvent(at=NOON, id=rich().id, receiver="am", what="opened", key="", view=View())
    cases = [
        (case_of(opened(rich()), told, ACKNOWLEDGED), NOW + 24 * HOUR),
        (
            case_of(opened(incident(id="000000000eed")), ResolvedEvent(at=NOON, id="000000000eed")),
            NOON,
        ),
        (CASES["bare"][1], NOW + 24 * HOUR),
    ]
    address = address_of(RECEIVERS["alertmanager"], ENVIRON)
    check_golden(GOLDEN / "alertmanager.json", said(batch_of(cases, "am", address, NOW)))


def test_a_sign_of_life() -> None:
    letter = beat_of(address_of(RECEIVERS["heartbeat"], ENVIRON))
    assert letter == (
        "GET",
        "https://beats.example/ping/1",
        b"",
        {"User-Agent": "analyticsops"},
        False,
    )


def test_headlines() -> None:
    """Each thing that can happen, in a few words."""
    merged = MergedEvent(at=NOON + HOUR, id=rich().id, into="0123456789ab")
    shown: dict[What, Case] = {
        **dict.fromkeys(get_args(What), CASES["opened"][1]),
        "acknowledged": CASES["acknowledged"][1],
        "resolved": CASES["resolved"][1],
        "merged": case_of(opened(rich()), merged),
    }
    lines = [f"{what}: {headline(what, case, NOW)}" for what, case in shown.items()]
    lines.append(f"bare: {headline('opened', CASES['bare'][1], NOW)}")
    check_golden(GOLDEN / "headlines.txt", "\n".join(lines) + "\n")


def test_keys_stay_the_same_with_the_next_version() -> None:
    """Else what was just sent would be sent again after an upgrade. Who acknowledged, and what it
    reaches, is news each time; so is each opening."""
    everything = View(page=True, reach=case_of(opened(rich())).reach)

    def told(view: View) -> ToldEvent:
        at, name = NOON + MINUTE, rich().id
        return ToldEvent(at=at, id=name, receiver="team", what="opened", key="", view=view)

    def later(found: Incident) -> ChangedEvent:
        return ChangedEvent(at=NOON + MINUTE, id=found.id, incident=found)

    wider = replace(rich(), affected=Affected(marts=("fct_churn", "fct_orders")))
    by_ben = replace(ACKNOWLEDGED, by="Ben")
    again = opened(rich(), NOON + 2 * HOUR)
    courses: dict[str, list[AnyEvent]] = {
        "opened": [],
        "raised": [told(replace(everything, page=False))],
        "spread": [told(View(page=True))],
        "spread to others": [told(View(page=True)), later(wider)],
        "acknowledged by Ana": [told(everything), ACKNOWLEDGED],
        "acknowledged by Ben": [told(everything), by_ben],
        "resolved": [told(everything), RESOLVED],
        "reopened": [told(View(phase="closed")), RESOLVED, again],
        "resolved again": [
            told(everything),
            RESOLVED,
            again,
            replace(RESOLVED, at=NOON + 3 * HOUR),
        ],
    }
    keys = {}
    for name, course in courses.items():
        (notice,) = due(fold([opened(rich()), *course]), TEAM, NOON + 4 * HOUR)
        assert notice.what == name.split()[0]
        keys[name] = notice.key
    assert len(set(keys.values())) == len(keys)
    check_golden(GOLDEN / "keys.json", readable(keys))


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_what_is_secret_is_not_shown(receiver: str) -> None:
    address = address_of(RECEIVERS[receiver], ENVIRON)
    assert (repr(address), repr(beat_of(address))) == ("Address(...)", "Letter(...)")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b" invalid_blocks\n", "invalid_blocks"),
        (b"x" * 40, "x" * 40),
        (b"x" * 41, ""),
        (b"Not a word", ""),
        (b"no_1", ""),
        (b"", ""),
        (b"\xff", ""),
        (b"secret", ""),
    ],
)
def test_of_an_answer_only_a_word_is_told(said: bytes, shown: str) -> None:
    assert harmless(said, ["https://x/secret"]) == shown


# -- post-mortems --------------------------------------------------------------------------


def whole_course() -> State:
    """An incident that grew, was told late, silenced, acknowledged, resolved and came back."""
    grown = rich()
    first = replace(grown, alerts=grown.alerts[:1], page=False)
    at, name = NOON, rich().id

    def told(minutes: int, receiver: str, what: What, error: str = "") -> ToldEvent:
        now = at + minutes * MINUTE
        return ToldEvent(
            at=now, id=name, receiver=receiver, what=what, key="", ok=not error, error=error
        )

    silence = SilenceMatch(root="raw.orders")
    return fold(
        [
            opened(first),
            told(1, "team", "opened", "answered 500 Internal Server Error"),
            told(16, "team", "opened"),
            ChangedEvent(
                at=at + 20 * MINUTE, id=name, incident=grown, added=(grown.alerts[1].key,)
            ),
            AcknowledgedEvent(at=at + 25 * MINUTE, id=name, by="Ana", note="on it"),
            SilencedEvent(
                at=at + 30 * MINUTE, match=silence, reason="known", until=at + 50 * MINUTE, by="Ana"
            ),
            ResolvedEvent(
                at=at + HOUR,
                id=name,
                budgets={"orders/fresh": "118 % of the budget of 28d is used"},
            ),
            told(61, "team", "resolved"),
            opened(grown, at + 3 * HOUR),
        ]
    )


def test_a_post_mortem_of_what_came_back_and_is_open() -> None:
    state = whole_course()
    text = post_mortem(state.cases[rich().id], state, NOON + 4 * HOUR)
    check_golden(GOLDEN / "post-mortem.md", text)


def test_a_post_mortem_of_what_became_part_of_another() -> None:
    merged = MergedEvent(at=NOON + HOUR, id=bare().id, into="0123456789ab")
    state = fold([opened(bare(), environment=""), merged])
    text = post_mortem(state.cases[bare().id], state, NOW)
    check_golden(GOLDEN / "post-mortem-merged.md", text)
