"""MET: rules about the definitions of metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.metrics.registry import MetricEntry
from analyticsops.project.model import Node, Project

UNDESCRIBED = Rule(
    code="MET401",
    name="metric-without-description",
    severity=Severity.WARNING,
    summary="A metric has no description.",
    why="A number whose meaning is not written down is read in as many ways as it has readers.",
    example="`- name: revenue` with no `description:`.",
    advice="Say what is counted, and what is not, in one or two sentences.",
)

UNOWNED = Rule(
    code="MET402",
    name="metric-without-owner",
    severity=Severity.WARNING,
    summary="A metric has no owner.",
    why="Nobody is asked when it changes, and nobody answers when it looks wrong.",
    example="`- name: revenue` with neither `config.group` nor `meta.analyticsops.owner`.",
    advice="Give it a `config.group` whose owner can be reached, or `meta.analyticsops.owner`.",
)

RULES = (UNDESCRIBED, UNOWNED)

_BY_TIER = {"draft": Severity.INFO, "certified": Severity.ERROR}
"""Severity scales with the tier: a draft may lack what a certified metric must have."""


def findings(
    project: Project,
    entries: tuple[MetricEntry, ...],
    locate: Callable[[Node, str], Location | None],
) -> Iterator[Finding]:
    """Apply the family to the root project's own metrics."""
    for entry in entries:
        node = project.nodes[entry.node]
        if node.package != project.name:
            continue
        if not entry.description:
            yield _finding(UNDESCRIBED, "has no description", entry, node, locate)
        if not entry.owner:
            yield _finding(UNOWNED, "has no owner", entry, node, locate)


def _finding(
    rule: Rule,
    what: str,
    entry: MetricEntry,
    node: Node,
    locate: Callable[[Node, str], Location | None],
) -> Finding:
    tier = f"{entry.tier} metric" if entry.tier else "metric"
    return make_finding(
        rule,
        node=entry.node,
        subject=entry.name,
        message=f"{tier} {entry.name} {what}",
        severity=_BY_TIER.get(entry.tier, rule.severity),
        location=locate(node, ""),
        owner=entry.owner,
    )
