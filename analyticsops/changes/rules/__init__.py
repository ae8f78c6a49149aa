"""The rules about changes, one file per family. A rule only looks at a comparison."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from analyticsops.changes.migration import migration_of
from analyticsops.changes.rules import (
    access,
    causes,
    checks,
    contracts,
    governance,
    metrics,
    operations,
    relations,
    rows,
    schema,
    semantic,
    sources,
    system,
    types,
    upstream,
    values,
    versions,
)
from analyticsops.changes.rules.context import Context
from analyticsops.findings import Finding, Rule, Strictness

_FAMILIES = (
    relations,
    schema,
    types,
    rows,
    values,
    metrics,
    semantic,
    contracts,
    versions,
    access,
    checks,
    operations,
    sources,
    causes,
    governance,
    system,
)

RULES: tuple[Rule, ...] = tuple(rule for family in (*_FAMILIES, upstream) for rule in family.RULES)
"""Every rule about changes."""

_FIRST_TOLD = {rule.code: rule.strictness.rank for rule in RULES if rule.strictness}


def findings(context: Context) -> Iterator[Finding]:
    """What all families find at the level that the team chose, in no particular order."""
    level = context.strictness.rank
    found = [
        _with_migration(context, finding)
        for family in _FAMILIES
        for finding in family.findings(context)
        if _FIRST_TOLD[finding.rule] <= level
    ]
    yield from found
    if level >= Strictness.STRICT.rank:
        yield from upstream.arrivals(context, found)


def _with_migration(context: Context, finding: Finding) -> Finding:
    steps = migration_of(context.comparison, finding)
    return msgspec.structs.replace(finding, migration=steps) if steps else finding


__all__ = ["RULES", "Context", "findings"]
