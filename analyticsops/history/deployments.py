"""How often a change reaches an environment, and how long that takes: two of DORA's figures.

A deployment is the first run of a commit in an environment that went well. Its lead time
is counted from the commit's own time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from analyticsops.history.query import fetched

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Deployment(msgspec.Struct, frozen=True):
    """A commit that arrived.

    Attributes:
        environment: where.
        git_sha: the commit.
        deployed_at: end of its first good run there, UTC.
        failed_runs: that it had there before.
        committed_at: None if the repository at hand does not have it.
    """

    environment: str
    git_sha: str
    deployed_at: datetime
    failed_runs: int
    committed_at: datetime | None = None

    @property
    def lead_time(self) -> timedelta | None:
        """From commit to deployment; None if not known."""
        return self.deployed_at - self.committed_at if self.committed_at else None


class DeploymentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Deployments, latest first.

    Attributes:
        per_week: on average, over the time from the first to the last run; None for less
            than a week.
        lead_time: median in seconds; None if none is known.
        without_commit: runs that cannot be counted, since no commit was recorded.
    """

    deployments: tuple[Deployment, ...]
    per_week: float | None
    lead_time: float | None
    without_commit: int


CommitTimes = Callable[[Sequence[str]], dict[str, datetime]]
"""Hashes of commits -> when they were made; without those that are not known."""


def find_deployments(
    connection: DuckDBPyConnection, commit_times: CommitTimes
) -> DeploymentsAnswer:
    """The answer for the runs of an open history."""
    rows = connection.execute(
        """
        with told as (
          select coalesce(place, '') as place, git_sha, started_at,
            coalesce(ended_at, started_at) as ended_at, verdict = 'ok' and built > 0 as good
          from runs where git_sha is not null and command in ('build', 'run')
        ), firsts as (
          select place, git_sha, min(ended_at) filter (good) as deployed_at from told group by all
        )
        select place, git_sha, deployed_at,
          (select count(*) from told as before where before.place = firsts.place
            and before.git_sha = firsts.git_sha and not before.good
            and before.started_at < firsts.deployed_at)
        from firsts where deployed_at is not null order by deployed_at desc, place
        """
    )
    arrived = fetched(rows, Deployment)
    times = commit_times(sorted({one.git_sha for one in arrived}))
    found = tuple(
        msgspec.structs.replace(one, committed_at=times.get(one.git_sha)) for one in arrived
    )
    lead = [one.lead_time.total_seconds() for one in found if one.lead_time is not None]
    (days, without) = connection.execute(
        "select epoch(max(started_at) - min(started_at)) / 86400, "
        "count(*) filter (git_sha is null and command in ('build', 'run')) from runs"
    ).fetchall()[0]
    return DeploymentsAnswer(
        deployments=found,
        per_week=len(found) / (days / 7) if days and days >= 7 else None,
        lead_time=median(lead) if lead else None,
        without_commit=without,
    )
