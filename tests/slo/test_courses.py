"""What happened to an incident over some evaluations, in the words of its timeline."""

from __future__ import annotations

from typing import Any

from analyticsops.slo.incident import Affected, Incident
from analyticsops.slo.log.course import course_of
from analyticsops.slo.log.events import (
    AcknowledgedEvent,
    AnyEvent,
    ChangedEvent,
    ResolvedEvent,
    SilencedEvent,
    SilenceMatch,
    UnsilencedEvent,
)
from analyticsops.slo.log.reconcile import opened_before, reconcile
from analyticsops.slo.log.state import State, fold
from analyticsops.slo.spans import DAY, HOUR, MINUTE
from tests.telling.making import NOON, alert, incident

LATE = alert(what="orders are late")
TESTS = alert(rule="checks", what="tests of orders fail", since=NOON - MINUTE)


def seen(*evaluations: tuple[int, tuple[Incident, ...]], more: tuple[AnyEvent, ...] = ()) -> State:
    """How all stands after evaluations, so many hours after noon, and what people did."""
    events: list[AnyEvent] = list(more)
    for hours, found in evaluations:
        now = NOON + hours * HOUR
        budgets = {"orders/fresh": "40%", "people/fresh": "1%"}
        events += reconcile(fold(events), found, now, project="shop", budgets=budgets)
    return fold(events)


def told(state: State, name: str = incident().id) -> list[str]:
    """Hour and text of each line."""
    return [
        f"{(one.at - NOON) / HOUR:g}h {one.what}: {one.text}"
        for one in course_of(state.cases[name], state)
    ]


def hit(*alerts: Any, marts: tuple[str, ...] = (), **more: Any) -> tuple[Incident, ...]:
    return (incident(*alerts, affected=Affected(marts=marts), **more),)


def test_what_is_new_is_told_and_what_is_over() -> None:
    quiet = alert(what="orders are late", page=False)
    state = seen(
        (0, hit(quiet)),
        (1, hit(quiet, TESTS, marts=("b", "a"))),
        (2, hit(TESTS, marts=("a",))),
        (3, hit(alert(rule="checks", what="tests of orders fail", page=True), marts=("a",))),
        (4, hit(alert(rule="checks", what="other words", page=True), marts=("a",))),
        (5, hit(alert(rule="checks", what="other words", page=True), marts=("a",), owner="Ana")),
    )
    assert told(state) == [
        "-1h began: the trouble began",
        "0h opened: opened as a ticket: orders are late",
        "1h changed: also tests of orders fail; reaches a, b as well",
        "2h changed: no longer orders are late",
        "3h changed: it pages now",
        "5h changed: what it reaches, who owns it or what is suspected changed",
    ]
    (case,) = state.cases.values()
    assert (case.state, case.page, case.reach) == ("open", True, ("a",))
    changes = [one for one in case.events if isinstance(one, ChangedEvent)]
    added, removed = changes[0].added, changes[1].removed
    assert (added, changes[0].removed) == ((TESTS.key,), ())
    assert (changes[1].added, removed) == ((), (LATE.key,))


def test_trouble_that_comes_again_within_a_day_is_the_same() -> None:
    state = seen(
        (0, hit(LATE)), (1, ()), (20, hit(alert(what="late again", since=NOON + 19 * HOUR)))
    )
    assert told(state) == [
        "-1h began: the trouble began",
        "0h opened: opened as a ticket: orders are late",
        "1h resolved: resolved: its root and all that it was about are well",
        "20h opened: opened again as a ticket: late again",
    ]
    assert [one.opened - NOON for one in opened_before(state)] == [0, 20 * HOUR]
    last = seen((0, hit(LATE)), (1, ()), (24, hit(alert(since=NOON + DAY))))
    later = seen((0, hit(LATE)), (1, ()), (25, hit(alert(since=NOON + DAY))))
    assert (len(last.cases), len(later.cases)) == (1, 2)


def test_what_is_found_under_another_root_is_part_of_that() -> None:
    other = incident(LATE, TESTS, root="stripe")
    state = seen((0, hit(LATE)), (1, (other,)))
    assert told(state)[2:] == [f"1h merged: what it was about is part of incident {other.id}"]
    case = state.cases[incident().id]
    assert (case.state, case.into, case.closed) == ("merged", other.id, NOON + HOUR)


def test_budgets_are_kept_of_what_it_hit() -> None:
    state = seen((0, hit(LATE, alert("customers"))), (1, ()))
    (case,) = state.cases.values()
    (end,) = [event for event in case.events if isinstance(event, ResolvedEvent)]
    assert (case.state, end.budgets) == ("resolved", {"orders/fresh": "40%"})


def test_silences_are_told_where_they_covered_it() -> None:
    def silence(at: int, until: int, **more: Any) -> SilencedEvent:
        match = SilenceMatch(root=more.pop("root", "orders"))
        return SilencedEvent(at=NOON + at, match=match, reason="known", until=NOON + until, **more)

    ended = silence(HOUR, 9 * HOUR, by="ana")
    before, after = silence(-9 * HOUR, -HOUR - 1), silence(4 * HOUR + 1, 9 * HOUR)
    state = seen(
        (0, hit(LATE)),
        (4, ()),
        more=(
            ended,
            UnsilencedEvent(at=NOON + 2 * HOUR, silence=ended.id),
            silence(3 * HOUR, 5 * HOUR),
            silence(3 * HOUR, 6 * HOUR, root="others"),
            before,
            after,
            AcknowledgedEvent(at=NOON + 2 * HOUR, id=incident().id, by="bo", note="on it"),
        ),
    )
    assert told(state)[2:] == [
        "1h silenced: silenced by ana: known",
        "2h acknowledged: acknowledged by bo: on it",
        "2h unsilenced: the silence was ended",
        "3h silenced: silenced: known",
        "4h resolved: resolved: its root and all that it was about are well",
    ]
    assert state.active_silences(NOON + HOUR - 1) == ()
    assert state.active_silences(NOON + HOUR) == (ended,)
    assert ended not in state.active_silences(NOON + 2 * HOUR)
