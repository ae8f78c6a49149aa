"""How old the data of an objective was over time, and what each node on the way adds to it."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.project.model import Project
from analyticsops.site.model.objectives import LagPart, Line
from analyticsops.site.runs import seconds
from analyticsops.slo.clocks import FUTURE, UNKNOWN, Clocks
from analyticsops.slo.objective import Slo
from analyticsops.slo.recorded.timelines import Ages, thresholds
from analyticsops.slo.spans import Instant, Span, Spans
from analyticsops.slo.standing import Standing

MOST = 2_000
"""Points of a line, the latest ones."""

_Point = tuple[Instant, int | None]


def age_lines(slo: Slo, ages: Ages, span: Span) -> tuple[Line, Line | None]:
    """The age of the oldest data behind an objective: as old as it may have been, and as young,
    None where that is the same all the time. Data that grows no older outside of working time
    is as old as that time is long."""
    oldest = _line(slo, ages.lower, span)
    youngest = _line(slo, ages.upper, span)
    return oldest, None if youngest == oldest else youngest


def _line(slo: Slo, clocks: Clocks, span: Span) -> Line:
    points = list(_points(slo, clocks, span))[-MOST:]
    return Line(
        at=tuple(seconds(at) for at, _ in points),
        values=tuple(None if age is None else age / 1e6 for _, age in points),
    )


def _points(slo: Slo, clocks: Clocks, span: Span) -> Iterator[_Point]:
    """Where the line bends: it grows with time, and falls when newer data is there."""
    start, end = span
    works = _working_time(slo, clocks, span)
    edges = [edge for spans in works or () for edge in spans if start < edge < end]
    before: Instant | None = None
    begun = start
    for time, mark in _marks(slo, clocks, end):
        if time > start:
            yield from _grown(before, begun, time, edges, works)
            begun = time
        before = mark
    yield from _grown(before, begun, end, edges, works)


def _grown(
    mark: Instant | None, begin: Instant, end: Instant, edges: list[Instant], works: Spans | None
) -> Iterator[_Point]:
    for at in (begin, *(edge for edge in edges if begin < edge < end), end):
        yield at, _age(mark, at, works)


def _age(mark: Instant | None, at: Instant, works: Spans | None) -> int | None:
    if mark is None or mark == UNKNOWN:
        return None
    if mark >= at:
        return 0
    return at - mark if works is None else works.clip(mark, at).length


def _marks(slo: Slo, clocks: Clocks, end: Instant) -> Iterator[tuple[Instant, Instant]]:
    """(from when on, data time of the oldest source), where that changes."""
    clock = clocks[slo.node]
    places = [clock.sources.index(source) for source, _ in thresholds(slo, clocks)]
    last: Instant | None = None
    for time, value in zip(clock.times, clock.values, strict=False):
        if time > end or not places:
            return
        mark = min(value[place] for place in places)
        if mark != last:
            yield time, mark
        last = mark


def _working_time(slo: Slo, clocks: Clocks, span: Span) -> Spans | None:
    if not slo.pauses_age or slo.calendar is None:
        return None
    known = [mark for _, mark in _marks(slo, clocks, span[1]) if UNKNOWN < mark < FUTURE]
    return slo.calendar.spans((min([span[0], *known]), span[1]))


def lag_parts(project: Project, standing: Standing, ages: Ages) -> Iterator[LagPart]:
    """From the source whose data decides to the node, what each adds: the source the time for
    which it had nothing newer, a node the time by which it is behind what it reads. By what was
    surely loaded, as the age of the data is drawn."""
    oldest = standing.oldest
    if oldest is None:
        return
    clocks, at = ages.lower, standing.at
    way = _way(ages, clocks, standing.slo.node, oldest.source, at)
    newer = at
    for name in reversed(way):
        shown = clocks[name].of(oldest.source, at)
        node = project.nodes[name]
        known = shown if shown is not None and UNKNOWN < shown < FUTURE else None
        yield LagPart(
            node=name,
            label=node.label,
            kind=node.kind,
            data=None if known is None else seconds(known),
            added=0.0 if known is None else max(newer - known, 0) / 1e6,
        )
        newer = newer if known is None else min(known, newer)


def _way(ages: Ages, clocks: Clocks, node: str, source: str, at: Instant) -> list[str]:
    """From a node up to the source, each time by the parent whose data is the oldest."""
    way = [node]
    while way[-1] != source:
        above = [
            (shown, parent)
            for parent in ages.graph.parents.get(way[-1], ())
            if parent in clocks and (shown := clocks[parent].of(source, at)) is not None
        ]
        if not above:
            return way
        way.append(min(above)[1])
    return way
