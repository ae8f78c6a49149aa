"""An incident for Slack: blocks for an incoming webhook.

Limits by https://docs.slack.dev/reference/block-kit/blocks: 150 characters in a header, 3,000 in
the text of a section, 2,000 in a field, 10 fields, 50 blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from analyticsops.report.encode import shorten, slack_text
from analyticsops.slo.alert import moment
from analyticsops.slo.spans import instant_of
from analyticsops.telling.message import Message, reach

HEADER = 150
TEXT = 3_000
FIELD = 2_000
MOST_ALERTS = 10
_SIGNS = {"resolved": "✅", "merged": "✅", "acknowledged": "👀"}


def slack_body(message: Message) -> dict[str, Any]:
    """The body of a request to an incoming webhook."""
    incident = message.incident
    sign = _SIGNS.get(message.what, "🚨" if incident.severity == "page" else "⚠️")
    headline = shorten(f"{sign} {' '.join(message.headline.split())}", HEADER)
    return {
        "text": slack_text(message.headline, TEXT),  # what notifications show
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": headline, "emoji": False}},
            _section(slack_text(incident.sentence, TEXT)),
            {"type": "section", "fields": [_text(_field(*one)) for one in _fields(message)]},
            *_more(message),
            {"type": "context", "elements": [_text(slack_text(_footer(message), FIELD))]},
        ],
    }


def _text(text: str) -> dict[str, Any]:
    # Verbatim: names that look like channels or addresses are not made into links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)}


def _field(label: str, value: str) -> str:
    return f"*{label}*\n{slack_text(value, FIELD - 100)}"


def _fields(message: Message) -> Iterator[tuple[str, str]]:
    incident = message.incident
    root = incident.root
    yield "Cause", f"{'probably ' if root.suspected else ''}{root.label} ({root.kind})"
    yield "Severity", incident.severity
    yield "Since", moment(instant_of(incident.since))
    yield "Owner", incident.owner or "nobody"
    if incident.next_data is not None:
        yield "Next data", moment(instant_of(incident.next_data))
    if incident.acknowledged is not None:
        note = f": {incident.acknowledged.note}" if incident.acknowledged.note else ""
        yield "Acknowledged", f"{incident.acknowledged.by}{note}"


def _more(message: Message) -> Iterator[dict[str, Any]]:
    incident = message.incident
    hit = reach(incident.affected)
    if hit:
        yield _section(f"*Reaches* {slack_text(hit, TEXT - 100)}")
    others = incident.alerts[1 : 1 + MOST_ALERTS]
    if others:
        left = incident.alert_count - 1 - len(others)
        lines = [f"• {slack_text(alert.sentence, 280)}" for alert in others]
        lines += [f"and {left:,} more"] if left else []
        yield _section("\n".join(lines))
    if urlsplit(incident.runbook).scheme in ("http", "https"):
        # Characters that end a link have no place in an address.
        address = slack_text(incident.runbook, FIELD).replace("|", "%7C").replace(" ", "%20")
        yield _section(f"<{address}|Runbook>")


def _footer(message: Message) -> str:
    place = f" ({message.environment})" if message.environment else ""
    return f"incident {message.incident.id} · {message.project}{place}"
