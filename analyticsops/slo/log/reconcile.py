"""What was found now, against what is known -> what happened.

An incident keeps its id for as long as it is open, and gets it back if its root is in trouble again
within a day. It is over when nothing of it is left; it is merged when what it was about is found
under another root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest

from analyticsops.slo.incident import Incident
from analyticsops.slo.log.events import (
    AnyEvent,
    ChangedEvent,
    MergedEvent,
    OpenedEvent,
    ResolvedEvent,
    ToldEvent,
    storable,
)
from analyticsops.slo.log.silences import silenced_by
from analyticsops.slo.log.state import Case, State
from analyticsops.slo.recorded.asked import Opened
from analyticsops.slo.spans import DAY, Instant

REOPENED_WITHIN = DAY
"""Microseconds after its end within which trouble with the same root is the same incident."""

Routed = Callable[[Incident], tuple[str, ...]]
"""Names of who is told of an incident."""


def reconcile(
    state: State,
    incidents: Sequence[Incident],
    now: Instant,
    *,
    project: str,
    environment: str = "",
    routed: Routed = lambda _: (),
    budgets: Mapping[str, str] | None = None,
    in_maintenance: Sequence[Incident] = (),
) -> tuple[AnyEvent, ...]:
    """What happened since the evaluation before.

    Args:
        state: what is known.
        incidents: what was found now, in this project and environment.
        routed: who would be told of an incident.
        budgets: how much of each is used, by full names of objectives.
        in_maintenance: what is wrong where people work: nothing is opened and nothing ends for it.
    """
    found = [storable(incident) for incident in incidents]
    cases = [
        c for c in state.cases.values() if (c.project, c.environment) == (project, environment)
    ]
    open_ = _by_root(case for case in cases if case.is_open)
    events: list[AnyEvent] = []
    ids: dict[str, str] = {}
    silences = state.active_silences(now)
    for incident in found:
        root = incident.root.id
        if root in open_:
            ids[root] = open_[root][0].id
            events += _changed(open_[root][0], incident, now)
            continue
        ids[root] = _former(cases, incident, now) or incident.id
        silent = silenced_by(ids[root], incident, silences)
        opened = OpenedEvent(
            at=now,
            id=ids[root],
            project=project,
            environment=environment,
            incident=incident,
            receivers=() if silent else routed(incident),
        )
        events.append(opened)
    worked_on = {alert.key for incident in in_maintenance for alert in incident.alerts}
    worked_on_roots = {incident.root.id for incident in in_maintenance}
    for root, same in open_.items():
        for case in same[1:]:  # two evaluations opened it at the same time
            events.append(MergedEvent(at=now, id=case.id, into=same[0].id))
        keys = {alert.key for alert in same[0].incident.alerts}
        if root not in ids and root not in worked_on_roots and not keys & worked_on:
            events.append(_ended(same[0], found, ids, now, budgets or {}))
    return tuple(events)


def _by_root(cases: Iterable[Case]) -> Mapping[str, Sequence[Case]]:
    """Open cases by their root, those that were opened first before others."""
    found: dict[str, list[Case]] = {}
    for case in sorted(cases, key=lambda case: (case.openings[0].at, case.id)):
        found.setdefault(case.incident.root.id, []).append(case)
    return found


def _former(cases: Sequence[Case], incident: Incident, now: Instant) -> str:
    """The id of an incident that ended so recently that this is the same; empty for none."""
    closed = [
        case
        for case in cases
        if case.closed is not None
        and case.incident.root.id == incident.root.id
        and now - case.closed < REOPENED_WITHIN
    ]
    return max(closed, key=lambda case: (case.closed or 0, case.id)).id if closed else ""


def _changed(case: Case, incident: Incident, now: Instant) -> Iterator[ChangedEvent]:
    """That it became something else; not that it became older, or its budget smaller."""
    before = {alert.key for alert in case.incident.alerts}
    after = {alert.key for alert in incident.alerts}
    same = (
        before == after
        and case.page >= incident.page
        and case.incident.affected == incident.affected
        and case.incident.owner == incident.owner
        and case.incident.root == incident.root
    )
    if not same:
        yield ChangedEvent(
            at=now,
            id=case.id,
            incident=incident,
            added=tuple(sorted(after - before)),
            removed=tuple(sorted(before - after)),
        )


def _ended(
    case: Case,
    incidents: Sequence[Incident],
    ids: Mapping[str, str],
    now: Instant,
    budgets: Mapping[str, str],
) -> MergedEvent | ResolvedEvent:
    keys = {alert.key for alert in case.incident.alerts}
    for incident in incidents:
        if any(alert.key in keys for alert in incident.alerts):
            return MergedEvent(at=now, id=case.id, into=ids[incident.root.id])
    hit = sorted({alert.slo for alert in case.incident.alerts})
    used = {slo: budgets[slo] for slo in hit if budgets.get(slo)}
    return ResolvedEvent(at=now, id=case.id, budgets=used)


def opened_before(state: State, project: str = "", environment: str = "") -> tuple[Opened, ...]:
    """Each time that an incident was opened, for objectives about how soon one is told.

    Args:
        project: of this project only; empty for all, likewise the environment.
    """
    found: list[Opened] = []
    for case in state.cases.values():
        if project in ("", case.project) and environment in ("", case.environment):
            found += _openings(case)
    return tuple(sorted(found))


def _openings(case: Case) -> Iterator[Opened]:
    told = [event.at for event in case.events if isinstance(event, ToldEvent) and event.ok]
    ends = [opening.at for opening in case.openings[1:]]
    for opening, end in zip_longest(case.openings, ends):
        # Where nobody was told it is when it could have been.
        first = min(
            (at for at in told if at >= opening.at and (end is None or at < end)), default=0
        )
        yield Opened(opening.since, first or opening.at, case.incident.nodes)
