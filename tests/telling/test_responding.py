"""An evaluation, and who is told what, sent for real to a server on this machine."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from analyticsops import on_call
from analyticsops.errors import UsageError
from analyticsops.responding import Response, look_before, respond
from analyticsops.slo.incident import Affected, Incident
from analyticsops.slo.log.events import SilenceMatch
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant
from analyticsops.slo.spec.entries import MatchEntry, ReceiverEntry, RouteEntry
from analyticsops.slo.spec.reading import SharedSettings
from tests.telling.making import AFFECTED, NOON, alert, evaluation, incident, settings, when
from tests.telling.server import Receiver, Reply

HOOK = ReceiverEntry(type="webhook", url_env="HOOK_URL", token_env="HOOK_TOKEN")
SLACK = ReceiverEntry(type="slack", url_env="SLACK_URL")
PAGER = ReceiverEntry(type="pagerduty", key_env="PD_KEY", url_env="PD_URL")
MANAGER = ReceiverEntry(type="alertmanager", url_env="AM_URL")
HEART = ReceiverEntry(type="heartbeat", url_env="HEART_URL")


class Duty:
    """A folder of incidents that is evaluated again and again."""

    def __init__(self, folder: Path, receiver: Receiver, shared: SharedSettings) -> None:
        self.folder, self.receiver, self.shared = folder, receiver, shared
        self.environ: Mapping[str, str] = {
            "HOOK_URL": f"{receiver.url}/hook",
            "HOOK_TOKEN": "canary-token",
            "SLACK_URL": f"{receiver.url}/services/CANARY",
            "PD_KEY": "canary-key",
            "PD_URL": f"{receiver.url}/v2/enqueue",
            "AM_URL": receiver.url,
            "HEART_URL": f"{receiver.url}/ping/canary",
        }

    def at(self, now: Instant, *found: Incident, send: bool = True) -> Response:
        """Evaluate and respond."""
        one = evaluation(*found, at=now, shared=self.shared)
        return respond(one, self.folder, now=when(now), environ=self.environ, send=send)

    def whats(self) -> list[str]:
        """What the webhook was told since this was asked last."""
        said = [got.json["what"] for got in self.receiver.got if got.path == "/hook"]
        self.receiver.got.clear()
        return said


@pytest.fixture
def duty(tmp_path: Path, receiver: Receiver) -> Duty:
    return Duty(tmp_path / "incidents", receiver, settings(hook=HOOK))


def test_one_message_when_it_opens_and_one_when_it_ends(duty: Duty) -> None:
    for step in range(6):
        response = duty.at(NOON + step * HOUR, incident())
        assert len(response.told) == (step == 0)
    assert duty.whats() == ["opened"]
    assert [one.what for one in duty.at(NOON + 6 * HOUR).told] == ["resolved"]
    duty.at(NOON + 7 * HOUR)
    assert duty.whats() == ["resolved"]


def test_the_id_stays_though_the_trouble_is_older_than_it_seemed(duty: Duty) -> None:
    duty.at(NOON, incident())
    first = duty.receiver.got[0].json["incident"]["id"]
    older = incident(alert(since=NOON - 9 * HOUR))
    assert older.id != first
    duty.at(NOON + HOUR, older)
    duty.at(NOON + 2 * HOUR)
    assert {got.json["incident"]["id"] for got in duty.receiver.got} == {first}
    assert duty.whats() == ["opened", "resolved"]


def test_news_is_what_somebody_would_do_something_about(duty: Duty) -> None:
    late = alert()
    duty.at(NOON, incident(late))
    # Another alert of the same incident, or a fuller budget, changes nothing for who was told.
    duty.at(NOON + HOUR, incident(late, alert("b", budget="300 %")))
    duty.at(NOON + 2 * HOUR, incident(alert(budget="200 %")))
    assert duty.whats() == ["opened"]
    wider = Affected(marts=(*AFFECTED.marts, "fct_churn"), metrics=AFFECTED.metrics)
    duty.at(NOON + 3 * HOUR, incident(late, affected=wider))
    duty.at(NOON + 4 * HOUR, incident(late, affected=AFFECTED))
    duty.at(NOON + 5 * HOUR, incident(late, affected=wider))
    assert duty.whats() == ["spread"]
    duty.at(NOON + 6 * HOUR, incident(late, alert("b", page=True)))
    assert duty.whats() == ["raised"]


def test_severity_is_not_lowered_while_it_is_open(duty: Duty) -> None:
    duty.at(NOON, incident(alert(page=True)))
    duty.at(NOON + HOUR, incident(alert()))
    assert on_call.list_incidents(duty.folder).incidents[0].severity == "page"
    duty.at(NOON + 2 * HOUR, incident(alert(page=True)))
    assert duty.whats() == ["opened"]


def test_members_that_move_to_another_root(duty: Duty) -> None:
    member = alert("fct_orders")
    duty.at(NOON, incident(member, root="stg_orders"))
    duty.at(NOON + HOUR, incident(alert("orders"), member, root="orders"))
    old, new = (got.json for got in duty.receiver.got[1:])
    assert (old["what"], new["what"]) == ("merged", "opened")
    assert old["incident"]["merged_into"] == new["incident"]["id"]
    assert duty.whats() == ["opened", "merged", "opened"]
    duty.at(NOON + 2 * HOUR)
    assert duty.whats() == ["resolved"]


def test_trouble_that_comes_back_within_a_day_is_the_same_incident(duty: Duty) -> None:
    duty.at(NOON, incident())
    duty.at(NOON + HOUR)
    duty.at(NOON + 20 * HOUR, incident(alert(since=NOON + 19 * HOUR)))
    ids = [got.json["incident"]["id"] for got in duty.receiver.got]
    assert duty.whats() == ["opened", "resolved", "reopened"]
    assert len(set(ids)) == 1
    duty.at(NOON + 21 * HOUR)
    duty.whats()
    duty.at(NOON + 21 * HOUR + DAY, incident(alert(since=NOON + 2 * DAY)))
    assert duty.receiver.got[0].json["incident"]["id"] not in ids
    assert duty.whats() == ["opened"]


def test_flapping_is_told_once(duty: Duty) -> None:
    now = NOON
    for _ in range(8):
        duty.at(now, incident(alert(since=now)))
        duty.at(now + 15 * MINUTE)
        now += 30 * MINUTE
    flapping = ["it flaps" in got.json["headline"] for got in duty.receiver.got]
    assert flapping == [False, False, False, False, True]
    assert duty.whats() == ["opened", "resolved", "reopened", "resolved", "reopened"]
    duty.at(now + 5 * HOUR)
    assert duty.whats() == []
    duty.at(now + 6 * HOUR)
    assert duty.whats() == ["resolved"]


def test_who_is_told_by_routes(tmp_path: Path, receiver: Receiver) -> None:
    routes = (
        RouteEntry(to=("pager", "hook"), match=MatchEntry(severity="page")),
        RouteEntry(to=("hook",), match=MatchEntry(owner="ingest*")),
        RouteEntry(to=("nobody",), match=MatchEntry(node="stripe")),
    )
    duty = Duty(tmp_path / "i", receiver, settings(*routes, hook=HOOK, pager=PAGER))
    page = incident(alert(page=True))
    other = incident(alert("stripe", owner="growth"), root="stripe", owner="growth")
    response = duty.at(NOON, page, other)
    told = {(one.receiver, one.incident) for one in response.told}
    assert told == {("pager", page.id), ("hook", page.id), ("stdout", other.id)}
    assert [m.incident.id for m in response.messages] == [other.id]
    assert response.problems == (
        "routes lead to 'nobody', which is no receiver of incidents; nobody is told there",
    )


def test_without_routes_it_is_printed_once(tmp_path: Path, receiver: Receiver) -> None:
    duty = Duty(tmp_path / "i", receiver, SharedSettings())
    (message,) = duty.at(NOON, incident()).messages
    assert message.headline == "Ticket: orders is 5h too old"
    assert duty.at(NOON + HOUR, incident()).messages == ()
    assert duty.at(NOON + 2 * HOUR).messages[0].what == "resolved"
    assert receiver.got == []


# -- people ----------------------------------------------------------------------


def _acknowledge(duty: Duty, now: Instant, by: str = "ana", **said: Any) -> Any:
    known = {"environ": duty.environ, "now": when(now), **said}
    return on_call.acknowledge(duty.folder, "latest", by=by, **known)


def _written(duty: Duty, folder: Path) -> Path:
    (folder / "slos").mkdir(parents=True, exist_ok=True)
    (folder / "slos" / "ops.yml").write_text(
        "version: 1\nreceivers:\n  hook: {type: webhook, url_env: HOOK_URL}\n"
        "  pager: {type: pagerduty, key_env: PD_KEY, url_env: PD_URL}\n"
        "routes: [{to: [hook, pager]}]\n"
    )
    return folder


def test_acknowledged_is_told_at_once(duty: Duty, tmp_path: Path) -> None:
    duty.shared = settings(hook=HOOK, pager=PAGER)
    duty.at(NOON, incident())
    duty.receiver.got.clear()
    done, telling = _acknowledge(
        duty, NOON + 1, note="asked the vendor", project_dir=_written(duty, tmp_path)
    )
    assert done.state == "acknowledged"
    assert {one.receiver for one in telling.told} == {"hook", "pager"}
    by_path = {got.path: got.json for got in duty.receiver.got}
    assert by_path["/v2/enqueue"]["event_action"] == "acknowledge"
    assert by_path["/hook"]["incident"]["acknowledged"]["note"] == "asked the vendor"
    duty.receiver.got.clear()
    duty.at(NOON + HOUR, incident())
    assert duty.receiver.got == []
    duty.at(NOON + 2 * HOUR)
    with pytest.raises(UsageError, match="resolved already"):
        _acknowledge(duty, NOON + 3 * HOUR)


def test_acknowledged_without_sending_is_told_later(duty: Duty) -> None:
    duty.at(NOON, incident())
    _acknowledge(duty, NOON + 1, send=False)
    assert duty.whats() == ["opened"]
    duty.at(NOON + HOUR, incident())
    duty.at(NOON + 2 * HOUR, incident())
    assert duty.whats() == ["acknowledged"]


def _silence(duty: Duty, now: Instant, until: str = "6h", **match: str) -> Any:
    return on_call.silence(
        duty.folder, SilenceMatch(**match), reason="known", until=until, now=when(now)
    )


def test_what_is_silenced_is_told_when_the_silence_ends(duty: Duty) -> None:
    _silence(duty, NOON - 1, root="ord*")
    duty.at(NOON, incident())
    duty.at(NOON + 5 * HOUR, incident(alert(page=True)))
    assert duty.whats() == []
    duty.at(NOON + 6 * HOUR, incident(alert(page=True)))
    assert duty.whats() == ["opened"]


def test_what_came_and_went_in_silence_is_never_told(duty: Duty) -> None:
    _silence(duty, NOON - 1, owner="ingestion")
    duty.at(NOON, incident())
    duty.at(NOON + HOUR)
    duty.at(NOON + 9 * HOUR)
    assert duty.whats() == []


def test_the_end_of_what_was_told_is_told_also_in_silence(duty: Duty) -> None:
    duty.at(NOON, incident())
    made, covered = _silence(duty, NOON + 1, incident="latest")
    assert covered == (incident().id,)
    duty.at(NOON + HOUR, incident(alert(page=True)))
    assert duty.whats() == ["opened"]
    duty.at(NOON + 2 * HOUR)
    assert duty.whats() == ["resolved"]
    assert made.id


def test_a_silence_hides_nothing_that_it_does_not_cover(duty: Duty) -> None:
    _silence(duty, NOON - 1, rule="data-late")
    late = alert()
    duty.at(NOON, incident(late))
    assert duty.whats() == []
    duty.at(NOON + HOUR, incident(late, alert("b", rule="build-failing")))
    assert duty.whats() == ["opened"]


def test_a_silence_that_is_ended(duty: Duty) -> None:
    made, _ = _silence(duty, NOON - 1, root="orders")
    duty.at(NOON, incident())
    assert on_call.list_incidents(duty.folder, now=when(NOON)).silenced == (incident().id,)
    on_call.unsilence(duty.folder, made.id[:4], now=when(NOON + 1))
    duty.at(NOON + HOUR, incident())
    assert duty.whats() == ["opened"]


@pytest.mark.parametrize("until", ["yesterday", "2020-01-01", "-3h", ""])
def test_a_silence_ends(duty: Duty, until: str) -> None:
    with pytest.raises(UsageError, match="--until"):
        _silence(duty, NOON, until, root="x")


def test_what_is_worked_on_neither_opens_nor_ends(duty: Duty) -> None:
    import msgspec

    def at(now: Instant, *found: Incident, worked_on: Incident) -> None:
        one = evaluation(*found, at=now, shared=duty.shared)
        one = msgspec.structs.replace(one, silent=(worked_on,))
        respond(one, duty.folder, now=when(now), environ=duty.environ)

    other = incident(alert("b"), root="b")
    duty.at(NOON, incident())
    at(NOON + HOUR, other, worked_on=incident(alert(page=True)))
    at(NOON + 2 * HOUR, worked_on=incident(alert(), root="upstream"))
    assert [got.json["incident"]["root"]["label"] for got in duty.receiver.got] == [
        *("orders", "b"),
        "b",
    ]
    assert duty.whats() == ["opened", "opened", "resolved"]
    at(NOON + 3 * HOUR, worked_on=other)
    assert duty.whats() == ["resolved"]
    duty.at(NOON + 4 * HOUR, other)
    assert duty.whats() == ["reopened"]


# -- what goes wrong -----------------------------------------------------------------


def test_what_does_not_arrive_is_told_after_the_next_evaluation(duty: Duty) -> None:
    duty.receiver.replies = [Reply(500)]
    for step in range(3):
        (failed,) = duty.at(NOON + step * HOUR, incident()).failed
        assert failed.error == "answered 500 Internal Server Error"
    files = len(list(duty.folder.rglob("*_told_*")))
    assert files == 1, "the same failure is written once"
    duty.receiver.got.clear()
    duty.receiver.replies = [Reply()]
    duty.at(NOON + 3 * HOUR, incident())
    duty.at(NOON + 4 * HOUR, incident())
    assert duty.whats() == ["opened"]


def test_what_did_not_arrive_may_be_sent_at_once(duty: Duty) -> None:
    duty.receiver.replies = [Reply(500)]
    duty.at(NOON, incident())
    duty.receiver.replies = [Reply()]
    assert len(duty.at(NOON + 1, incident()).told) == 1


def test_what_ended_before_it_could_be_told_is_told_as_ended(duty: Duty) -> None:
    duty.receiver.replies = [Reply(500)]
    duty.at(NOON, incident())
    duty.receiver.got.clear()
    duty.receiver.replies = [Reply()]
    duty.at(NOON + HOUR)
    assert duty.whats() == ["resolved"]


def test_what_ended_long_ago_is_told_no_more(duty: Duty) -> None:
    duty.receiver.replies = [Reply(500)]
    duty.at(NOON, incident())
    assert duty.at(NOON + HOUR).failed
    assert duty.at(NOON + 7 * DAY).failed
    assert not duty.at(NOON + 7 * DAY + HOUR).failed


def test_what_is_sent_again_has_the_same_key(duty: Duty) -> None:
    duty.receiver.replies = [Reply(500)]
    for step in range(2):
        duty.at(NOON + step * HOUR, incident())
    keys = {got.headers["Idempotency-Key"] for got in duty.receiver.got}
    assert keys == {got.json["key"] for got in duty.receiver.got}
    assert len(duty.receiver.got) == 6
    assert len(keys) == 1


def test_a_missing_variable_stops_nobody_else(tmp_path: Path, receiver: Receiver) -> None:
    duty = Duty(tmp_path / "i", receiver, settings(slack=SLACK, hook=HOOK))
    duty.environ = {k: v for k, v in duty.environ.items() if k != "SLACK_URL"}
    response = duty.at(NOON, incident(), incident(root="b"))
    assert {one.receiver for one in response.told} == {"hook"}
    assert {one.error for one in response.failed} == {
        "the environment variable SLACK_URL is not set"
    }


def test_who_is_down_is_asked_once_in_an_evaluation(tmp_path: Path, receiver: Receiver) -> None:
    duty = Duty(tmp_path / "i", receiver, settings(hook=HOOK))
    receiver.replies = [Reply(503)]
    response = duty.at(NOON, *(incident(root=f"r{number}") for number in range(20)))
    assert len(response.failed) == 20
    assert len(receiver.got) == 3


def test_a_message_that_is_refused_does_not_stop_the_next(duty: Duty) -> None:
    duty.receiver.replies = [Reply(400, body=b"invalid_blocks"), Reply()]
    response = duty.at(NOON, incident(root="a"), incident(root="b"))
    assert [one.error for one in response.failed] == ["answered 400 Bad Request (invalid_blocks)"]
    assert len(response.told) == 1


def test_the_heart_beats_only_if_all_arrived(tmp_path: Path, receiver: Receiver) -> None:
    duty = Duty(tmp_path / "i", receiver, settings(hook=HOOK, heart=HEART))
    duty.at(NOON)
    assert [(got.method, got.path) for got in receiver.got] == [("GET", "/ping/canary")]
    receiver.got.clear()
    receiver.replies = [Reply(500)]
    duty.at(NOON + HOUR, incident())
    assert {got.path for got in receiver.got} == {"/hook"}
    receiver.replies = [Reply(), Reply(500, body=b"")]
    response = duty.at(NOON + 2 * HOUR, incident())
    assert response.problems == ("heartbeat heart: answered 500 Internal Server Error",)


def test_nobody_is_told_if_nobody_is_to_be_told(duty: Duty) -> None:
    response = duty.at(NOON, incident(), send=False)
    assert (response.told, response.left) == ((), 1)
    assert duty.whats() == []
    duty.at(NOON + HOUR, incident())
    assert duty.whats() == ["opened"]


def test_without_urllib3_one_line_says_what_to_install(
    duty: Duty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "urllib3", None)
    monkeypatch.delitem(sys.modules, "analyticsops.telling.client")
    with pytest.raises(UsageError, match=r"pip install 'analyticsops\[slo\]'"):
        duty.at(NOON, incident())
    assert not duty.folder.exists()
    duty.shared = SharedSettings()
    assert duty.at(NOON, incident()).messages


@pytest.mark.parametrize(
    ("url", "reached"),
    [("127.0.0.1:{port}/x", True), ("localhost:{port}", True), ("ftp://127.0.0.1:{port}", False)],
)
def test_addresses_without_a_scheme(duty: Duty, url: str, reached: bool) -> None:
    port = duty.receiver.url.rpartition(":")[2]
    duty.environ = {**duty.environ, "HOOK_URL": url.format(port=port)}
    assert bool(duty.at(NOON, incident()).told) is reached


def test_other_hosts_are_not_spoken_to_in_the_clear(duty: Duty) -> None:
    from analyticsops.telling.receivers import address_of

    for url, whole in (
        ("hooks.example/x", "https://hooks.example/x"),
        ("http://hooks.example/x", "http://hooks.example/x"),
        ("localhost:9093", "http://localhost:9093"),
        ("[::1]:9093/x", "http://[::1]:9093/x"),
        ("localhost.evil.example/x", "https://localhost.evil.example/x"),
    ):
        assert address_of(SLACK, {"SLACK_URL": url}).url == whole


@pytest.mark.parametrize("status", [200, 302, 400, 403, 404, 429, 500])
def test_no_secret_anywhere(
    tmp_path: Path,
    receiver: Receiver,
    status: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Keys and addresses go over the wire, and nowhere else; also if the receiver quotes them."""
    caplog.set_level(logging.DEBUG)
    shared = settings(hook=HOOK, slack=SLACK, pager=PAGER, manager=MANAGER, heart=HEART)
    duty = Duty(tmp_path / "i", receiver, shared)
    echo = b"canary-key canary-token /services/CANARY"
    headers = {"Location": f"{receiver.url}/services/CANARY"}
    receiver.replies = [Reply(status, headers, echo)]
    responses = [duty.at(NOON, incident()), duty.at(NOON + HOUR)]
    out, err = capfd.readouterr()
    files = [path.read_text() for path in (tmp_path / "i").rglob("*") if path.is_file()]
    assert files
    for text in (out, err, caplog.text, repr(responses), *files):
        assert "canary" not in text.lower()
        assert receiver.url not in text
    sent = [got for got in receiver.got if got.path == "/hook"]
    assert sent[0].headers["Authorization"] == "Bearer canary-token"
    assert not any("canary" in got.body.decode() for got in sent)
    keys = {got.json["routing_key"] for got in receiver.got if got.path == "/v2/enqueue"}
    assert keys == {"canary-key"}


# -- what is known afterwards --------------------------------------------------------------


def test_evaluations_and_openings_are_known(duty: Duty) -> None:
    assert look_before(duty.folder).previous is None
    duty.receiver.replies = [Reply(500)]
    duty.at(NOON, incident())
    duty.receiver.replies = [Reply()]
    for step in range(1, 9):
        duty.at(NOON + step * HOUR, incident())
    before = look_before(duty.folder, "shop", "prod")
    assert before.previous == when(NOON + 8 * HOUR)
    # It was told an hour after it could have been.
    (opened,) = before.incidents
    assert (opened.since, opened.opened) == (NOON - HOUR, NOON + HOUR)
    assert opened.members == ("source.shop.raw.orders",)
    assert look_before(duty.folder, "shop", "dev") == (None, ())
    assert len(list((duty.folder / "evaluated").iterdir())) == 3


def test_environments_do_not_resolve_each_others_incidents(duty: Duty) -> None:
    import msgspec

    duty.at(NOON, incident())
    other = msgspec.structs.replace(
        evaluation(at=NOON + HOUR, shared=duty.shared), environment="dev"
    )
    respond(other, duty.folder, now=when(NOON + HOUR), environ=duty.environ)
    assert duty.whats() == ["opened"]


# -- Alertmanager ----------------------------------------------------------------------------


def test_alertmanager_hears_of_all_that_is_open(tmp_path: Path, receiver: Receiver) -> None:
    duty = Duty(tmp_path / "i", receiver, settings(manager=MANAGER))
    for step in range(3):
        duty.at(NOON + step * HOUR, incident(root="a"), incident(root="b"))
    assert [len(got.json) for got in receiver.got] == [2, 2, 2]
    assert {got.path for got in receiver.got} == {"/api/v2/alerts"}
    assert len(list(duty.folder.rglob("*_told_*"))) == 2
    receiver.got.clear()
    duty.at(NOON + 3 * HOUR, incident(root="a"), incident(alert("b", page=True), root="b"))
    (got,) = receiver.got
    ends = {(one["labels"]["root"], one["labels"]["severity"]): one["endsAt"] for one in got.json}
    assert ends["b", "ticket"] == "2026-11-27T15:00:00+00:00"
    assert ends["a", "ticket"] == ends["b", "page"] == "2026-11-28T15:00:00+00:00"
    receiver.got.clear()
    duty.at(NOON + 4 * HOUR)
    assert {one["endsAt"] for one in receiver.got[0].json} == {"2026-11-27T16:00:00+00:00"}
    duty.at(NOON + 5 * HOUR)
    assert len(receiver.got) == 1


def test_what_is_silenced_ends_for_alertmanager(tmp_path: Path, receiver: Receiver) -> None:
    duty = Duty(tmp_path / "i", receiver, settings(manager=MANAGER))
    duty.at(NOON, incident())
    _silence(duty, NOON + 1, root="orders")
    duty.at(NOON + HOUR, incident())
    assert receiver.got[-1].json[0]["endsAt"] == "2026-11-27T13:00:00+00:00"
    duty.at(NOON + 9 * HOUR, incident())
    assert receiver.got[-1].json[0]["endsAt"] == "2026-11-28T21:00:00+00:00"
