"""Objectives, and what is drawn of them."""

from __future__ import annotations

import msgspec

from analyticsops.slo.facts import AlertFacts, StandingFacts


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of straight pieces; null where nothing is known."""

    at: tuple[float, ...]
    values: tuple[float | None, ...]


class LagPart(msgspec.Struct, frozen=True, kw_only=True):
    """What a node on the way adds to the age of the data.

    Attributes:
        node: ``unique_id``.
        data: up to when it has the source's data; null if nothing is known.
        added: seconds by which it is behind what it reads.
    """

    node: str
    label: str
    kind: str
    data: float | None
    added: float


class BadSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A time that counted as bad, or of which nothing is known."""

    start: float
    end: float
    known: bool


class ObjectiveEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is marked on a plot.

    Attributes:
        kind: ``load``, ``failed``, ``release``, ``event`` or ``unknown``: an event of which
            nobody knows whether it was good.
        good: of events, how many; likewise bad.
    """

    at: float
    kind: str
    text: str
    good: int = 0
    bad: int = 0


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """An objective, whole.

    Attributes:
        unit: ``seconds`` or ``events``: what its budget is counted in.
        window_until: end of its window.
        timezone: of its window.
        budget: share that is left, over its window; empty without a budget.
        age: of its data in seconds, as old as it may have been; of objectives about freshness.
        youngest: as young as it may have been, where that differs.
        threshold: seconds that it may be old.
        events: loads, failures, releases.
        lag: from the source to the node.
        alerts: that are raised now.
        bad: times that counted as bad, and those of which nothing is known.
        declared: as it holds, every default written out, as OpenSLO.
    """

    standing: StandingFacts
    unit: str
    window_until: float
    timezone: str
    budget: Line
    age: Line | None
    youngest: Line | None
    threshold: float | None
    bad: tuple[BadSpan, ...]
    events: tuple[ObjectiveEvent, ...]
    lag: tuple[LagPart, ...]
    alerts: tuple[AlertFacts, ...]
    declared: str


class Objectives(msgspec.Struct, frozen=True, kw_only=True):
    """All objectives.

    Attributes:
        standings: of each, the worst first; what is drawn of one stands in a chunk of its own,
            ``objectives/0`` and so on, by its place here.
        per_chunk: objectives in each.
        invalid: objectives that cannot be judged, and why.
    """

    standings: tuple[StandingFacts, ...]
    per_chunk: int
    invalid: tuple[str, ...]
