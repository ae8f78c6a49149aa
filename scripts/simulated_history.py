"""A history of runs that nobody had to wait for: a month in which an hourly job goes well, but for
what is put in. For the demo, for tests, and for whoever wants to try `slo` today.

    python -m scripts.simulated_history .demo/base .demo/month

The first folder is a dbt project with a target/, the second one becomes the history.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

import analyticsops as ao
from analyticsops.history.record import Invocation, NodeResult, Record, make_record
from analyticsops.history.store import Store
from analyticsops.project.model import Project
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.observed import Build, Check, Observed, Run
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, instant_of

STATUSES = {"good": "success", "bad": "error", "partial": "partial success", "none": "no-op"}
OF_TESTS = {"good": "pass", "bad": "fail", "warned": "warn"}


def records_of(project: Project, observed: Observed) -> Iterator[Record]:
    """What `ingest` would have recorded of these runs."""
    results: dict[str, list[NodeResult]] = {}
    for builds in observed.builds.values():
        for build in builds:
            results.setdefault(build.run, []).append(_of_build(project, build))
    for checks in observed.checks.values():
        for check in checks:
            results.setdefault(check.run, []).append(_of_check(check))
    measured: dict[str, list[NodeResult]] = {}
    for listed in observed.seen.values():
        for seen in listed:
            measured.setdefault(seen.run, []).append(
                NodeResult(
                    unique_id=seen.node,
                    status="unmeasured" if seen.newest is None else "pass",
                    completed_at=seen.at,
                    max_loaded_at=seen.newest,
                    measured_at=seen.at if seen.newest is not None else None,
                )
            )
    for run in observed.runs:
        if run.id in measured:
            # dbt measures in a command of its own, before.
            before = run._replace(
                id=f"{run.id}-freshness",
                command="source freshness",
                verdict="ok",
                ended=run.started + 1,
            )
            yield make_record(_invocation(project, observed, before), measured[run.id])
        yield make_record(_invocation(project, observed, run), results.get(run.id, ()))


def _invocation(project: Project, observed: Observed, run: Run) -> Invocation:
    crashed = run.verdict == "crashed"
    return Invocation(
        invocation_id=run.id,
        started_at=run.started,
        ended_at=None if crashed else run.ended,
        state="crashed" if crashed else "finished",
        manifest="own",
        results=0,
        command=run.command,
        retries=run.retry or None,
        success=None if crashed else run.verdict == "ok",
        elapsed=None if crashed or run.elapsed is None else run.elapsed / 1e6,
        project=project.name,
        environment=observed.environment or None,
        job=run.job or None,
        git_sha=run.git_sha or None,
        adapter=project.adapter,
    )


def _of_build(project: Project, build: Build) -> NodeResult:
    node = project.nodes[build.node]
    return NodeResult(
        unique_id=build.node,
        status=STATUSES.get(build.outcome, build.outcome),
        started_at=build.started,
        completed_at=build.completed,
        execution_time=build.seconds,
        materialized=node.materialized or None,
        checksum=build.checksum or None,
        rows_affected=build.rows,
        bytes_processed=build.bytes,
        message=build.message or None,
    )


def _of_check(check: Check) -> NodeResult:
    return NodeResult(
        unique_id=check.test,
        status=OF_TESTS.get(check.outcome, check.outcome),
        completed_at=check.at,
        failures=check.failures,
        tested=check.node or None,
    )


def a_month(project: Project, now: Instant) -> Observed:
    """28 days up to now: a night in which orders came late, an afternoon without the job, and
    since five hours ago a model that fails."""
    observed = rehearse(project, (now - 29 * DAY, now - 10 * MINUTE), Rehearsal())
    observed = _released(observed)
    orders = next(name for name in observed.seen if name.endswith(".orders"))
    model = next(name for name in observed.builds if name.endswith(".int_money_movements"))
    late = Fault(kind=FaultKind.SOURCE_LATE, target=orders, at=now - 17 * DAY, by=7 * HOUR)
    until = now - 16 * DAY
    observed = _only(observed, inject(project, observed, late), until)
    silent = Fault(kind=FaultKind.JOB_SILENT, target="hourly", at=now - 9 * DAY)
    observed = _only(observed, inject(project, observed, silent), now - 9 * DAY + 6 * HOUR)
    failing = Fault(kind=FaultKind.NODE_FAILS, target=model, at=now - 5 * HOUR)
    return msgspec.structs.replace(inject(project, observed, failing), environment="prod")


def _only(before: Observed, after: Observed, until: Instant) -> Observed:
    """A fault that is over at an instant."""

    def mixed(one: Sequence[object], other: Sequence[object], at: str) -> tuple[object, ...]:
        return tuple(x for x in other if getattr(x, at) < until) + tuple(
            x for x in one if getattr(x, at) >= until
        )

    runs = mixed(before.runs, after.runs, "started")
    chains = tuple(chain for chain in after.chains if instant_of(chain.started_at) < until) + tuple(
        chain for chain in before.chains if instant_of(chain.started_at) >= until
    )
    return msgspec.structs.replace(
        after,
        runs=runs,
        chains=chains,
        builds={n: mixed(before.builds[n], after.builds[n], "run_at") for n in after.builds},
        checks={n: mixed(before.checks[n], after.checks[n], "at") for n in after.checks},
        seen={n: mixed(before.seen[n], after.seen[n], "at") for n in after.seen},
    )


def _released(observed: Observed) -> Observed:
    """A commit twice a week."""
    runs = [
        run._replace(git_sha=f"{run.started // (3 * DAY + 12 * HOUR) * 2654435761 % 16**12:012x}")
        for run in observed.runs
    ]
    return msgspec.structs.replace(observed, runs=tuple(runs))


def simulate(project_dir: Path, folder: Path, now: datetime | None = None) -> None:
    """Write the month before a moment, by default the present, into a folder."""
    project = ao.load(project_dir / "target").project
    end = now or datetime.now(UTC)
    last = end.replace(minute=20, second=0, microsecond=0)
    if last > end:
        last -= timedelta(hours=1)
    store = Store(folder)
    for record in records_of(project, a_month(project, instant_of(last))):
        store.put(record)


def main() -> int:
    """Write the month into a folder."""
    simulate(Path(sys.argv[1]), Path(sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
