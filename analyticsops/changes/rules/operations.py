"""OPS: how data gets in."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.reach import meaning_reach
from analyticsops.changes.rules.context import Context, owner_of
from analyticsops.findings import Finding, Rule, Severity, make_finding
from analyticsops.lineage.graph import ColumnRef

SEED_VALUES = Rule(
    code="OPS710",
    name="seed-values-changed",
    severity=Severity.INFO,
    summary="The content of a seed file changed.",
    why="Every number computed from it may change, by intention or by a slip in a CSV file.",
    example="`seeds/exchange_rates.csv` has another rate for a day in the past.",
    advice="Look at the diff of the file; the nodes that read it are listed.",
)

RULES = (SEED_VALUES,)


def findings(context: Context) -> Iterator[Finding]:
    """Apply the family."""
    for change in context.defined():
        node = change.head
        if node.kind != "seed" or change.base.checksum == node.checksum:
            continue
        columns = context.comparison.head.graph.nodes[node.unique_id].columns
        refs = [ColumnRef(node.unique_id), *(ColumnRef(node.unique_id, name) for name in columns)]
        affected = meaning_reach(context.comparison, refs)
        yield make_finding(
            SEED_VALUES,
            node=node.unique_id,
            subject=node.label,
            message=f"the content of seed {node.label} changed",
            location=context.locate_head(node, ""),
            affected=affected,
            owner=owner_of(node),
            identity=node.checksum,
        )
