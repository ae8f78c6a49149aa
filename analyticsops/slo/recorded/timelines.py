"""Objectives about time: when data was too old, or not there when it was due."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from analyticsops.project.model import Node, Project
from analyticsops.slo import bounds, clocks
from analyticsops.slo.bounds import HOLDS
from analyticsops.slo.budget import Timeline
from analyticsops.slo.clocks import UNKNOWN, Clocks, Graph
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import Instant, Span, Spans
from analyticsops.slo.spec.indicators import Deadline, Freshness
from analyticsops.slo.watermark import (
    Load,
    Watermark,
    WorkingTime,
    late,
    stale_by_working_time,
    worked,
)


class Ages(NamedTuple):
    """How old the data in nodes is: the bounds that their true clocks lie between.

    Attributes:
        graph: of the lower bound.
        lower: clocks that rise only with what was surely loaded.
        upper: clocks as new as can be.
    """

    graph: Graph
    lower: Clocks
    upper: Clocks


def ages_through(
    project: Project,
    observed: Observed,
    nodes: Iterable[str],
    *,
    gated: bool,
    apart: bool = True,
) -> Ages:
    """The clocks of nodes and of all that they are built from.

    Args:
        gated: a build counts when its tests have passed.
        apart: source by source; else only of the oldest.
    """
    order = _ancestors(project, nodes)
    parents = {
        name: tuple(p for p in project.nodes[name].depends_on if p in project.nodes)
        for name in order
    }
    sources = [name for name in order if project.nodes[name].kind == "source"]
    marks = bounds.bounds_of(observed.seen, sources)
    lower: dict[str, Sequence[clocks.Build]] = {}
    upper: dict[str, Sequence[clocks.Build]] = {}
    for name in order:
        if name not in marks and _is_built(project.nodes[name], observed):
            lower[name], upper[name] = _builds(observed, name, gated=gated)
    timeless = frozenset(name for name in order if project.nodes[name].kind == "seed")
    low = Graph(parents, lower, {name: marks[name].lower for name in sources}, timeless)
    high = Graph(parents, upper, {name: marks[name].upper for name in sources}, timeless)
    held = {name: bounds.of_source(observed.seen.get(name, ()), holds=HOLDS) for name in sources}
    read = {name: found.upper for name, found in held.items()}
    lows = clocks.carry(low, apart=apart)
    return Ages(low, lows, clocks.carry(high, upper=True, read=read, apart=apart))


def ages_alone(project: Project, observed: Observed, node: str, *, gated: bool) -> Ages:
    """The clock of a node by itself: a source's data as it was measured; of what is built, the
    moment at which the last build began to read."""
    if project.nodes[node].kind == "source":
        marks = bounds.of_source(observed.seen.get(node, ()))
    else:
        built = _builds(observed, node, gated=gated)
        marks = bounds.Bounds(_read_at(built.lower), bounds.open_before(_read_at(built.upper)))
    low, high = (Graph({node: ()}, {}, {node: watermark}) for watermark in marks)
    return Ages(low, clocks.carry(low), clocks.carry(high, upper=True))


def _read_at(builds: Iterable[clocks.Build]) -> Watermark:
    return Watermark.of(Load(one.visible, one.read) for one in builds)


def _builds(observed: Observed, name: str, *, gated: bool) -> bounds.Builds:
    checks = observed.checks.get(name, ()) if gated else None
    return bounds.of_builds(observed.builds.get(name, ()), checks)


def _ancestors(project: Project, nodes: Iterable[str]) -> list[str]:
    """Nodes and what they are built from, parents before children."""
    wanted: set[str] = set()
    stack = list(nodes)
    while stack:
        current = stack.pop()
        if current not in wanted and current in project.nodes:
            wanted.add(current)
            stack.extend(project.nodes[current].depends_on)
    return [name for name in project.topological if name in wanted]


def _is_built(node: Node, observed: Observed) -> bool:
    """True if it holds data of its own, and is not seen through."""
    if node.kind == "model":
        loads = any(one.loads for one in observed.builds.get(node.unique_id, ()))
        return loads or node.materialized not in ("view", "ephemeral")
    return node.kind in ("snapshot", "seed")


# -- the timeline --------------------------------------------------------------


def timeline(slo: Slo, ages: Ages, scope: Spans, span: Span) -> Timeline:
    """What is known of an objective about time.

    Args:
        ages: of its node.
        scope: the time that counts.
        span: over which it is asked.
    """
    sure = _bad(slo, ages.upper, span)
    perhaps = _bad(slo, ages.lower, span)
    return Timeline(scope=scope, bad=sure, unknown=perhaps - sure, missing=slo.missing)


def _bad(slo: Slo, carried: Clocks, span: Span) -> Spans:
    if isinstance(slo.indicator, Deadline):
        return _late(slo, carried, span)
    # Whether any of the sources with one threshold is too old, the oldest of them says.
    places: dict[int, list[int]] = {}
    for place, threshold in _placed(slo, carried):
        places.setdefault(threshold, []).append(place)
    clock = carried[slo.node]
    parts: list[Spans] = []
    for threshold, those in places.items():
        # They may fall, where an older build became visible later.
        steps = Watermark(tuple(clock.times), tuple(clock.oldest(those)))
        if slo.pauses_age and slo.calendar is not None:
            # As far back as the oldest data that could be young enough by that clock.
            since = min([span[0], *(mark for mark in steps.marks if mark > UNKNOWN)])
            working = WorkingTime(slo.calendar.spans((since, span[1])))
            parts.append(stale_by_working_time(steps, threshold, span, working))
        else:
            parts.append(steps.stale(threshold, span))
    return Spans.of(part for spans in parts for part in spans)


def thresholds(slo: Slo, carried: Clocks) -> Iterator[tuple[str, int]]:
    """The sources behind an objective, and how old their data may be."""
    assert isinstance(slo.indicator, Freshness | Deadline), "the others are about events"
    exceptions = slo.indicator.sources
    usual = slo.indicator.threshold if isinstance(slo.indicator, Freshness) else 0
    for source in carried[slo.node].sources:
        written = exceptions.get(label(source))
        if written is None:
            yield source, usual
        elif not written.is_static:
            yield source, written


def _placed(slo: Slo, carried: Clocks) -> Iterator[tuple[int, int]]:
    """The same, by their places in the node's clock."""
    places = {source: place for place, source in enumerate(carried[slo.node].sources)}
    return ((places[source], age) for source, age in thresholds(slo, carried))


def label(source: str) -> str:
    """``source.shop.raw.orders`` -> ``raw.orders``."""
    return source.split(".", 2)[2] if source.startswith("source.") else source


def _late(slo: Slo, carried: Clocks, span: Span) -> Spans:
    assert slo.schedule is not None, "a deadline has a schedule"
    clock = carried[slo.node]
    places = [place for place, _ in _placed(slo, carried)]
    if not places:
        return Spans()
    times, marks = clock.times, clock.oldest(places)

    def reached(slot: Instant) -> Instant | None:
        # Not before the slot itself: an upper bound may lie in the future.
        for number in range(max(bisect_right(times, slot) - 1, 0), len(times)):
            if marks[number] >= slot:
                return max(times[number], slot)
        return None

    return late(reached, _slots_since(slo, *span), slo.schedule.grace, span)


def _slots_since(slo: Slo, start: Instant, end: Instant) -> tuple[Instant, ...]:
    """The slots of a span, and the last one before it."""
    assert slo.schedule is not None, "a deadline has a schedule"
    back = 1
    while back <= 512:
        found = slo.schedule.slots(start - back * 86_400_000_000, end)
        if any(slot + slo.schedule.grace <= start for slot in found):
            return found
        back *= 2
    return found


# -- the present ---------------------------------------------------------------


class Oldest(NamedTuple):
    """The data that decides how old a node is.

    Attributes:
        source: whose it is.
        data: its data time; None if nothing is known.
        threshold: how old it may be.
        lag: why it is as old.
    """

    source: str
    data: Instant | None
    threshold: int
    lag: clocks.Lag


def oldest(slo: Slo, ages: Ages, now: Instant, *, sure: bool) -> Oldest | None:
    """The source whose data is nearest to being too old, or furthest beyond it; None if no
    source is behind the node.

    Args:
        sure: by the upper bound: it is as old as this at least. Else by the lower one.
    """
    carried = ages.upper if sure else ages.lower
    found: Oldest | None = None
    worst = 0
    for source, threshold in thresholds(slo, carried):
        data = carried[slo.node].of(source, now)
        assert data is not None, "it is one of those behind the node"
        over = now - data - threshold
        if found is None or over > worst:
            lag = _lag(slo.node, source, threshold, ages, now, sure=sure)
            found, worst = Oldest(source, data if data != UNKNOWN else None, threshold, lag), over
    return found


def _lag(
    node: str, source: str, threshold: int, ages: Ages, now: Instant, *, sure: bool
) -> clocks.Lag:
    """Why data is as old. Nobody is behind because something newer may be there: who is behind,
    and by how much, follows from what surely is, of as much of the age as is sure."""
    found = clocks.lag(ages.graph, ages.lower, node, source, now, threshold)
    if not sure:
        return found
    if found.source is None or found.pipeline is None:
        return clocks.lag(ages.graph, ages.upper, node, source, now, threshold)
    newest = ages.upper[node].of(source, now)
    assert newest is not None, "it is one of those behind the node"
    age = max(now - newest, 0)
    behind = min(found.source, age)
    return found._replace(source=behind, pipeline=age - behind)


def runs_out(slo: Slo, ages: Ages, now: Instant) -> Instant | None:
    """When data that is there will be too old if none comes; None if that is not known, and of a
    deadline, to which no age is too old."""
    if isinstance(slo.indicator, Deadline):
        return None
    ends: list[Instant] = []
    for source, threshold in thresholds(slo, ages.lower):
        data = ages.lower[slo.node].of(source, now)
        if data is None or data == UNKNOWN:
            return None
        end: Instant | None = data + threshold
        if slo.pauses_age and slo.calendar is not None:
            end = worked(slo.calendar, data, threshold)
        if end is not None:
            ends.append(end)
    return min(ends, default=None)
