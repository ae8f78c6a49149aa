"""LIN: rules about the lineage itself, one file per question."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analyticsops.findings import Finding, Location, Rule
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.lineage.rules import coverage, declared, doubts, tags, typed
from analyticsops.lineage.tags import follow
from analyticsops.lineage_settings import LineageSettings
from analyticsops.project.model import Node, Project

RULES: tuple[Rule, ...] = (
    *doubts.RULES,
    *declared.RULES,
    *coverage.RULES,
    *tags.RULES,
    *typed.RULES,
)


def findings(
    project: Project,
    graph: ColumnGraph,
    locate: Callable[[Node, str], Location | None],
    settings: LineageSettings = LineageSettings(),  # noqa: B008 (it is frozen)
    place: Location | None = None,
) -> Iterator[Finding]:
    """Apply the family, except for what needs types (:mod:`analyticsops.lineage.rules.typed`).

    Args:
        settings: what the team expects.
        place: where it says so.
    """
    yield from doubts.findings(project, graph, locate)
    yield from declared.findings(project, graph, locate)
    yield from coverage.findings(project, graph, settings.objectives, place)
    if settings.tags.follow:
        followed = follow(project, graph, settings.tags)
        yield from tags.findings(project, followed, settings.tags.exposed, locate)
