"""What people do about incidents: look, acknowledge, silence, and look back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from analyticsops.artifacts.times import instant
from analyticsops.errors import NotFoundError, UsageError
from analyticsops.slo.durations import duration, microseconds
from analyticsops.slo.log.course import Happened, course_of
from analyticsops.slo.log.events import (
    AcknowledgedEvent,
    SilencedEvent,
    SilenceMatch,
    UnsilencedEvent,
    after,
    storable,
)
from analyticsops.slo.log.files import IncidentLog, Known
from analyticsops.slo.log.state import Case, State, fold
from analyticsops.slo.spans import Instant, instant_of, time_of
from analyticsops.slo.spec.reading import read_files
from analyticsops.telling.delivery import Telling, tell
from analyticsops.telling.due import silences_of
from analyticsops.telling.message import ToldIncident, told_incident
from analyticsops.telling.post_mortem import post_mortem
from analyticsops.telling.sending import sender_for

LATEST = "latest"
"""Instead of an id: the incident that was opened last."""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """A silence that holds.

    Attributes:
        id: 8 hex digits.
        match: which alerts nobody is told of.
        until: when it ends by itself.
        by: who wanted it; may be empty.
    """

    id: str
    match: SilenceMatch
    reason: str
    until: datetime
    by: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents, and what is said about all of them.

    Attributes:
        incidents: those that page first, then by when they were opened.
        silenced: ids of those of which nobody is told now.
        silences: that hold now.
        evaluated: the last evaluation; None if there was none.
        damaged: files that do not hold what they should, one line each.
    """

    incidents: tuple[ToldIncident, ...]
    silenced: tuple[str, ...]
    silences: tuple[Silence, ...]
    evaluated: datetime | None
    damaged: tuple[str, ...]


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """One incident, as it was at the last evaluation that changed it.

    Attributes:
        silences: that cover it now.
        receivers: who was told, and what they know: open or closed.
        failing: who could not be told, and why.
        timeline: what happened, in order.
    """

    incident: ToldIncident
    silences: tuple[Silence, ...]
    receivers: Mapping[str, str]
    failing: Mapping[str, str]
    timeline: tuple[Happened, ...]


def list_incidents(folder: Path, *, all_: bool = False, now: datetime | None = None) -> Listed:
    """Incidents that are open.

    Args:
        all_: those that ended as well.

    Raises:
        HistoryError: the folder cannot be read.
    """
    at = _instant(now)
    known = IncidentLog(folder).read()
    state = known.state
    cases = [case for case in state.cases.values() if all_ or case.is_open]
    cases.sort(key=lambda case: (not case.is_open, not case.page, -case.openings[-1].at, case.id))
    times = state.evaluated.values()
    return Listed(
        incidents=tuple(told_incident(case, at) for case in cases),
        silenced=tuple(c.id for c in cases if c.is_open and silences_of(c, state, at)),
        silences=tuple(_silence(one) for one in state.active_silences(at)),
        evaluated=time_of(max(times)) if times else None,
        damaged=known.damaged,
    )


def show_incident(folder: Path, name: str, *, now: datetime | None = None) -> Details:
    """One incident.

    Args:
        name: its id, the beginning of it, or ``latest``.

    Raises:
        NotFoundError: there is none.
        UsageError: there are several.
        HistoryError: the folder cannot be read.
    """
    at = _instant(now)
    state = IncidentLog(folder).read().state
    case = _find(folder, state, name)
    return Details(
        incident=told_incident(case, at),
        silences=tuple(map(_silence, silences_of(case, state, at))) if case.is_open else (),
        receivers={name: view.phase for name, view in sorted(case.told.items())},
        failing={name: event.error for name, event in sorted(case.failed.items())},
        timeline=course_of(case, state),
    )


def acknowledge(
    folder: Path,
    name: str,
    *,
    by: str,
    note: str = "",
    project_dir: Path | None = None,
    environ: Mapping[str, str],
    send: bool = True,
    now: datetime | None = None,
) -> tuple[ToldIncident, Telling]:
    """Say that somebody looks after an incident, and tell its receivers at once.

    Args:
        project_dir: whose `slos/*.yml` say who is told.
        send: False to leave that to the next evaluation.

    Raises:
        NotFoundError: there is no such incident.
        UsageError: it is over already, or what receivers need is not installed.
        HistoryError: the folder cannot be read or written.
        ConfigError: a file in `slos/` is wrong.
    """
    at = _instant(now)
    log = IncidentLog(folder)
    known = log.read()
    case = _find(folder, known.state, name)
    if not case.is_open:
        raise UsageError(f"incident {case.id} is {case.state} already", where="acknowledge")
    shared = read_files(project_dir or Path())
    over = sender_for(shared.receivers, environ) if send else None
    event = storable(AcknowledgedEvent(at=at, id=case.id, by=by, note=note))
    event = after(event, known.state.latest)
    log.put(event)
    state = _after(known, event)
    telling = Telling()
    if send:
        telling = tell(log, state, shared, at, environ, over, only=case.id)
    return told_incident(state.cases[case.id], at), telling


def silence(
    folder: Path,
    match: SilenceMatch,
    *,
    reason: str,
    until: str,
    by: str = "",
    now: datetime | None = None,
) -> tuple[Silence, tuple[str, ...]]:
    """Tell nobody of some incidents for a while.

    Args:
        match: which; its incident may be ``latest`` or the beginning of an id.
        until: how long, such as ``3d``, or when it ends.

    Returns:
        the silence, and the ids of open incidents that are covered now.

    Raises:
        UsageError: nothing is matched, the end cannot be read, or is past.
        NotFoundError: there is no such incident.
        HistoryError: the folder cannot be read or written.
    """
    at = _instant(now)
    if not str(match):
        raise UsageError("name an incident, or what is silenced", where="silence")
    log = IncidentLog(folder)
    known = log.read()
    if match.incident:
        case = _find(folder, known.state, match.incident)
        match = msgspec.structs.replace(match, incident=case.id)
    event = storable(SilencedEvent(at=at, match=match, reason=reason, until=_end(until, at), by=by))
    log.put(event)
    state = _after(known, event)
    covered = [c.id for c in state.cases.values() if c.is_open and silences_of(c, state, at)]
    return _silence(event), tuple(sorted(covered))


def unsilence(folder: Path, name: str, *, by: str = "", now: datetime | None = None) -> Silence:
    """End a silence before its time.

    Args:
        name: id of the silence, or the beginning of it.

    Raises:
        NotFoundError: no such silence holds.
        HistoryError: the folder cannot be read or written.
    """
    at = _instant(now)
    log = IncidentLog(folder)
    active = {one.id: one for one in log.read().state.active_silences(at)}
    event = active[_one("silence", name, active)]
    log.put(storable(UnsilencedEvent(at=at, silence=event.id, by=by)))
    return _silence(event)


def write_timeline(folder: Path, name: str, *, now: datetime | None = None) -> str:
    """An incident as the beginning of a post-mortem, in Markdown.

    Raises:
        NotFoundError: there is no such incident.
        HistoryError: the folder cannot be read.
    """
    state = IncidentLog(folder).read().state
    return post_mortem(_find(folder, state, name), state, _instant(now))


def _after(known: Known, event: AcknowledgedEvent | SilencedEvent) -> State:
    return fold((*known.events, event))


def _instant(now: datetime | None) -> Instant:
    return instant_of(now or datetime.now(UTC))


def _end(text: str, now: Instant) -> Instant:
    length, moment = duration(text), instant(text)
    end = now + microseconds(length) if length else instant_of(moment) if moment else None
    if end is None:
        hint = "write 12h, 3d, 2026-12-01 or 2026-12-01T08:00Z"
        raise UsageError(f"{text!r} is no time", where="--until", hint=hint)
    if end <= now:
        raise UsageError(f"{text!r} is past", where="--until")
    return end


def _silence(event: SilencedEvent) -> Silence:
    return Silence(
        id=event.id,
        match=event.match,
        reason=event.reason,
        until=time_of(event.until),
        by=event.by,
    )


def _find(folder: Path, state: State, name: str) -> Case:
    if not state.cases:
        hint = "`analyticsops slo evaluate` finds them; --incidents names another folder"
        raise UsageError("there was no incident so far", where=str(folder), hint=hint)
    if name == LATEST:
        return max(state.cases.values(), key=lambda case: (case.openings[-1].at, case.id))
    return state.cases[_one("incident", name, state.cases)]


def _one(kind: str, name: str, known: Mapping[str, object]) -> str:
    """The only name that begins with something."""
    found = [one for one in known if name and one.startswith(name)]
    if len(found) > 1:
        raise UsageError(f"{len(found)} {kind}s begin with {name!r}", hint=", ".join(found[:3]))
    if not found:
        raise NotFoundError(kind, name, known)
    return found[0]
