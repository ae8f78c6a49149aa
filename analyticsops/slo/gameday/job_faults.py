"""Faults of jobs: runs that die, do not start, have to be tried again, or cost too much."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from analyticsops.project.model import Project
from analyticsops.slo.gameday.fault import Fault
from analyticsops.slo.gameday.outcomes import unbuilt, with_runs
from analyticsops.slo.observed import Build, Check, Observed, Run
from analyticsops.slo.spans import MINUTE, Instant


def crashes(_: Project, observed: Observed, fault: Fault) -> Observed:
    """The runs from then on die half way; dbt writes no results."""
    hit = {run.id for run in observed.runs if run.job == fault.target and run.started >= fault.at}
    runs = [
        run._replace(verdict="crashed", elapsed=None) if run.id in hit else run
        for run in observed.runs
    ]
    return _without_results(with_runs(observed, runs), hit)


def silent(_: Project, observed: Observed, fault: Fault) -> Observed:
    """Nobody starts the job any more."""
    hit = {run.id for run in observed.runs if run.job == fault.target and run.started >= fault.at}
    runs = [run for run in observed.runs if run.id not in hit]
    seen = {
        node: tuple(one for one in listed if one.run not in hit)
        for node, listed in observed.seen.items()
    }
    quiet = msgspec.structs.replace(with_runs(observed, runs), seen=seen)
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


def retries(_: Project, observed: Observed, fault: Fault) -> Observed:
    """Every run fails at its first node, which keeps the others from being built, and goes well
    when it is tried again ten minutes later."""
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
    firsts = _first_nodes(observed, later)
    delayed = msgspec.structs.replace(
        observed,
        builds={
            node: tuple(
                each for one in listed for each in _tried_twice(one, later, firsts.get(one.run, ""))
            )
            for node, listed in observed.builds.items()
        },
        checks={
            node: tuple(
                sorted(
                    (each for one in listed for each in _checked_twice(one, later)),
                    key=lambda check: (check.at, check.test),
                )
            )
            for node, listed in observed.checks.items()
        },
        # Sources are measured before anything fails.
        seen={
            node: tuple(
                one._replace(run=f"{one.run}-first") if one.run in later else one for one in listed
            )
            for node, listed in observed.seen.items()
        },
    )
    return with_runs(delayed, runs)


def _first_nodes(observed: Observed, runs: Collection[str]) -> Mapping[str, str]:
    """Run -> the node that it built first."""
    found: dict[str, tuple[Instant, str]] = {}
    for node, listed in observed.builds.items():
        for one in listed:
            if one.run in runs and one.started is not None:
                found[one.run] = min(found.get(one.run, (one.started, node)), (one.started, node))
    return {run: node for run, (_, node) in found.items()}


def _tried_twice(one: Build, later: Mapping[str, int], first: str) -> Iterator[Build]:
    if one.run not in later:
        yield one
        return
    failed = unbuilt(one, "bad" if one.node == first else "skipped", "IO Error: *** (retried)")
    yield failed._replace(run=f"{one.run}-first")
    by = later[one.run]
    if one.started is not None and one.completed is not None:
        one = one._replace(started=one.started + by, completed=one.completed + by)
    yield one._replace(run_at=one.run_at + by)


def _checked_twice(one: Check, later: Mapping[str, int]) -> Iterator[Check]:
    if one.run in later:
        yield one._replace(run=f"{one.run}-first", outcome="skipped", failures=None)
    yield one._replace(at=one.at + later.get(one.run, 0))


def costly(_: Project, observed: Observed, fault: Fault) -> Observed:
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
