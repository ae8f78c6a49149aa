"""The times in which an objective is quiet, by a name that metrics and Alertmanager share."""

from __future__ import annotations

import re
from hashlib import blake2b

from analyticsops.errors import ConfigError
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.objective import Slo
from analyticsops.slo.spec.declared import calendar_of


def times_of(evaluation: Evaluation, slo: Slo) -> str:
    """Name of its calendar and its maintenance together; empty if it is never quiet."""
    if slo.calendar is None and not slo.maintenance:
        return ""
    parts = [_calendar_name(evaluation, slo)] if slo.calendar is not None else []
    if slo.maintenance:
        parts.append("maintenance-" + _digest(repr(slo.maintenance)))
    return "-".join(parts)


def _calendar_name(evaluation: Evaluation, slo: Slo) -> str:
    for name, entry in sorted(evaluation.declared.shared.calendars.items()):
        try:
            if calendar_of(entry, name) == slo.calendar:
                return slug(name)
        except ConfigError:
            continue
    calendar = slo.calendar
    assert calendar is not None, "asked for by who calls"
    told = (
        calendar.timezone,
        sorted(calendar.days),
        calendar.hours,
        sorted(calendar.holidays),
    )
    return "calendar-" + _digest(repr(told))


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest()


def slug(text: str, limit: int = 63) -> str:
    """A name by RFC 1123 (letters, digits, hyphens), with a digest if something was lost.

    Args:
        limit: characters.
    """
    found = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"
    if found == text and len(found) <= limit:
        return found
    return f"{found[: limit - 9].rstrip('-')}-{_digest(text)}"
