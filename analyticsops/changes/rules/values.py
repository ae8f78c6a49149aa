"""VAL: what a column's values mean."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.compare import NodeChange
from analyticsops.changes.reach import meaning_reach
from analyticsops.changes.rules.context import Context, changed_line, owner_of, weight
from analyticsops.changes.rules.evidence import value_evidence
from analyticsops.findings import Finding, Rule, Severity, make_finding
from analyticsops.lineage.graph import ColumnRef

MEANING_CHANGED = Rule(
    code="VAL401",
    name="meaning-changed",
    severity=Severity.ERROR,
    summary="The expression of a column changed and is not proven equal to the old one.",
    why="The column keeps its name and type, so nothing fails, but its numbers are others.",
    example="```diff\n- amount_cents / 100 as amount\n+ amount_cents / 1000 as amount\n```",
    advice=(
        "If it is meant, tell the owners of what is hit, or publish the new meaning under a new "
        "name."
    ),
    unknown=(
        "Equal canonical expressions are proven equal; unequal ones may still be equal by an "
        "identity that the comparison does not know."
    ),
)

RULES = (MEANING_CHANGED,)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for change in context.defined():
        for column in change.values:
            yield _changed(context, change, column)


def _changed(context: Context, change: NodeChange, column: str) -> Finding:
    node = change.head
    label = f"{node.label}.{column}"
    affected = meaning_reach(context.comparison, [ColumnRef(node.unique_id, column)])
    return make_finding(
        MEANING_CHANGED,
        node=node.unique_id,
        subject=label,
        column=column,
        message=f"the expression of {label} {_told(change, column)}",
        severity=weight(node, affected),
        location=changed_line(change, context.locate_head),
        evidence=value_evidence(context, change, column),
        affected=affected,
        owner=owner_of(node),
        proven=False,
        identity=_identity(change, column),
    )


def _told(change: NodeChange, column: str) -> str:
    """ "Changed" is only said of expressions that were both understood."""
    return "changed" if all(_identity(change, column)) else "could not be compared"


def _identity(change: NodeChange, column: str) -> list[str]:
    """Both expressions: an acceptance is void when either becomes another."""
    return [
        expression
        for mark in change.marks or ()
        for _key, name, _text, expression in mark.columns
        if name.lower() == column.lower()
    ]
