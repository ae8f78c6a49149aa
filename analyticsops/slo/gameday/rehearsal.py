"""A history in which everything goes well, for a project that has none, or none long enough.

Sources load every ten minutes, a job runs on its schedule, measures the sources, builds every node,
parents first, and tests it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from analyticsops.history.retries import Chain
from analyticsops.project.model import Node, Project
from analyticsops.slo.observed import Build, Check, Observed, Run, Seen
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import MINUTE, Instant, Span

_T = TypeVar("_T")

_SECOND = 1_000_000
_BUILT = ("model", "seed", "snapshot")


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """How the days go.

    Attributes:
        job: name of the only job.
        schedule: when it runs.
        loads: microseconds from one load of a source to the next.
        node_takes: microseconds for each node.
        node_reads: bytes that each build processes.
    """

    job: str = "hourly"
    schedule: Schedule = Schedule(cron="5 * * * *")
    loads: int = 10 * MINUTE
    node_takes: int = _SECOND
    node_reads: int = 1_000_000


def rehearse(project: Project, span: Span, how: Rehearsal) -> Observed:
    """The history of a span of time."""
    order = [project.nodes[name] for name in project.topological]
    sources = [node for node in order if node.kind == "source"]
    built = [node for node in order if _is_built(node)]
    tests = [node for node in order if node.kind == "test"]
    runs: list[Run] = []
    builds: dict[str, list[Build]] = {node.unique_id: [] for node in built}
    checks: dict[str, list[Check]] = {}
    seen: dict[str, list[Seen]] = {node.unique_id: [] for node in sources}
    for number, slot in enumerate(how.schedule.slots(*span)):
        name = f"run-{number}"
        for source in sources:
            newest = (slot - 10 * MINUTE) // how.loads * how.loads
            seen[source.unique_id].append(Seen(source.unique_id, slot, newest, name))
        at = slot + _SECOND
        done: dict[str, Instant] = {}
        for node in built:
            builds[node.unique_id].append(_build(node, name, slot, at, how))
            at += how.node_takes
            done[node.unique_id] = at
        for test in tests:
            subject = tested(test)
            at += _SECOND // 100
            check = Check(test.unique_id, subject, name, at, "good", 0)
            checks.setdefault(subject, []).append(check)
        runs.append(Run(name, slot, at, how.job, "ok", "build", False, at - slot, "0" * 12, False))
    return Observed(
        span=span,
        environment="rehearsal",
        runs=tuple(runs),
        builds={node: tuple(listed) for node, listed in builds.items()},
        checks={node: tuple(listed) for node, listed in checks.items()},
        seen={node: tuple(listed) for node, listed in seen.items()},
        chains=chains_of(runs),
    )


def tested(test: Node) -> str:
    """The node that a test belongs to; empty if there is none. Of a test of a source dbt says
    only what it reads."""
    if test.test is not None and test.test.tested:
        return test.test.tested
    return test.depends_on[0] if len(test.depends_on) == 1 else ""


def chains_of(runs: Sequence[Run]) -> tuple[Chain, ...]:
    """Runs with their retries: a retry belongs to the run before it."""
    parts: list[list[Run]] = []
    for run in runs:
        if run.retry and parts:
            parts[-1].append(run)
        else:
            parts.append([run])
    return tuple(
        Chain(
            attempts=tuple(run.id for run in listed),
            started_at=datetime.fromtimestamp(0, UTC) + timedelta(microseconds=listed[0].started),
            first_ok=listed[0].verdict == "ok",
            final_ok=listed[-1].verdict == "ok",
        )
        for listed in parts
    )


def _is_built(node: Node) -> bool:
    return node.kind in _BUILT and node.materialized != "ephemeral"


def _build(node: Node, run: str, slot: Instant, at: Instant, how: Rehearsal) -> Build:
    return Build(
        node=node.unique_id,
        run=run,
        run_at=slot,
        started=at,
        completed=at + how.node_takes,
        outcome="good",
        loads=node.materialized != "view",
        backfill=False,
        seconds=how.node_takes / _SECOND,
        rows=None,
        bytes=how.node_reads,
        slot_ms=None,
        checksum=node.checksum[1][:16],
        message="",
    )


def known_at(observed: Observed, now: Instant) -> Observed:
    """What the history would have said at an earlier moment: a run that goes on has no results
    yet, as dbt writes them at its end. Of one that died the last thing that it did is known, and
    is taken for its end."""
    ends = _ends(observed)
    known = {name for name, end in ends.items() if end is not None and end <= now}
    runs = [
        run if run.id in known else run._replace(ended=None, verdict="unknown", elapsed=None)
        for run in observed.runs
        if run.started <= now
    ]
    return msgspec.structs.replace(
        observed,
        span=(observed.span[0], now),
        runs=tuple(runs),
        builds=_kept(observed.builds, lambda one: one.run in known),
        checks=_kept(observed.checks, lambda one: one.run in known),
        unit_tests=_kept(observed.unit_tests, lambda one: one.run in known),
        seen=_kept(
            observed.seen, lambda one: one.run in known if one.run in ends else one.at <= now
        ),
        measurements=_kept(observed.measurements, lambda one: one.at <= now),
        chains=_chains_at(observed, known, {run.id for run in runs}),
        deployed=tuple(one for one in observed.deployed if one.at <= now),
    )


def _ends(observed: Observed) -> dict[str, Instant | None]:
    """Run -> when it was known what became of it; None if it is not."""
    did: dict[str, Instant] = {}
    told: Iterable[Sequence[Build | Check]] = (
        *observed.builds.values(),
        *observed.checks.values(),
    )
    for listed in told:
        for one in listed:
            did[one.run] = max(one.at, did.get(one.run, one.at))
    return {
        run.id: run.ended
        if run.ended is not None or run.verdict == "unknown"
        else did.get(run.id, run.started)
        for run in observed.runs
    }


def _kept(
    listed: Mapping[str, tuple[_T, ...]], wanted: Callable[[_T], bool]
) -> dict[str, tuple[_T, ...]]:
    found = {name: tuple(one for one in some if wanted(one)) for name, some in listed.items()}
    return {name: some for name, some in found.items() if some}


def _chains_at(observed: Observed, known: set[str], begun: set[str]) -> tuple[Chain, ...]:
    def is_ok(run: str) -> bool:
        return run in known and observed.run_of[run].verdict == "ok"

    found: list[Chain] = []
    for chain in observed.chains:
        attempts = tuple(name for name in chain.attempts if name in begun)
        if attempts:
            first, last = is_ok(attempts[0]), is_ok(attempts[-1])
            changed = msgspec.structs.replace(
                chain, attempts=attempts, first_ok=first, final_ok=last
            )
            found.append(changed)
    return tuple(found)
