"""What every rule about metrics is given, and how a finding is made from it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import msgspec

from analyticsops.findings import Affected, Finding, Location, Rule, Severity, make_finding
from analyticsops.metrics.registry import Registry

ANY_NAME = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
"""Lower case with single underscores: two of them are dbt's way to a dimension."""

_LONG_AGO = datetime.date(1970, 1, 1)


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """A registry, and the day.

    Attributes:
        today: by which a day has passed or not.
        names: the pattern that names of metrics match.
    """

    registry: Registry
    today: datetime.date = _LONG_AGO
    names: str = ANY_NAME

    def own(self) -> list[str]:
        """Names of the root project's own metrics."""
        return sorted(name for name in self.registry.definitions if self.registry.is_own(name))

    def tier(self, name: str) -> str:
        """How far a metric can be trusted; empty if nobody says."""
        return self.registry.settings[name].tier


def severity_of(rule: Rule, tier: str) -> Severity:
    """A draft may lack what a certified metric must have."""
    if tier == "certified":
        return rule.certified or rule.severity
    return rule.draft or rule.severity if tier == "draft" else rule.severity


def about(
    context: Context,
    rule: Rule,
    name: str,
    what: str,
    *,
    severity: Severity | None = None,
    location: Location | None = None,
    setting: str = "",
    evidence: Iterable[str] = (),
    fix: str = "",
    proven: bool = True,
    affected: Iterable[Affected] = (),
    identity: Iterable[str] = (),
) -> Finding:
    """A finding about a metric.

    Args:
        what: goes on after ``certified metric revenue``.
        severity: if it is not that of the metric's tier.
        setting: the one under ``config.meta.analyticsops`` that it is about.
    """
    registry = context.registry
    tier = context.tier(name)
    steps = (setting,) if setting else ()
    return make_finding(
        rule,
        node=registry.definitions[name].node,
        subject=name,
        message=f"{f'{tier} metric' if tier else 'metric'} {name} {what}",
        severity=severity or severity_of(rule, tier),
        location=location or registry.location(name, *steps),
        evidence=evidence,
        fix=fix,
        proven=proven,
        affected=affected,
        owner=registry.owners[name],
        identity=identity,
    )


def users_of(registry: Registry, name: str) -> list[str]:
    """Exposures, saved queries and metrics that use a metric, as ``kind name``."""
    found = (entry.used_by for entry in registry.entries if entry.name == name)
    return list(next(found, ()))
