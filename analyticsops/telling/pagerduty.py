"""An incident for PagerDuty: its Events API v2.

https://developer.pagerduty.com/docs/events-api-v2-overview: at most 1,024 characters of summary and
512 KB in all; what has the same ``dedup_key`` is the same alert.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from analyticsops.report.encode import shorten
from analyticsops.telling.message import Message, reach

URL = "https://events.pagerduty.com/v2/enqueue"
SUMMARY = 1_024
MOST_ALERTS = 20
_WORD = 2_000

_SEVERITY = {"page": "critical", "ticket": "warning"}
_ACTION = {"acknowledged": "acknowledge", "resolved": "resolve", "merged": "resolve"}


def pagerduty_body(message: Message, routing_key: str) -> dict[str, Any]:
    """The body of a request: a trigger for all that is open, which updates what is there."""
    incident = message.incident
    action = _ACTION.get(message.what, "trigger")
    body: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": incident.id,
    }
    if action != "trigger":
        return body
    body["client"] = "analyticsops"
    if urlsplit(incident.runbook).scheme in ("http", "https"):
        body["links"] = [{"href": incident.runbook, "text": "Runbook"}]
    body["payload"] = {
        "summary": shorten(message.headline, SUMMARY),
        "source": shorten(incident.root.label, SUMMARY),
        "severity": _SEVERITY[incident.severity],
        "timestamp": incident.since.isoformat(),
        "component": shorten(incident.root.id, SUMMARY),
        "group": shorten(message.project, SUMMARY),
        "class": incident.root.kind,
        "custom_details": {
            "sentence": shorten(incident.sentence, _WORD),
            "owner": shorten(incident.owner or "nobody", _WORD),
            "reaches": shorten(reach(incident.affected) or "nothing else", _WORD),
            "environment": message.environment,
            "alerts": [shorten(one.sentence, _WORD) for one in incident.alerts[:MOST_ALERTS]],
            "alert_count": incident.alert_count,
        },
    }
    return body
