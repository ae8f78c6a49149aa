"""The metric registry of a workspace: its lock, and what a change does to what metrics mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from analyticsops.errors import ConfigError, UsageError
from analyticsops.findings import Finding, Strictness
from analyticsops.metrics import entries
from analyticsops.metrics.comparison import LockDifference, compare_locks
from analyticsops.metrics.entries import MetricEntry
from analyticsops.metrics.lock import FILE, Lock, make_lock, read_lock, write_lock
from analyticsops.metrics.rules.change import (
    RULES,
    change_findings,
    lock_findings,
    lost_groups,
    void_findings,
)
from analyticsops.metrics.rules.change_claims import NO_MAJOR
from analyticsops.metrics.rules.context import ANY_NAME, Context
from analyticsops.metrics.rules.data import stale
from analyticsops.slo.durations import duration
from analyticsops.slo.freshness import source_freshness
from analyticsops.workspace import Workspace

_AGREED = ("certified", "reviewed")

_STRICTNESS = {rule.code: rule.strictness for rule in RULES}


class LockAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The lock as it should be.

    Attributes:
        path: of the file.
        text: what should stand in it.
        before: what stands there; None if there is no file.
        difference: from what stands there.
    """

    path: Path
    text: str
    before: str | None
    difference: LockDifference


def lock_metrics(workspace: Workspace, *, broken: bool = True) -> LockAnswer:
    """What ``analyticsops/metrics.lock.yml`` should hold.

    Args:
        broken: True to take a file that cannot be read as none: it is to be written anew.

    Raises:
        UsageError: the folder of the project is not known.
        ConfigError: a setting, a record or the file itself is wrong.
    """
    root = workspace.project_dir
    if root is None:
        raise UsageError(
            "the folder of the dbt project is not known",
            where="metrics lock",
            hint="name it with --project-dir",
        )
    path = root / FILE
    try:
        old = read_lock(path)
    except ConfigError:
        if not broken:
            raise
        old = None
    new = make_lock(workspace.registry)
    return LockAnswer(
        path=path,
        text=write_lock(new),
        before=path.read_text(encoding="utf-8") if old is not None else None,
        difference=compare_locks(old or Lock(version=1), new, workspace.registry),
    )


def lock_check(workspace: Workspace, now: datetime | None) -> Iterator[Finding]:
    """Where the lock is not what it should be, and what a changed meaning asks for."""
    answer = lock_metrics(workspace, broken=False)
    context = metric_context(workspace, now)
    asked = [*change_findings(context, _agreed(answer.difference))]
    yield from asked
    # A new version is asked for first: with it the lock is written again.
    told = _without_version(asked)
    yield from (f for f in lock_findings(context, answer.difference) if f.subject not in told)
    yield from (f for f in void_findings(context) if f.subject not in told)


def meaning_changes(
    base: Workspace, head: Workspace, strictness: Strictness, now: datetime | None
) -> Iterator[Finding]:
    """What a comparison says of metrics whose meaning is agreed upon."""
    if not (_has_agreed(base) or _has_agreed(head)):
        return
    old, new = make_lock(base.registry), make_lock(head.registry)
    difference = compare_locks(old, new, head.registry)
    context = metric_context(head, now)
    changed = {change.name for change in difference.changed}
    asked = [*change_findings(context, _agreed(difference))]
    for finding in asked:
        least = _STRICTNESS.get(finding.rule)
        if least is None or least.rank <= strictness.rank:
            yield finding
    if Strictness.KPI.rank <= strictness.rank:
        yield from lost_groups(context, base.registry)
    changed -= _without_version(asked)
    yield from (found for found in void_findings(context) if found.subject in changed)


def metric_context(workspace: Workspace, now: datetime | None) -> Context:
    """What the rules about one version look at."""
    return Context(
        registry=workspace.registry,
        today=(now or datetime.now(UTC)).date(),
        names=workspace.config.metrics.names or ANY_NAME,
    )


def stale_metrics(workspace: Workspace, now: datetime | None) -> Iterator[Finding]:
    """Metrics with a source that was older, when it was measured, than they may be."""
    if workspace.freshness is None:
        return
    context = metric_context(workspace, now)
    measured = {
        found.name: found.age
        for found in source_freshness(workspace.project, workspace.freshness)
        if found.age is not None
    }
    for entry in workspace.registry.entries:
        goal = workspace.registry.settings[entry.name].freshness
        allowed = duration(goal.slo) if goal is not None else None
        tables = {column.rpartition(".")[0] for column in entry.sources}
        old = [(age, name) for name, age in measured.items() if name in tables]
        if allowed is not None and old and max(old)[0] > allowed and goal is not None:
            age, name = max(old)
            yield stale(context, entry.name, name, age, goal.slo)


def _without_version(asked: list[Finding]) -> set[str]:
    """Metrics of which a new version is asked for; that says the rest as well."""
    found: set[str] = set()
    for finding in asked:
        if finding.rule == NO_MAJOR.code:
            # Of one metric, or of a model that changed several.
            one = finding.node.partition(".")[0].endswith("metric")
            found |= {finding.subject} if one else {entry.name for entry in finding.affected}
    return found


def _agreed(difference: LockDifference) -> LockDifference:
    """Without metrics about whose meaning nobody agreed."""
    agreed = tuple(
        change
        for change in difference.changed
        if change.old.tier in _AGREED or change.new.tier in _AGREED
    )
    return msgspec.structs.replace(difference, changed=agreed)


def _has_agreed(workspace: Workspace) -> bool:
    return any(settings.tier in _AGREED for settings in workspace.registry.settings.values())


def list_metrics(workspace: Workspace) -> tuple[MetricEntry, ...]:
    """The metrics of the project, by name."""
    return workspace.registry.entries


def find_metric(workspace: Workspace, name: str) -> MetricEntry:
    """One metric, by name, label or synonym.

    Raises:
        NotFoundError: with the closest names.
    """
    return entries.find_metric(list_metrics(workspace), name)
