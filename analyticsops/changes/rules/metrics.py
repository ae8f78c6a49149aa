"""KPI: metrics themselves."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.reach import meaning_reach
from analyticsops.changes.rules.context import Context, owner_of
from analyticsops.findings import Finding, Rule, Severity, make_finding
from analyticsops.lineage.graph import ColumnRef

METRIC_REMOVED = Rule(
    code="KPI501",
    name="metric-removed",
    severity=Severity.ERROR,
    summary="A metric was removed.",
    why="Dashboards and saved queries that ask for it by name fail.",
    example="The metric `revenue` is deleted from `_metrics.yml`.",
    advice="Mark it deprecated and name its successor before it goes.",
)

RULES = (METRIC_REMOVED,)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    comparison = context.comparison
    for node in comparison.removed:
        if node.kind == "metric":
            ref = ColumnRef(node.unique_id)
            affected = meaning_reach(comparison, [ref], graph=comparison.base.graph)
            yield make_finding(
                METRIC_REMOVED,
                node=node.unique_id,
                subject=node.label,
                message=f"metric {node.label} was removed",
                location=context.locate_base(node, ""),
                affected=affected,
                owner=owner_of(node),
            )
