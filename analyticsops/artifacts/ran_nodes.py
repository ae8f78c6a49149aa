"""The manifest as the history reads it: which nodes there are, and nothing of their SQL.

A run is recorded right after dbt, and often: reading only this takes a tenth of the time
of reading the whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.files import read_artifact
from analyticsops.artifacts.manifest import VERSIONS, Checksum, DependsOn, Metadata


class RanConfig(msgspec.Struct, frozen=True, gc=False):
    """How a node is built."""

    materialized: str | None = None
    enabled: bool | None = None
    freshness: dict[str, Any] | None = None


class RanNode(msgspec.Struct, frozen=True, gc=False):
    """An entry of ``nodes`` or ``sources``."""

    unique_id: str
    resource_type: str = ""
    database: str | None = None
    schema: str | None = None
    config: RanConfig = RanConfig()
    checksum: Checksum = Checksum()
    attached_node: str | None = None
    depends_on: DependsOn = DependsOn()
    freshness: dict[str, Any] | None = None


class RanManifest(msgspec.Struct, frozen=True, gc=False):
    """Nodes and sources of the manifest, by ``unique_id``."""

    metadata: Metadata
    nodes: dict[str, RanNode] = {}
    sources: dict[str, RanNode] = {}


def read_ran_nodes(path: Path) -> RanManifest:
    """Read ``manifest.json``.

    Raises:
        ArtifactError: it cannot be used.
    """
    return read_artifact(path, RanManifest, kind="manifest", versions=VERSIONS)
