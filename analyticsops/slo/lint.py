"""Objectives that are impossible, or mean nothing: what `slo lint` finds before anything happens.

Without a history it judges what is written; with one also what was observed: how far loads are
apart, whether anything was ever measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

from analyticsops.findings import Finding, Location, Rule, make_finding
from analyticsops.project.model import Node, Project
from analyticsops.slo import lint_rules as rules
from analyticsops.slo.budget import Missing
from analyticsops.slo.durations import written
from analyticsops.slo.evaluate import scope_of
from analyticsops.slo.lint_schedules import AHEAD, Coming, coming_of
from analyticsops.slo.lint_shared import shared_claims
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Observed
from analyticsops.slo.recorded.timelines import label
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.shares import percent
from analyticsops.slo.spans import Instant, Span, Spans
from analyticsops.slo.spec.declared import Declared
from analyticsops.slo.spec.indicators import (
    MEASURED,
    Cost,
    Freshness,
    Quality,
    RunDuration,
    Success,
    Volume,
)
from analyticsops.slo.standing import PRESETS

_ENOUGH = 5
"""Times between loads from which it is said what is usual."""

UNKNOWABLE = tuple(rule.code for rule in (rules.INVALID, rules.NO_SOURCE, rules.UNMEASURABLE))
"""Codes of the rules after which nobody can know how an objective about age stands."""

_NEVER_BUILT = ("exposure", "metric", "saved_query", "source")
_PLACE = re.compile(r"(?P<path>.+?)(:(?P<line>\d+)|(?<=\.yml)|(?<=\.yaml))")
"""A group is known by its file alone."""


class Linted(NamedTuple):
    """What objectives are judged by.

    Attributes:
        observed: None if there is no history.
        now: the moment.
        root: of the project, to name files as they are in it.
    """

    project: Project
    declared: Declared
    observed: Observed | None
    now: Instant
    root: Path | None = None


def lint(context: Linted) -> tuple[Finding, ...]:
    """All that is impossible or meaningless, in the order of the objectives."""
    found = [*_invalid(context)]
    behind = _Behind(context)
    for slo in context.declared.slos:
        found += [_finding(context, slo, claim) for claim in _about(context, behind, slo)]
    found += _duplicates(context)
    found += _shared(context)
    return tuple(found)


class _Claim(NamedTuple):
    """What is wrong with an objective; ``key`` tells it from others by the same rule."""

    rule: Rule
    message: str
    evidence: tuple[str, ...] = ()
    key: str = ""


def _finding(context: Linted, slo: Slo, claim: _Claim) -> Finding:
    return make_finding(
        claim.rule,
        node=slo.node,
        subject=slo.full_name,
        message=f"{slo.full_name}: {claim.message}",
        location=_location(context, slo.where),
        evidence=claim.evidence,
        owner=slo.owner,
        identity=(slo.full_name, claim.key),
    )


def _location(context: Linted, where: str) -> Location | None:
    match = _PLACE.fullmatch(where)
    if match is None:
        return None
    path = Path(match["path"])
    if context.root is not None and path.is_absolute() and path.is_relative_to(context.root):
        path = path.relative_to(context.root)
    return Location(path.as_posix(), int(match["line"]) if match["line"] else None)


def _invalid(context: Linted) -> Iterator[Finding]:
    for one in context.declared.invalid:
        name = f"{one.subject}/{one.name}" if one.name else one.subject
        yield make_finding(
            rules.INVALID,
            node=one.node,
            subject=name,
            message=f"{name}: {one.what}",
            location=_location(context, one.what.partition(": ")[0]),
            identity=(name,),
        )


def _about(context: Linted, behind: _Behind, slo: Slo) -> Iterator[_Claim]:
    yield from _words(context, slo)
    yield from _times(context, behind, slo)
    yield from _node(context, behind, slo)
    yield from _age(context, behind, slo)
    if context.observed is not None:
        yield from _history(context, behind, slo, context.observed)


class _Behind:
    """What many objectives ask of the project and of schedules, found once."""

    def __init__(self, context: Linted) -> None:
        self._project = context.project
        self._now = context.now
        self._coming: dict[Schedule, Coming] = {}
        self._counts: dict[tuple[Schedule, Span], int] = {}
        self._sources: dict[str, list[str]] = {}
        tests = (node.test for node in context.project.nodes.values())
        self.tested = frozenset(test.tested for test in tests if test is not None)
        self.promised: dict[str, list[tuple[Slo, int]]] = {}
        for slo in context.declared.slos:
            if isinstance(slo.indicator, Freshness) and slo.node:
                promise = slo, slo.indicator.threshold
                self.promised.setdefault(slo.node, []).append(promise)

    def sources(self, node: str) -> list[str]:
        """The sources that a node is built from, itself included."""
        if node not in self._sources:
            self._sources[node] = _sources(self._project, node)
        return self._sources[node]

    def coming(self, schedule: Schedule) -> Coming:
        """What a schedule will bring."""
        if schedule not in self._coming:
            self._coming[schedule] = coming_of(schedule, self._now)
        return self._coming[schedule]

    def slots(self, schedule: Schedule, span: Span) -> int:
        """How often it is due in a span."""
        if (schedule, span) not in self._counts:
            self._counts[schedule, span] = len(schedule.slots(*span))
        return self._counts[schedule, span]


# -- what needs only its own words ---------------------------------------------


def _words(context: Linted, slo: Slo) -> Iterator[_Claim]:
    if slo.is_about_time or slo.alerting != "batch":
        window = slo.window.length(context.now)
        fastest = 1 / (1 - slo.target)
        capped = [
            rule.name
            for rule in PRESETS[slo.alerting]
            if (rule.share * window / rule.long if rule.rate is None else rule.rate) > fastest
        ]
        if capped:
            message = f"{percent(slo.target)} can burn {float(fastest):.1f} times at most"
            yield _Claim(rules.CAPPED, message, tuple(f"capped: {name}" for name in capped))
    if slo.is_critical:
        lacks = [word for word in ("owner", "runbook") if not getattr(slo, word)]
        if lacks:
            yield _Claim(rules.NOBODY, f"critical, and it has no {' and no '.join(lacks)}")
    if slo.missing is Missing.EXCLUDE:
        yield _Claim(rules.HIDES, "what is not known about it is left out without being told")
    if isinstance(slo.indicator, Cost):
        prices = context.declared.shared.prices
        if not (prices.hour or prices.terabyte or prices.slot_hour):
            yield _Claim(rules.NO_PRICES, "it is about cost, and nothing has a price")


# -- schedules, windows and calendars ------------------------------------------


def _times(context: Linted, behind: _Behind, slo: Slo) -> Iterator[_Claim]:
    start, end = slo.window.span(context.now)
    if not scope_of(slo, (start, end)):
        yield _Claim(rules.NOTHING_COUNTS, f"no time of {_window(slo)} counts")
    if slo.schedule is None:
        return
    coming = behind.coming(slo.schedule)
    if coming.is_never:
        yield _Claim(rules.NEVER, f"its schedule {slo.schedule.cron!r} never fires")
        return
    if coming.skipped:
        yield _Claim(rules.SKIPPED_HOUR, f"its schedule {slo.schedule.cron!r} {coming.skipped}")
    if coming.longest > end - start:
        message = f"{_window(slo)} is shorter than the {written(coming.longest)} between two slots"
        yield _Claim(rules.SHORT_WINDOW, message)
    elif not slo.is_about_time:
        counts = behind.slots(slo.schedule, (start, end))
        budget = (1 - slo.target) * counts
        if counts and budget < 1:
            message = f"one failure of {counts} uses up its budget of {float(budget):.2f}"
            yield _Claim(rules.ONE_FAILURE, message)
    if isinstance(slo.indicator, Freshness) and not slo.pauses_age:
        yield from _too_young(slo, slo.indicator.threshold, coming)


def _window(slo: Slo) -> str:
    return str(slo.window) if slo.window.calendar else f"its window of {slo.window}"


def _too_young(slo: Slo, threshold: int, coming: Coming) -> Iterator[_Claim]:
    """Data that is loaded at each slot at once is too old before the next."""
    if threshold >= coming.longest or not coming.slots:
        return
    stale = Spans.of((one + threshold, later) for one, later in pairwise(coming.slots))
    if stale and stale & scope_of(slo, (coming.slots[0], coming.slots[-1])):
        message = f"data may be {written(threshold)} old, and slots are "
        yield _Claim(rules.TOO_YOUNG, f"{message}{written(coming.longest)} apart")


# -- what the node can answer --------------------------------------------------


def _node(context: Linted, behind: _Behind, slo: Slo) -> Iterator[_Claim]:
    node = context.project.nodes.get(slo.node)
    if node is None:
        return
    seen_through = node.kind == "model" and node.materialized in ("view", "ephemeral")
    is_unbuilt = node.kind in _NEVER_BUILT or node.materialized == "ephemeral"
    if isinstance(slo.indicator, Success | RunDuration | Volume | Cost) and is_unbuilt:
        yield _Claim(rules.NOT_BUILT, f"dbt never builds {_a(node)}")
    if isinstance(slo.indicator, Quality) and node.unique_id not in behind.tested:
        yield _Claim(rules.NO_TESTS, "it is about checks, and the node has no data test")
    scope = getattr(slo.indicator, "scope", "")
    if scope == "own" and (seen_through or node.kind in ("exposure", "metric", "saved_query")):
        yield _Claim(rules.OWN_OF_VIEW, f"{_a(node)} has no data of its own")


def _a(node: Node) -> str:
    kind = node.materialized if node.kind == "model" else node.kind.replace("_", " ")
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


def _age(context: Linted, behind: _Behind, slo: Slo) -> Iterator[_Claim]:
    if not slo.node or not slo.is_about_time:
        return
    if getattr(slo.indicator, "scope", "") == "own":
        if context.project.nodes[slo.node].kind == "source":
            yield from _unmeasurable(context, [slo.node])
        return
    exceptions = getattr(slo.indicator, "sources", {})
    sources = behind.sources(slo.node)
    ageing = [
        source
        for source in sources
        if label(source) not in exceptions or not exceptions[label(source)].is_static
    ]
    if not ageing:
        why = "every source behind it is static" if sources else "no source is behind it"
        yield _Claim(rules.NO_SOURCE, why)
    yield from _unmeasurable(context, ageing)
    if isinstance(slo.indicator, Freshness):
        for source in ageing:
            allowed = exceptions.get(label(source), slo.indicator.threshold)
            for other, theirs in behind.promised.get(source, ()):
                if source != slo.node and allowed < theirs:
                    message = f"it allows {written(allowed)}, and {other.full_name} "
                    message += written(theirs)
                    yield _Claim(rules.BELOW_SOURCE, message, key=other.full_name)


def _sources(project: Project, node: str) -> list[str]:
    """The sources that a node is built from."""
    wanted, stack = {node}, [node]
    while stack:
        current = stack.pop()
        more = [
            above
            for above in project.nodes[current].depends_on
            if above in project.nodes and above not in wanted
        ]
        wanted.update(more)
        stack += more
    return [name for name in sorted(wanted) if project.nodes[name].kind == "source"]


def _unmeasurable(context: Linted, sources: Sequence[str]) -> Iterator[_Claim]:
    seen = context.observed.seen if context.observed is not None else {}
    for source in sources:
        node = context.project.nodes[source]
        criteria = node.source.freshness if node.source is not None else None
        if not criteria and not seen.get(source):
            yield _Claim(rules.UNMEASURABLE, f"{node.label} has no freshness criterion", key=source)


# -- what the history adds -----------------------------------------------------


def _history(context: Linted, behind: _Behind, slo: Slo, observed: Observed) -> Iterator[_Claim]:
    if isinstance(slo.indicator, MEASURED) and not observed.measurements.get(slo.full_name):
        yield _Claim(rules.NOT_MEASURED, f"no {slo.indicator.type} of it was ever measured")
    builds = observed.builds.get(slo.node, ())
    silent = all(one.rows is None or one.rows < 0 for one in builds)
    if isinstance(slo.indicator, Volume) and builds and silent:
        yield _Claim(rules.NO_ROWS, f"none of {len(builds)} builds told its rows")
    node = context.project.nodes.get(slo.node)
    if isinstance(slo.indicator, Freshness) and node is not None and not slo.pauses_age:
        exceptions = slo.indicator.sources
        for source in behind.sources(slo.node):
            allowed = exceptions.get(label(source), slo.indicator.threshold)
            loads = sorted({one.newest for one in observed.seen.get(source, ()) if one.newest})
            gaps = [later - one for one, later in pairwise(loads)]
            if len(gaps) >= _ENOUGH and median(gaps) > allowed:
                usual = written(round(median(gaps) / 60_000_000) * 60_000_000)
                name = context.project.nodes[source].label
                message = f"it allows {written(allowed)}, and data of {name} comes every {usual}"
                yield _Claim(
                    rules.TOO_RARE, message, (f"median of {len(gaps)} times between loads",), source
                )


# -- all together --------------------------------------------------------------


def _duplicates(context: Linted) -> Iterator[Finding]:
    first: dict[object, Slo] = {}
    for slo in context.declared.slos:
        # By another schedule it is another promise, but for freshness: how old data may be is
        # the same, whenever it comes.
        due = None if isinstance(slo.indicator, Freshness) else slo.schedule
        counted = slo.calendar, slo.pauses_age
        key = (slo.subject, repr(slo.indicator), slo.target, slo.window, counted, due)
        before = first.setdefault(key, slo)
        if before is not slo:
            message = f"the same as {before.full_name}"
            yield _finding(context, slo, _Claim(rules.DUPLICATE, message))


def _shared(context: Linted) -> Iterator[Finding]:
    for rule, name, message, where in shared_claims(context.declared, context.now - AHEAD):
        yield make_finding(
            rule,
            node="",
            subject=name,
            message=message,
            location=_location(context, where),
            identity=(name,),
        )
