"""What is sent, by the schemas and limits that receivers publish."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings, strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from analyticsops.report.encode import slack_text
from analyticsops.slo.incident import Affected, Incident
from analyticsops.slo.log.events import AcknowledgedEvent, MergedEvent, ResolvedEvent, What
from analyticsops.slo.log.reconcile import reconcile
from analyticsops.slo.log.state import Case, State, fold
from analyticsops.slo.spans import HOUR
from analyticsops.telling.alertmanager import KEPT, alertmanager_body
from analyticsops.telling.due import Notice
from analyticsops.telling.message import Message, message_of
from analyticsops.telling.pagerduty import pagerduty_body
from analyticsops.telling.slack import slack_body
from tests.telling.making import AFFECTED, NOON, alert, incident

PUBLISHED = Path(__file__).parent / "published"
SCHEMAS = Path(__file__).parents[2] / "analyticsops" / "schemas"
WHATS: tuple[What, ...] = get_args(What)


def _schema(name: str) -> Any:
    return json.loads((PUBLISHED / name).read_text(encoding="utf-8"))


PAGERDUTY = Draft202012Validator(_schema("pagerduty-events-v2.json"))
ALERTMANAGER = Draft7Validator(_schema("alertmanager-v2.json"))
WEBHOOK = Draft202012Validator(
    json.loads((SCHEMAS / "incident-message-v1.schema.json").read_text(encoding="utf-8"))
)


def case_of(found: Incident, what: What = "opened") -> Case:
    """An incident to which something happened."""
    events = list(reconcile(State(), [found], NOON, project="shop", environment="prod"))
    name = found.id
    if what == "acknowledged":
        events.append(AcknowledgedEvent(at=NOON + 1, id=name, by="Ana", note="on it"))
    if what == "resolved":
        events.append(ResolvedEvent(at=NOON + HOUR, id=name))
    if what == "merged":
        events.append(MergedEvent(at=NOON + HOUR, id=name, into="0123456789ab"))
    return fold(events).cases[name]


def message(found: Incident, what: What = "opened") -> Message:
    """What is told of it."""
    notice = Notice(receiver="r", what=what, case=case_of(found, what), key="k" * 32)
    return message_of(notice, NOON + 2 * HOUR)


def plain(value: Any) -> Any:
    """As it is sent."""
    return json.loads(msgspec.json.encode(value))


EVIL = [
    "<!channel> *now* _x_ `y` <https://evil.example|click> &lt;",
    "\x1b[31mred\x07 \u202eesrever\x00\nnew line\ttab",
    "ü" * 5_000,
    "<&>" * 3_000,
    "😀" * 4_000,
    "\ud800 half",
    " ",
]


def _evil(word: str) -> Incident:
    alerts = [
        alert(f"n{number}", what=word or "x", owner=word, runbook=word, budget=word, cause=word)
        for number in range(52)
    ]
    names = tuple(f"{word}{number}" for number in range(20))
    hit = Affected(marts=names, metrics=names, exposures=names, owners=names, others=9_999)
    return incident(*alerts, affected=hit, owner=word, runbook=word)


FOUND = [incident(), *map(_evil, EVIL)]


@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("what", WHATS)
def test_pagerduty(found: Incident, what: What) -> None:
    body = plain(pagerduty_body(message(found, what), "key"))
    PAGERDUTY.validate(body)
    # What its schema says only in prose (https://developer.pagerduty.com/docs/events-api-v2).
    assert len(msgspec.json.encode(body)) < 512 * 1024
    assert len(body["dedup_key"]) <= 255
    assert body["dedup_key"] == found.id
    if body["event_action"] == "trigger":
        assert 0 < len(body["payload"]["summary"]) <= 1_024
        assert body["payload"]["source"]
        assert datetime.fromisoformat(body["payload"]["timestamp"]).tzinfo


@pytest.mark.parametrize("what", WHATS)
def test_pagerduty_is_told_what_to_do(what: What) -> None:
    action = {"acknowledged": "acknowledge", "resolved": "resolve", "merged": "resolve"}
    body = pagerduty_body(message(incident(), what), "key")
    assert body["event_action"] == action.get(what, "trigger")


@pytest.mark.parametrize(("page", "severity"), [(True, "critical"), (False, "warning")])
def test_pagerduty_severity(page: bool, severity: str) -> None:
    body = pagerduty_body(message(incident(alert(page=page))), "key")
    assert body["payload"]["severity"] == severity


@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("what", WHATS)
def test_webhook(found: Incident, what: What) -> None:
    body = plain(message(found, what))
    WEBHOOK.validate(body)
    assert msgspec.json.decode(json.dumps(body), type=Message) == message(found, what)
    assert len(body["incident"]["alerts"]) <= 50
    assert body["incident"]["alert_count"] == len(found.alerts)


def test_everything_is_said() -> None:
    """What, since when, how much budget, who, why, when next, where to read on, and what is hit."""
    hit = alert(cause="stripe.charges", page=True)
    for text in (
        msgspec.json.encode(message(incident(hit))).decode(),
        json.dumps(slack_body(message(incident(hit)))),
        json.dumps(pagerduty_body(message(incident(hit)), "key")),
    ):
        for word in (
            "orders is 5h too old",
            "2026-11-27 11:00 UTC",
            "112 % of the budget",
            "owner ingestion",
            "caused by stripe.charges",
            "2026-11-27 18:00 UTC",
            "runbooks.example",
            "fct_revenue",
            "Board deck",
        ):
            assert word in text.replace("&amp;", "&"), word


# -- Slack -----------------------------------------------------------------------


def _check_text(text: Any, limit: int) -> None:
    assert set(text) <= {"type", "text", "emoji", "verbatim"}
    assert 1 <= len(text["text"]) <= limit
    if text["type"] == "plain_text":
        assert "verbatim" not in text
        return
    assert text["type"] == "mrkdwn"
    assert "emoji" not in text
    rest = text["text"]
    for entity in ("&amp;", "&lt;", "&gt;"):
        rest = rest.replace(entity, "")
    if rest.endswith("|Runbook>"):
        assert rest.startswith("<http")
        rest = rest.removeprefix("<").removesuffix("|Runbook>")
    assert not set(rest) & set("<>&"), "something that Slack would act on"


def _check_block(block: Any) -> None:
    kind = block["type"]
    if kind == "header":
        assert block["text"]["type"] == "plain_text"
        _check_text(block["text"], 150)
    elif kind == "section":
        assert ("text" in block) != ("fields" in block)
        if "text" in block:
            _check_text(block["text"], 3_000)
        fields = block.get("fields", [])
        assert len(fields) <= 10
        for field in fields:
            _check_text(field, 2_000)
    else:
        assert kind == "context"
        assert 1 <= len(block["elements"]) <= 10
        for element in block["elements"]:
            _check_text(element, 2_000)


def check_slack(body: Any) -> None:
    """Limits by https://docs.slack.dev/reference/block-kit/blocks."""
    assert set(body) == {"text", "blocks"}
    assert 0 < len(body["text"]) <= 4_000
    assert 1 <= len(body["blocks"]) <= 50
    for block in body["blocks"]:
        _check_block(block)


@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("what", WHATS)
def test_slack(found: Incident, what: What) -> None:
    check_slack(plain(slack_body(message(found, what))))


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_slack_acts_on_no_foreign_word(word: str) -> None:
    hit = alert(what=word, owner=word, cause=word)
    check_slack(plain(slack_body(message(incident(hit, alert("b", what=word), owner=word)))))


@given(st.text(alphabet="<>&ab\n", max_size=60), st.integers(1, 80))
def test_a_text_for_slack_is_cut_between_its_entities(text: str, limit: int) -> None:
    found = slack_text(text, limit)
    assert len(found) <= limit
    cut = found.removesuffix("…")
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        cut = cut.replace(entity, character)
    assert text.replace("\n", "\\n").startswith(cut)


def test_a_runbook_is_a_link_only_if_it_is_one() -> None:
    for address in ("javascript:alert(1)", "runbooks/orders.md", "ftp://x"):
        body = json.dumps(slack_body(message(incident(runbook=address))))
        assert "Runbook>" not in body
        assert "links" not in pagerduty_body(message(incident(runbook=address)), "key")
    body = json.dumps(slack_body(message(incident(runbook="https://x/|y> <!here>"))))
    assert "<https://x/%7Cy&gt;%20&lt;!here&gt;|Runbook>" in body


# -- Alertmanager ------------------------------------------------------------------


@pytest.mark.parametrize("found", FOUND)
@pytest.mark.parametrize("what", WHATS)
def test_alertmanager(found: Incident, what: What) -> None:
    body = plain(alertmanager_body([(case_of(found, what), NOON + KEPT)], "am", NOON))
    ALERTMANAGER.validate(body)
    for one in body:
        assert all(value for value in one["labels"].values())
        starts, ends = (datetime.fromisoformat(one[key]) for key in ("startsAt", "endsAt"))
        assert starts <= ends


def test_labels_name_the_root_and_who_has_to_act() -> None:
    (one,) = alertmanager_body([(case_of(incident(alert(page=True))), NOON + KEPT)], "am", NOON)
    assert one["labels"] == {
        "alertname": "DataIncident",
        "incident": incident().id,
        "project": "shop",
        "environment": "prod",
        "root": "orders",
        "kind": "late",
        "owner": "ingestion",
        "tier": "critical",
        "severity": "page",
    }
    assert one["annotations"]["reaches"].startswith("marts fct_orders, fct_revenue; metric revenue")


def test_the_blast_radius_is_cut_and_counted() -> None:
    many = Affected(marts=tuple(f"m{number:03}" for number in range(120)), others=1)
    body = slack_body(message(incident(affected=many)))
    assert "m009 and 110 more; 1 other model" in json.dumps(body)
    assert AFFECTED.marts


def test_nothing_ends_before_it_begins() -> None:
    """Clocks differ; Alertmanager refuses such an alert."""
    (one,) = alertmanager_body([(case_of(incident()), NOON - 9 * HOUR)], "am", NOON)
    assert one["startsAt"] == one["endsAt"]
