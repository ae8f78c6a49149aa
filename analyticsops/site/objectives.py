"""Objectives, and what is drawn of them: budget, age of the data, events, lag."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import msgspec

from analyticsops.project.model import Project
from analyticsops.site.ages import age_lines, lag_parts
from analyticsops.site.model.objectives import (
    BadSpan,
    Line,
    Objective,
    ObjectiveEvent,
    Objectives,
)
from analyticsops.site.runs import seconds
from analyticsops.slo.budget import Timeline
from analyticsops.slo.evaluate import Context, ages_of
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.exports import openslo
from analyticsops.slo.facts import StandingFacts, alert_facts, standing_facts
from analyticsops.slo.observed import Observed
from analyticsops.slo.recorded.timelines import Ages
from analyticsops.slo.spans import DAY, Instant
from analyticsops.slo.spec.indicators import Freshness
from analyticsops.slo.standing import Standing, worst_first

PER_CHUNK = 20
"""Objectives whose drawings lie in one chunk."""

MOST = 1_000
"""Points of a line, and events beside it: more than a screen has pixels for."""


def objectives_of(evaluation: Evaluation, root: Path | None) -> Objectives:
    """All objectives as a list.

    Args:
        root: of the project; files in it are named from there.
    """
    return Objectives(
        standings=tuple(_facts(one, root) for one in worst_first(evaluation.standings)),
        per_chunk=PER_CHUNK,
        invalid=tuple(f"{one.subject}: {one.what}" for one in evaluation.declared.invalid),
    )


def _facts(standing: Standing, root: Path | None) -> StandingFacts:
    facts = standing_facts(standing)
    inside = f"{root.resolve()}/" if root is not None else ""
    return msgspec.structs.replace(facts, where=facts.where.removeprefix(inside))


def drawn(
    project: Project, evaluation: Evaluation, root: Path | None = None
) -> tuple[Objective, ...]:
    """Each objective with what is drawn of it, in the order of the list. Arguments as for
    :func:`objectives_of`."""
    context = Context(project, evaluation.declared, evaluation.observed, evaluation.at)
    ages = ages_of(context, evaluation.declared.slos)
    return tuple(
        _drawn(project, evaluation, one, ages.get(one.slo.full_name), _facts(one, root))
        for one in worst_first(evaluation.standings)
    )


def _drawn(
    project: Project,
    evaluation: Evaluation,
    standing: Standing,
    known: Ages | None,
    facts: StandingFacts,
) -> Objective:
    slo, observed = standing.slo, evaluation.observed
    lines: tuple[Line, Line | None] | None = None
    if known is not None:
        lines = age_lines(slo, known, (standing.window[0], standing.at))
    alerts = (alert for alert in evaluation.alerts if alert.slo == slo.full_name)
    return Objective(
        standing=facts,
        unit="seconds" if slo.is_about_time else "events",
        window_until=seconds(max(standing.window[1], standing.at)),
        timezone=slo.window.timezone if slo.window.calendar else "UTC",
        budget=budget_line(standing),
        age=lines[0] if lines is not None else None,
        youngest=lines[1] if lines is not None else None,
        threshold=_threshold(standing),
        bad=tuple(_bad(standing)),
        events=tuple(sorted(_events(standing, observed), key=lambda one: one.at)[-MOST:]),
        lag=tuple(lag_parts(project, standing, known)) if known is not None else (),
        alerts=tuple(alert_facts(alert, evaluation.at) for alert in alerts),
        declared=openslo.render([slo], evaluation.project, evaluation.at),
    )


def _threshold(standing: Standing) -> float | None:
    indicator = standing.slo.indicator
    return indicator.threshold / 1e6 if isinstance(indicator, Freshness) else None


# -- the budget ----------------------------------------------------------------


def budget_line(standing: Standing) -> Line:
    """What was left of the present window's budget, from its beginning; counted against the
    budget as it stands now. Without a budget there is no line."""
    allowed = standing.budget.allowed
    if not allowed:
        return Line(at=(), values=())
    spent = Fraction(0)
    points: list[tuple[Instant, Fraction]] = [(standing.window[0], spent)]
    for start, end, bad in _burned(standing):
        points.append((start, spent))
        spent += bad
        points.append((end, spent))
    points.append((standing.at, spent))
    kept = thinned(points)
    return Line(
        at=tuple(seconds(at) for at, _ in kept),
        values=tuple(float(1 - used / allowed) for _, used in kept),
    )


def _burned(standing: Standing) -> Iterator[tuple[Instant, Instant, int]]:
    """(begin, end, how much was bad) of whatever burned in the window."""
    recorded, start = standing.recorded, standing.window[0]
    if isinstance(recorded, Timeline):
        for begin, end in recorded.counted(start, standing.at).bad:
            yield begin, end, end - begin
    else:
        for event in recorded.between(start, standing.at):
            if event.bad:
                yield event.at, event.at, event.bad


def daily(standing: Standing) -> tuple[float, ...]:
    """What was left of the budget at the end of each day of the window."""
    allowed = standing.budget.allowed
    if not allowed:
        return ()
    start, at = standing.window[0], standing.at
    ends = [min(begin + DAY, at) for begin in range(start, at, DAY)]
    spent = (standing.recorded.measure(start, end).bad for end in ends)
    return tuple(round(float(1 - used / allowed), 4) for used in spent)


def thinned(points: Sequence[tuple[Instant, Fraction]]) -> Sequence[tuple[Instant, Fraction]]:
    """No more points than can be seen; the first and the last stay."""
    step = -(-len(points) // MOST)
    return points if step <= 1 else [*points[:-1:step], points[-1]]


# -- what is marked ------------------------------------------------------------


def _bad(standing: Standing) -> Iterator[BadSpan]:
    recorded = standing.recorded
    if not isinstance(recorded, Timeline):
        return
    counted = recorded.counted(standing.window[0], standing.at)
    for known, spans in ((True, counted.bad), (False, counted.unknown)):
        for begin, end in list(spans)[-MOST:]:
            yield BadSpan(start=seconds(begin), end=seconds(end), known=known)


def _events(standing: Standing, observed: Observed) -> Iterator[ObjectiveEvent]:
    slo, start = standing.slo, standing.window[0]
    for release in observed.deployed:
        if release.at >= start:
            yield ObjectiveEvent(at=seconds(release.at), kind="release", text=release.git_sha[:12])
    recorded = standing.recorded
    if not isinstance(recorded, Timeline):
        for event in recorded.between(start, standing.at):
            kind = "unknown" if event.unknown else "event"
            good = 0 if event.unknown else event.total - event.bad
            yield ObjectiveEvent(
                at=seconds(event.at), kind=kind, text=event.why, good=good, bad=event.bad
            )
        return
    for build in observed.builds.get(slo.node, ()):
        if build.at >= start and (build.loads or build.outcome in ("bad", "partial", "skipped")):
            kind = "load" if build.loads else "failed"
            text = build.message or build.outcome
            yield ObjectiveEvent(at=seconds(build.at), kind=kind, text=text)
    for seen in observed.seen.get(slo.node, ()):
        if seen.at >= start:
            kind = "load" if seen.newest is not None else "failed"
            yield ObjectiveEvent(at=seconds(seen.at), kind=kind, text="measured")
