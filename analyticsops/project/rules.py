"""PRJ: rules about whether the artifacts tell the truth about the project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.project.model import Project
from analyticsops.project.stale import Stale

ARTIFACT_STALE = Rule(
    code="PRJ101",
    name="artifact-stale",
    severity=Severity.WARNING,
    summary="A file changed after dbt wrote the manifest.",
    why="Everything said about this node is about its former text.",
    example="`models/orders.sql` is edited, and `dbt compile` has not been run since.",
    advice="Run `dbt compile` (or `dbt build`) and try again.",
)

RULES = (ARTIFACT_STALE,)


_TOLD = {
    "changed": "its file changed after dbt wrote the manifest",
    "missing": "its file is gone",
    "outside": "its path leads out of the project, so it was not read",
    "unreadable": "its file cannot be read",
}


def findings(project: Project, stale: Iterable[Stale]) -> Iterator[Finding]:
    """Apply the family."""
    for entry in stale:
        node = project.nodes[entry.node]
        what = _TOLD.get(entry.reason, entry.reason)
        yield make_finding(
            ARTIFACT_STALE,
            node=node.unique_id,
            subject=node.label,
            message=f"{node.kind} {node.label} is stale: {what}",
            location=Location(entry.path),
            owner=node.owner.name if node.owner else "",
        )
