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
from analyticsops.findings import Finding, Rule

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

_BY_CODE = {rule.code: rule for rule in RULES}


def findings(context: Context) -> Iterator[Finding]:
    """What all families find at the level that the team chose, in no particular order."""
    found = [
        _with_migration(context, finding)
        for family in _FAMILIES
        for finding in family.findings(context)
        if context.tells(_BY_CODE[finding.rule])
    ]
    yield from found
    if any(map(context.tells, upstream.RULES)):
        yield from upstream.arrivals(context, found)


def _with_migration(context: Context, finding: Finding) -> Finding:
    steps = migration_of(context.comparison, finding)
    return msgspec.structs.replace(finding, migration=steps) if steps else finding


__all__ = ["RULES", "Context", "findings"]
