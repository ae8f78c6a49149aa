"""The arithmetic of objectives once more, instant by instant: slow, and plain to see."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from analyticsops.slo.spans import Spans


def instants(spans: Spans) -> set[int]:
    """All instants of a set of spans."""
    return {instant for start, end in spans for instant in range(start, end)}


def newest(loads: Sequence[tuple[int, int]], now: int) -> int | None:
    """The newest data that is visible at an instant; data from the future is of its moment."""
    return max((min(data, visible) for visible, data in loads if visible <= now), default=None)


def stale(loads: Sequence[tuple[int, int]], threshold: int, window: tuple[int, int]) -> set[int]:
    """When the data was older than the threshold."""
    found = set()
    for now in range(*window):
        mark = newest(loads, now)
        if mark is not None and now - mark > threshold:
            found.add(now)
    return found


def stale_by_working_time(
    loads: Sequence[tuple[int, int]],
    threshold: int,
    window: tuple[int, int],
    calendar: Collection[int],
) -> set[int]:
    """The same by a clock that stands still outside of a calendar."""
    found = set()
    for now in range(*window):
        mark = newest(loads, now)
        if mark is not None and sum(t in calendar for t in range(mark, now)) > threshold:
            found.add(now)
    return found


def late(
    loads: Sequence[tuple[int, int]], slots: Sequence[int], grace: int, window: tuple[int, int]
) -> set[int]:
    """When the newest slot whose grace had passed was not reached."""
    found = set()
    for now in range(*window):
        due = [slot for slot in slots if slot + grace <= now]
        mark = newest(loads, now)
        if due and (mark is None or mark < max(due)):
            found.add(now)
    return found
