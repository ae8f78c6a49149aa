"""The JSON Schema of a site's data, from which the page's types are made."""

from __future__ import annotations

from typing import Any

import msgspec

from analyticsops.site.model.index import Index
from analyticsops.site.model.lineage import Edges, NodeDetail, Nodes
from analyticsops.site.model.metrics import Metrics
from analyticsops.site.model.objectives import Objective, Objectives
from analyticsops.site.model.readiness import Readiness
from analyticsops.site.model.review import Found, Review
from analyticsops.site.model.runs import NodeRuns, OnCall

_PARTS = (
    Index,
    Nodes,
    Edges,
    NodeDetail,
    NodeRuns,
    OnCall,
    Objectives,
    Objective,
    Metrics,
    Found,
    Review,
    Readiness,
)


def schema() -> dict[str, Any]:
    """All parts of the data, each under its name in ``$defs``."""
    _, definitions = msgspec.json.schema_components(_PARTS, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "analyticsops site",
        "$defs": definitions,
    }
