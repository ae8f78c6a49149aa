"""How new the data in a node is, source by source, through the lineage.

Every node has a *clock*: for each source that it is made of, the data time up to which that source
is in it. A table's is what its parents' clocks showed when its last visible build began to read; a
view's is what they show now. The least of a clock is the age of the node's oldest ingredient, and
what is unknown in a parent is unknown below it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from analyticsops.slo.spans import Instant
from analyticsops.slo.watermark import Watermark

UNKNOWN = -(1 << 62)
"""Data time of which nothing is known: older than anything, so that it is contagious."""

FUTURE = 1 << 62
"""Data time that is as new as can be: nobody knows, and it may be."""


TOGETHER = "(all sources)"
"""Stands for all of them where only the oldest is asked about."""


class Build(NamedTuple):
    """A build of a table that succeeded.

    Attributes:
        read: when it began to read its parents.
        visible: when readers could see it.
    """

    read: Instant
    visible: Instant


class Clock(NamedTuple):
    """A node's clock over time, as the steps at which it changes.

    Attributes:
        sources: ids of the sources that the node is made of and whose data ages, sorted.
        times: ascending, the first before all others.
        values: as many; a data time for each of the sources.
    """

    sources: Sequence[str]
    times: Sequence[Instant]
    values: Sequence[Sequence[Instant]]

    def at(self, instant: Instant) -> Sequence[Instant]:
        """What it shows."""
        return self.values[bisect_right(self.times, instant) - 1]

    def oldest(self, places: Sequence[int]) -> list[Instant]:
        """The oldest of what some of the sources show, at each step.

        Args:
            places: of the sources; one at least.
        """
        if len(places) == len(self.sources):
            return [min(value) for value in self.values]
        return [min([value[place] for place in places]) for value in self.values]

    def of(self, source: str, instant: Instant) -> Instant | None:
        """What it shows of one source; None if the node is not made of that."""
        return self.at(instant)[self.sources.index(source)] if source in self.sources else None


class Graph(NamedTuple):
    """What clocks are carried through.

    Attributes:
        parents: ids of what each node reads; of every node, parents before children.
        builds: of tables, incremental models and snapshots. A node without an entry that is no
            source shows its parents as they are (a view, an ephemeral model, an exposure).
        sources: watermark by id.
        timeless: nodes whose data does not age (seeds, sources declared static).
    """

    parents: Mapping[str, Sequence[str]]
    builds: Mapping[str, Sequence[Build]]
    sources: Mapping[str, Watermark]
    timeless: frozenset[str] = frozenset()


Clocks = Mapping[str, Clock]
"""The clock of each node."""


def carry(
    graph: Graph,
    *,
    upper: bool = False,
    read: Mapping[str, Watermark] | None = None,
    apart: bool = True,
) -> Clocks:
    """Carry the sources' watermarks through the builds of the nodes.

    Args:
        apart: source by source; else the oldest of them alone, as :data:`TOGETHER`. The sources
            behind the nodes of a project are many more than its nodes.
        upper: the watermarks are upper bounds, which may lie in the future. What a build read is
            no newer than the moment at which it read, and what was there before the first build
            that is known may have been as new as can be.
        read: the sources as builds read them, if that is something else than what they show.
    """
    shown: dict[str, Clock] = {}
    seen: dict[str, Clock] = shown if read is None else {}
    for node, parents in graph.parents.items():
        if node in graph.timeless:
            shown[node] = seen[node] = Clock((), (UNKNOWN,), ((),))
        elif node in graph.sources:
            source = node if apart else TOGETHER
            shown[node] = _of_source(source, graph.sources[node])
            if read is not None:
                seen[node] = _of_source(source, read[node])
        elif node in graph.builds:
            above = _Above.of([seen[parent] for parent in parents if parent in seen])
            shown[node] = seen[node] = _of_builds(graph.builds[node], above, upper)
        else:
            shown[node] = _of_view(_Above.of([shown[p] for p in parents if p in shown]))
            if read is not None:
                seen[node] = _of_view(_Above.of([seen[p] for p in parents if p in seen]))
    return shown


def _of_source(source: str, watermark: Watermark) -> Clock:
    values = [(UNKNOWN,), *((mark,) for mark in watermark.marks)]
    return Clock((source,), (UNKNOWN, *watermark.times), values)


class _Above(NamedTuple):
    """What a node reads.

    Attributes:
        sources: of all together.
        parts: (clock, what spreads its values and one for the sources that it has not over all of
            these), of each parent. Nodes and their sources are many: this is done in C.
    """

    sources: tuple[str, ...]
    parts: tuple[tuple[Clock, Callable[[Sequence[Instant]], Sequence[Instant]]], ...]

    @classmethod
    def of(cls, clocks: Sequence[Clock]) -> _Above:
        sources = tuple(sorted({source for clock in clocks for source in clock.sources}))
        return cls(sources, tuple((clock, _spreading(clock, sources)) for clock in clocks))

    def at(self, instant: Instant) -> Sequence[Instant]:
        """The older of the parents' data, source by source."""
        if len(self.parts) == 1:
            return self.parts[0][0].at(instant)
        shown = (spread((*clock.at(instant), FUTURE)) for clock, spread in self.parts)
        return list(map(min, *shown)) if self.parts else []


def _spreading(
    clock: Clock, sources: Sequence[str]
) -> Callable[[Sequence[Instant]], Sequence[Instant]]:
    places = {source: place for place, source in enumerate(clock.sources)}
    wanted = [places.get(source, len(places)) for source in sources]
    if len(wanted) < 2:  # of one place it would be no sequence
        return lambda shown: [shown[place] for place in wanted]
    return itemgetter(*wanted)


def _of_builds(builds: Sequence[Build], above: _Above, upper: bool) -> Clock:
    times: list[Instant] = [UNKNOWN]
    values: list[Sequence[Instant]] = [[FUTURE if upper else UNKNOWN] * len(above.sources)]
    for build in sorted(builds, key=lambda one: (one.visible, one.read)):
        value = above.at(build.read)
        if upper:
            value = [min(shown, build.read) for shown in value]
        if build.visible == times[-1]:
            values[-1] = value
        elif value != values[-1]:
            times.append(build.visible)
            values.append(value)
    return Clock(above.sources, times, values)


def _of_view(above: _Above) -> Clock:
    if len(above.parts) == 1:
        return above.parts[0][0]
    times: list[Instant] = []
    values: list[Sequence[Instant]] = []
    for step in sorted({UNKNOWN, *(time for clock, _ in above.parts for time in clock.times)}):
        value = above.at(step)
        if not values or value != values[-1]:
            times.append(step)
            values.append(value)
    return Clock(above.sources, times, values)


class Lag(NamedTuple):
    """Why a source's data in a node is as old as it is.

    Attributes:
        source: microseconds for which the source itself has had nothing newer; None if nothing
            is known of it.
        pipeline: microseconds by which the node is behind the source; None if nothing is known.
        blame: the node that is furthest behind what it reads; the source if none is behind, or
            if the data would be too old even if none was.
    """

    source: int | None
    pipeline: int | None
    blame: str


def lag(
    graph: Graph, clocks: Clocks, node: str, source: str, now: Instant, allowed: int = FUTURE
) -> Lag:
    """Split the age of a source's data in a node, which is made of that source.

    Args:
        allowed: microseconds that the data may be old.
    """
    mine = clocks[node].of(source, now)
    blame, here, most = source, node, 0
    shown = UNKNOWN if mine is None else mine
    while here != source:
        above = [
            (value, name)
            for name in graph.parents.get(here, ())
            if name in clocks and (value := clocks[name].of(source, now)) is not None
        ]
        if not above:
            break
        value, oldest = min(above)
        value = min(value, now)
        if value - shown >= most and value > shown:
            blame, most = here, value - shown
        here, shown = oldest, value
    newest = clocks[source].of(source, now)
    if newest is None or newest == UNKNOWN:
        return Lag(None, None, blame)
    newest = min(newest, now)
    known = mine is not None and mine != UNKNOWN
    pipeline = newest - min(mine, now) if known and mine is not None else None
    return Lag(now - newest, pipeline, source if now - newest > allowed else blame)
