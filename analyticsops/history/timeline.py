"""The runs of a project, one line each, and everything about one of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from analyticsops.errors import NotFoundError, UsageError
from analyticsops.history.query import fetched

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Run(msgspec.Struct, frozen=True):
    """One invocation of dbt.

    Attributes:
        invocation_id: dbt's.
        started_at: UTC.
        seconds: from start to end, as dbt measured it; None if it did not end.
        command: dbt's command; None if it is not known.
        retry: true if it was called as ``dbt retry``.
        environment: as named, else dbt's target, else where its tables lie.
        project: name of the dbt project.
        job: as named.
        git_sha: commit.
        state: finished, failed, interrupted, crashed, started or unknown.
        verdict: ok, failed, interrupted, crashed or unknown.
        built: models, seeds and snapshots that were built.
        failed: others, that failed or were built in part.
        skipped: nodes that were skipped.
        tests: data tests that gave an answer.
        tests_failed: of them.
        tests_warned: of them.
        loads: relations into which data came.
    """

    invocation_id: str
    started_at: datetime
    seconds: float | None
    command: str | None
    retry: bool | None
    environment: str | None
    project: str | None
    job: str | None
    git_sha: str | None
    state: str
    verdict: str
    built: int
    failed: int
    skipped: int
    tests: int
    tests_failed: int
    tests_warned: int
    loads: int


class RunResult(msgspec.Struct, frozen=True):
    """What happened to one node in a run.

    Attributes:
        kind: see :mod:`analyticsops.history.meaning`; likewise ``outcome`` and ``is_load``.
        status: as dbt wrote it.
        seconds: how long it took.
        failures: of a test.
        message: masked, unless it was recorded in full.
    """

    unique_id: str
    kind: str
    outcome: str
    status: str
    is_load: bool | None
    seconds: float | None
    started_at: datetime | None
    failures: int | None
    rows_affected: int | None
    message: str | None


class RunDetails(msgspec.Struct, frozen=True, kw_only=True):
    """One run, and its results: what is bad first, then as they came."""

    run: Run
    results: tuple[RunResult, ...]


_RUN = """
select invocation_id, started_at,
  coalesce(elapsed, epoch(ended_at - started_at)), command, retries, place, project, job,
  git_sha, state, verdict, built, failed, skipped, tests, tests_failed, tests_warned, loads
from runs
"""


def timeline(connection: DuckDBPyConnection) -> tuple[Run, ...]:
    """The runs, latest first."""
    return fetched(connection.execute(f"{_RUN} order by started_at desc, invocation_id"), Run)


def show_run(connection: DuckDBPyConnection, name: str) -> RunDetails:
    """One run.

    Args:
        name: its id or the beginning of it, or ``latest``.

    Raises:
        NotFoundError: there is none.
        UsageError: there are several.
    """
    runs = timeline(connection)
    found = runs[:1] if name == "latest" else [r for r in runs if r.invocation_id.startswith(name)]
    if not found:
        raise NotFoundError("run", name, [run.invocation_id for run in runs[:50]])
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} runs begin with {name!r}", hint="give more digits of the invocation id"
        )
    results = connection.execute(
        "select unique_id, kind, outcome, status, is_load, execution_time, started_at, failures, "
        "rows_affected, message from results where invocation_id = ? "
        "order by outcome not in ('bad', 'partial', 'unknown'), outcome <> 'warned', "
        "outcome = 'skipped', started_at nulls last, unique_id",
        [found[0].invocation_id],
    )
    return RunDetails(run=found[0], results=fetched(results, RunResult))
