"""What proofs rest on besides the queries."""

from __future__ import annotations

from collections.abc import Sequence

from analyticsops.changes.compare import Comparison, NodeChange


def promises_of(comparison: Comparison, change: NodeChange) -> tuple[str, ...]:
    """What tests promise and a comparison of meaning rests on."""
    nodes = comparison.head.project.nodes
    promised = {promise for mark in change.marks or () for promise in mark.assumed}
    promised |= change.assumed

    def told(table: str, names: Sequence[str], what: str) -> str:
        label = nodes[table].label if table in nodes else table
        return f"{', '.join(names)} of {label} is {what}"

    return (
        *(told(table, names, "unique") for table, names in sorted(promised)),
        *(told(table, [name], "never NULL") for table, name in sorted(change.filled)),
    )
