"""When the next data of a node is expected: by a schedule, else by what is usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from analyticsops.project.model import Project
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Build, Observed
from analyticsops.slo.recorded.asked import EARLY
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import Instant

_RECENT = 50
"""Builds from which it is taken how long one takes."""

_ENOUGH = 5
"""Times between builds or loads from which it is said what is usual."""


class Arrival(NamedTuple):
    """When the next data is expected.

    Attributes:
        at: in the past if it is overdue.
        scheduled: True if that is by a schedule, and not by what is usual.
    """

    at: Instant
    scheduled: bool


def arrivals_of(
    project: Project, slos: Sequence[Slo], observed: Observed, now: Instant
) -> Mapping[str, Arrival]:
    """Full name of an objective -> when its next data is expected: by its own schedule, or by
    that of the job which built its node last; else as long after the last as is usual."""
    jobs = job_schedules(slos)
    found: dict[str, Arrival] = {}
    for slo in slos:
        node = project.nodes.get(slo.node)
        if node is None:
            continue
        builds: Sequence[Build] = observed.builds.get(slo.node, ())
        if node.kind != "source" and not builds:
            # What is seen through (an exposure, a metric) is as new as what is built above it.
            builds = _latest_above(project, slo.node, observed)
        job = "" if node.kind == "source" else observed.job_of.get(slo.node, "")
        schedule = slo.schedule or jobs.get(job)
        at = None
        if schedule is not None:
            at = next_arrival(schedule, builds, now)
        elif node.kind == "source":
            loads = {one.newest for one in observed.seen.get(slo.node, ()) if one.newest}
            at = usual_next(sorted(loads), 0)
        else:
            good = sorted({one.run_at for one in builds if one.outcome in ("good", "warned")})
            at = usual_next(good, usual_time(builds))
        if at is not None:
            found[slo.full_name] = Arrival(at, scheduled=schedule is not None)
    return found


def job_schedules(slos: Iterable[Slo]) -> Mapping[str, Schedule]:
    """Job -> when it is expected, by an objective about it."""
    return {slo.job: slo.schedule for slo in slos if slo.job and slo.schedule is not None}


def next_arrival(schedule: Schedule, builds: Sequence[Build], now: Instant) -> Instant | None:
    """When the first slot that was not served yet will have been, if it takes as long as 95 of
    100 builds do."""
    last = max((one.run_at for one in builds if one.outcome in ("good", "warned")), default=None)
    slot = schedule.following(now if last is None else last + EARLY + 1)
    return None if slot is None else slot + usual_time(builds)


def usual_next(times: Sequence[Instant], takes: int) -> Instant | None:
    """As long after the last as is usual between two; None if that is not known.

    Args:
        takes: microseconds from the beginning until readers see it.
    """
    recent = times[-_RECENT:]
    gaps = [later - earlier for earlier, later in pairwise(recent)]
    return round(recent[-1] + median(gaps)) + takes if len(gaps) >= _ENOUGH else None


def usual_time(builds: Sequence[Build]) -> int:
    """Microseconds from the start of a run until a node was built, in 95 of 100 builds; nothing
    if that is not known."""
    took = sorted(
        one.completed - one.run_at
        for one in builds[-_RECENT:]
        if one.completed is not None and one.outcome == "good"
    )
    return took[min(len(took) - 1, len(took) * 95 // 100)] if took else 0


def _latest_above(project: Project, node: str, observed: Observed) -> Sequence[Build]:
    above = [observed.builds.get(parent, ()) for parent in project.nodes[node].depends_on]
    return max(above, key=lambda builds: builds[-1].run_at if builds else -1, default=())
