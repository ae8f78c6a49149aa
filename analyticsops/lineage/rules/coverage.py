"""LIN107: the share of columns that are proven, against what the team wants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.lineage.coverage import Share, matching, measure
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.project.model import Project

COVERAGE_LOW = Rule(
    code="LIN107",
    name="lineage-coverage-below-objective",
    severity=Severity.ERROR,
    summary="Fewer columns are proven than `lineage.coverage` in analyticsops.yml asks for.",
    why="What is not proven hides the reach of changes, unused columns and tags that travel.",
    example="`lineage: {coverage: {models/marts: 98}}`, and 91.2 % of those columns are proven.",
    advice=(
        "`analyticsops lineage coverage --by reason` says what is missing; most often sources "
        "whose columns are not declared, or a manifest without compiled SQL."
    ),
)

RULES = (COVERAGE_LOW,)

_SHOWN = 10


def findings(
    project: Project, graph: ColumnGraph, objectives: Mapping[str, float], place: Location | None
) -> Iterator[Finding]:
    """One finding per pattern whose models are below its objective.

    Args:
        place: of the objectives.
    """
    for pattern, objective in objectives.items():
        nodes = matching(project, pattern)
        (total, *_) = measure(project, graph, nodes, lambda _node: "") or (None,)
        if total is None or total.percent >= objective:
            continue
        where = "the project" if pattern == "**" else pattern
        shown = f"{total.percent:.1f} % of the columns of {where} have proven lineage"
        yield make_finding(
            COVERAGE_LOW,
            node="",
            subject=pattern,
            message=f"{shown}, objective {objective:g} %",
            location=place,
            evidence=[
                *(
                    f"{reason}: {count} column{'s' * (count > 1)}"
                    for reason, count in total.reasons[:_SHOWN]
                ),
                *_worst(measure(project, graph, nodes, lambda node: node.label)),
            ],
            identity=(pattern,),
        )


def _worst(models: tuple[Share, ...]) -> list[str]:
    poor = sorted(
        (share for share in models if share.proven < share.columns),
        key=lambda share: (share.proven - share.columns, share.name),
    )
    return [
        f"{share.name}: {share.columns - share.proven} of {share.columns} not proven"
        for share in poor[:_SHOWN]
    ]
