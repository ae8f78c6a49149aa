"""How new the data in a node is, source by source, through the lineage.

Every node has a *clock*: for each source that it is made of, the data time up to which that source
is in it. A table's is what its parents' clocks showed when its last visible build began to read; a
view's is what they show now. The least of a clock is the age of the node's oldest ingredient, and
what is unknown in a parent is unknown below it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from analyticsops.slo.spans import Instant
from analyticsops.slo.watermark import Watermark

UNKNOWN = -(1 << 62)
"""Data time of which nothing is known: older than anything, so that it is contagious."""

ABSENT = 1 << 62
"""Data time of a source that a node is not made of, or that never ages."""

FUTURE = ABSENT - 1
"""Data time that is as new as can be: nobody knows, and it may be."""


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
        times: ascending, the first before all others.
        values: as many; a data time for each source, by its place.
    """

    times: Sequence[Instant]
    values: Sequence[Sequence[Instant]]

    def at(self, instant: Instant) -> Sequence[Instant]:
        """What it shows."""
        return self.values[bisect_right(self.times, instant) - 1]


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


class Clocks(NamedTuple):
    """The clocks of all nodes.

    Attributes:
        sources: ids, in the order of a clock's values.
        nodes: the clock of each node.
    """

    sources: tuple[str, ...]
    nodes: Mapping[str, Clock]


def carry(graph: Graph, *, upper: bool = False) -> Clocks:
    """Carry the sources' watermarks through the builds of the nodes.

    Args:
        upper: the watermarks are upper bounds, which may lie in the future. What a build read is
            no newer than the moment at which it read, and what was there before the first build
            that is known may have been as new as can be.
    """
    names = tuple(name for name in graph.sources if name not in graph.timeless)
    places = {name: place for place, name in enumerate(names)}
    nothing = [ABSENT] * len(names)
    found: dict[str, Clock] = {}
    for node, parents in graph.parents.items():
        above = [found[parent] for parent in parents if parent in found]
        if node in graph.timeless:
            found[node] = Clock((UNKNOWN,), (nothing,))
        elif node in places:
            found[node] = _of_source(graph.sources[node], places[node], nothing)
        elif node in graph.builds:
            found[node] = _of_builds(graph.builds[node], above, nothing, upper)
        else:
            found[node] = _of_view(above, nothing)
    return Clocks(names, found)


def _of_source(watermark: Watermark, place: int, nothing: Sequence[Instant]) -> Clock:
    values: list[Sequence[Instant]] = []
    for mark in (UNKNOWN, *watermark.marks):
        value = list(nothing)
        value[place] = mark
        values.append(value)
    return Clock((UNKNOWN, *watermark.times), values)


def _of_builds(
    builds: Sequence[Build], above: Sequence[Clock], nothing: Sequence[Instant], upper: bool
) -> Clock:
    before = _together(above, UNKNOWN, nothing)
    times: list[Instant] = [UNKNOWN]
    unknown = FUTURE if upper else UNKNOWN
    values: list[Sequence[Instant]] = [[unknown if v != ABSENT else v for v in before]]
    for build in sorted(builds, key=lambda one: (one.visible, one.read)):
        value = _together(above, build.read, nothing)
        if upper:
            value = [v if v == ABSENT else min(v, build.read) for v in value]
        if build.visible == times[-1]:
            values[-1] = value
        elif value != values[-1]:
            times.append(build.visible)
            values.append(value)
    return Clock(times, values)


def _of_view(above: Sequence[Clock], nothing: Sequence[Instant]) -> Clock:
    if len(above) == 1:
        return above[0]
    times: list[Instant] = []
    values: list[Sequence[Instant]] = []
    for step in sorted({UNKNOWN, *(time for clock in above for time in clock.times)}):
        value = _together(above, step, nothing)
        if not values or value != values[-1]:
            times.append(step)
            values.append(value)
    return Clock(times, values)


def _together(
    above: Sequence[Clock], instant: Instant, nothing: Sequence[Instant]
) -> Sequence[Instant]:
    """The older of the parents' data, source by source."""
    found: Sequence[Instant] = nothing
    for clock in above:
        shown = clock.at(instant)
        found = shown if found is nothing else list(map(min, found, shown))
    return found


class Lag(NamedTuple):
    """Why a source's data in a node is as old as it is.

    Attributes:
        source: microseconds for which the source itself has had nothing newer; None if nothing
            is known of it.
        pipeline: microseconds by which the node is behind the source; None if nothing is known.
        blame: the node furthest up that is behind what it reads, else the source.
    """

    source: int | None
    pipeline: int | None
    blame: str


def lag(graph: Graph, clocks: Clocks, node: str, source: str, now: Instant) -> Lag:
    """Split the age of a source's data in a node, which is made of that source."""
    place = clocks.sources.index(source)

    def shown(name: str) -> Instant:
        return clocks.nodes[name].at(now)[place]

    blame, here = source, node
    while here != source:
        above = [
            name
            for name in graph.parents.get(here, ())
            if name in clocks.nodes and shown(name) != ABSENT
        ]
        if not above:
            break
        oldest = min(above, key=lambda name: (shown(name), name))
        if shown(oldest) > shown(here):
            blame = here
        here = oldest
    newest, mine = min(shown(source), now), min(shown(node), now)
    known = newest != UNKNOWN
    return Lag(
        now - newest if known else None,
        newest - mine if known and mine != UNKNOWN else None,
        blame,
    )
