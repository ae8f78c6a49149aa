"""What is told of an incident, in full: the body of a webhook, from which others are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec

from analyticsops.slo.alert import Alert
from analyticsops.slo.durations import spoken
from analyticsops.slo.incident import Affected
from analyticsops.slo.log.events import What
from analyticsops.slo.log.state import Case
from analyticsops.slo.spans import Instant, time_of
from analyticsops.telling.due import Notice

MOST_ALERTS = 50
"""In a message. How many there are is said besides."""


class ToldRoot(msgspec.Struct, frozen=True, kw_only=True):
    """What caused it.

    Attributes:
        id: `unique_id` of a node, or `job.` and its name, or `project`.
        label: what people call it.
        kind: of its trouble.
        suspected: true if it is only likely.
    """

    id: str
    label: str
    kind: str
    suspected: bool


class ToldAlert(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong.

    Attributes:
        rule: name of its rule.
        kind: of trouble.
        subject: what people call what it is about.
        node: `unique_id`; empty if it is about no node.
        job: name; empty if it is about no job.
        slo: full name of the objective that is hit; empty if none is.
        severity: page or ticket.
        since: when it began.
        sentence: all of it, for people.
    """

    rule: str
    kind: str
    subject: str
    node: str
    job: str
    slo: str
    severity: Literal["page", "ticket"]
    since: datetime
    sentence: str


class ToldAcknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody looks after it.

    Attributes:
        by: who.
        at: since when.
        note: for others; may be empty.
    """

    by: str
    at: datetime
    note: str


class ToldIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident, as it was when the message was made.

    Attributes:
        id: the same for as long as it is open, and if it is opened again.
        state: open, acknowledged, resolved, or merged into another.
        severity: page if somebody must get up, else ticket.
        title: what is wrong with the root.
        sentence: what, since when, how much budget, who owns it, what caused it, when the next
            data comes, where the runbook is.
        since: when the trouble began.
        opened: when it was seen, this time.
        closed: when it ended; null while it is open.
        merged_into: id of the incident that it is part of; empty otherwise.
        times_opened: how often, in all.
        root: what caused it.
        owner: of the root; empty if nobody.
        runbook: address; empty if there is none.
        next_data: when the next data is expected; null if nobody knows.
        alerts: what is wrong, the worst first; at most 50.
        alert_count: how many there are.
        affected: what it reaches.
        acknowledged: null if nobody looks after it.
    """

    id: str
    state: Literal["open", "acknowledged", "resolved", "merged"]
    severity: Literal["page", "ticket"]
    title: str
    sentence: str
    since: datetime
    opened: datetime
    closed: datetime | None
    merged_into: str
    times_opened: int
    root: ToldRoot
    owner: str
    runbook: str
    next_data: datetime | None
    alerts: tuple[ToldAlert, ...]
    alert_count: int
    affected: Affected
    acknowledged: ToldAcknowledgement | None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook receives.

    Attributes:
        version: of this format; always 1.
        key: the same for the same message, also if it is sent again; also in the header
            `Idempotency-Key`.
        what: happened.
        headline: the same, for people.
        at: when it was told.
        project: name of the dbt project.
        environment: whose runs were judged; empty if the history names none.
        incident: that it happened to.
    """

    version: Literal[1]
    key: str
    what: What
    headline: str
    at: datetime
    project: str
    environment: str
    incident: ToldIncident


def message_of(notice: Notice, now: Instant) -> Message:
    """A notice in full."""
    case = notice.case
    return Message(
        version=1,
        key=notice.key,
        what=notice.what,
        headline=headline(notice.what, case, now),
        at=time_of(now),
        project=case.project,
        environment=case.environment,
        incident=told_incident(case, now),
    )


def told_incident(case: Case, now: Instant) -> ToldIncident:
    """An incident as it is told at an instant."""
    incident = case.incident
    at = now if case.closed is None else case.closed
    root, known = incident.root, case.acknowledged
    state: Any = case.state
    severity: Any = incident.severity
    return ToldIncident(
        id=case.id,
        state=state,
        severity=severity,
        title=incident.title,
        sentence=incident.alerts[0].sentence(at) if incident.alerts else incident.title,
        since=time_of(incident.since),
        opened=time_of(case.openings[-1].at),
        closed=None if case.closed is None else time_of(case.closed),
        merged_into=case.into,
        times_opened=len(case.openings),
        root=ToldRoot(id=root.id, label=root.label, kind=root.kind, suspected=root.suspected),
        owner=incident.owner,
        runbook=incident.runbook,
        next_data=_next_data(incident.alerts),
        alerts=tuple(_told_alert(alert, at) for alert in incident.alerts[:MOST_ALERTS]),
        alert_count=len(incident.alerts),
        affected=incident.affected,
        acknowledged=None
        if known is None
        else ToldAcknowledgement(by=known.by, at=time_of(known.at), note=known.note),
    )


def _told_alert(alert: Alert, at: Instant) -> ToldAlert:
    return ToldAlert(
        rule=alert.rule,
        kind=alert.kind,
        subject=alert.subject,
        node=alert.node,
        job=alert.job,
        slo=alert.slo,
        severity="page" if alert.page else "ticket",
        since=time_of(alert.since),
        sentence=alert.sentence(at),
    )


def _next_data(alerts: Sequence[Alert]) -> datetime | None:
    """Of the worst alert that knows: the others may be about something further down."""
    return next((time_of(alert.arrives) for alert in alerts if alert.arrives is not None), None)


def headline(what: What, case: Case, now: Instant) -> str:
    """What happened, in a few words."""
    title = case.incident.title
    lasted = spoken((case.closed or now) - case.incident.since)
    flaps = " (it flaps: nobody is told again until it stays well)" if case.flaps(now) else ""
    by = case.acknowledged.by if case.acknowledged else ""
    return {
        "opened": f"{case.incident.severity.capitalize()}: {title}",
        "reopened": f"{case.incident.severity.capitalize()} again: {title}{flaps}",
        "raised": f"Now a page: {title}",
        "spread": f"Reaches more: {title}",
        "acknowledged": f"Acknowledged by {by}: {title}",
        "resolved": f"Resolved after {lasted}: {title}",
        "merged": f"Part of incident {case.into} now: {title}",
    }[what]


def reach(affected: Affected) -> str:
    """What an incident reaches, for people; empty if that is nothing."""
    return "; ".join(_reached(affected))


def _reached(affected: Affected) -> Iterator[str]:
    for word, names in (
        ("mart", affected.marts),
        ("metric", affected.metrics),
        ("exposure", affected.exposures),
    ):
        if names:
            yield f"{word}{'s' if len(names) > 1 else ''} {listed(names)}"
    if affected.others:
        yield f"{affected.others:,} other model{'s' if affected.others > 1 else ''}"
    if affected.owners:
        yield f"owned by {listed(affected.owners)}"


def listed(names: Sequence[str], most: int = 10) -> str:
    """Names, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def schema() -> dict[str, Any]:
    """The JSON Schema of what a webhook receives."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What analyticsops tells a webhook of an incident, version 1",
        **msgspec.json.schema(Message),
    }
