"""Freshness of sources as dbt measured it, and of what is built from them.

``dbt source freshness`` is a point in time: the age of a source is known when it was
measured, and only grows until the next load. Everything here says when that was. A
source that has a criterion and no result was *not measured*: dbt leaves a source out
of sources.json when its query fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from analyticsops.artifacts.freshness import Freshness as Measured, FreshnessResult
from analyticsops.artifacts.times import instant
from analyticsops.project.model import Node, Project
from analyticsops.slo.durations import in_seconds
from analyticsops.slo.objective import Slo
from analyticsops.slo.shares import percent
from analyticsops.slo.spec.declared import Declared, Invalid
from analyticsops.slo.spec.indicators import Freshness
from analyticsops.slo.spec.words import NEVER

_PERIODS = {"minute": 60, "hour": 3_600, "day": 86_400}
CLOCK_SKEW = timedelta(minutes=1)
"""Clocks differ by seconds; data that is further ahead of the database is wrong."""


class SourceFreshness(msgspec.Struct, frozen=True, kw_only=True):
    """One source table that has a freshness criterion.

    Attributes:
        node: dbt ``unique_id``.
        name: ``source.table``.
        status: ``pass``, ``warn``, ``error`` or ``unmeasured``, as of ``measured_at``.
        age: between the newest data and the measurement; None if not measured. Negative
            if the data's clock is ahead of the database's.
        measured_at: by the database's clock; None if not measured.
        loaded_at: newest data time; None if not measured.
        warn_after: None if there is no such threshold.
        error_after: None if there is no such threshold.
        owner: empty if nobody.
    """

    node: str
    name: str
    status: str
    age: timedelta | None = None
    measured_at: datetime | None = None
    loaded_at: datetime | None = None
    warn_after: timedelta | None = None
    error_after: timedelta | None = None
    owner: str = ""

    @property
    def is_ahead(self) -> bool:
        """True if its newest data is later than the measurement: its age says nothing."""
        return self.age is not None and self.age < -CLOCK_SKEW

    @property
    def is_empty(self) -> bool:
        """True if it has no rows: dbt then writes the first day of the year 1."""
        return self.loaded_at is not None and self.loaded_at.year == 1


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """A freshness objective, and how it stands by one measurement of its sources.

    Attributes:
        name: of the objective.
        node: ``unique_id`` of what it is about.
        subject: its display name.
        threshold: greatest age allowed; None if the objective cannot be read.
        target: share of time, for instance ``99%``.
        state: ``breached``: the data was older than the threshold when it was measured.
            ``met``: a source, measured and young enough even if nothing came since.
            ``sources met``: every source behind it is young enough; whether the builds
            in between ran is not known from freshness alone.
            ``unknown``: something behind it was not measured, or so long ago that it may
            have loaded since; or the objective cannot be read.
        age: of the oldest data behind it: when measured if breached, else now; None if
            unknown.
        because: the source that decides, or why the state is unknown.
    """

    name: str
    node: str
    subject: str
    threshold: timedelta | None
    target: str
    state: str
    age: timedelta | None = None
    because: str = ""
    tier: str = ""
    owner: str = ""
    runbook: str = ""

    @property
    def full_name(self) -> str:
        """As other commands name the objective."""
        return f"{self.subject}/{self.name}" if self.name else self.subject


def source_freshness(project: Project, measured: Measured | None) -> tuple[SourceFreshness, ...]:
    """Every source that has a criterion, measured or not, by name."""
    results = {result.unique_id: result for result in measured.results} if measured else {}
    found = [
        _source(node, results.get(node.unique_id))
        for node in project.of_kind("source")
        if _criteria(node) or node.unique_id in results
    ]
    return tuple(sorted(found, key=lambda source: source.name))


def objectives(
    project: Project, sources: tuple[SourceFreshness, ...], declared: Declared, now: datetime
) -> tuple[Objective, ...]:
    """The freshness objectives that a project declares beside dbt's own, and how they stand at
    ``now`` by one measurement."""
    by_node = {source.node: source for source in sources}
    found = [_unread(one) for one in declared.invalid if one.node]
    found.extend(
        _objective(slo, slo.indicator, project, by_node, now)
        for slo in declared.slos
        if isinstance(slo.indicator, Freshness)
        and slo.node
        and slo.origin != "dbt"
        and not is_goal(project, slo)
    )
    return tuple(sorted(found, key=lambda objective: (objective.subject, objective.name)))


def is_goal(project: Project, slo: Slo) -> bool:
    """True of a metric's own goal of freshness, of which the rules of metrics tell."""
    node = project.nodes.get(slo.node)
    own = node is not None and node.kind == "metric" and bool(node.settings.get("freshness"))
    return own and isinstance(slo.indicator, Freshness)


def expects_freshness(project: Project) -> bool:
    """True if the project has a freshness criterion or an objective."""
    return any(_criteria(node) or node.settings.get("slo") for node in project.nodes.values())


# -- sources -------------------------------------------------------------------


def _criteria(node: Node) -> Mapping[str, Any]:
    """The freshness criterion, if it can be measured and has any threshold."""
    info = node.source
    if info is None or info.freshness is None:
        return {}
    limits = {k: info.freshness.get(k) for k in ("warn_after", "error_after")}
    return limits if any(_limit(value) is not None for value in limits.values()) else {}


def _limit(value: Any) -> timedelta | None:
    if not isinstance(value, dict):
        return None
    count, period = value.get("count"), str(value.get("period") or "").lower()
    if not isinstance(count, int) or period not in _PERIODS:
        return None
    return in_seconds(count * _PERIODS[period])


_MEASURED = ("pass", "warn", "error")


def _source(node: Node, result: FreshnessResult | None) -> SourceFreshness:
    limits = _criteria(node)
    if not limits and result is not None and result.criteria:
        limits = result.criteria
    age = in_seconds(result.max_loaded_at_time_ago_in_s) if result else None
    status = result.status.lower() if result else ""
    return SourceFreshness(
        node=node.unique_id,
        name=node.label,
        status=status if status in _MEASURED and age is not None else "unmeasured",
        age=age,
        measured_at=instant(result.snapshotted_at) if result else None,
        loaded_at=instant(result.max_loaded_at) if result else None,
        warn_after=_limit(limits.get("warn_after")),
        error_after=_limit(limits.get("error_after")),
        owner=node.owner.name if node.owner else "",
    )


# -- objectives ----------------------------------------------------------------


class _Standing(NamedTuple):
    """How an objective stands: see :class:`Objective`."""

    state: str
    age: timedelta | None = None
    because: str = ""


def _unread(invalid: Invalid) -> Objective:
    return Objective(
        name=invalid.name,
        node=invalid.node,
        subject=invalid.subject,
        threshold=None,
        target="",
        state="unknown",
        because=invalid.what,
    )


def _objective(
    slo: Slo,
    indicator: Freshness,
    project: Project,
    sources: Mapping[str, SourceFreshness],
    now: datetime,
) -> Objective:
    standing = _judge(project.nodes[slo.node], indicator, project, sources, now)
    return Objective(
        name=slo.name,
        node=slo.node,
        subject=slo.subject,
        threshold=timedelta(microseconds=indicator.threshold),
        target=percent(slo.target),
        state=standing.state,
        age=standing.age,
        because=standing.because,
        tier=slo.tier,
        owner=slo.owner,
        runbook=slo.runbook,
    )


def _judge(
    node: Node,
    indicator: Freshness,
    project: Project,
    sources: Mapping[str, SourceFreshness],
    now: datetime,
) -> _Standing:
    """Worst first: a source that is proven too old outweighs one that is not known."""
    unknown: list[str] = []
    breached: list[tuple[timedelta, timedelta, str]] = []
    known: list[tuple[timedelta, timedelta, str]] = []
    behind = _sources_behind(node, project)
    for unique_id in behind:
        label = project.nodes[unique_id].label
        written = indicator.sources.get(label, indicator.threshold)
        if written == NEVER:
            continue
        allowed = timedelta(microseconds=written)
        source = sources.get(unique_id)
        if source is None or source.age is None or source.loaded_at is None:
            unknown.append(f"{label} was not measured")
        elif source.is_ahead:
            unknown.append(f"{label} has data from the future")
        elif source.age > allowed:
            breached.append((source.age - allowed, source.age, label))
        elif (age := now - source.loaded_at) > allowed:
            unknown.append(f"{label} may have loaded since it was measured")
        else:
            known.append((age - allowed, age, label))
    if breached:
        _, age, label = max(breached)
        return _Standing("breached", age, label)
    if unknown:
        return _unknown(unknown[0])
    if not known:
        return _unknown("every source behind it is static" if behind else "no source behind it")
    _, age, label = max(known)
    return _Standing("met" if node.kind == "source" else "sources met", age, label)


def _unknown(because: str) -> _Standing:
    return _Standing("unknown", None, because)


def _sources_behind(node: Node, project: Project) -> list[str]:
    """The sources that a node is built from, itself included."""
    seen: set[str] = set()
    stack = [node.unique_id]
    while stack:
        current = stack.pop()
        if current in seen or current not in project.nodes:
            continue
        seen.add(current)
        stack.extend(project.nodes[current].depends_on)
    return sorted(n for n in seen if project.nodes[n].kind == "source")
