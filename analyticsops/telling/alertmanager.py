"""Incidents for Prometheus' Alertmanager: its API v2.

It forgets what nobody repeats, also when it is started anew, so it is sent all that is open after
each evaluation, and tells people by its own routes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from analyticsops.report.encode import shorten
from analyticsops.slo.log.state import Case
from analyticsops.slo.spans import DAY, Instant, time_of
from analyticsops.telling.message import reach, told_incident

PATH = "/api/v2/alerts"

KEPT = DAY
"""Microseconds for which it believes that an incident is open if nobody repeats it. If our
evaluation dies it must not look as if all were well; a heartbeat tells that it died."""

_LABEL = 500
_ANNOTATION = 4_000


def alertmanager_body(
    cases: Iterable[tuple[Case, Instant]], receiver: str, now: Instant
) -> list[dict[str, Any]]:
    """The body of a request.

    Args:
        cases: what is open or has just ended, and when it ends for Alertmanager.
        receiver: whose knowledge decides what has to be taken back.
    """
    return [alert for case, end in cases for alert in _alerts(case, end, receiver, now)]


def _alerts(case: Case, end: Instant, receiver: str, now: Instant) -> Iterator[dict[str, Any]]:
    yield _alert(case, end, now)
    known = case.told.get(receiver)
    if known is not None and known.phase == "open" and case.page and not known.page:
        # Labels are its identity: as a ticket it is another alert, which is over.
        ticket = msgspec.structs.replace(case.incident, page=False)
        yield _alert(msgspec.structs.replace(case, incident=ticket), now, now)


def _alert(case: Case, end: Instant, now: Instant) -> dict[str, Any]:
    incident = told_incident(case, now)
    tiers = {alert.tier for alert in case.incident.alerts}
    labels = {
        "alertname": "DataIncident",
        "incident": case.id,
        "project": case.project,
        "environment": case.environment,
        "root": incident.root.label,
        "kind": incident.root.kind,
        "owner": incident.owner,
        "tier": "critical" if "critical" in tiers else "standard" if "standard" in tiers else "",
        "severity": incident.severity,
    }
    annotations = {
        "summary": incident.title,
        "description": incident.sentence,
        "reaches": reach(incident.affected),
        "runbook_url": incident.runbook,
        "acknowledged_by": incident.acknowledged.by if incident.acknowledged else "",
    }
    return {
        # An empty label is no label; Alertmanager refuses none, but routes on none, either.
        "labels": {name: shorten(value, _LABEL) for name, value in labels.items() if value},
        "annotations": {n: shorten(v, _ANNOTATION) for n, v in annotations.items() if v},
        "startsAt": min(incident.since, time_of(end)).isoformat(),
        "endsAt": time_of(end).isoformat(),
    }
