"""How objectives stand, as events of OpenLineage: one DatasetEvent for each node with an objective,
with the facets that dataset events may have.

OpenLineage has no facet for objectives (none for freshness either, 2026-08): how each stands is in
a custom facet, by its rules for these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from analyticsops.export.datasets import dataset_name, default_namespace
from analyticsops.export.openlineage import PRODUCER
from analyticsops.project.model import Project
from analyticsops.report.encode import json_line
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.spans import Instant, time_of
from analyticsops.slo.standing import Standing

_EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent"
_CUSTOM = "urn:analyticsops:ServiceLevelObjectivesDatasetFacet:1-0-0"


def render(evaluation: Evaluation, project: Project, namespace: str = "") -> str:
    """The events, one a line.

    Args:
        namespace: of the datasets; by default the adapter's, as far as it is known.
    """
    return "".join(f"{json_line(event)}\n" for event in events(evaluation, project, namespace))


def events(evaluation: Evaluation, project: Project, namespace: str) -> Iterator[dict[str, Any]]:
    """An event for each node with an objective, in their order."""
    where = namespace or default_namespace(project.adapter)
    nodes: dict[str, list[Standing]] = {}
    for standing in evaluation.standings:
        if standing.slo.node in project.nodes:
            nodes.setdefault(standing.slo.node, []).append(standing)
    for unique_id, standings in nodes.items():
        held_by, name = dataset_name(project.nodes[unique_id], project.adapter, where)
        yield {
            "eventTime": _time(evaluation.at),
            "producer": PRODUCER,
            "schemaURL": _EVENT,
            "dataset": {
                "namespace": held_by,
                "name": name,
                "facets": {"analyticsops_serviceLevelObjectives": _facet(standings)},
            },
        }


def _facet(standings: Iterable[Standing]) -> dict[str, Any]:
    return {
        "_producer": PRODUCER,
        "_schemaURL": _CUSTOM,
        "objectives": [_objective(one) for one in standings],
    }


def _objective(standing: Standing) -> dict[str, Any]:
    slo, oldest = standing.slo, standing.oldest
    found: dict[str, Any] = {
        "name": slo.name,
        "indicator": slo.indicator.type,
        "state": standing.state,
        "target": float(slo.target),
        "sli": None if standing.sli is None else float(standing.sli),
        "budgetRemaining": None if standing.left is None else float(standing.left),
        "lastUpdated": None if oldest is None or oldest.data is None else _time(oldest.data),
        "owner": slo.owner or None,
        "tier": slo.tier,
    }
    return {key: value for key, value in found.items() if value is not None}


def _time(instant: Instant) -> str:
    return time_of(instant).isoformat().replace("+00:00", "Z")
