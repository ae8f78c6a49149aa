"""SLO: rules about freshness."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.project.model import Node, Project
from analyticsops.slo.durations import spoken
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

SOURCE_AHEAD = Rule(
    code="SLO103",
    name="source-ahead-of-clock",
    severity=Severity.WARNING,
    summary="A source's newest data is later than the moment at which it was measured.",
    why=(
        "dbt passes it, whatever its real age: one row from the future hides every later delay, "
        "until that day has come."
    ),
    example="A time without a zone is read as UTC and is local; or somebody entered the year 2062.",
    advice="Convert the time to UTC in `loaded_at_field`, or leave out such rows with `filter`.",
    unknown="Less than a minute counts as a difference of clocks.",
)

OBJECTIVE_BREACHED = Rule(
    code="SLO201",
    name="freshness-objective-breached",
    severity=Severity.WARNING,
    summary="The data behind a freshness objective was older than allowed when it was measured.",
    why="While this lasts the objective's error budget burns.",
    example="`threshold: 26h` on a mart whose slowest source last loaded 30 hours ago.",
    advice="Look at the source named here, then at the builds after it.",
)

OBJECTIVE_UNKNOWN = Rule(
    code="SLO202",
    name="freshness-objective-unknown",
    severity=Severity.WARNING,
    summary="Nobody can say whether a freshness objective is met.",
    why="An objective that is not measured looks like one that is met.",
    example=(
        "A source behind it that was not measured; a threshold of 1h, and a measurement of two "
        "hours ago."
    ),
    advice=(
        "Measure again with `dbt source freshness`; the message names the source. What "
        "nothing ever measures is told by `source-never-measured`."
    ),
    unknown="This rule is the unknown.",
)

RULES = (SOURCE_STALE, SOURCE_UNMEASURED, SOURCE_AHEAD, OBJECTIVE_BREACHED, OBJECTIVE_UNKNOWN)

Locate = Callable[[Node, str], Location | None]


def findings(
    project: Project,
    sources: tuple[SourceFreshness, ...],
    objectives: Sequence[Objective],
    locate: Locate,
) -> Iterator[Finding]:
    """Apply the family."""
    for source in sources:
        node = project.nodes[source.node]
        place = locate(node, "")
        if source.status == "unmeasured":
            said = f"freshness of source {source.name} was not measured"
            yield _doubted(SOURCE_UNMEASURED, source, said, place)
        elif source.is_ahead:
            ahead = spoken(-source.age) if source.age else ""
            said = f"newest data of source {source.name} is {ahead} ahead of the database's clock"
            yield _doubted(SOURCE_AHEAD, source, said, place)
        elif source.status in ("warn", "error"):
            yield _stale(source, node, locate)
    for objective in objectives:
        if objective.state == "breached":
            yield _breached(objective, project.nodes[objective.node], locate)
        elif objective.state == "unknown":
            yield _not_known(objective, project.nodes[objective.node], locate)


def _doubted(rule: Rule, source: SourceFreshness, said: str, place: Location | None) -> Finding:
    return make_finding(
        rule,
        node=source.node,
        subject=source.name,
        message=said,
        location=place,
        owner=source.owner,
        proven=False,
    )


def _stale(source: SourceFreshness, node: Node, locate: Locate) -> Finding:
    limit = source.error_after if source.status == "error" else source.warn_after
    allowed = f", allowed are {spoken(limit)}" if limit else ""
    when = f"{source.measured_at:%Y-%m-%d %H:%M} UTC" if source.measured_at else "unknown"
    how = "had no rows" if source.is_empty else f"was {spoken(source.age)} old"
    return make_finding(
        SOURCE_STALE,
        node=source.node,
        subject=source.name,
        message=f"source {source.name} {how}{allowed}",
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
            f"objective {objective.name} is breached: data of {objective.because} was "
            f"{spoken(objective.age)} old, allowed are {spoken(objective.threshold)}"
        ),
        severity=Severity.ERROR if objective.tier == "critical" else Severity.WARNING,
        location=locate(node, ""),
        owner=objective.owner,
        fix=f"Runbook: {objective.runbook}" if objective.runbook else "",
        identity=(objective.name,),
    )


def _not_known(objective: Objective, node: Node, locate: Locate) -> Finding:
    return make_finding(
        OBJECTIVE_UNKNOWN,
        node=objective.node,
        subject=objective.subject,
        message=f"objective {objective.name} cannot be judged: {objective.because}",
        location=locate(node, ""),
        owner=objective.owner,
        proven=False,
        identity=(objective.name,),
    )
