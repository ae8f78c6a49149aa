"""Which incidents nobody is told of."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from analyticsops.slo.alert import Alert
from analyticsops.slo.incident import Incident
from analyticsops.slo.log.events import SilencedEvent, SilenceMatch


def silenced_by(
    incident_id: str, incident: Incident, silences: Sequence[SilencedEvent]
) -> tuple[SilencedEvent, ...]:
    """The silences that together cover an incident; none if one of its alerts is not covered, so
    that what is new is never hidden by what was silenced for another reason.

    Args:
        silences: that hold now.
    """
    found: dict[str, SilencedEvent] = {}
    for alert in incident.alerts:
        cover = next((s for s in silences if _covers(s.match, incident_id, incident, alert)), None)
        if cover is None:
            return ()
        found[cover.id] = cover
    return tuple(found.values())


def matches(pattern: str, *words: str) -> bool:
    """True for no pattern, or if one of the words is as it says, in whatever case."""
    wanted = pattern.lower()
    return not pattern or any(fnmatchcase(word.lower(), wanted) for word in words)


def _covers(match: SilenceMatch, incident_id: str, incident: Incident, alert: Alert) -> bool:
    root = incident.root
    return (
        match.incident in ("", incident_id)
        and matches(match.root, root.id, root.label)
        and matches(match.owner, alert.owner or incident.owner)
        and matches(match.rule, alert.rule)
        and matches(match.node, alert.node, alert.subject, alert.job)
    )
