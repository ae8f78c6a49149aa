"""Questions about the runs of a project, in one call each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from analyticsops.artifacts.times import instant
from analyticsops.commits.git import commit_times
from analyticsops.errors import UsageError
from analyticsops.history import deployments, meaning, nodes, retries, timeline
from analyticsops.history.deployments import DeploymentsAnswer
from analyticsops.history.nodes import Cost, FlappingNode, Prices, SlowNode
from analyticsops.history.query import Window, open_history
from analyticsops.history.retries import RetriesAnswer
from analyticsops.history.store import Store
from analyticsops.history.timeline import Run, RunDetails
from analyticsops.slo.durations import duration

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs are meant.

    Attributes:
        since: first moment; None for the beginning.
        until: moment before which they started; None for now.
        environment: of this environment only; empty for all.
        project: of this project only; empty for all.
        job: of this job only; empty for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    environment: str = ""
    project: str = ""
    job: str = ""


def moment(text: str, now: datetime, *, where: str) -> datetime | None:
    """``30d`` (ago), ``2026-11-01`` or an ISO time, UTC; None for nothing said.

    Raises:
        UsageError: it is none of these.
    """
    if not text:
        return None
    ago = duration(text)
    if ago is not None:
        return now - ago
    found = instant(text)
    if found is None:
        raise UsageError(
            f"{text!r} is no time",
            where=where,
            hint="write 30d, 12h, 2026-11-01 or 2026-11-01T05:00Z",
        )
    return found


def scope_of(
    since: str = "",
    until: str = "",
    *,
    environment: str = "",
    project: str = "",
    job: str = "",
    now: datetime | None = None,
) -> Scope:
    """The runs that a person means; see :func:`moment`.

    Raises:
        UsageError: a time cannot be read.
    """
    present = now or datetime.now(UTC)
    return Scope(
        since=moment(since, present, where="--since"),
        until=moment(until, present, where="--until"),
        environment=environment,
        project=project,
        job=job,
    )


EVERYTHING = Scope()


@contextmanager
def open_runs(
    store: Store, scope: Scope = EVERYTHING, *, last: int | None = None
) -> Iterator[DuckDBPyConnection]:
    """The history with the views of :mod:`analyticsops.history.meaning`, of some runs only.

    Raises:
        HistoryError: it cannot be read.
    """
    # The last runs of a project can be counted only among all.
    narrow = scope.environment or scope.project or scope.job
    window = Window(scope.since, scope.until)
    with open_history(store, window, last=None if narrow else last) as connection:
        meaning.define(connection)
        keep_runs(connection, scope)
        if last is not None:
            connection.execute(
                "delete from invocations where invocation_id not in (select invocation_id "
                "from invocations order by started_at desc, invocation_id limit ?)",
                [last],
            )
        yield connection


def keep_runs(connection: DuckDBPyConnection, scope: Scope) -> None:
    """Leave only the runs of an environment, a project and a job in an open history.

    A run of which nobody knows the project (it has only begun, or died before it wrote a manifest)
    is one of the only project that there is. Among several it is everyone's, unless it went well:
    a crash that is told twice is better than one that nobody is told, and no run that may be
    somebody else's says that a job was there.
    """
    connection.execute(
        "delete from invocations where invocation_id not in (select invocation_id from placed "
        "where ($place = '' or coalesce(place, '') = $place) "
        "and ($project = '' or project = $project or (project is null and "
        "  (success is not true or (select bool_and(project = $project) from placed "
        "    where project is not null) is not false))) "
        "and ($job = '' or coalesce(job, '') = $job))",
        {"place": scope.environment, "project": scope.project, "job": scope.job},
    )


def list_runs(store: Store, scope: Scope = EVERYTHING, *, last: int | None = 20) -> tuple[Run, ...]:
    """The runs, latest first."""
    with open_runs(store, scope, last=last) as connection:
        return timeline.timeline(connection)


def show_run(store: Store, name: str, scope: Scope = EVERYTHING) -> RunDetails:
    """One run, by its id, the beginning of it, or ``latest``.

    Raises:
        NotFoundError: there is none.
        UsageError: there are several.
    """
    with open_runs(store, scope) as connection:
        return timeline.show_run(connection, name)


def find_flapping(
    store: Store, scope: Scope = EVERYTHING, *, at_least: int = 3
) -> tuple[FlappingNode, ...]:
    """Nodes that changed between good and bad so often."""
    with open_runs(store, scope) as connection:
        return nodes.flapping(connection, at_least=at_least)


def find_slow(store: Store, scope: Scope = EVERYTHING) -> tuple[SlowNode, ...]:
    """Nodes by the time that they take."""
    with open_runs(store, scope) as connection:
        return nodes.slow(connection)


def sum_cost(
    store: Store, scope: Scope = EVERYTHING, *, by: str = "node", prices: Prices | None = None
) -> tuple[Cost, ...]:
    """What was used, by node, job, environment or day."""
    with open_runs(store, scope) as connection:
        return nodes.cost(connection, by=by, prices=prices)


def find_retries(store: Store, scope: Scope = EVERYTHING) -> RetriesAnswer:
    """First tries against final results."""
    with open_runs(store, scope) as connection:
        return retries.find_retries(connection)


def find_deployments(
    store: Store, scope: Scope = EVERYTHING, *, project_dir: Path | None = None
) -> DeploymentsAnswer:
    """How often, and how soon, commits arrive.

    Args:
        project_dir: in the repository that knows the commits' times.
    """
    with open_runs(store, scope) as connection:
        return deployments.find_deployments(
            connection, lambda commits: commit_times(project_dir or Path(), commits)
        )
