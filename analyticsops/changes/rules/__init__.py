"""The rules about changes, one file per family. A rule only looks at a comparison."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.changes.rules import contracts, metrics, operations, rows, schema, system, values
from analyticsops.changes.rules.context import Context
from analyticsops.findings import Finding, Rule

_FAMILIES = (schema, rows, values, metrics, contracts, operations, system)

RULES: tuple[Rule, ...] = tuple(rule for family in _FAMILIES for rule in family.RULES)
"""Every rule about changes."""


def findings(context: Context) -> Iterator[Finding]:
    """What all families find, in no particular order."""
    for family in _FAMILIES:
        yield from family.findings(context)


__all__ = ["RULES", "Context", "findings"]
