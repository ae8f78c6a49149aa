"""How incidents stand -> what has to be told, to whom.

It is decided by what each receiver knows (:class:`~analyticsops.slo.log.events.View`), not by a
list of messages: what could not be delivered stays due, what was delivered is never due again, and
what happened in between is one message.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

import msgspec

from analyticsops.slo.incident import Incident
from analyticsops.slo.log.events import SilencedEvent, What
from analyticsops.slo.log.silences import matches, silenced_by
from analyticsops.slo.log.state import Case, State
from analyticsops.slo.spans import DAY, HOUR, Instant
from analyticsops.slo.spec.entries import MatchEntry
from analyticsops.slo.spec.reading import SharedSettings

STDOUT = "stdout"
"""The receiver of what no route takes: whoever reads what the command prints."""

SETTLED = 6 * HOUR
"""Microseconds for which an incident that flapped must be over before that is told."""

FORGOTTEN = 7 * DAY
"""Microseconds after its end from which nobody is told any more."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """That a receiver has to be told something.

    Attributes:
        receiver: its name.
        what: has to be told.
        case: the incident.
        key: the same for the same message, whoever sends it and however often.
    """

    receiver: str
    what: What
    case: Case
    key: str


def routed(incident: Incident, shared: SharedSettings) -> tuple[str, ...]:
    """Names of who is told of an incident, in the order of the routes."""
    names = (name for route in shared.routes if _takes(route.match, incident) for name in route.to)
    known = [name for name in names if name == STDOUT or _can_be_told(name, shared)]
    return tuple(dict.fromkeys(known)) or (STDOUT,)


def _can_be_told(name: str, shared: SharedSettings) -> bool:
    return name in shared.receivers and shared.receivers[name].type != "heartbeat"


def unknown_receivers(shared: SharedSettings) -> tuple[str, ...]:
    """Names in routes that are no receivers of incidents."""
    names = {name for route in shared.routes for name in route.to} - {STDOUT}
    return tuple(sorted(name for name in names if not _can_be_told(name, shared)))


def _takes(match: MatchEntry, incident: Incident) -> bool:
    alerts = incident.alerts
    return (
        match.severity in (None, incident.severity)
        and matches(match.owner, incident.owner, *(alert.owner for alert in alerts))
        and matches(match.group, *(alert.group for alert in alerts))
        and (match.tier is None or match.tier in (alert.tier for alert in alerts))
        and matches(match.node, *_names(incident))
    )


def _names(incident: Incident) -> Iterator[str]:
    yield from (incident.root.id, incident.root.label)
    for alert in incident.alerts:
        yield from (alert.node, alert.subject)


def silences_of(case: Case, state: State, now: Instant) -> tuple[SilencedEvent, ...]:
    """The silences that cover an incident now; none if it is told."""
    return silenced_by(case.id, case.incident, state.active_silences(now))


def due(
    state: State, shared: SharedSettings, now: Instant, quiet: frozenset[str] = frozenset()
) -> tuple[Notice, ...]:
    """All that has to be told now: what pages first, then what was opened first.

    Args:
        quiet: ids of incidents that are treated as if they were silenced.
    """
    found: list[Notice] = []
    for case in state.cases.values():
        if case.closed is not None and now - case.closed >= FORGOTTEN:
            continue
        silenced = case.id in quiet or bool(silences_of(case, state, now))
        for receiver in _receivers(case, shared):
            what = news(case, receiver, now, silenced=silenced)
            if what is not None:
                key = _key(case, receiver, what)
                found.append(Notice(receiver=receiver, what=what, case=case, key=key))
    return tuple(sorted(found, key=_urgency))


def _urgency(notice: Notice) -> tuple[bool, Instant, str, str]:
    case = notice.case
    return not case.page, case.openings[-1].at, case.id, notice.receiver


def _receivers(case: Case, shared: SharedSettings) -> Iterator[str]:
    """Who is told of it, and at its end everybody who was told before or should have been."""
    before = () if case.is_open else (*case.told, *case.failed, *case.receivers)
    for name in dict.fromkeys((*routed(case.incident, shared), *before)):
        if name == STDOUT or _can_be_told(name, shared):
            yield name


def news(case: Case, receiver: str, now: Instant, *, silenced: bool) -> What | None:
    """What a receiver does not know yet and should; None if there is nothing.

    While an incident is silenced nobody is told anything but that something is over of which they
    know. Once it flaps its ends are held back until it stays well, and with them the next openings.
    """
    known = case.told.get(receiver)
    if not case.is_open:
        return _end(case, receiver, now)
    if silenced:
        return None
    if known is None:
        return "opened"
    if known.phase == "closed":
        return "reopened"
    if case.page and not known.page:
        return "raised"
    if set(case.reach) - set(known.reach):
        return "spread"
    by = case.acknowledged.by if case.acknowledged else ""
    return "acknowledged" if by and by != known.acknowledged else None


def _end(case: Case, receiver: str, now: Instant) -> What | None:
    known = case.told.get(receiver)
    over: What = "merged" if case.into else "resolved"
    if known is None:  # it is told nevertheless if it should have been told of the beginning
        return over if receiver in case.receivers or receiver in case.failed else None
    assert case.closed is not None, "only of what is over"
    if known.phase == "closed" or (case.flaps(case.closed) and now - case.closed < SETTLED):
        return None
    return over


def _key(case: Case, receiver: str, what: What) -> str:
    """Of what somebody else would send for the same reason, also if they know a little more."""
    view = case.view_of(receiver)
    news = {"spread": "\n".join(view.reach), "acknowledged": view.acknowledged}.get(what, "")
    parts = (case.id, receiver, what, str(len(case.openings)), news)
    return blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
