"""Events of an evaluation, judged by OpenLineage's published schema."""

from __future__ import annotations

import json

from analyticsops.slo.exports.openlineage import render
from analyticsops.slo.spans import HOUR
from tests.export.test_openlineage import validate
from tests.project_maker import project, workspace
from tests.slo.exports.making import NOW, evaluation, loaded, slo

SHOP = workspace(
    project(models={"orders": "select * from @raw.orders"}, sources={"raw.orders": "id"})
).project


def test_events_are_valid() -> None:
    job = loaded(slo(name="of-a-job", node="", job="nightly", subject="nightly"), NOW, NOW)
    found = evaluation(
        loaded(slo(), NOW - 3 * HOUR, NOW), loaded(slo(name="b"), NOW - HOUR, NOW), job
    )
    (event,) = (json.loads(line) for line in render(found, SHOP, "duckdb://x").splitlines())
    validate("OpenLineage", event)
    assert event["dataset"]["namespace"] == "duckdb://x"
    late, met = event["dataset"]["facets"]["analyticsops_serviceLevelObjectives"]["objectives"]
    assert (late["state"], met["state"]) == ("breached", "met")
    assert late["lastUpdated"] == "2027-01-15T05:00:00Z"
