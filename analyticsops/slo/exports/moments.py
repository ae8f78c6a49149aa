"""When data that is there will no longer do: instants, so that other tools can notice on their
own, and while nothing of ours runs, that nobody came."""

from __future__ import annotations

from analyticsops.slo.budget import Missing, Timeline
from analyticsops.slo.spans import Instant
from analyticsops.slo.spec.indicators import Deadline
from analyticsops.slo.standing import Standing
from analyticsops.slo.watermark import worked


def expires(standing: Standing) -> Instant | None:
    """From when on the objective is not met if nothing comes; in the past if it is not met.

    None for objectives about events, and if nobody knows.
    """
    slo, oldest = standing.slo, standing.oldest
    if not slo.is_about_time:
        return None
    unknown_is_bad = standing.now == "unknown" and slo.missing is Missing.BAD
    if standing.now == "bad" or unknown_is_bad:
        return standing.since if standing.since is not None else standing.at
    if standing.now == "unknown" or oldest is None or oldest.data is None:
        return None
    if isinstance(slo.indicator, Deadline):
        slot = slo.schedule.following(oldest.data + 1) if slo.schedule is not None else None
        return None if slot is None or slo.schedule is None else slot + slo.schedule.grace
    if slo.calendar is not None and slo.pauses_age:
        return worked(slo.calendar, oldest.data, oldest.threshold)
    return standing.runs_out


def counts(standing: Standing) -> bool:
    """True if this moment counts: within the calendar, and not in maintenance."""
    recorded, at = standing.recorded, standing.at
    if isinstance(recorded, Timeline):
        return at in recorded.scope or at - 1 in recorded.scope
    calendar = standing.slo.calendar
    return calendar is None or at in calendar.spans((at, at + 1))


def in_a_row(standing: Standing) -> int:
    """How many of the last events were bad; 0 for objectives about time."""
    recorded = standing.recorded
    if isinstance(recorded, Timeline):
        return 0
    found = 0
    for event in reversed(recorded.between(standing.window[0], standing.at)):
        if event.unknown:
            continue
        if not event.bad:
            break
        found += 1
    return found
