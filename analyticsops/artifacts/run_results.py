"""run_results.json v4 to v6: what one invocation did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from analyticsops.artifacts.files import read_artifact

VERSIONS = range(4, 7)

BUILD_COMMANDS = frozenset({"build", "clone", "retry", "run", "seed", "snapshot", "test"})
"""``args.which`` of invocations that really ran something. ``docs generate`` and
``compile`` overwrite the file too, with every node a ``success``."""


class RunMetadata(msgspec.Struct, frozen=True, gc=False):
    """``metadata``; times are ISO 8601 in UTC."""

    dbt_schema_version: str
    dbt_version: str = ""
    generated_at: str = ""
    invocation_id: str | None = None
    invocation_started_at: str | None = None


class Timing(msgspec.Struct, frozen=True, gc=False):
    """One phase: ``compile`` or ``execute``."""

    name: str
    started_at: str | None = None
    completed_at: str | None = None


class BatchResults(msgspec.Struct, frozen=True, gc=False):
    """Of a microbatch model: the batches, each a begin and an end."""

    successful: tuple[Any, ...] = ()
    failed: tuple[Any, ...] = ()


class NodeResult(msgspec.Struct, frozen=True, gc=False):
    """What happened to one node. ``execution_time`` is in seconds."""

    unique_id: str
    status: str
    execution_time: float = 0.0
    timing: tuple[Timing, ...] = ()
    message: str | None = None
    failures: int | None = None
    adapter_response: dict[str, Any] = {}
    batch_results: BatchResults | None = None


class RunResults(msgspec.Struct, frozen=True, gc=False):
    """One invocation. ``elapsed_time`` is in seconds."""

    metadata: RunMetadata
    results: tuple[NodeResult, ...]
    elapsed_time: float = 0.0
    args: dict[str, Any] = {}

    @property
    def command(self) -> str:
        """dbt's own name of the command, ``args.which``; empty if not recorded."""
        return str(self.args.get("which") or "")


def read_run_results(path: Path) -> RunResults:
    """Read ``run_results.json``.

    Raises:
        ArtifactError: it cannot be used.
    """
    return read_artifact(path, RunResults, kind="run-results", versions=VERSIONS)
