"""MET4: what a metric should have, by its tier."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.findings import Finding, Rule, Severity
from analyticsops.metrics.rules.context import Context, about

UNDESCRIBED = Rule(
    code="MET401",
    name="metric-without-description",
    severity=Severity.WARNING,
    draft=Severity.INFO,
    certified=Severity.ERROR,
    summary="A metric has no description.",
    why="A number whose meaning is not written down is read in as many ways as it has readers.",
    example="`- name: revenue` with no `description:`.",
    advice="Say what is counted, and what is not, in one or two sentences.",
)

UNOWNED = Rule(
    code="MET402",
    name="metric-without-owner",
    severity=Severity.WARNING,
    draft=Severity.INFO,
    certified=Severity.ERROR,
    summary="A metric has no owner.",
    why="Nobody is asked when it changes, and nobody answers when it looks wrong.",
    example="`- name: revenue` with neither `config.group` nor `meta.analyticsops.owner`.",
    advice="Give it a `config.group` whose owner can be reached, or `meta.analyticsops.owner`.",
)

RULES = (UNDESCRIBED, UNOWNED)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for name in context.own():
        if not context.registry.definitions[name].description:
            yield about(context, UNDESCRIBED, name, "has no description")
        if not context.registry.owners[name]:
            yield about(context, UNOWNED, name, "has no owner")
