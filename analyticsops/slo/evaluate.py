"""Objectives and what was observed -> how each of them stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import msgspec

from analyticsops.project.model import Project
from analyticsops.slo.alert import moment
from analyticsops.slo.arrivals import arrivals_of
from analyticsops.slo.budget import Missing
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Observed
from analyticsops.slo.recorded import tallies, timelines
from analyticsops.slo.recorded.asked import Asked, Opened
from analyticsops.slo.recorded.timelines import Ages, Oldest
from analyticsops.slo.spans import DAY, Instant, Span, Spans
from analyticsops.slo.spec.declared import Declared
from analyticsops.slo.spec.indicators import Deadline, Freshness
from analyticsops.slo.standing import Recorded, Standing, stand

CARRIED_IN = 35 * DAY
"""Microseconds before a window of which the history is asked as well: the last load before the
window decides how old data is at its beginning. Of what was not loaded for longer nothing is
known."""

SHORTEST = 3 * DAY
"""Rules for burn rates look back so far, also where the window is shorter."""


class Context(NamedTuple):
    """What objectives are judged by.

    Attributes:
        now: the moment.
        incidents: that were opened, for objectives about how soon one is told.
    """

    project: Project
    declared: Declared
    observed: Observed
    now: Instant
    incidents: Sequence[Opened] = ()


def span_of(slos: Iterable[Slo], now: Instant) -> Span:
    """Of what time the history must be asked to judge objectives."""
    start = min((slo.window.span(now)[0] for slo in slos), default=now)
    return min(start, now - SHORTEST) - CARRIED_IN, now


def judge(
    context: Context, progress: Callable[[int, int], None] | None = None
) -> tuple[Standing, ...]:
    """How each objective stands, in their order.

    Args:
        progress: told how many were judged, of how many.
    """
    slos = context.declared.slos
    ages = ages_of(context, slos)
    arrivals = arrivals_of(context.project, slos, context.observed, context.now)
    found: list[Standing] = []
    for slo in slos:
        recorded = record(context, slo, ages.get(slo.full_name))
        standing = stand(slo, recorded, context.now)
        if slo.full_name in arrivals:
            arrival = arrivals[slo.full_name]
            standing = msgspec.structs.replace(
                standing, arrives=arrival.at, scheduled=arrival.scheduled
            )
        if slo.full_name in ages:
            standing = _with_age(context, standing, ages[slo.full_name])
        found.append(standing)
        if progress:
            progress(len(found), len(slos))
    return tuple(found)


def shares(context: Context) -> Iterator[tuple[Slo, Fraction | None]]:
    """The share that was good of each objective, without what explains it; None if nothing
    counted."""
    slos = context.declared.slos
    apart = any(
        isinstance(slo.indicator, Freshness | Deadline) and slo.indicator.sources for slo in slos
    )
    ages = ages_of(context, slos, apart=apart)
    for slo in slos:
        yield slo, stand(slo, record(context, slo, ages.get(slo.full_name)), context.now).sli


def _with_age(context: Context, standing: Standing, ages: Ages) -> Standing:
    """With the data that decides: by what is sure where it is too old, as of when that was known;
    else by what is known."""
    sure = standing.now == "bad"
    at = standing.known - 1 if standing.stays else standing.at
    oldest = timelines.oldest(standing.slo, ages, at, sure=sure)
    return msgspec.structs.replace(
        standing,
        oldest=oldest,
        runs_out=timelines.runs_out(standing.slo, ages, standing.at),
        because="" if standing.now == "good" else _because(context, standing, oldest),
    )


def record(context: Context, slo: Slo, ages: Ages | None) -> Recorded:
    """What was observed of an objective.

    Args:
        ages: of its node, if it is about time.
    """
    window = slo.window.span(context.now)
    span = (min(window[0], context.now - SHORTEST), context.now)
    until = max(window[1], context.now)
    # What was before anything was recorded is not held against anybody.
    first = context.observed.first
    begin = span[0] if slo.missing is not Missing.BAD or first is None else max(span[0], first)
    scope = scope_of(slo, (min(begin, until), until))
    if ages is not None:
        return timelines.timeline(slo, ages, scope, span)
    prices = context.declared.shared.prices
    asked = Asked(slo, context.observed, span, context.now, prices, context.incidents)
    return tallies.tally(asked, scope, until)


def scope_of(slo: Slo, span: Span) -> Spans:
    """The time that counts: within the calendar, and not in maintenance."""
    counted = slo.calendar.spans(span) if slo.calendar is not None else Spans.one(*span)
    works = [part for work in slo.maintenance if not work.counts for part in work.spans(span)]
    return counted - Spans.of(works) if works else counted


def ages_of(context: Context, slos: Sequence[Slo], *, apart: bool = True) -> Mapping[str, Ages]:
    """The clocks of objectives about time, by their full names; carried once for all that are
    gated by tests, and once for all that are not.

    Args:
        apart: source by source; else only of the oldest, if no objective names sources.
    """
    found: dict[str, Ages] = {}
    through: dict[bool, list[Slo]] = {}
    for slo in slos:
        if not isinstance(slo.indicator, Freshness | Deadline) or not slo.node:
            continue
        gated = isinstance(slo.indicator, Freshness) and slo.indicator.quality_gate == "error"
        if slo.indicator.scope == "own":
            found[slo.full_name] = timelines.ages_alone(
                context.project, context.observed, slo.node, gated=gated
            )
        else:
            through.setdefault(gated, []).append(slo)
    for gated, listed in through.items():
        nodes = [slo.node for slo in listed]
        ages = timelines.ages_through(
            context.project, context.observed, nodes, gated=gated, apart=apart
        )
        found.update((slo.full_name, ages) for slo in listed)
    return found


def _because(context: Context, standing: Standing, oldest: Oldest | None) -> str:
    if oldest is None:
        return "no source is behind it"
    slo, project = standing.slo, context.project
    node = project.nodes.get(oldest.source)
    label = node.label if node is not None else oldest.source
    is_source = node is not None and node.kind == "source"
    if oldest.data is None:
        return f"{label} was never measured" if is_source else "never built"
    if standing.now == "unknown" and is_source and oldest.lag.blame == oldest.source:
        seen = context.observed.seen.get(oldest.source, ())
        measured = [one.at for one in seen if one.newest is not None]
        return f"{label} was measured last {moment(measured[-1])}" if measured else ""
    if oldest.lag.blame == oldest.source:
        return "" if oldest.source == slo.node else label
    if oldest.lag.blame == slo.node:
        return f"{slo.subject} was not built since"
    blamed = project.nodes.get(oldest.lag.blame)
    return blamed.label if blamed is not None else label
