"""Alerts -> incidents, one for each thing that caused some of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from analyticsops.project.model import Node, Project
from analyticsops.slo.alert import Alert, Kind
from analyticsops.slo.causes import JOB, descendants, root_of, troubles
from analyticsops.slo.evaluate import Context
from analyticsops.slo.incident import Affected, Incident, Root, incident_id
from analyticsops.slo.marts import is_mart
from analyticsops.slo.observed import Observed

_FIRST = (
    Kind.SCHEMA,
    Kind.FAILING,
    Kind.NOT_RUN,
    Kind.CHECKS,
    Kind.LATE,
    Kind.UNMEASURED,
)
"""Of several kinds of trouble at one root, the one that says most."""


def group(context: Context, alerts: Iterable[Alert]) -> tuple[Incident, ...]:
    """Alerts by what caused them; those that page first, then the oldest."""
    listed = tuple(alerts)
    known = troubles(listed, context.project)
    members: dict[str, list[Alert]] = {}
    roots: dict[str, Root] = {}
    for alert in listed:
        root = root_of(alert, known, context.project, context.observed)
        before = roots.get(root.id)
        roots[root.id] = root if before is None else _clearer(before, root)
        members.setdefault(root.id, []).append(alert)
    found = [_incident(context, roots[name], alerts) for name, alerts in members.items()]
    return tuple(sorted(found, key=lambda one: (not one.page, one.since, one.root.id)))


def in_maintenance(context: Context, root: str) -> bool:
    """True if what caused an incident is being worked on."""
    return any(
        (nodes is None or root in nodes) and work.is_on(context.now)
        for work, nodes in context.declared.maintenance
    )


def _clearer(one: Root, other: Root) -> Root:
    return min(one, other, key=lambda root: _rank(root.kind))


def _rank(kind: Kind) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _incident(context: Context, root: Root, alerts: Sequence[Alert]) -> Incident:
    project = context.project
    node = project.nodes.get(root.id)

    def order(alert: Alert) -> tuple[bool, int, bool, int, str]:
        return (not _is_own(alert, root), _rank(alert.kind), not alert.page, alert.since, alert.key)

    ordered = sorted((_caused(alert, root) for alert in alerts), key=order)
    since = min(alert.since for alert in ordered)
    runbook = next((alert.runbook for alert in ordered if alert.runbook), "")
    return Incident(
        id=incident_id(project.name, context.observed.environment, root.id, since),
        root=root,
        since=since,
        page=any(alert.page for alert in ordered),
        alerts=tuple(ordered),
        affected=affected(project, context.observed, root, ordered),
        owner=_owner(node, ordered),
        runbook=runbook,
    )


def _caused(alert: Alert, root: Root) -> Alert:
    """With the cause by name, where that is something else."""
    if _is_own(alert, root):
        return msgspec.structs.replace(alert, cause="")
    likely = "probably " if root.suspected else ""
    return msgspec.structs.replace(alert, cause=likely + root.label)


def _is_own(alert: Alert, root: Root) -> bool:
    """True if it is about the root itself: a node, a job, or else the project."""
    if alert.node:
        return alert.node == root.id
    return root.id == (JOB + alert.job if alert.job else alert.subject)


def _owner(node: Node | None, alerts: Sequence[Alert]) -> str:
    if node is not None and node.owner is not None:
        return node.owner.name
    return alerts[0].owner if node is None else ""


def affected(project: Project, observed: Observed, root: Root, alerts: Sequence[Alert]) -> Affected:
    """All that an incident reaches: what is below its root, and below what it is about."""
    starts = {root.id, *(alert.node for alert in alerts)}
    if root.id.startswith(JOB):
        job = root.id.removeprefix(JOB)
        starts |= {node for node, built_by in observed.job_of.items() if built_by == job}
    below = descendants(project, starts)
    marts: list[str] = []
    named: dict[str, list[str]] = {"metric": [], "exposure": []}
    owners: set[str] = set()
    others = 0
    for name in below:
        node = project.nodes[name]
        if node.kind in named:
            named[node.kind].append(node.label)
        elif node.kind == "model" and is_mart(project, node):
            marts.append(node.label)
        else:
            others += node.kind in ("model", "snapshot", "seed")
            continue
        if node.owner is not None:
            owners.add(node.owner.name)
    return Affected(
        marts=tuple(sorted(marts)),
        metrics=tuple(sorted(named["metric"])),
        exposures=tuple(sorted(named["exposure"])),
        owners=tuple(sorted(owners)),
        others=others,
    )
