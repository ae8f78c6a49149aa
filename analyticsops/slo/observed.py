"""What the history says that objectives need: runs, builds, checks and measurements.

Instants are microseconds since 1970, UTC. Runs of one environment only: another one's are another
product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from analyticsops.history import retries
from analyticsops.history.retries import Chain
from analyticsops.slo.spans import DAY, Instant, Span

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_T = TypeVar("_T", bound=tuple[object, ...])

LOST = DAY
"""Microseconds. A run that has not ended after that is not expected to."""

PREFIX = "measurement."
"""Of the ids under which `slo measure` records: ``measurement.<project>.<subject>/<name>``, and
for one of a certain time ``@`` and its microseconds after it."""


class Run(NamedTuple):
    """An invocation of dbt.

    Attributes:
        ended: None if it did not, or nobody saw it.
        job: empty if nobody named one.
        verdict: ok, failed, interrupted, crashed or unknown.
        elapsed: microseconds; None if not known.
        selected: a part of the project was selected.
    """

    id: str
    started: Instant
    ended: Instant | None
    job: str
    verdict: str
    command: str
    retry: bool
    elapsed: int | None
    git_sha: str
    selected: bool


class Build(NamedTuple):
    """What became of a node in a run.

    Attributes:
        started: when it began to read its parents; None if it did not.
        completed: when readers could see it.
        outcome: good, warned, bad, partial, skipped, none or unknown.
        loads: True if data came into it; None if that is not known.
        backfill: True if only a past time was loaded anew.
        seconds: of execution; likewise bytes and slot_ms, None if the adapter does not say.
        checksum: of the file that defines it.
        message: of what is not good, masked.
    """

    node: str
    run: str
    run_at: Instant
    started: Instant | None
    completed: Instant | None
    outcome: str
    loads: bool | None
    backfill: bool
    seconds: float | None
    rows: int | None
    bytes: int | None
    slot_ms: int | None
    checksum: str
    message: str

    @property
    def at(self) -> Instant:
        """When its outcome was known."""
        return self.run_at if self.completed is None else self.completed


class Check(NamedTuple):
    """What a data test said in a run."""

    test: str
    node: str
    run: str
    at: Instant
    outcome: str
    failures: int | None

    @property
    def name(self) -> str:
        """``test.shop.not_null_orders_id.9f3c...`` -> ``not_null_orders_id``."""
        parts = self.test.split(".")
        return parts[2] if len(parts) > 2 else self.test


class Seen(NamedTuple):
    """A measurement of a source's freshness.

    Attributes:
        at: when it was measured, by the database's clock; of one that failed, when dbt asked.
        newest: its newest data; None if the measurement failed.
        run: in which it was measured.
    """

    node: str
    at: Instant
    newest: Instant | None
    run: str = ""


class Measurement(NamedTuple):
    """What `slo measure` recorded of an objective.

    Attributes:
        key: full name of the objective.
        good: of ``total``.
        digest: of what was seen, for what is compared with the measurement before.
        failed: True if it was tried and there was no answer.
    """

    key: str
    at: Instant
    good: int
    total: int
    digest: str
    failed: bool = False


class Deployed(NamedTuple):
    """The first good run of a commit."""

    at: Instant
    git_sha: str


class Observed(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is known of a span of time.

    Attributes:
        span: of which the history was asked.
        environment: whose runs these are; empty if the history names none.
        runs: by time.
        builds: of each node, by time; likewise the others.
        checks: by node that is tested.
        unit_tests: by test; dbt runs them before their model, and skips it if one fails.
        seen: by source.
        measurements: by full name of the objective.
        chains: runs with their retries.
        deployed: commits, by time.
    """

    span: Span
    environment: str = ""
    runs: tuple[Run, ...] = ()
    builds: Mapping[str, tuple[Build, ...]] = {}
    checks: Mapping[str, tuple[Check, ...]] = {}
    unit_tests: Mapping[str, tuple[Build, ...]] = {}
    seen: Mapping[str, tuple[Seen, ...]] = {}
    measurements: Mapping[str, tuple[Measurement, ...]] = {}
    chains: tuple[Chain, ...] = ()
    deployed: tuple[Deployed, ...] = ()

    @cached_property
    def run_of(self) -> Mapping[str, Run]:
        """Runs by id."""
        return {run.id: run for run in self.runs}

    @cached_property
    def last_try(self) -> Mapping[str, str]:
        """Run -> the last one of its retries; itself if it was not tried again."""
        found = {run.id: run.id for run in self.runs}
        for chain in self.chains:
            found.update(dict.fromkeys(chain.attempts, chain.attempts[-1]))
        return found

    def goes_on(self, run: str, now: Instant) -> bool:
        """True if a run, or a retry of it, has begun and is still expected to end."""
        last = self.run_of.get(self.last_try.get(run, run))
        return last is not None and last.verdict == "unknown" and now - last.started < LOST

    @cached_property
    def first(self) -> Instant | None:
        """Start of the first run that is known."""
        return self.runs[0].started if self.runs else None

    @cached_property
    def job_of(self) -> Mapping[str, str]:
        """Node -> the job that built it last, or measured it, where jobs are named."""
        found: dict[str, str] = {}
        told: Iterable[tuple[str, Sequence[Build | Seen]]] = (
            *self.seen.items(),
            *self.builds.items(),
        )
        for node, listed in told:
            jobs = (self.run_of[one.run].job for one in reversed(listed) if one.run in self.run_of)
            job = next((job for job in jobs if job), "")
            if job:
                found[node] = job
        return found


def environments(connection: DuckDBPyConnection) -> tuple[str, ...]:
    """The environments that an open history knows, by name."""
    rows = connection.execute(
        "select distinct place from placed where place is not null order by place"
    ).fetchall()
    return tuple(str(place) for (place,) in rows)


def observe(connection: DuckDBPyConnection, span: Span, environment: str = "") -> Observed:
    """What an open history (with the views of :mod:`analyticsops.history.meaning`) says.

    Args:
        span: of which it was asked.
        environment: whose runs these are.
    """
    runs = _rows(connection, Run, _RUNS)
    return Observed(
        span=span,
        environment=environment,
        runs=runs,
        builds=_by(lambda one: one.node, _rows(connection, Build, _BUILDS, ["build"])),
        unit_tests=_by(lambda one: one.node, _rows(connection, Build, _BUILDS, ["unit test"])),
        checks=_by(lambda one: one.node, _rows(connection, Check, _CHECKS)),
        seen=_by(lambda one: one.node, _rows(connection, Seen, _SEEN)),
        measurements=_by(
            lambda one: one.key, _rows(connection, Measurement, _MEASUREMENTS, [PREFIX])
        ),
        chains=retries.find_chains(connection),
        deployed=_rows(connection, Deployed, _DEPLOYED),
    )


def _rows(
    connection: DuckDBPyConnection,
    kind: Callable[..., _T],
    sql: str,
    parameters: Sequence[object] = (),
) -> tuple[_T, ...]:
    return tuple(kind(*row) for row in connection.execute(sql, parameters).fetchall())


def _by(key: Callable[[_T], str], rows: Iterable[_T]) -> dict[str, tuple[_T, ...]]:
    found: dict[str, list[_T]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return {name: tuple(listed) for name, listed in found.items()}


_RUNS = """
select invocation_id, epoch_us(started_at), epoch_us(ended_at), coalesce(job, ''), verdict,
  coalesce(command, ''), coalesce(retries, false), (elapsed * 1e6)::bigint,
  coalesce(git_sha, ''), coalesce(selected, false)
from runs
where command in ('build', 'run', 'test', 'seed', 'snapshot', 'retry', 'source freshness')
  or command is null
order by started_at, invocation_id
"""

_BUILDS = """
select unique_id, invocation_id, epoch_us(run_at), epoch_us(started_at), epoch_us(completed_at),
  outcome, is_load, is_backfill, execution_time, rows_affected, bytes_processed, slot_ms,
  coalesce(checksum, ''), coalesce(message, '')
from results
where kind = ? and not is_empty and not is_sample
order by coalesce(completed_at, run_at), run_at, unique_id
"""

_CHECKS = """
select unique_id, coalesce(tested, ''), invocation_id, epoch_us(coalesce(completed_at, run_at)),
  outcome, failures
from results
where kind = 'test' and not is_empty and not is_sample
order by 4, 1
"""

_SEEN = """
select unique_id, epoch_us(coalesce(measured_at, completed_at, run_at)), epoch_us(max_loaded_at),
  invocation_id
from results where kind = 'freshness'
order by 2, 1
"""

_MEASUREMENTS = """
with told as (
  select substr(unique_id, len(?) + 1) as id, measured_at, completed_at, run_at,
    failures, rows_affected, checksum, status
  from results where kind = 'measurement'
), named as (
  select split_part(id, '@', 1) as key, coalesce(measured_at, completed_at, run_at) as moment,
    coalesce(failures, 0) as bad, coalesce(rows_affected, 0) as total,
    coalesce(checksum, '') as digest, status = 'error' as failed, run_at
  from told
)
select key[position('.' in key) + 1 :], epoch_us(moment), arg_max(total - bad, run_at),
  arg_max(total, run_at), arg_max(digest, run_at), arg_max(failed, run_at)
from named group by key, moment order by moment, key
"""
"""Of one time the last measurement counts: the table that was asked may have been corrected."""

_DEPLOYED = """
select epoch_us(min(coalesce(ended_at, started_at))), git_sha
from runs
where git_sha is not null and command in ('build', 'run') and verdict = 'ok' and built > 0
group by git_sha order by 1, 2
"""
