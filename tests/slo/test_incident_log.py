"""Incidents over time: any order, any copy and any split of what happened give the same state."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from analyticsops.errors import HistoryError
from analyticsops.history.disk import Disk
from analyticsops.slo.incident import Affected, Incident
from analyticsops.slo.log.course import course_of
from analyticsops.slo.log.events import (
    AcknowledgedEvent,
    AnyEvent,
    EvaluatedEvent,
    EventError,
    MergedEvent,
    OpenedEvent,
    ResolvedEvent,
    SilencedEvent,
    SilenceMatch,
    ToldEvent,
    UnsilencedEvent,
    decode,
    digest_in,
    encode,
    is_whole,
    name_of,
)
from analyticsops.slo.log.files import IncidentLog
from analyticsops.slo.log.reconcile import opened_before, reconcile
from analyticsops.slo.log.state import State, fold
from analyticsops.slo.spans import HOUR, MINUTE
from analyticsops.slo.spec.reading import SharedSettings
from analyticsops.telling.due import due
from tests.telling.making import NOON, alert, incident

ROOTS = ("a", "b", "c")


@st.composite
def found(draw: st.DrawFn, now: int) -> tuple[Incident, ...]:
    """What an evaluation finds: each member under one root."""
    members: dict[str, list[str]] = {}
    for member in "uvw":
        root = draw(st.sampled_from((*ROOTS, None)))
        if root is not None:
            members.setdefault(root, []).append(member)
    made = []
    for root, names in members.items():
        pages = draw(st.booleans())
        hit = tuple(draw(st.sets(st.sampled_from("xyz"), max_size=2)))
        since = now - draw(st.integers(0, 3)) * HOUR
        alerts = [alert(name, page=pages, since=since) for name in names]
        made.append(incident(*alerts, root=root, affected=Affected(marts=tuple(sorted(hit)))))
    return tuple(made)


@st.composite
def courses(draw: st.DrawFn) -> tuple[AnyEvent, ...]:
    """All that happened in some evaluations, and what people and the network did meanwhile."""
    events: list[AnyEvent] = []
    now = NOON
    for _ in range(draw(st.integers(1, 7))):
        now += draw(st.sampled_from((5 * MINUTE, 2 * HOUR, 30 * HOUR)))
        state = fold(events)
        listed = draw(found(now))
        new = reconcile(state, listed, now, project="shop", environment="prod")
        events += new
        events.append(EvaluatedEvent(at=now, project="shop", environment="prod"))
        state = fold(events)
        for notice in due(state, SharedSettings(), now):
            ok = draw(st.booleans())
            view = notice.case.view_of(notice.receiver)
            events.append(
                ToldEvent(
                    at=now,
                    id=notice.case.id,
                    receiver=notice.receiver,
                    what=notice.what,
                    key=notice.key,
                    view=view,
                    ok=ok,
                    error="" if ok else "down",
                )
            )
        acknowledged = draw(st.booleans())
        if acknowledged and state.cases:
            name = draw(st.sampled_from(sorted(state.cases)))
            events.append(AcknowledgedEvent(at=now + 1, id=name, by="ana"))
        if draw(st.booleans()):
            match = SilenceMatch(root=draw(st.sampled_from(ROOTS)))
            silence = SilencedEvent(at=now + 2, match=match, reason="r", until=now + 5 * HOUR)
            events.append(silence)
            if draw(st.booleans()):
                events.append(UnsilencedEvent(at=now + 3, silence=silence.id))
    return tuple(events)


@settings(max_examples=120, deadline=None)
@given(courses(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(
    events: Sequence[AnyEvent], chance: random.Random
) -> None:
    expected = fold(events)
    mixed = [*events, *chance.choices(events, k=len(events))]
    chance.shuffle(mixed)
    assert fold(mixed) == expected


@settings(max_examples=25, deadline=None)
@given(courses(), st.randoms(use_true_random=False))
def test_two_folders_are_merged_by_copying(
    tmp_path_factory: pytest.TempPathFactory, events: Sequence[AnyEvent], chance: random.Random
) -> None:
    top = tmp_path_factory.mktemp("logs")
    whole, left, right = (IncidentLog(top / name) for name in ("whole", "left", "right"))
    whole.put_all(events)
    for event in events:
        sides = chance.choice(((left,), (right,), (left, right)))
        for side in sides:
            side.put(event)
    for one, other in ((left, right), (right, left)):
        if one.folder.exists():
            shutil.copytree(one.folder, other.folder, dirs_exist_ok=True)
    states = {repr(log.read().state) for log in (whole, left, right)}
    assert len(states) == 1
    assert whole.read().damaged == ()
    shutil.rmtree(top)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_what_holds_whatever_is_found(data: st.DataObject) -> None:
    """One open incident for each root in trouble and none besides; an id is opened only when it
    is closed; once it pages it does so while it is open; what ends was well, or moved."""
    events: list[AnyEvent] = []
    now = NOON
    paged: dict[str, bool] = {}
    for _ in range(6):
        now += data.draw(st.sampled_from((5 * MINUTE, 2 * HOUR, 30 * HOUR)))
        before = fold(events)
        listed = data.draw(found(now))
        new = reconcile(before, listed, now, project="shop", environment="prod")
        events += new
        state = fold(events)
        open_ = {case.incident.root.id: case for case in state.cases.values() if case.is_open}
        assert set(open_) == {one.root.id for one in listed}
        assert len(open_) == sum(case.is_open for case in state.cases.values())
        for event in new:
            case = before.cases.get(getattr(event, "id", ""))
            if isinstance(event, OpenedEvent):
                assert case is None or not case.is_open
                paged[event.id] = event.incident.page
            elif isinstance(event, ResolvedEvent):
                assert case is not None
                keys = {one.key for each in listed for one in each.alerts}
                assert not keys & {one.key for one in case.incident.alerts}
            elif isinstance(event, MergedEvent):
                assert state.cases[event.into].is_open
        for case in open_.values():
            found_now = next(one for one in listed if one.root.id == case.incident.root.id)
            paged[case.id] = paged.get(case.id, False) or found_now.page
            assert case.page == paged[case.id]
        # Nothing happens twice.
        assert reconcile(state, listed, now, project="shop", environment="prod") == ()


@settings(max_examples=150, deadline=None)
@given(courses())
def test_a_receiver_is_told_of_ends_only_after_beginnings(events: Sequence[AnyEvent]) -> None:
    """And of a beginning once: what it is told makes sense to it, whatever was lost."""
    known: dict[str, str] = {}
    missed: set[str] = set()
    for event in sorted(events, key=lambda one: one.at):
        if not isinstance(event, ToldEvent):
            continue
        if not event.ok:
            missed.add(event.id)
            continue
        was = known.get(event.id, "")
        if event.what == "opened":
            assert was == ""
        elif event.what == "reopened":
            assert was == "closed"
        elif event.what in ("resolved", "merged"):
            assert was == "open" or event.id in missed
        else:
            assert was == "open"
        known[event.id] = event.view.phase


def _some_events() -> list[AnyEvent]:
    events: list[AnyEvent] = list(
        reconcile(State(), (incident(),), NOON, project="shop", environment="prod")
    )
    name = incident().id
    events.append(ToldEvent(at=NOON, id=name, receiver="r", what="opened", key="k"))
    events.append(AcknowledgedEvent(at=NOON + 1, id=name, by="ana"))
    events.append(
        SilencedEvent(at=NOON + 1, match=SilenceMatch(root="x"), reason="r", until=NOON + HOUR)
    )
    events += reconcile(fold(events), (), NOON + HOUR, project="shop", environment="prod")
    events.append(EvaluatedEvent(at=NOON + HOUR, project="shop"))
    return events


def test_a_document_is_its_event() -> None:
    for event in _some_events():
        assert decode(encode(event)) == event
        assert is_whole(name_of(event), encode(event))
        assert digest_in(name_of(event))


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[" * 100_000, b'{"event":"dreamt","at":1}', b'{"event":"resolved","at":"x"}'],
)
def test_what_is_no_event_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(EventError):
        decode(data)


def test_a_later_version_is_named() -> None:
    with pytest.raises(EventError, match="later analyticsops"):
        decode(b'{"event":"resolved","at":1,"id":"x","v":2}')


def test_damaged_files_are_named_and_count_for_nothing(tmp_path: Path) -> None:
    log = IncidentLog(tmp_path)
    events = _some_events()
    log.put_all(events)
    whole = log.read()
    assert whole.damaged == ()
    (resolved,) = tmp_path.rglob("*_resolved_*")
    resolved.write_bytes(resolved.read_bytes()[:-1])
    (tmp_path / "2026-11" / ".tmp-0123").write_text("half")
    (tmp_path / "2026-11" / "notes.txt").write_text("mine")
    known = log.read()
    assert known.damaged == (f"{resolved}: not what its name says",)
    assert known.state.cases[incident().id].is_open


def test_evaluations_do_not_pile_up(tmp_path: Path) -> None:
    log = IncidentLog(tmp_path)
    for step in range(50):
        for environment in ("dev", "prod"):
            log.put_evaluated(
                EvaluatedEvent(at=NOON + step * HOUR, project="shop", environment=environment)
            )
    assert len(list(tmp_path.rglob("*.json"))) == 6
    evaluated = log.read().state.evaluated
    assert evaluated == {("shop", "dev"): NOON + 49 * HOUR, ("shop", "prod"): NOON + 49 * HOUR}


def test_half_a_surrogate_pair_is_no_reason_to_be_silent(tmp_path: Path) -> None:
    broken = incident(alert(what="caf\ud800 is late"))
    events = reconcile(State(), (broken,), NOON, project="shop")
    IncidentLog(tmp_path).put_all(events)
    (case,) = IncidentLog(tmp_path).read().state.cases.values()
    assert case.incident.title == "caf? is late"


@pytest.mark.parametrize(
    ("match", "covered"),
    [
        ({"root": "ord*"}, True),
        ({"root": "source.shop.raw.orders"}, True),
        ({"root": "ORDERS"}, True),
        ({"root": "stripe"}, False),
        ({"owner": "ingestion"}, True),
        ({"owner": "ingestion", "rule": "other"}, False),
        ({"rule": "data-*"}, True),
        ({"node": "order?"}, True),
        ({"incident": incident().id}, True),
        ({"incident": "0" * 12}, False),
        ({"node": "customers"}, False),
        ({"owner": "finance"}, False),
    ],
)
def test_what_a_silence_covers(match: dict[str, Any], covered: bool) -> None:
    from analyticsops.slo.log.silences import silenced_by

    silence = SilencedEvent(at=NOON, match=SilenceMatch(**match), reason="r", until=NOON + HOUR)
    assert bool(silenced_by(incident().id, incident(), (silence,))) is covered


def test_a_silence_of_a_job_covers_its_runs() -> None:
    from analyticsops.slo.log.silences import silenced_by

    late = incident(alert(node="", subject="run", job="nightly", owner=""), owner="ops")
    for match, covered in (
        (SilenceMatch(node="night*"), True),
        (SilenceMatch(node="hourly"), False),
        (SilenceMatch(owner="ops"), True),
    ):
        silence = SilencedEvent(at=NOON, match=match, reason="r", until=NOON + HOUR)
        assert bool(silenced_by("i", late, (silence,))) is covered


def test_several_silences_cover_together() -> None:
    from analyticsops.slo.log.silences import silenced_by

    both = incident(alert("x", rule="one"), alert("y", rule="two"))
    one, two = (
        SilencedEvent(at=NOON, match=SilenceMatch(rule=rule), reason="r", until=NOON + HOUR)
        for rule in ("one", "two")
    )
    assert silenced_by("i", both, (one,)) == ()
    assert set(silenced_by("i", both, (two, one))) == {one, two}


def test_two_that_open_one_incident_at_once_open_it_once() -> None:
    events: list[AnyEvent] = []
    for number in range(2):
        events += reconcile(State(), (incident(),), NOON + 2 * number, project="shop")
    name = incident().id
    events.insert(1, AcknowledgedEvent(at=NOON + 1, id=name, by="ana"))
    (case,) = fold(events).cases.values()
    assert len(case.openings) == 1
    assert case.acknowledged is not None
    assert [one.opened for one in opened_before(fold(events))] == [NOON]


def test_two_incidents_of_one_root_become_one() -> None:
    """Two evaluations saw different beginnings at the same time; the first one stays."""
    events: list[AnyEvent] = []
    for number in range(2):
        found = (incident(alert(since=NOON - number * HOUR)),)
        events += reconcile(State(), found, NOON + number, project="shop")
    assert len(fold(events).cases) == 2
    (merged,) = reconcile(fold(events), found, NOON + HOUR, project="shop")
    first = next(case for case in fold(events).cases.values() if case.openings[0].at == NOON)
    assert isinstance(merged, MergedEvent)
    assert merged.into == first.id


def test_the_course_is_told_in_words() -> None:
    events = _some_events()
    state = fold(events)
    course = course_of(state.cases[incident().id], state)
    assert [one.what for one in course] == ["began", "opened", "told", "acknowledged", "resolved"]
    assert [one.text for one in course] == [
        "the trouble began",
        f"opened as a {incident().severity}: {incident().title}",
        "told r: opened",
        "acknowledged by ana",
        "resolved: its root and all that it was about are well",
    ]
    failed = ToldEvent(
        at=NOON + 2, id=incident().id, receiver="r", what="opened", key="l", ok=False, error="no"
    )
    state = fold([*events, failed])
    texts = [one.text for one in course_of(state.cases[incident().id], state)]
    assert "could not tell r: opened: no" in texts
    assert opened_before(state)[0].opened == NOON


def test_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file")
    with pytest.raises(HistoryError, match="cannot be read"):
        IncidentLog(tmp_path / "log").read()


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """One that is gone is another matter: somebody has tidied up."""
    log = IncidentLog(tmp_path / "log")
    log.put_all(_some_events())

    class Broken(Disk):
        error: OSError = FileNotFoundError(2, "No such file")

        def read(self, path: Path) -> bytes:
            raise self.error

    broken = IncidentLog(tmp_path / "log", Broken())
    assert broken.read().events == ()
    Broken.error = OSError(5, "Input/output error")
    with pytest.raises(HistoryError, match=r"log/.*\.json: cannot be read: Input/output error$"):
        broken.read()
