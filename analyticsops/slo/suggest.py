"""Objectives that a history could keep, proposed from it.

A threshold is a quantile of what was observed, and a little more: 0.99 of the ages that data had
just before newer data came, 0.95 of the times that a job took. The target is the highest usual one
that the history keeps with it, so that nobody begins with a budget that is used up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any

import msgspec

from analyticsops.project.model import Node, Project
from analyticsops.slo.clocks import UNKNOWN
from analyticsops.slo.durations import spoken, written
from analyticsops.slo.marts import is_mart
from analyticsops.slo.observed import Observed, Seen
from analyticsops.slo.recorded.timelines import ages_through
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, time_of

ENOUGH = 10
"""Observations, without which nothing is proposed."""

MARGIN = Fraction(6, 5)
"""What is usual, and a fifth more."""

TARGETS = tuple(Fraction(one, 1000) for one in (999, 995, 990, 970, 950, 900))
"""The usual ones, the highest first."""

_STEPS = (
    *(minutes * MINUTE for minutes in (5, 10, 15, 20, 30, 45)),
    *(hours * HOUR for hours in (1, 2, 3, 4, 6, 8, 10, 12, 18, 24, 26, 30, 36, 48)),
    *(days * DAY for days in (3, 4, 5, 7, 10, 14, 21, 28, 35)),
)


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """An objective as it could be written.

    Attributes:
        subject: what it is about.
        entry: for the list `slos` of a file.
        because: what it was taken from.
        node: id of the node that it is about; empty for a job.
    """

    subject: str
    entry: Mapping[str, Any]
    because: str
    node: str = ""


class Nothing(msgspec.Struct, frozen=True, kw_only=True):
    """Something for which nothing can be proposed, and why."""

    subject: str
    because: str


def propose(
    project: Project, observed: Observed, quantile: Fraction
) -> Iterator[Proposal | Nothing]:
    """Objectives of sources, of what nobody builds upon, of jobs and of tests, before their targets
    are chosen.

    Args:
        quantile: of the ages that are to be fresh.
    """
    for source in project.of_kind("source"):
        yield from _source(source, observed.seen.get(source.unique_id, ()), quantile)
    marts = [node for node in project.of_kind("model") if is_mart(project, node)]
    yield from _marts(project, observed, marts, quantile)
    for job, starts in sorted(_starts(observed).items()):
        yield from _job(job, starts, observed)
    for node in marts:
        checks = observed.checks.get(node.unique_id, ())
        if len(checks) >= 3 * ENOUGH:
            yield Proposal(
                subject=node.label,
                node=node.unique_id,
                entry=_entry("quality", node, {"type": "quality"}),
                because=f"{len(checks):,} checks",
            )


def _entry(name: str, node: Node, indicator: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "target": {"select": selector(node)}, "indicator": dict(indicator)}


def selector(node: Node) -> str:
    """dbt's selection of exactly this node."""
    return f"source:{node.label}" if node.kind == "source" else f"fqn:{'.'.join(node.fqn)}"


def at_quantile(numbers: Iterable[int], quantile: Fraction) -> int:
    """The least of the numbers that so large a share of them does not exceed."""
    ordered = sorted(numbers)
    return ordered[max(ceil(quantile * len(ordered)) - 1, 0)]


def rounded(length: int) -> int:
    """A length that people write, and that is no less."""
    wanted = ceil(length * MARGIN)
    return next((step for step in _STEPS if step >= wanted), ceil(wanted / DAY) * DAY)


# -- freshness --------------------------------------------------------------------


def _source(node: Node, seen: Sequence[Seen], quantile: Fraction) -> Iterator[Proposal | Nothing]:
    known = [(one.at, one.newest) for one in seen if one.newest is not None]
    if len(known) < ENOUGH:
        because = f"measured {len(known)} times, {ENOUGH} are needed"
        yield Nothing(subject=node.label, because=because)
        return
    # Its age when newer data came; where none had come, when somebody looked again.
    peaks = [
        max(min(newer, at) if newer > newest else at, newest) - newest
        for (_, newest), (at, newer) in pairwise(known)
    ]
    usual = at_quantile(peaks, quantile)
    yield Proposal(
        subject=node.label,
        node=node.unique_id,
        entry=_entry("fresh", node, _fresh(rounded(usual), "own")),
        because=_ages(usual, quantile, len(peaks)),
    )


def _fresh(threshold: int, scope: str) -> dict[str, Any]:
    return {"type": "freshness", "threshold": written(threshold), "scope": scope}


def _ages(usual: int, quantile: Fraction, count: int) -> str:
    return (
        f"{float(quantile):g} of {count:,} ages before newer data came were at most {spoken(usual)}"
    )


def _marts(
    project: Project, observed: Observed, marts: Sequence[Node], quantile: Fraction
) -> Iterator[Proposal | Nothing]:
    names = [node.unique_id for node in marts]
    ages = ages_through(project, observed, names, gated=False, apart=False)
    for node in marts:
        clock = ages.lower[node.unique_id]
        if not clock.sources:
            continue  # nothing that ages is in it
        steps = zip(clock.times, clock.oldest([0]), strict=True)
        known = [(time, data) for time, data in steps if UNKNOWN not in (time, data)]
        if len(known) < ENOUGH:
            because = (
                "a source behind it is not measured, or it was built less than "
                f"{ENOUGH} times with newer data"
            )
            yield Nothing(subject=node.label, because=because)
            continue
        peaks = [later - data for (_, data), (later, _) in pairwise(known)]
        usual = at_quantile(peaks, quantile)
        yield Proposal(
            subject=node.label,
            node=node.unique_id,
            entry=_entry("fresh", node, _fresh(rounded(usual), "end_to_end")),
            because=_ages(usual, quantile, len(peaks)),
        )


# -- jobs -------------------------------------------------------------------------


def _starts(observed: Observed) -> Mapping[str, list[Instant]]:
    found: dict[str, list[Instant]] = {}
    for run in observed.runs:
        if run.job and not run.retry and run.command != "source freshness":
            found.setdefault(run.job, []).append(run.started)
    return found


def _job(job: str, starts: Sequence[Instant], observed: Observed) -> Iterator[Proposal | Nothing]:
    if len(starts) < ENOUGH:
        yield Nothing(subject=f"job {job}", because=f"{len(starts)} runs, {ENOUGH} are needed")
        return
    schedule = inferred(starts)
    success: dict[str, Any] = {
        "name": "success",
        "target": {"job": job},
        "indicator": {"type": "success", "attempts": "final"},
    }
    because = f"{len(starts):,} runs, at no regular times"
    if schedule is not None:
        success["schedule"] = {"cron": schedule, "timezone": "UTC", "grace": "30m"}
        because = f"{len(starts):,} runs, whose starts look like this schedule (UTC)"
    yield Proposal(subject=f"job {job}", entry=success, because=because)
    took = [
        run.elapsed
        for run in observed.runs
        if run.job == job and run.verdict == "ok" and run.elapsed is not None
    ]
    if len(took) >= ENOUGH:
        usual = at_quantile(took, Fraction(95, 100))
        entry = {
            "name": "quick",
            "target": {"job": job},
            "indicator": {"type": "duration", "threshold": written(rounded(usual))},
        }
        because = f"0.95 of {len(took):,} runs took at most {spoken(usual)}"
        yield Proposal(subject=f"job {job}", entry=entry, because=because)


def inferred(starts: Sequence[Instant]) -> str | None:
    """The cron expression (UTC) that the starts of a job look like: hourly, daily, or on some
    days of the week; None if they look like none of these."""
    times = [time_of(start) for start in starts]
    minute, share = _most(time.minute for time in times)
    if share < Fraction(9, 10):
        return None
    gaps = [round((later - earlier) / HOUR) for earlier, later in pairwise(starts)]
    if gaps.count(1) >= len(gaps) * 0.9:
        return f"{minute} * * * *"
    hours = sorted(_usual(time.hour for time in times))
    if not hours:
        return None
    days = _days(times)
    return f"{minute} {','.join(map(str, hours))} * * {days}"


def _most(numbers: Iterable[int]) -> tuple[int, Fraction]:
    counted = Counter(numbers)
    number, count = counted.most_common(1)[0]
    return number, Fraction(count, counted.total())


def _usual(numbers: Iterable[int]) -> list[int]:
    """The numbers that are no exceptions, if they are few; else none."""
    counted = Counter(numbers)
    found = [number for number, count in counted.items() if count * 20 >= counted.total()]
    covered = sum(counted[number] for number in found)
    return found if len(found) <= 6 and covered * 10 >= counted.total() * 9 else []


def _days(times: Sequence[datetime]) -> str:
    """Days of the week, as cron has them: 0 is Sunday."""
    seen = {(time.weekday() + 1) % 7 for time in times}
    if len(seen) == 7 or len(times) < 2 * len(seen):
        return "*"
    return "1-5" if seen == {1, 2, 3, 4, 5} else ",".join(map(str, sorted(seen)))


# -- targets and text ---------------------------------------------------------------


def target_of(sli: Fraction | None) -> Fraction | None:
    """The highest usual target that was kept; None if none was, or nothing counted."""
    return next((one for one in TARGETS if sli is not None and sli >= one), None)
