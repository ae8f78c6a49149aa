"""MET: the rules about metrics, one file per family. A rule only looks at the registry."""

from __future__ import annotations

from collections.abc import Iterator

from analyticsops.findings import Finding, Rule
from analyticsops.metrics.rules import (
    arithmetic,
    change,
    composition,
    data,
    definition,
    governance,
    identity,
    reach,
)
from analyticsops.metrics.rules.context import Context

_FAMILIES = (definition, reach, arithmetic, composition, identity, governance)

RULES: tuple[Rule, ...] = tuple(
    rule for family in (*_FAMILIES, change, data) for rule in family.RULES
)
"""Every rule about metrics."""


def findings(context: Context) -> Iterator[Finding]:
    """What can be said about one version, in no particular order."""
    for family in _FAMILIES:
        yield from family.findings(context)
    yield from change.void_findings(context)


__all__ = ["RULES", "Context", "findings"]
