"""Freshness of sources as dbt measured it, and of what is built from them.

``dbt source freshness`` is a point in time: the age of a source is known when it was
measured, and only grows until the next load. Everything here says when that was. A
source that has a criterion and no result was *not measured*: dbt leaves a source out
of sources.json when its query fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from analyticsops.artifacts.freshness import Freshness, FreshnessResult
from analyticsops.project.model import Node, Project

_PERIODS = {"minute": 60, "hour": 3_600, "day": 86_400}
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}


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


class Objective(msgspec.Struct, frozen=True, kw_only=True):
    """A freshness objective from ``config.meta.analyticsops.slo``, and how it stands.

    Attributes:
        name: of the objective.
        node: ``unique_id`` of what it is about.
        subject: its display name.
        threshold: greatest age allowed; None if it is not written so that it can be read.
        target: share of time, as written, for instance ``99%``.
        state: ``breached``: the data is older than the threshold, proven.
            ``met``: a source, measured and young enough.
            ``sources met``: every source behind it is young enough; whether the builds
            in between ran is not known from freshness alone.
            ``unknown``: something behind it was not measured.
        age: of the oldest data behind it, now; None if unknown.
        because: the source that decides.
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


def source_freshness(project: Project, measured: Freshness | None) -> tuple[SourceFreshness, ...]:
    """Every source that has a criterion, measured or not, by name."""
    results = {result.unique_id: result for result in measured.results} if measured else {}
    found = [
        _source(node, results.get(node.unique_id))
        for node in project.of_kind("source")
        if _criteria(node) or node.unique_id in results
    ]
    return tuple(sorted(found, key=lambda source: source.name))


def objectives(
    project: Project, sources: tuple[SourceFreshness, ...], now: datetime
) -> tuple[Objective, ...]:
    """The freshness objectives that the project declares, and how they stand at ``now``."""
    by_node = {source.node: source for source in sources}
    found = [
        _objective(node, entry, project, by_node, now)
        for node in project.nodes.values()
        for entry in _declared(node)
    ]
    return tuple(sorted(found, key=lambda objective: (objective.subject, objective.name)))


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
    count, period = value.get("count"), str(value.get("period") or "")
    if not isinstance(count, int) or period not in _PERIODS:
        return None
    return timedelta(seconds=count * _PERIODS[period])


def _source(node: Node, result: FreshnessResult | None) -> SourceFreshness:
    limits = _criteria(node)
    if not limits and result is not None and result.criteria:
        limits = result.criteria
    measured = result is not None and result.max_loaded_at_time_ago_in_s is not None
    age = result.max_loaded_at_time_ago_in_s if result is not None and measured else None
    return SourceFreshness(
        node=node.unique_id,
        name=node.label,
        status=result.status.lower() if result is not None and measured else "unmeasured",
        age=timedelta(seconds=age) if age is not None else None,
        measured_at=instant(result.snapshotted_at) if result else None,
        loaded_at=instant(result.max_loaded_at) if result else None,
        warn_after=_limit(limits.get("warn_after")),
        error_after=_limit(limits.get("error_after")),
        owner=node.owner.name if node.owner else "",
    )


def instant(text: str | None) -> datetime | None:
    """An instant as dbt writes it; without a zone it is UTC, as dbt assumes."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# -- objectives ----------------------------------------------------------------


def _declared(node: Node) -> list[Mapping[str, Any]]:
    entries = node.settings.get("slo")
    found = []
    for entry in entries if isinstance(entries, list) else []:
        indicator = entry.get("indicator") if isinstance(entry, dict) else None
        if isinstance(indicator, dict) and indicator.get("type") == "freshness":
            found.append(entry)
    return found


def duration(text: Any) -> timedelta | None:
    """``26h``, ``40d``, ``90m`` -> timedelta; None if it cannot be read."""
    written = str(text or "").strip().lower()
    number = written.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = written[len(number) :].strip()
    try:
        seconds = float(number) * _UNITS[unit]
    except (ValueError, KeyError):
        return None
    return timedelta(seconds=seconds) if seconds >= 0 else None


def _objective(
    node: Node,
    entry: Mapping[str, Any],
    project: Project,
    sources: Mapping[str, SourceFreshness],
    now: datetime,
) -> Objective:
    indicator: Mapping[str, Any] = entry["indicator"]
    threshold = duration(indicator.get("threshold"))
    exceptions = indicator.get("sources")
    own = exceptions if isinstance(exceptions, dict) else {}
    state, age, because = _judge(node, threshold, own, project, sources, now)
    return Objective(
        name=str(entry.get("name") or f"{node.name}-fresh"),
        node=node.unique_id,
        subject=node.label,
        threshold=threshold,
        target=str(entry.get("objective") or ""),
        state=state,
        age=age,
        because=because,
        tier=str(entry.get("tier") or ""),
        owner=node.owner.name if node.owner else "",
        runbook=str(entry.get("runbook") or ""),
    )


def _judge(
    node: Node,
    threshold: timedelta | None,
    own: Mapping[str, Any],
    project: Project,
    sources: Mapping[str, SourceFreshness],
    now: datetime,
) -> tuple[str, timedelta | None, str]:
    """(state, age of the oldest data, source that decides)."""
    if threshold is None:
        return "unknown", None, "its threshold cannot be read"
    behind = _sources_behind(node, project)
    unknown: list[str] = []
    known: list[tuple[timedelta, timedelta, str]] = []
    for unique_id in behind:
        label = project.nodes[unique_id].label
        if str(own.get(label)) == "static":
            continue
        source = sources.get(unique_id)
        if source is None or source.loaded_at is None:
            unknown.append(label)
            continue
        age = now - source.loaded_at
        known.append((age - (duration(own.get(label)) or threshold), age, label))
    if known and max(known)[0] > timedelta(0):
        _, age, label = max(known)
        return "breached", age, label
    if unknown or not known:
        reason = f"{unknown[0]} was not measured" if unknown else "no source behind it"
        return "unknown", None, reason
    _, age, label = max(known)
    return "met" if node.kind == "source" else "sources met", age, label


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
