"""When the next data of a node is expected, as far as its schedule is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from analyticsops.project.model import Project
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Build, Observed
from analyticsops.slo.recorded.tallies import EARLY
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import Instant

_RECENT = 50
"""Builds from which it is taken how long one takes."""


def arrivals_of(
    project: Project, slos: Sequence[Slo], observed: Observed, now: Instant
) -> Mapping[str, Instant]:
    """Full name of an objective -> when its next data is expected: by its own schedule, or by
    that of the job which built its node last. In the past if that is overdue."""
    jobs = job_schedules(slos)
    found: dict[str, Instant] = {}
    for slo in slos:
        schedule = slo.schedule or jobs.get(observed.job_of.get(slo.node, ""))
        if schedule is None or not slo.node:
            continue
        node = project.nodes.get(slo.node)
        builds: Sequence[Build] = observed.builds.get(slo.node, ())
        if node is not None and not builds:
            # What is seen through (an exposure, a metric) is as new as what is built above it.
            builds = _latest_above(project, slo.node, observed)
        arrives = next_arrival(schedule, builds, now)
        if arrives is not None:
            found[slo.full_name] = arrives
    return found


def job_schedules(slos: Iterable[Slo]) -> Mapping[str, Schedule]:
    """Job -> when it is expected, by an objective about it."""
    return {slo.job: slo.schedule for slo in slos if slo.job and slo.schedule is not None}


def next_arrival(schedule: Schedule, builds: Sequence[Build], now: Instant) -> Instant | None:
    """When the first slot that was not served yet will have been, if it takes as long as 95 of
    100 builds do."""
    last = max((one.run_at for one in builds if one.outcome in ("good", "warned")), default=None)
    since = now if last is None else last + EARLY + 1
    slot = schedule.following(since)
    return None if slot is None else slot + usual_time(builds)


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
