"""Alerts of nodes and sources: what fails, flaps, became slower, or has a wrong clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec

from analyticsops.project.model import Node, Project
from analyticsops.slo import alert_rules as rules
from analyticsops.slo.alert import Alert, Kind
from analyticsops.slo.bounds import SKEW
from analyticsops.slo.durations import spoken
from analyticsops.slo.evaluate import Context
from analyticsops.slo.observed import Build, Check
from analyticsops.slo.spans import DAY, Instant
from analyticsops.slo.spec.entries import AlertingEntry

GONE = re.compile(
    r"column|referenced|invalid identifier|unrecognized name|cannot resolve|does not exist|"
    r"not found|unresolved|no such",
    re.IGNORECASE,
)
"""What databases say of something that is not there (DuckDB, PostgreSQL, Snowflake, BigQuery,
Spark, ClickHouse)."""

SLOW_FROM = 30 * 1_000_000
"""Microseconds. Nobody waits for what takes less."""

LATELY = 5
"""Builds that must all be slow."""

ENOUGH = 10
"""Builds from which it is said what is usual."""


def node_alerts(context: Context) -> Iterator[Alert]:
    """All alerts of nodes and sources."""
    alerting = context.declared.shared.alerting
    for unique_id, builds in sorted(context.observed.builds.items()):
        node = context.project.nodes.get(unique_id)
        if node is None:
            continue
        flaps = _flaps(context, builds)
        if flaps is not None:
            yield _of(node, rules.FLAPPING.name, Kind.FLAPPING, *flaps)
        if alerting.node_failures:
            yield from _failing(context, node, builds)
        yield from _slower(node, builds, alerting)
    for unique_id, checks in sorted(context.observed.checks.items()):
        yield from _checks(context, unique_id, checks)
    for unique_id, runs in sorted(context.observed.unit_tests.items()):
        yield from _unit_test(context, unique_id, runs)
    for unique_id, seen in sorted(context.observed.seen.items()):
        node = context.project.nodes.get(unique_id)
        last = next((one for one in reversed(seen) if one.newest is not None), None)
        if node is not None and last is not None and last.newest is not None:
            ahead = last.newest - last.at
            if ahead > SKEW:
                what = f"newest data of source {node.label} is {spoken(ahead)} in the future"
                yield _of(node, rules.CLOCK_AHEAD.name, Kind.UNMEASURED, last.at, what)


def _of(node: Node, rule: str, kind: Kind, since: Instant, what: str) -> Alert:
    return Alert(
        rule=rule,
        kind=kind,
        subject=node.label,
        node=node.unique_id,
        since=since,
        what=what,
        owner=node.owner.name if node.owner else "",
        group=node.group,
        runbook=str(node.settings.get("runbook") or ""),
    )


# -- builds -----------------------------------------------------------------------


_BAD = ("bad", "partial")
_JUDGED = ("good", "warned", "bad", "partial")


def _failing(context: Context, node: Node, builds: Sequence[Build]) -> Iterator[Alert]:
    judged = [one for one in builds if one.outcome in _JUDGED]
    if (
        not judged
        or judged[-1].outcome not in _BAD
        or context.observed.goes_on(judged[-1].run, context.now)
    ):
        return
    first = _first_bad(judged)
    last, began = judged[-1], judged[first]
    before = judged[first - 1] if first > 0 else None
    said = f" ({last.message})" if last.message else ""
    if _input_changed(last, before):
        what = f"{node.label} fails though its code did not change{said}"
        found = _of(node, rules.SCHEMA_CHANGED.name, Kind.FAILING, began.at, what)
        yield msgspec.structs.replace(found, blame=_suspect(context.project, node))
    else:
        what = f"{node.label} fails{said}"
        yield _of(node, rules.NODE_FAILING.name, Kind.FAILING, began.at, what)


def _first_bad(judged: Sequence[Build]) -> int:
    """Where the failures at the end begin."""
    first = len(judged) - 1
    while first > 0 and judged[first - 1].outcome in _BAD:
        first -= 1
    return first


def _input_changed(last: Build, before: Build | None) -> bool:
    """True if it worked with the same code, and now something is not there."""
    if before is None or not last.checksum or last.checksum != before.checksum:
        return False
    return GONE.search(last.message) is not None


def _suspect(project: Project, node: Node) -> str:
    """The source whose columns changed, if it can be only one: dbt builds a model from its code,
    so what changes without code is a source. Empty if there are several or none."""
    parents = [project.nodes[name] for name in node.depends_on if name in project.nodes]
    sources = [parent.unique_id for parent in parents if parent.kind == "source"]
    if len(sources) == 1:
        return sources[0]
    if not sources and len(parents) == 1:
        return _suspect(project, parents[0])
    return ""


def _flaps(
    context: Context, judged: Sequence[Build] | Sequence[Check]
) -> tuple[Instant, str] | None:
    """(since, what) if there were many changes within a day; what a retry heals is none."""
    last_try, begin = context.observed.last_try, context.now - DAY
    recent = [
        one
        for one in judged
        if one.outcome in _JUDGED and one.at >= begin and last_try.get(one.run, "") == one.run
    ]
    changes = [
        later.at
        for earlier, later in pairwise(recent)
        if (earlier.outcome in _BAD) != (later.outcome in _BAD)
    ]
    if len(changes) < context.declared.shared.alerting.flapping:
        return None
    one = recent[-1]
    name = one.test if isinstance(one, Check) else one.node
    label = name.split(".")[2 if name.startswith("test.") else -1]
    return changes[0], f"{label} changed between good and bad {len(changes)} times within a day"


def _slower(node: Node, builds: Sequence[Build], alerting: AlertingEntry) -> Iterator[Alert]:
    took = [
        (one.at, round(one.seconds * 1_000_000))
        for one in builds
        if one.outcome == "good" and one.seconds is not None
    ]
    if len(took) < ENOUGH + LATELY:
        return
    before = _p95([length for _, length in took[:-LATELY]])
    # All of the last ones: one slow build is no trend.
    lately = min(length for _, length in took[-LATELY:])
    if lately >= SLOW_FROM and lately > before * (1 + alerting.slower):
        since = took[-LATELY][0]
        p95 = _p95([length for _, length in took[-LATELY:]])
        what = f"{node.label} takes {spoken(p95)} (P95), it took {spoken(before)} before"
        yield _of(node, rules.SLOWER.name, Kind.SLOW, since, what)


def _p95(lengths: Sequence[int]) -> int:
    ordered = sorted(lengths)
    return ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]


# -- checks -----------------------------------------------------------------------


def _checks(context: Context, tested: str, checks: Sequence[Check]) -> Iterator[Alert]:
    """One alert for all tests of a node that fail; of a test that belongs to no node, for it."""
    by_test: dict[str, list[Check]] = {}
    for check in checks:
        if check.outcome in _JUDGED and check.test in context.project.nodes:
            by_test.setdefault(check.test, []).append(check)
    failing: dict[str, list[tuple[str, Instant]]] = {}
    for test, listed in sorted(by_test.items()):
        subject = tested or _tested_by(context.project, test)
        flaps = _flaps(context, listed)
        node = context.project.nodes.get(subject)
        if node is None:
            continue
        if flaps is not None:
            yield _of(node, rules.FLAPPING.name, Kind.FLAPPING, *flaps)
        if listed[-1].outcome == "bad" and not context.observed.goes_on(
            listed[-1].run, context.now
        ):
            failing.setdefault(subject, []).append((test, _begin(listed)))
    for subject, tests in failing.items():
        node = context.project.nodes[subject]
        names = ", ".join(context.project.nodes[test].name for test, _ in tests[:3])
        more = f" and {len(tests) - 3} more" if len(tests) > 3 else ""
        what = f"tests of {node.label} fail: {names}{more}"
        since = min(at for _, at in tests)
        yield _of(node, rules.CHECKS_FAILING.name, Kind.CHECKS, since, what)


def _unit_test(context: Context, test: str, runs: Sequence[Build]) -> Iterator[Alert]:
    """A unit test of a model: if it fails dbt does not even build the model."""
    judged = [one for one in runs if one.outcome in _JUDGED]
    node = context.project.nodes.get(_tested_by(context.project, test))
    if test not in context.project.nodes or node is None or not judged:
        return
    last, name = judged[-1], context.project.nodes[test].name
    if last.outcome not in _BAD or context.observed.goes_on(last.run, context.now):
        return
    first = _first_bad(judged)
    since, said = judged[first].at, f" ({last.message})" if last.message else ""
    builds = context.observed.builds.get(node.unique_id, ())
    now = next((one for one in reversed(builds) if one.run == last.run), None)
    before = next((one for one in reversed(builds) if one.outcome == "good"), None)
    if first > 0 and now and _input_changed(now._replace(message=last.message), before):
        what = f"unit test {name} of {node.label} fails though its code did not change{said}"
        found = _of(node, rules.SCHEMA_CHANGED.name, Kind.FAILING, since, what)
        yield msgspec.structs.replace(found, blame=_suspect(context.project, node))
    else:
        what = f"unit test {name} of {node.label} fails{said}"
        yield _of(node, rules.CHECKS_FAILING.name, Kind.CHECKS, since, what)


def _tested_by(project: Project, test: str) -> str:
    """The only node that a test reads; the test itself if there are several."""
    parents = [name for name in project.nodes[test].depends_on if name in project.nodes]
    return parents[0] if len(parents) == 1 else test


def _begin(checks: Sequence[Check]) -> Instant:
    first = len(checks) - 1
    while first > 0 and checks[first - 1].outcome == "bad":
        first -= 1
    return checks[first].at
