"""What happened to an incident, in words."""

from __future__ import annotations

import msgspec

from analyticsops.slo.incident import Incident
from analyticsops.slo.log.events import (
    AcknowledgedEvent,
    AnyEvent,
    ChangedEvent,
    MergedEvent,
    OpenedEvent,
    ResolvedEvent,
    SilencedEvent,
    ToldEvent,
    UnsilencedEvent,
)
from analyticsops.slo.log.silences import silenced_by
from analyticsops.slo.log.state import Case, State
from analyticsops.slo.spans import Instant


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a timeline.

    Attributes:
        at: when.
        what: name of the event; ``began`` for when the trouble itself began.
        text: for people.
    """

    at: Instant
    what: str
    text: str


def course_of(case: Case, state: State) -> tuple[Happened, ...]:
    """All that happened to an incident, and the silences that covered it, in order of time."""
    found = [Happened(at=case.openings[0].since, what="began", text="the trouble began")]
    before: Incident | None = None
    for event in case.events:
        text = _text(event, before, again=before is not None)
        kind = type(event).__struct_config__.tag
        found.append(Happened(at=event.at, what=str(kind), text=text))
        if isinstance(event, OpenedEvent | ChangedEvent):
            before = event.incident
    found += _silences(case, state)
    return tuple(sorted(found, key=lambda one: one.at))


def _text(event: AnyEvent, before: Incident | None, *, again: bool) -> str:
    if isinstance(event, OpenedEvent):
        word = "opened again" if again else "opened"
        return f"{word} as a {event.incident.severity}: {event.incident.title}"
    if isinstance(event, ChangedEvent):
        return _change(event, before)
    if isinstance(event, ResolvedEvent):
        return "resolved: its root and all that it was about are well"
    if isinstance(event, MergedEvent):
        return f"what it was about is part of incident {event.into}"
    if isinstance(event, AcknowledgedEvent):
        return f"acknowledged by {event.by}" + (f": {event.note}" if event.note else "")
    if isinstance(event, ToldEvent):
        told = f"{event.receiver}: {event.what}"
        return f"told {told}" if event.ok else f"could not tell {told}: {event.error}"
    return ""


def _change(event: ChangedEvent, before: Incident | None) -> str:
    old = {alert.key: alert.what for alert in before.alerts} if before else {}
    new = {alert.key: alert.what for alert in event.incident.alerts}
    parts = [f"also {new[key]}" for key in event.added if key in new]
    parts += [f"no longer {old[key]}" for key in event.removed if key in old]
    if before is not None and event.incident.page and not before.page:
        parts.append("it pages now")
    more = sorted(_reached(event.incident) - _reached(before)) if before is not None else []
    if more:
        parts.append(f"reaches {', '.join(more)} as well")
    return "; ".join(parts) or "what it reaches, who owns it or what is suspected changed"


def _reached(incident: Incident) -> set[str]:
    hit = incident.affected
    return {*hit.marts, *hit.metrics, *hit.exposures}


def _silences(case: Case, state: State) -> list[Happened]:
    """Those that covered it as it was last."""
    found: list[Happened] = []
    first, last = case.openings[0].since, case.closed
    for name, silence in state.silences.items():
        end = min(silence.until, state.ended.get(name, silence.until))
        if end < first or (last is not None and silence.at > last):
            continue
        if silenced_by(case.id, case.incident, (silence,)):
            by = f" by {silence.by}" if silence.by else ""
            found.append(
                Happened(
                    at=silence.at,
                    what=str(SilencedEvent.__struct_config__.tag),
                    text=f"silenced{by}: {silence.reason}",
                )
            )
            if name in state.ended:
                ended = str(UnsilencedEvent.__struct_config__.tag)
                found.append(Happened(at=end, what=ended, text="the silence was ended"))
    return found
