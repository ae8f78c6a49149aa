"""The lineage of a workspace, judged by running its models on DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from analyticsops.selecting import selected_nodes
from analyticsops.verify.model import Options
from analyticsops.verify.project import VERIFIABLE, verify_project
from analyticsops.verify.report import VerifyReport
from analyticsops.workspace import Workspace


def verify_lineage(
    workspace: Workspace,
    *,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    database: str | Path | None = None,
    synthetic: bool = False,
    rows: int = 100,
    seed: int = 0,
    queries: int = 5_000,
    seconds: float = 60.0,
    progress: Callable[[int, int], None] | None = None,
) -> VerifyReport:
    """Change the inputs of each model, one column at a time, and see what else changes.

    Everything runs in a DuckDB in memory that can reach nothing outside.

    Args:
        select: models and snapshots, in dbt's selection syntax; all by default.
        database: a DuckDB file with the project's tables. It is read, never written.
        synthetic: make up rows even if there is a database, which then tells only types.
        rows: of each table, at most.
        seed: chooses made-up rows and changes.
        queries: of one model, at most.
        seconds: for one model, at most.
        progress: told how many models were judged, of how many; by default as for their analysis.

    Raises:
        UsageError: the project is not written for DuckDB.
        ArtifactError: the database cannot be read.
        SelectionError: what dbt would refuse.
    """
    path = Path(database) if database is not None else None
    options = Options(
        database=None if synthetic else path,
        rows=rows,
        seed=seed,
        queries=queries,
        seconds=seconds,
    )
    return verify_project(
        workspace.project,
        workspace.graph,
        workspace.code,
        selected_nodes(workspace, select, exclude, kinds=VERIFIABLE),
        options,
        types_from=path,
        progress=progress or workspace.progress,
    )
