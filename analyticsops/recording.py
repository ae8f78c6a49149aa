"""Where the history of a project lies, and what is recorded into it."""

from __future__ import annotations

from pathlib import Path

from analyticsops.commits.git import head_commit
from analyticsops.errors import UsageError
from analyticsops.history.ingest import Ingested, ingest
from analyticsops.history.reading import Circumstances
from analyticsops.history.remote import is_remote, remote_folder
from analyticsops.history.store import Store

FOLDER = Path(".analyticsops") / "history"
"""In the project."""


def open_store(history: str | Path | None = None, project_dir: Path | None = None) -> Store:
    """The history of a project, which need not exist yet.

    Args:
        history: its folder, or its address in object storage; by default :data:`FOLDER` in the
            project.
        project_dir: root of the project; by default the current folder.

    Raises:
        HistoryError: what reads the address is not installed.
    """
    if history is not None and is_remote(history):
        return Store(*remote_folder(str(history)))
    return Store(Path(history) if history is not None else (project_dir or Path()) / FOLDER)


def existing_store(history: str | Path | None, project_dir: Path | None) -> Store:
    """The history of a project, to be read.

    Raises:
        UsageError: there is none.
    """
    store = open_store(history, project_dir)
    if not store.folder.is_dir():
        raise UsageError(
            "there is no history here",
            where=str(store.folder),
            hint="run `analyticsops ingest` after dbt, or name its folder with --history",
        )
    return store


def circumstances(
    project_dir: Path | None,
    environment: str = "",
    job: str = "",
    git_sha: str | None = None,
    messages: str = "masked",
    *,
    exit_code: int | None = None,
) -> Circumstances:
    """What dbt's files do not say; the commit is that of the project if nobody names it."""
    sha = git_sha if git_sha is not None else head_commit(project_dir or Path())
    return Circumstances(
        environment=environment, job=job, git_sha=sha, exit_code=exit_code, messages=messages
    )


def ingest_target(
    target: Path | None = None,
    *,
    history: str | Path | None = None,
    project_dir: Path | None = None,
    log_path: Path | None = None,
    told: Circumstances | None = None,
) -> tuple[Ingested, ...]:
    """Record what lies in a target folder; see :func:`analyticsops.history.ingest.ingest`.

    Args:
        target: by default ``target`` in the project.
        log_path: folder of dbt.log; by default ``logs`` in the project.

    Raises:
        ArtifactError: a file is broken, or there is none.
        HistoryError: the history cannot be written.
    """
    root = project_dir or Path()
    folder = target if target is not None else root / "target"
    log = (log_path if log_path is not None else root / "logs") / "dbt.log"
    store = open_store(history, project_dir)
    return ingest(store, folder, log, told or circumstances(project_dir))
