"""Events -> how incidents stand. The same for the same events, in whatever order and however often
they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from analyticsops.slo.incident import Incident
from analyticsops.slo.log.events import (
    AcknowledgedEvent,
    AnyEvent,
    ChangedEvent,
    EvaluatedEvent,
    MergedEvent,
    OpenedEvent,
    ResolvedEvent,
    SilencedEvent,
    ToldEvent,
    UnsilencedEvent,
    View,
    name_of,
)
from analyticsops.slo.spans import DAY, Instant

FLAPPING = 3
"""Openings within a day from which an incident flaps."""


class Opening(msgspec.Struct, frozen=True):
    """One time that an incident was opened.

    Attributes:
        since: when the trouble began.
        at: when it was seen.
    """

    since: Instant
    at: Instant


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An incident over time.

    Attributes:
        id: of the incident.
        incident: as it was seen last; once it pages it does so for as long as it is open.
        openings: each time that it was opened, the first one first.
        closed: when it ended; None while it is open.
        into: id of the incident that it became part of; empty otherwise.
        acknowledged: by whom, when and why; None if by nobody since it was opened last.
        receivers: who was to be told when it was opened last.
        told: what each receiver knows.
        failed: the last failure to tell, by receiver, if it was not told since.
        events: all that happened to it, in order.
    """

    id: str
    project: str
    environment: str
    incident: Incident
    openings: tuple[Opening, ...]
    closed: Instant | None = None
    into: str = ""
    acknowledged: AcknowledgedEvent | None = None
    receivers: tuple[str, ...] = ()
    told: Mapping[str, View] = {}
    failed: Mapping[str, ToldEvent] = {}
    events: tuple[AnyEvent, ...] = ()

    @property
    def is_open(self) -> bool:
        """True if it is not over."""
        return self.closed is None

    @property
    def state(self) -> str:
        """``open``, ``acknowledged``, ``resolved`` or ``merged``."""
        if self.is_open:
            return "acknowledged" if self.acknowledged else "open"
        return "merged" if self.into else "resolved"

    @property
    def page(self) -> bool:
        """True if somebody must get up, or had to since it was opened last."""
        return self.incident.page

    @property
    def reach(self) -> tuple[str, ...]:
        """Marts, metrics and exposures that are hit, sorted."""
        hit = self.incident.affected
        return tuple(sorted({*hit.marts, *hit.metrics, *hit.exposures}))

    def view_of(self, receiver: str) -> View:
        """What a receiver knows if it is told now: what was hit before is no news if it is hit
        again."""
        known = self.told.get(receiver)
        before = known.reach if known is not None and known.phase == "open" else ()
        return View(
            phase="open" if self.is_open else "closed",
            page=self.page,
            reach=tuple(sorted({*self.reach, *before})),
            acknowledged=self.acknowledged.by if self.acknowledged else "",
        )

    def flaps(self, now: Instant) -> bool:
        """True if it was opened again and again within a day."""
        return sum(now - DAY < opening.at <= now for opening in self.openings) >= FLAPPING


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How all incidents stand.

    Attributes:
        cases: by id.
        silences: by id, those that ended as well.
        ended: when silences were ended before their time, by id.
        evaluated: the last evaluation, by project and environment.
        latest: place of the last event.
    """

    cases: Mapping[str, Case] = {}
    silences: Mapping[str, SilencedEvent] = {}
    ended: Mapping[str, Instant] = {}
    evaluated: Mapping[tuple[str, str], Instant] = {}
    latest: Instant = 0

    def active_silences(self, now: Instant) -> tuple[SilencedEvent, ...]:
        """Those that hold at an instant, by their end."""
        found = (
            one
            for name, one in self.silences.items()
            if one.at <= now < min(one.until, self.ended.get(name, one.until))
        )
        return tuple(sorted(found, key=lambda one: (one.until, one.id)))


def fold(events: Iterable[AnyEvent]) -> State:
    """How incidents stand after all that happened."""
    named = {name_of(event): event for event in events}
    building = _Building()
    for name in sorted(named, key=lambda name: (named[name].place, name)):
        building.add(named[name])
    return State(
        cases=building.cases,
        silences=building.silences,
        ended=building.ended,
        evaluated=building.evaluated,
        latest=building.latest,
    )


class _Building:
    """A state that is not finished."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.silences: dict[str, SilencedEvent] = {}
        self.ended: dict[str, Instant] = {}
        self.evaluated: dict[tuple[str, str], Instant] = {}
        self.latest: Instant = 0

    def add(self, event: AnyEvent) -> None:
        """What one event changes."""
        self.latest = event.place
        if isinstance(event, EvaluatedEvent):
            key = (event.project, event.environment)
            self.evaluated[key] = max(event.at, self.evaluated.get(key, event.at))
        elif isinstance(event, SilencedEvent):
            self.silences[event.id] = event
        elif isinstance(event, UnsilencedEvent):
            self.ended[event.silence] = min(event.at, self.ended.get(event.silence, event.at))
        else:
            case = self.cases.get(event.id)
            changed = _opened(case, event) if isinstance(event, OpenedEvent) else None
            if changed is None and case is not None:
                changed = _followed(case, event)
            if changed is not None:  # of what was never opened here nothing is known
                self.cases[event.id] = msgspec.structs.replace(
                    changed, events=(*changed.events, event)
                )


def _opened(case: Case | None, event: OpenedEvent) -> Case | None:
    opening = Opening(event.incident.since, event.at)
    if case is None:
        return Case(
            id=event.id,
            project=event.project,
            environment=event.environment,
            incident=event.incident,
            openings=(opening,),
            receivers=event.receivers,
        )
    if case.is_open:  # two evaluations saw it at the same time
        return None
    return msgspec.structs.replace(
        case,
        incident=event.incident,
        openings=(*case.openings, opening),
        closed=None,
        into="",
        acknowledged=None,
        receivers=event.receivers,
    )


def _followed(case: Case, event: AnyEvent) -> Case | None:
    """What an event makes of a case; None if it says nothing new."""
    replace = msgspec.structs.replace
    if isinstance(event, ToldEvent):
        return _told(case, event)
    if not case.is_open:
        return None
    if isinstance(event, ChangedEvent):
        page = case.page or event.incident.page
        return replace(case, incident=replace(event.incident, page=page))
    if isinstance(event, ResolvedEvent):
        return replace(case, closed=_end(case, event))
    if isinstance(event, MergedEvent):
        return replace(case, closed=_end(case, event), into=event.into)
    if isinstance(event, AcknowledgedEvent):
        return replace(case, acknowledged=event)
    return None


def _end(case: Case, event: AnyEvent) -> Instant:
    """Nothing ends before it began, whatever two clocks say."""
    return max(event.at, case.openings[-1].since)


def _told(case: Case, event: ToldEvent) -> Case:
    failed = {name: one for name, one in case.failed.items() if name != event.receiver}
    if not event.ok:
        return msgspec.structs.replace(case, failed={**failed, event.receiver: event})
    told = {**case.told, event.receiver: event.view}
    return msgspec.structs.replace(case, told=told, failed=failed)
