"""Each fault for real: whether it can be played, and what is done.

A scenario leaves a history behind in which the fault shows as far as dbt writes it. What cannot be
brought about in a project is not pretended: it is not played, and that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from math import ceil

from analyticsops.chaos import data
from analyticsops.chaos.slowness import busy_rows, slowed
from analyticsops.chaos.stage import Stage
from analyticsops.slo import job_alerts, troubles
from analyticsops.slo.causes import descendants
from analyticsops.slo.gameday.choosing import targets_of
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.faults import is_unique
from analyticsops.slo.spans import DAY, Instant, instant_of
from analyticsops.slo.spec.indicators import Success

MISSING = 3 * DAY
"""Microseconds for which nothing has come of a source that is missing."""


SLOW = (FaultKind.NODE_SLOWER, FaultKind.JOB_COSTLY)
"""Faults that take minutes to play."""

MORE = 1.3
"""Times as slow as it needs to be told: machines are not equally quick all the time."""


def _broken(sql: str) -> str:
    """Code that dbt compiles, and no database runs."""
    return f"{sql}\n\nthis is no sql (\n"


class NotPlayableError(Exception):
    """A fault could not be brought about after all."""


def begin_of(fault: Fault, now: Instant) -> Instant:
    """When a fault began that is seen now: data that does not come was missed before."""
    if fault.kind is FaultKind.SOURCE_LATE:
        return now - fault.by
    return now - MISSING if fault.kind is FaultKind.SOURCE_MISSING else now


def why_not(stage: Stage, kind: FaultKind, target: str) -> str:
    """Why a fault cannot be played for real; empty if it can."""
    return _WHY_NOT[kind](stage, target)


def play(stage: Stage, fault: Fault) -> None:
    """Bring a fault about, and let the job run as often as it takes.

    Args:
        fault: which began at :func:`begin_of` now.

    Raises:
        NotPlayableError: it could not be brought about.
        AnalyticsOpsError: dbt cannot be run, or not be recorded.
    """
    now = instant_of(datetime.now(UTC))
    held = {fault.target: fault.at} if fault.kind in _HELD else {}
    most = _before_a_retry(stage, fault.target) if fault.kind is FaultKind.JOB_RETRIES else None
    stage.remember(now, held, most)
    _PLAY[fault.kind](stage, fault)


_HELD = (FaultKind.SOURCE_LATE, FaultKind.SOURCE_MISSING)


def _before_a_retry(stage: Stage, job: str) -> int | None:
    """So many good runs that one more that had to be tried again misses what is promised: a
    retry among thousands is no news."""
    targets = [
        slo.target
        for slo in stage.declared.slos
        if slo.job == job and isinstance(slo.indicator, Success) and slo.target < 1
    ]
    return max(1, ceil(max(targets) / (1 - max(targets))) - 1) if targets else None


# -- why not ----------------------------------------------------------------------


def _written(stage: Stage, source: str) -> str:
    table = stage.tables[source]
    return table if isinstance(table, str) else ""


def _timed(stage: Stage, source: str) -> str:
    table = stage.tables[source]
    return table if isinstance(table, str) else table.why


def _read(stage: Stage, source: str) -> str:
    if why := _written(stage, source):
        return why
    return "" if stage.droppable(source) else "no column of it is known to be read"


def _unique(stage: Stage, source: str) -> str:
    tests = (
        stage.project.nodes.get(check.test)
        for node in descendants(stage.project, [source])
        for check in stage.observed.checks.get(node, ())
    )
    missing = "" if any(map(is_unique, tests)) else "no test of uniqueness on it or below"
    return _written(stage, source) or missing


def _editable(stage: Stage, node: str) -> str:
    return "" if stage.file_of(node) is not None else "it has no SQL file of its own"


def _any_editable(stage: Stage, _: str) -> str:
    return "" if _first(stage, _editable) else "no model has an SQL file of its own"


def _first(stage: Stage, why: Callable[[Stage, str], str]) -> str:
    """The model with the most below it that can be changed so; empty if there is none."""
    nodes = targets_of(stage.project, stage.observed, FaultKind.NODE_FAILS)
    return next((node for node in nodes if not why(stage, node)), "")


def _scheduled(stage: Stage, job: str) -> str:
    known = any(slo.job == job and slo.schedule for slo in stage.declared.slos)
    return "" if known else "no objective says when the job is due, and one run does not either"


def _slowable(stage: Stage, node: str) -> str:
    if why := _editable(stage, node):
        return why
    kept = stage.project.nodes[node].materialized in ("table", "incremental")
    return "" if kept else "it is no table: nothing is computed when it is built"


def _any_slowable(stage: Stage, _: str) -> str:
    return "" if _first(stage, _slowable) else "no table is built from an SQL file of its own"


# -- what is done -----------------------------------------------------------------


def _with_data(how: Callable[..., None], *more: object) -> Callable[[Stage, Fault], None]:
    """Change the data of the source, and let the job run."""

    def scenario(stage: Stage, fault: Fault) -> None:
        stage.load()
        stage.change(fault.target, lambda connection, table: how(connection, table, *more))
        stage.run()

    return scenario


def _late(stage: Stage, fault: Fault) -> None:
    by = instant_of(datetime.now(UTC)) - fault.at
    _with_data(data.delay, timedelta(microseconds=by))(stage, fault)


def _ahead(stage: Stage, fault: Fault) -> None:
    _with_data(data.run_ahead, datetime.now(UTC))(stage, fault)


def _dropped(stage: Stage, fault: Fault) -> None:
    _with_data(data.drop_column, stage.droppable(fault.target))(stage, fault)


def _fails(stage: Stage, fault: Fault) -> None:
    stage.load()
    with stage.changed(fault.target, _broken):
        stage.run()


def _flaps(stage: Stage, fault: Fault) -> None:
    """Bad and good in turn, good in the end, until it is called flapping."""
    for _ in range((stage.declared.shared.alerting.flapping + 1) // 2):
        stage.load()
        with stage.changed(fault.target, _broken):
            stage.run()
        stage.load()
        stage.run()


def _crashes(stage: Stage, _: Fault) -> None:
    stage.load()
    told = (*stage.observed.builds.values(), *stage.observed.checks.values())
    if stage.run(kill_after=sum(map(len, told)) // 2) >= 0:
        raise NotPlayableError("the run was over before it could be killed")


def _retries(stage: Stage, _: Fault) -> None:
    stage.load()
    with stage.changed(_first(stage, _editable), _broken):
        if stage.run() == 0:
            raise NotPlayableError("the run went well with broken code")
    stage.copied.dbt("retry")


def _silent(_: Stage, __: Fault) -> None:
    """Nothing runs: it is looked at again later."""


def _slower(stage: Stage, fault: Fault) -> None:
    """The last builds take as long as it needs to be told."""
    known = stage.observed.builds[fault.target][-1].seconds or 0.0
    seconds = max(troubles.SLOW_FROM / 1_000_000, known * 2) * MORE
    rows = busy_rows(stage.copied.data, seconds)
    with stage.changed(fault.target, lambda sql: slowed(sql, rows)):
        for _ in range(troubles.LATELY):
            stage.copied.dbt("run", "--select", stage.project.nodes[fault.target].label)


def _costly(stage: Stage, _: Fault) -> None:
    """One model takes longer than the whole run, by so much that it is told."""
    factor = stage.declared.shared.alerting.costlier
    seconds = max(job_alerts.LEAST_SECONDS, stage.usual_seconds * factor) * MORE
    stage.load()
    rows = busy_rows(stage.copied.data, seconds)
    with stage.changed(_first(stage, _slowable), lambda sql: slowed(sql, rows)):
        stage.run()


_WHY_NOT: Mapping[FaultKind, Callable[[Stage, str], str]] = {
    FaultKind.SOURCE_LATE: _timed,
    FaultKind.SOURCE_MISSING: _timed,
    FaultKind.CLOCK_AHEAD: _timed,
    FaultKind.COLUMN_DROPPED: _read,
    FaultKind.ROWS_DUPLICATED: _unique,
    FaultKind.NODE_FAILS: _editable,
    FaultKind.NODE_FLAPS: _editable,
    FaultKind.NODE_SLOWER: _slowable,
    FaultKind.JOB_CRASHES: lambda _, __: "",
    FaultKind.JOB_SILENT: _scheduled,
    FaultKind.JOB_RETRIES: _any_editable,
    FaultKind.JOB_COSTLY: _any_slowable,
}

_PLAY: Mapping[FaultKind, Callable[[Stage, Fault], None]] = {
    FaultKind.SOURCE_LATE: _late,
    FaultKind.SOURCE_MISSING: _late,
    FaultKind.CLOCK_AHEAD: _ahead,
    FaultKind.COLUMN_DROPPED: _dropped,
    FaultKind.ROWS_DUPLICATED: _with_data(data.duplicate),
    FaultKind.NODE_FAILS: _fails,
    FaultKind.NODE_FLAPS: _flaps,
    FaultKind.NODE_SLOWER: _slower,
    FaultKind.JOB_CRASHES: _crashes,
    FaultKind.JOB_SILENT: _silent,
    FaultKind.JOB_RETRIES: _retries,
    FaultKind.JOB_COSTLY: _costly,
}
