"""sources.json v3 (``dbt source freshness``) and dbt 2's freshness.json.

A source whose query failed is *missing* from sources.json; the caller compares
with the manifest to find those (see :mod:`analyticsops.slo.freshness`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.files import read_artifact
from analyticsops.artifacts.run_results import RunMetadata


class FreshnessResult(msgspec.Struct, frozen=True, gc=False):
    """Freshness of one source table or, with dbt 2, of one model.

    Attributes:
        status: ``pass``, ``warn``, ``error`` or ``runtime error``; dbt 2 capitalises.
        resource_type: ``source`` or ``model``; empty in sources.json.
        max_loaded_at: newest data time, ISO 8601; None if the query failed.
        snapshotted_at: when it was measured, by the database's clock.
        max_loaded_at_time_ago_in_s: age in seconds; negative if the data's clock is ahead.
    """

    unique_id: str
    status: str
    resource_type: str = ""
    max_loaded_at: str | None = None
    snapshotted_at: str | None = None
    max_loaded_at_time_ago_in_s: float | None = None
    criteria: dict[str, Any] | None = None
    error: str | int | None = None


class Freshness(msgspec.Struct, frozen=True, gc=False):
    """The results of one ``dbt source freshness`` (or dbt 2 ``dbt freshness``)."""

    metadata: RunMetadata
    results: tuple[FreshnessResult, ...]


def read_freshness(path: Path) -> Freshness:
    """Read ``sources.json`` or ``freshness.json``, told apart by their content.

    Raises:
        ArtifactError: it cannot be used.
    """
    kind = "freshness" if path.name == "freshness.json" else "sources"
    versions = range(4) if kind == "freshness" else range(3, 4)
    return read_artifact(path, Freshness, kind=kind, versions=versions)
