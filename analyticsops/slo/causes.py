"""What caused an alert: the topmost node or job in trouble that can explain it.

Not everything that is wrong above explains what is wrong below: a source without new data makes a
mart old, but it makes no test of it fail. What can explain what stands in :data:`EXPLAINS`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analyticsops.project.model import Project
from analyticsops.slo.alert import Alert, Kind
from analyticsops.slo.alert_rules import SCHEMA_CHANGED
from analyticsops.slo.incident import Root
from analyticsops.slo.objective import PROJECT
from analyticsops.slo.observed import Observed

EXPLAINS: Mapping[Kind, frozenset[Kind]] = {
    Kind.LATE: frozenset({Kind.LATE, Kind.FAILING, Kind.CHECKS, Kind.SCHEMA, Kind.NOT_RUN}),
    Kind.FAILING: frozenset({Kind.FAILING, Kind.CHECKS, Kind.SCHEMA}),
    Kind.CHECKS: frozenset({Kind.CHECKS, Kind.SCHEMA}),
    Kind.SCHEMA: frozenset({Kind.SCHEMA}),
    Kind.UNMEASURED: frozenset(
        {Kind.UNMEASURED, Kind.LATE, Kind.FAILING, Kind.CHECKS, Kind.SCHEMA, Kind.NOT_RUN}
    ),
    Kind.FLAPPING: frozenset({Kind.FLAPPING}),
    Kind.MASKED: frozenset({Kind.FLAPPING}),
    Kind.BUDGET: frozenset(
        {Kind.LATE, Kind.FAILING, Kind.CHECKS, Kind.SCHEMA, Kind.FLAPPING, Kind.NOT_RUN}
    ),
}
"""Trouble of a node -> trouble above it that can have caused it. What is not here is its own
cause, as is all that costs or takes too much."""

_PREVENT = frozenset({Kind.FAILING, Kind.CHECKS, Kind.SCHEMA})
"""Trouble of a node that keeps dbt from building what is below it."""

_ROOTS = frozenset({Kind.LATE, Kind.FAILING, Kind.CHECKS, Kind.SCHEMA, Kind.UNMEASURED})

NOBODY = "freshness"
"""Root where no source at all was measured: one thing is missing, and not one for each source."""

JOB = "job."
"""Prefix of a job as a root."""


class Troubles(NamedTuple):
    """What is wrong where.

    Attributes:
        nodes: node -> the kinds of trouble that it is in by itself.
        jobs: jobs that did not run.
    """

    nodes: Mapping[str, frozenset[Kind]]
    jobs: frozenset[str]


def troubles(alerts: Iterable[Alert], project: Project) -> Troubles:
    """What is wrong where, by the alerts. That a node is late is trouble of its own only at a
    source: elsewhere it comes from above, or from a job."""
    nodes: dict[str, set[Kind]] = {}
    jobs: set[str] = set()
    for alert in alerts:
        if alert.kind is Kind.NOT_RUN:
            jobs.add(alert.job)
        node = project.nodes.get(alert.node)
        if node is None:
            continue
        late = alert.kind in (Kind.LATE, Kind.UNMEASURED)
        if not late or node.kind == "source":
            nodes.setdefault(alert.node, set()).add(alert.kind)
        if alert.rule == SCHEMA_CHANGED.name and alert.blame:
            nodes.setdefault(alert.blame, set()).add(Kind.SCHEMA)
    return Troubles({node: frozenset(kinds) for node, kinds in nodes.items()}, frozenset(jobs))


def root_of(alert: Alert, known: Troubles, project: Project, observed: Observed) -> Root:
    """What caused an alert."""
    if not alert.node or alert.node not in project.nodes:
        return _job_root(alert, known, project, observed)
    if alert.kind is Kind.UNMEASURED and not any(observed.seen.values()):
        return Root(id=NOBODY, label="source freshness", kind=Kind.UNMEASURED)
    explaining = EXPLAINS.get(alert.kind, frozenset())
    job = _job_behind(alert, known, project, observed)
    if job is not None:
        kind = alert.kind if alert.kind is Kind.MASKED else Kind.NOT_RUN
        return Root(id=JOB + job, label=f"job {job}" if job else PROJECT, kind=kind)
    top = _topmost(alert, known, project, explaining)
    if top is not None:
        kind = alert.kind if top == alert.node else min(known.nodes[top] & explaining)
        suspected = kind is Kind.SCHEMA and top != alert.node
        return Root(id=top, label=project.nodes[top].label, kind=kind, suspected=suspected)
    old = alert.kind in (Kind.LATE, Kind.UNMEASURED)
    blame = alert.blame if old and alert.blame else alert.node
    label = project.nodes[blame].label if blame in project.nodes else blame
    return Root(id=blame, label=label, kind=alert.kind)


def _job_behind(alert: Alert, known: Troubles, project: Project, observed: Observed) -> str | None:
    """The job that did not run, where that is why data is old, or nobody knows how old it is; or
    that is tried again, where that heals what it builds."""
    jobs = observed.job_of
    if alert.kind is Kind.MASKED:
        return jobs.get(alert.node)
    if alert.kind is Kind.UNMEASURED:
        # Who did not measure the source, or did not build upon it.
        suspects = [alert.source or alert.node, alert.blame]
    elif alert.kind is Kind.LATE and alert.blame != alert.source:
        suspects = [alert.blame]
    elif alert.kind is Kind.LATE and Kind.LATE not in known.nodes.get(alert.source, ()):
        # It may have newer data: who measures it did not run.
        suspects = [alert.source]
    else:
        return None
    found = (jobs.get(node, "") for node in suspects if node in project.nodes)
    return next((job for job in found if job in known.jobs), None)


def _job_root(alert: Alert, known: Troubles, project: Project, observed: Observed) -> Root:
    """Of a job whose runs fail it is what fails in them."""
    if alert.kind in EXPLAINS and alert.job not in known.jobs:
        failing = [
            node
            for node, kinds in known.nodes.items()
            if kinds & EXPLAINS[alert.kind]
            and (not alert.job or observed.job_of.get(node, "") == alert.job)
        ]
        top = _top_of(failing, project)
        if top is not None:
            kind = min(known.nodes[top] & EXPLAINS[alert.kind])
            return Root(id=top, label=project.nodes[top].label, kind=kind)
    if alert.job:
        return Root(id=JOB + alert.job, label=f"job {alert.job}", kind=alert.kind)
    return Root(id=alert.subject, label=alert.subject, kind=alert.kind)


def _topmost(
    alert: Alert, known: Troubles, project: Project, explaining: frozenset[Kind]
) -> str | None:
    """The node furthest up in trouble that explains an alert, of several the first by name that
    the late data comes through; None if there is none."""
    through = _through(alert, project)
    causes = [
        node
        for node in through
        if known.nodes.get(node, frozenset()) & (explaining if node != alert.node else _ROOTS)
    ]
    if alert.kind in (Kind.LATE, Kind.UNMEASURED) and alert.blame not in ("", alert.source):
        # It was not built, because something above it failed, wherever the late data comes from.
        above = _ancestors(project, [alert.blame])
        causes += [node for node in above if known.nodes.get(node, frozenset()) & _PREVENT]
    return _top_of(causes, project)


def _top_of(nodes: Sequence[str], project: Project) -> str | None:
    """The first by name of those that have none of the others above them."""
    if not nodes:
        return None
    above = {node: _ancestors(project, [node]) - {node} for node in nodes}
    return min(node for node in nodes if not above[node] & set(nodes))


def _through(alert: Alert, project: Project) -> set[str]:
    """The nodes through which what is wrong can have come: all above, or, where it is known whose
    data is late or of unknown age, those on the way from there."""
    above = _ancestors(project, [alert.node])
    old = alert.kind in (Kind.LATE, Kind.UNMEASURED)
    if not old or not alert.source or alert.source not in above:
        return above
    return above & _descendants(project, alert.source)


def _ancestors(project: Project, nodes: Sequence[str]) -> set[str]:
    """The nodes and all above them."""
    found: set[str] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node not in found and node in project.nodes:
            found.add(node)
            stack.extend(project.nodes[node].depends_on)
    return found


def _descendants(project: Project, node: str) -> set[str]:
    """The node and all below it."""
    found: set[str] = set()
    stack = [node]
    while stack:
        current = stack.pop()
        if current not in found:
            found.add(current)
            stack.extend(project.children.get(current, ()))
    return found


def descendants(project: Project, nodes: Iterable[str]) -> set[str]:
    """All below some nodes, themselves included."""
    found: set[str] = set()
    for node in nodes:
        if node in project.nodes and node not in found:
            found |= _descendants(project, node)
    return found
