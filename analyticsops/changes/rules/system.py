"""SYS: what could not be judged. Doubt is reported, never swallowed."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.compare import NodeChange
from analyticsops.changes.rules.context import Context, about, changed_line
from analyticsops.findings import Finding, Rule, Severity, Strictness

NOT_ANALYSED = Rule(
    code="SYS901",
    name="not-analysed",
    severity=Severity.WARNING,
    strictness=Strictness.RELATION,
    mirror="SYS901",
    summary="A changed model could not be compared.",
    why="What is not proven safe is unknown, and a reviewer must look at it.",
    example="A Python model changed; its columns cannot be read from its code.",
    advice="Look at the change by hand; `analyticsops doctor` says what is missing.",
    unknown="This rule is the unknown.",
)

RULES = (NOT_ANALYSED,)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for change in context.defined():
        if change.unknown:
            yield _unknown(context, change)


def _unknown(context: Context, change: NodeChange) -> Finding:
    node = change.head
    reasons = [str(problem) for problem in change.unknown]
    return about(
        context,
        NOT_ANALYSED,
        node,
        f"{node.label} changed and could not be compared ({reasons[0]})",
        location=changed_line(change, context.locate_head),
        evidence=reasons,
        affected=context.hit_by_all(node),
        proven=False,
    )
