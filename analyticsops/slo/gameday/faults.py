"""Faults, each a function from what was observed to what would have been.

A fault begins at an instant and lasts to the end of what is known, or for a time. What it would
have done to the runs follows from dbt's rules: what is below a failed node, or below a failed test
of severity error, is skipped in the same run.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from analyticsops.project.model import Node, Project
from analyticsops.slo.causes import descendants
from analyticsops.slo.gameday.rehearsal import chains_of
from analyticsops.slo.observed import Build, Check, Observed, Run, Seen
from analyticsops.slo.spans import DAY, MINUTE, Instant


class FaultKind(enum.StrEnum):
    """What goes wrong."""

    SOURCE_LATE = "source-late"
    SOURCE_MISSING = "source-missing"
    COLUMN_DROPPED = "column-dropped"
    ROWS_DUPLICATED = "rows-duplicated"
    CLOCK_AHEAD = "clock-ahead"
    NODE_FAILS = "node-fails"
    NODE_FLAPS = "node-flaps"
    NODE_SLOWER = "node-slower"
    JOB_CRASHES = "job-crashes"
    JOB_SILENT = "job-silent"
    JOB_RETRIES = "job-retries"
    JOB_COSTLY = "job-costly"


ON_SOURCES = (
    FaultKind.SOURCE_LATE,
    FaultKind.SOURCE_MISSING,
    FaultKind.COLUMN_DROPPED,
    FaultKind.ROWS_DUPLICATED,
    FaultKind.CLOCK_AHEAD,
)
ON_NODES = (FaultKind.NODE_FAILS, FaultKind.NODE_FLAPS, FaultKind.NODE_SLOWER)
ON_JOBS = (
    FaultKind.JOB_CRASHES,
    FaultKind.JOB_SILENT,
    FaultKind.JOB_RETRIES,
    FaultKind.JOB_COSTLY,
)


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong.

    Attributes:
        kind: what.
        target: ``unique_id`` of a source or node, or the name of a job.
        at: when it begins.
        by: microseconds by which data is late.
    """

    kind: FaultKind
    target: str
    at: Instant
    by: int = 0


def inject(project: Project, observed: Observed, fault: Fault) -> Observed:
    """What would have been observed."""
    return _INJECT[fault.kind](project, observed, fault)


# -- sources ----------------------------------------------------------------------


def _late(_: Project, observed: Observed, fault: Fault) -> Observed:
    """Loads from then on come later by a time, or never."""
    by = fault.by if fault.kind is FaultKind.SOURCE_LATE else 1 << 60
    loads = sorted({one.newest for one in observed.seen[fault.target] if one.newest is not None})
    seen: list[Seen] = []
    for one in observed.seen[fault.target]:
        there = [m for m in loads if m <= one.at and (m <= fault.at or m + by <= one.at)]
        seen.append(one._replace(newest=max(there, default=one.newest)))
    return _with_seen(observed, fault.target, seen)


def _ahead(_: Project, observed: Observed, fault: Fault) -> Observed:
    """A row from the future is the newest one from then on."""
    seen = [
        one._replace(newest=fault.at + 30 * DAY) if one.at >= fault.at else one
        for one in observed.seen[fault.target]
    ]
    return _with_seen(observed, fault.target, seen)


def _with_seen(observed: Observed, source: str, seen: Iterable[Seen]) -> Observed:
    return msgspec.structs.replace(observed, seen={**observed.seen, source: tuple(seen)})


def _dropped(project: Project, observed: Observed, fault: Fault) -> Observed:
    """What reads the source directly fails, and what is below is skipped."""
    readers = [name for name in project.children[fault.target] if name in observed.builds]
    message = 'Binder Error: Referenced column "***" not found in FROM clause!'
    return _failing(project, observed, dict.fromkeys(readers, message), fault.at)


def _duplicated(project: Project, observed: Observed, fault: Fault) -> Observed:
    """Tests of uniqueness fail at the source and all below it, as far as dbt comes: what is below
    a node whose test failed is skipped."""
    below = descendants(project, [fault.target])
    failing = {
        node
        for node in below
        for check in observed.checks.get(node, ())
        if _is_unique(project.nodes.get(check.test))
    }
    skipped = descendants(project, failing) - failing
    reached = {node for node in failing if not (descendants_above(project, node) & failing)}
    skipped |= failing - reached
    checks = {
        node: tuple(_checked(project, one, node in reached, node in skipped, fault) for one in some)
        for node, some in observed.checks.items()
    }
    builds = _skipped(observed.builds, skipped, fault.at)
    return _judged(msgspec.structs.replace(observed, builds=builds, checks=checks))


def descendants_above(project: Project, node: str) -> set[str]:
    """All above a node."""
    found: set[str] = set()
    stack = list(project.nodes[node].depends_on)
    while stack:
        name = stack.pop()
        if name not in found and name in project.nodes:
            found.add(name)
            stack.extend(project.nodes[name].depends_on)
    return found


def _checked(project: Project, one: Check, fails: bool, skipped: bool, fault: Fault) -> Check:
    if one.at < fault.at:
        return one
    if skipped:
        return one._replace(outcome="skipped", failures=None)
    if fails and _is_unique(project.nodes.get(one.test)):
        return one._replace(outcome="bad", failures=12)
    return one


def _is_unique(node: Node | None) -> bool:
    if node is None or node.test is None:
        return False
    return "unique" in node.test.name and node.test.severity == "error"


# -- nodes ------------------------------------------------------------------------


def _fails(project: Project, observed: Observed, fault: Fault) -> Observed:
    """Its code was changed, and does not work."""
    changed = {fault.target: "Parser Error: syntax error at or near ***"}
    broken = _failing(project, observed, changed, fault.at)
    builds = [
        one._replace(checksum="changed") if one.run_at >= fault.at else one
        for one in broken.builds[fault.target]
    ]
    return msgspec.structs.replace(broken, builds={**broken.builds, fault.target: tuple(builds)})


def _flaps(project: Project, observed: Observed, fault: Fault) -> Observed:
    """Every second build fails."""
    bad = {
        one.run
        for number, one in enumerate(
            one for one in observed.builds[fault.target] if one.run_at >= fault.at
        )
        if number % 2 == 0
    }
    message = "Conversion Error: could not convert string to INT32"
    return _failing(project, observed, {fault.target: message}, fault.at, bad)


def _slower(_: Project, observed: Observed, fault: Fault) -> Observed:
    """Each build takes longer than the one before it, up to a hundred times."""
    builds: list[Build] = []
    for one in observed.builds[fault.target]:
        if one.run_at >= fault.at and one.seconds is not None and one.completed is not None:
            longer = max(one.seconds * 100, 60.0)
            builds.append(
                one._replace(seconds=longer, completed=one.completed + round(longer * 1_000_000))
            )
        else:
            builds.append(one)
    return msgspec.structs.replace(
        observed, builds={**observed.builds, fault.target: tuple(builds)}
    )


def _failing(
    project: Project,
    observed: Observed,
    messages: Mapping[str, str],
    at: Instant,
    only: set[str] | None = None,
) -> Observed:
    """Nodes fail with a message, and what is below them is skipped.

    Args:
        only: in these runs; None for all from ``at`` on.
    """
    below = descendants(project, messages)
    failing = {node for node in messages if not descendants_above(project, node) & set(messages)}
    builds: dict[str, tuple[Build, ...]] = {}
    for node, listed in observed.builds.items():
        if node not in below:
            builds[node] = listed
            continue
        builds[node] = tuple(
            one
            if one.run_at < at or (only is not None and one.run not in only)
            else _unbuilt(one, "bad" if node in failing else "skipped", messages.get(node, ""))
            for one in listed
        )
    checks = {
        node: tuple(
            one._replace(outcome="skipped", failures=None)
            if node in below and one.at >= at and (only is None or one.run in only)
            else one
            for one in some
        )
        for node, some in observed.checks.items()
    }
    return _judged(msgspec.structs.replace(observed, builds=builds, checks=checks))


def _skipped(
    builds: Mapping[str, tuple[Build, ...]], nodes: set[str], at: Instant
) -> dict[str, tuple[Build, ...]]:
    return {
        node: tuple(
            _unbuilt(one, "skipped") if node in nodes and one.run_at >= at else one
            for one in listed
        )
        for node, listed in builds.items()
    }


def _unbuilt(one: Build, outcome: str, message: str = "") -> Build:
    if outcome == "skipped":
        return one._replace(
            outcome=outcome, started=None, completed=None, seconds=0.0, bytes=None, loads=False
        )
    return one._replace(outcome=outcome, loads=False, bytes=None, message=message)


def _judged(observed: Observed) -> Observed:
    """With runs that failed where something in them did."""
    told: Iterable[Sequence[Build | Check]] = (
        *observed.builds.values(),
        *observed.checks.values(),
    )
    bad = {one.run for listed in told for one in listed if one.outcome == "bad"}
    runs = [
        run._replace(verdict="failed") if run.id in bad and run.verdict == "ok" else run
        for run in observed.runs
    ]
    return _with_runs(observed, runs)


# -- jobs -------------------------------------------------------------------------


def _crashes(_: Project, observed: Observed, fault: Fault) -> Observed:
    """The runs from then on die half way; dbt writes no results."""
    hit = {run.id for run in observed.runs if run.job == fault.target and run.started >= fault.at}
    runs = [
        run._replace(verdict="crashed", elapsed=None) if run.id in hit else run
        for run in observed.runs
    ]
    return _without_results(_with_runs(observed, runs), hit)


def _silent(_: Project, observed: Observed, fault: Fault) -> Observed:
    """Nobody starts the job any more."""
    hit = {run.id for run in observed.runs if run.job == fault.target and run.started >= fault.at}
    runs = [run for run in observed.runs if run.id not in hit]
    seen = {
        node: tuple(one for one in listed if one.run not in hit)
        for node, listed in observed.seen.items()
    }
    quiet = msgspec.structs.replace(_with_runs(observed, runs), seen=seen)
    return _without_results(quiet, hit)


def _without_results(observed: Observed, runs: set[str]) -> Observed:
    return msgspec.structs.replace(
        observed,
        builds={
            node: tuple(one for one in listed if one.run not in runs)
            for node, listed in observed.builds.items()
        },
        checks={
            node: tuple(one for one in listed if one.run not in runs)
            for node, listed in observed.checks.items()
        },
    )


def _retries(_: Project, observed: Observed, fault: Fault) -> Observed:
    """Every run fails at first, and goes well when it is tried again ten minutes later."""
    runs: list[Run] = []
    later: dict[str, int] = {}
    for run in observed.runs:
        if run.job != fault.target or run.started < fault.at or run.ended is None:
            runs.append(run)
            continue
        took = run.ended - run.started
        later[run.id] = min(10 * MINUTE, took + MINUTE)
        again = run.started + later[run.id]
        runs.append(run._replace(id=f"{run.id}-first", verdict="failed"))
        runs.append(run._replace(started=again, ended=again + took, retry=True))
    delayed = msgspec.structs.replace(
        observed,
        builds={
            node: tuple(_delayed(one, later.get(one.run, 0)) for one in listed)
            for node, listed in observed.builds.items()
        },
        checks={
            node: tuple(one._replace(at=one.at + later.get(one.run, 0)) for one in listed)
            for node, listed in observed.checks.items()
        },
    )
    return _with_runs(delayed, runs)


def _delayed(one: Build, by: int) -> Build:
    if one.started is None or one.completed is None:
        return one._replace(run_at=one.run_at + by)
    return one._replace(
        run_at=one.run_at + by, started=one.started + by, completed=one.completed + by
    )


def _costly(_: Project, observed: Observed, fault: Fault) -> Observed:
    """Its builds use ten times as much."""
    hit = {run.id for run in observed.runs if run.job == fault.target and run.started >= fault.at}

    def more(one: Build) -> Build:
        if one.run not in hit or one.outcome != "good":
            return one
        return one._replace(
            bytes=None if one.bytes is None else one.bytes * 10,
            slot_ms=None if one.slot_ms is None else one.slot_ms * 10,
            seconds=None if one.seconds is None else one.seconds * 10,
        )

    builds = {node: tuple(map(more, listed)) for node, listed in observed.builds.items()}
    return msgspec.structs.replace(observed, builds=builds)


def _with_runs(observed: Observed, runs: Sequence[Run]) -> Observed:
    """With other runs, and their retries told anew."""
    ordered = sorted(runs, key=lambda run: (run.started, run.id))
    return msgspec.structs.replace(observed, runs=tuple(ordered), chains=chains_of(ordered))


_INJECT: Mapping[FaultKind, Callable[[Project, Observed, Fault], Observed]] = {
    FaultKind.SOURCE_LATE: _late,
    FaultKind.SOURCE_MISSING: _late,
    FaultKind.COLUMN_DROPPED: _dropped,
    FaultKind.ROWS_DUPLICATED: _duplicated,
    FaultKind.CLOCK_AHEAD: _ahead,
    FaultKind.NODE_FAILS: _fails,
    FaultKind.NODE_FLAPS: _flaps,
    FaultKind.NODE_SLOWER: _slower,
    FaultKind.JOB_CRASHES: _crashes,
    FaultKind.JOB_SILENT: _silent,
    FaultKind.JOB_RETRIES: _retries,
    FaultKind.JOB_COSTLY: _costly,
}
