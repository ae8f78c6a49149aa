"""ROW: which rows a model has."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.compare import NodeChange, RowChange
from analyticsops.changes.reach import meaning_reach
from analyticsops.changes.rules.context import Context, changed_line, owner_of, weight
from analyticsops.changes.rules.evidence import row_evidence
from analyticsops.findings import Finding, Rule, Severity, make_finding
from analyticsops.lineage.graph import ColumnRef

FILTER_CHANGED = Rule(
    code="ROW301",
    name="filter-changed",
    severity=Severity.ERROR,
    summary="A filter of a model's SQL was added, removed or changed.",
    why=(
        "Counts and sums downstream change though no column and no metric definition does; "
        "tests rarely notice."
    ),
    example="```diff\n- where status <> 'cancelled'\n+ where status <> 'canceled'\n```",
    advice="If it is meant, tell the owners of the metrics named here; else restore the filter.",
    unknown="If the row set is not understood, `rows-unproven` is reported instead.",
)

ROWS_UNPROVEN = Rule(
    code="ROW390",
    name="rows-unproven",
    severity=Severity.WARNING,
    summary="A model's rows could not be proven to be the same as before.",
    why="A join, grouping, limit or set operation changed; rows may be lost or multiplied.",
    example=(
        "```diff\n- from orders join customers using (customer_id)\n"
        "+ from orders left join customers using (customer_id)\n```"
    ),
    advice="Compare row counts of both versions, or split the change until it can be proven.",
    unknown="This rule is the unknown: it claims a doubt, not a difference.",
)

RULES = (FILTER_CHANGED, ROWS_UNPROVEN)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for change in context.defined():
        if change.rows is RowChange.FILTERED:
            yield _finding(context, change, FILTER_CHANGED, "a filter changed: rows of {} differ")
        elif change.rows is RowChange.CHANGED:
            yield _finding(
                context, change, ROWS_UNPROVEN, "rows of {} are not proven to be the same"
            )
        elif change.rows is RowChange.UNKNOWN and not change.unknown:
            yield _finding(context, change, ROWS_UNPROVEN, "rows of {} could not be compared")


def _finding(context: Context, change: NodeChange, rule: Rule, message: str) -> Finding:
    node = change.head
    affected = meaning_reach(context.comparison, [ColumnRef(node.unique_id)])
    severity = weight(node, affected) if rule is FILTER_CHANGED else rule.severity
    return make_finding(
        rule,
        node=node.unique_id,
        subject=node.label,
        message=f"{message.format(node.label)}",
        severity=severity,
        location=changed_line(change, context.locate_head),
        evidence=row_evidence(context, change),
        affected=affected,
        owner=owner_of(node),
        proven=rule is FILTER_CHANGED,
        identity=[mark.rows for mark in change.marks or ()],
    )
