"""How new data was at least and at most, of what was looked at only now and then.

``dbt source freshness`` says of a moment how new the newest data is. Between two such moments
data may have come that the second one does not show, since it shows only the newest. So the
watermark of a source has two bounds:

* the *lower* one rises only when data came that some measurement saw;
* the *upper* one is as new as can be wherever nobody looked: from a measurement until the load
  that the next one saw, and from the last measurement on.

What builds read is taken to be what was measured for :data:`HOLDS` after a measurement, unless the
next one shows data of that time: jobs measure first and build then.

What is too old even by the upper bound was surely stale; what is so only by the lower one is
unknown. The same holds of builds of which nobody knows whether they brought data.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analyticsops.slo.clocks import FUTURE, Build
from analyticsops.slo.observed import Build as Built, Check, Seen
from analyticsops.slo.spans import HOUR, Instant
from analyticsops.slo.watermark import Load, Watermark

HOLDS = HOUR
"""Microseconds."""

SKEW = 60_000_000
"""Microseconds. Clocks differ by seconds; data that is further ahead is wrong."""


class Bounds(NamedTuple):
    """Watermarks that the true one lies between."""

    lower: Watermark
    upper: Watermark


def of_source(seen: Sequence[Seen], *, holds: int = 0) -> Bounds:
    """Of a source, from its measurements in order of time.

    Args:
        holds: microseconds for which a measurement is taken to hold.
    """
    known = [(one.at, one.newest) for one in seen if one.newest is not None]
    loads: list[Load] = []
    before: Instant | None = None
    for at, newest in known:
        # Visible since it was loaded; but not while a measurement after that did not see it.
        hidden = newest > at or (before is not None and newest <= before)
        loads.append(Load(at if hidden else newest, newest))
        before = at
    return Bounds(Watermark.of(loads, skew=SKEW), _upper(known, holds))


def _upper(known: Sequence[tuple[Instant, Instant]], holds: int) -> Watermark:
    """As new as can be until the load that a measurement saw, then as new as that."""
    times: list[Instant] = [-FUTURE]
    marks: list[Instant] = [FUTURE]

    def step(time: Instant, mark: Instant) -> None:
        while times and times[-1] >= time:  # what was to hold for longer does not
            times.pop()
            marks.pop()
        times.append(time)
        marks.append(mark)

    before: Instant | None = None
    highest = -FUTURE
    for at, newest in known:
        mark = max(min(newest, at), highest)
        # What is not newer than the measurement before came with it, or was on its way.
        step(mark if before is None or mark > before else before, mark)
        step(at + holds, FUTURE)
        before, highest = at, mark
    return Watermark(tuple(times), tuple(marks))


def open_before(watermark: Watermark) -> Watermark:
    """A watermark that is as new as can be before anything is known."""
    return Watermark((-FUTURE, *watermark.times), (FUTURE, *watermark.marks))


class Builds(NamedTuple):
    """Builds that surely brought data, and those that may have besides."""

    lower: tuple[Build, ...]
    upper: tuple[Build, ...]


def of_builds(builds: Iterable[Built], checks: Sequence[Check] | None = None) -> Builds:
    """The builds that readers could see, of a node's builds in order of time.

    A backfill brings nothing that is newer. A partial success, and a build of which nobody knows
    whether it is a table's, may have brought data.

    Args:
        checks: of the node, in order of time, where a build counts only when they have passed;
            None if it counts at once. One after which nobody checked may have passed.
    """
    lower: list[Build] = []
    upper: list[Build] = []
    listed = [
        one
        for one in builds
        if one.started is not None
        and one.completed is not None
        and one.outcome in ("good", "partial")
        and one.loads is not False
        and not one.backfill
    ]
    for number, one in enumerate(listed):
        assert one.started is not None, "asked for above"
        assert one.completed is not None, "asked for above"
        following = listed[number + 1].completed if number + 1 < len(listed) else None
        visible, sure = one.completed, one.outcome == "good" and one.loads is True
        if checks is not None:
            passed = _passed(checks, one.completed, following)
            if passed is None:
                continue
            visible, checked = passed
            sure = sure and checked
        build = Build(one.started, visible)
        upper.append(build)
        if sure:
            lower.append(build)
    return Builds(tuple(lower), tuple(upper))


def _passed(
    checks: Sequence[Check], completed: Instant, following: Instant | None
) -> tuple[Instant, bool] | None:
    """When the checks of a build had passed, and whether there were any; None if one failed.

    A check belongs to the build before it, until the next one.
    """
    first = bisect_left(checks, completed, key=_when)
    last = len(checks) if following is None else bisect_left(checks, following, key=_when)
    own = checks[first:last]
    if any(check.outcome == "bad" for check in own):
        return None
    judged = [check.at for check in own if check.outcome in ("good", "warned")]
    return (max(judged), True) if judged else (completed, not checks)


def _when(check: Check) -> Instant:
    return check.at


def bounds_of(seen: Mapping[str, Sequence[Seen]], sources: Iterable[str]) -> dict[str, Bounds]:
    """Of each source; one that was never measured is unknown at all times."""
    return {source: of_source(seen.get(source, ())) for source in sources}
