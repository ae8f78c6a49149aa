"""SLO: rules about freshness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.project.model import Node, Project
from analyticsops.slo.freshness import Objective, SourceFreshness

SOURCE_STALE = Rule(
    code="SLO101",
    name="source-stale",
    severity=Severity.ERROR,
    summary="A source's newest data is older than its freshness criterion allows.",
    why="Everything built from it shows yesterday's truth as today's.",
    example="`error_after: {count: 12, period: hour}`, and the newest row is 20 hours old.",
    advice="Ask the owner of the loader; the models that read it are stale until it has run.",
    unknown="A source that was not measured is reported as `source-unmeasured`.",
)

SOURCE_UNMEASURED = Rule(
    code="SLO102",
    name="source-unmeasured",
    severity=Severity.WARNING,
    summary="A source has a freshness criterion, and no measurement.",
    why=(
        "dbt leaves a source out of sources.json when its query fails, so a missing table looks "
        "like no news."
    ),
    example="`dbt source freshness` printed an error for one table, and sources.json lacks it.",
    advice="Run `dbt source freshness` and look at its log for this table.",
    unknown="This rule is the unknown.",
)

OBJECTIVE_BREACHED = Rule(
    code="SLO201",
    name="freshness-objective-breached",
    severity=Severity.WARNING,
    summary="The data behind a freshness objective is older than its threshold right now.",
    why="While this lasts the objective's error budget burns.",
    example="`threshold: 26h` on a mart whose slowest source last loaded 30 hours ago.",
    advice="Look at the source named here, then at the builds after it.",
)

RULES = (SOURCE_STALE, SOURCE_UNMEASURED, OBJECTIVE_BREACHED)

Locate = Callable[[Node, str], Location | None]


def findings(
    project: Project,
    sources: tuple[SourceFreshness, ...],
    objectives: tuple[Objective, ...],
    locate: Locate,
) -> Iterator[Finding]:
    """Apply the family."""
    for source in sources:
        node = project.nodes[source.node]
        if source.status in ("warn", "error") and source.age is not None:
            yield _stale(source, node, locate)
        elif source.status not in ("pass", "warn", "error"):
            yield make_finding(
                SOURCE_UNMEASURED,
                node=source.node,
                subject=source.name,
                message=f"freshness of source {source.name} was not measured",
                location=locate(node, ""),
                owner=source.owner,
                proven=False,
            )
    for objective in objectives:
        if objective.state == "breached":
            yield _breached(objective, project.nodes[objective.node], locate)


def _stale(source: SourceFreshness, node: Node, locate: Locate) -> Finding:
    limit = source.error_after if source.status == "error" else source.warn_after
    allowed = f", allowed are {spoken(limit)}" if limit else ""
    when = f"{source.measured_at:%Y-%m-%d %H:%M} UTC" if source.measured_at else "unknown"
    return make_finding(
        SOURCE_STALE,
        node=source.node,
        subject=source.name,
        message=f"source {source.name} was {spoken(source.age)} old{allowed}",
        severity=Severity.ERROR if source.status == "error" else Severity.WARNING,
        location=locate(node, ""),
        evidence=[f"measured {when}"],
        owner=source.owner,
    )


def _breached(objective: Objective, node: Node, locate: Locate) -> Finding:
    return make_finding(
        OBJECTIVE_BREACHED,
        node=objective.node,
        subject=objective.subject,
        message=(
            f"objective {objective.name} is breached: data of {objective.because} is "
            f"{spoken(objective.age)} old, allowed are {spoken(objective.threshold)}"
        ),
        severity=Severity.ERROR if objective.tier == "critical" else Severity.WARNING,
        location=locate(node, ""),
        owner=objective.owner,
        fix=f"Runbook: {objective.runbook}" if objective.runbook else "",
        identity=(objective.name,),
    )


def spoken(age: timedelta | None) -> str:
    """A duration for people, in its two largest units: ``1d 4h``, ``35m``."""
    if age is None:
        return "unknown"
    seconds = round(age.total_seconds())
    sign = "-" if seconds < 0 else ""
    parts = []
    rest = abs(seconds)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return sign + (" ".join(parts[:2]) or "0s")
