"""Faults, each a function from what was observed to what would have been.

A fault begins at an instant and lasts to the end of what is known, or for a time. What it would
have done to the runs follows from dbt's rules: what is below a failed node, or below a failed test
of severity error, is skipped in the same run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from analyticsops.project.model import Node, Project
from analyticsops.slo.causes import descendants
from analyticsops.slo.gameday import job_faults
from analyticsops.slo.gameday.fault import Fault, FaultKind
from analyticsops.slo.gameday.outcomes import judged, unbuilt
from analyticsops.slo.observed import Build, Check, Observed, Seen
from analyticsops.slo.spans import DAY, Instant


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
        if is_unique(project.nodes.get(check.test))
    }
    skipped = descendants(project, failing) - failing
    reached = {node for node in failing if not (descendants_above(project, node) & failing)}
    skipped |= failing - reached
    checks = {
        node: tuple(
            _checked(project, one, node in reached, _reads(project, one, skipped), fault)
            for one in some
        )
        for node, some in observed.checks.items()
    }
    builds = _skipped(observed.builds, skipped, fault.at)
    return judged(msgspec.structs.replace(observed, builds=builds, checks=checks))


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
    if fails and is_unique(project.nodes.get(one.test)):
        return one._replace(outcome="bad", failures=12)
    return one


def _reads(project: Project, check: Check, nodes: set[str]) -> bool:
    """True if a test is one of some nodes, or reads them among others."""
    test = project.nodes.get(check.test)
    return check.node in nodes or (test is not None and not nodes.isdisjoint(test.depends_on))


def is_unique(node: Node | None) -> bool:
    """True for a test of uniqueness that fails a run."""
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
            else unbuilt(one, "bad" if node in failing else "skipped", messages.get(node, ""))
            for one in listed
        )
    checks = {
        node: tuple(
            one._replace(outcome="skipped", failures=None)
            if one.at >= at and (only is None or one.run in only) and _reads(project, one, below)
            else one
            for one in some
        )
        for node, some in observed.checks.items()
    }
    return judged(msgspec.structs.replace(observed, builds=builds, checks=checks))


def _skipped(
    builds: Mapping[str, tuple[Build, ...]], nodes: set[str], at: Instant
) -> dict[str, tuple[Build, ...]]:
    return {
        node: tuple(
            unbuilt(one, "skipped") if node in nodes and one.run_at >= at else one for one in listed
        )
        for node, listed in builds.items()
    }


_INJECT: Mapping[FaultKind, Callable[[Project, Observed, Fault], Observed]] = {
    FaultKind.SOURCE_LATE: _late,
    FaultKind.SOURCE_MISSING: _late,
    FaultKind.COLUMN_DROPPED: _dropped,
    FaultKind.ROWS_DUPLICATED: _duplicated,
    FaultKind.CLOCK_AHEAD: _ahead,
    FaultKind.NODE_FAILS: _fails,
    FaultKind.NODE_FLAPS: _flaps,
    FaultKind.NODE_SLOWER: _slower,
    FaultKind.JOB_CRASHES: job_faults.crashes,
    FaultKind.JOB_SILENT: job_faults.silent,
    FaultKind.JOB_RETRIES: job_faults.retries,
    FaultKind.JOB_COSTLY: job_faults.costly,
}
