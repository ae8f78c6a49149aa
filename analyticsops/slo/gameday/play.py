"""Faults played against the objectives of a project: what is told, how late, and is it right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction
from typing import Literal

import msgspec

from analyticsops.project.model import Project
from analyticsops.slo.causes import JOB
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday.fault import ON_JOBS, Fault, FaultKind
from analyticsops.slo.gameday.faults import inject
from analyticsops.slo.gameday.rehearsal import Rehearsal, known_at
from analyticsops.slo.objective import Slo, Window
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant
from analyticsops.slo.spec.declared import Declared
from analyticsops.slo.spec.indicators import Freshness, Success
from analyticsops.slo.spec.reading import SharedSettings
from analyticsops.slo.spec.words import Duration

Scope = Literal["own", "end_to_end"]

Judge = Callable[[Observed, Instant], Evaluation]
"""Observed, and the moment -> how everything stands then."""


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that a fault brought.

    Attributes:
        root: id of what is said to have caused it.
        label: what people call that.
        rules: of its alerts.
        page: True if somebody would have been woken.
        at: when it was first told.
        after: microseconds from the beginning of the fault.
        right: True if that is what was broken.
    """

    root: str
    label: str
    rules: tuple[str, ...]
    page: bool
    at: Instant
    after: int
    right: bool


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What a fault brought.

    Attributes:
        fault: what was broken.
        label: what people call that.
        expected: ids of what should be named; empty if nothing could tell it.
        raised: incidents, the first ones first.
        hit: nodes that were in trouble, or whose objectives were: as many messages would have
            been sent by who tells of each.
    """

    fault: Fault
    label: str
    expected: tuple[str, ...]
    raised: tuple[Raised, ...]
    hit: int

    @property
    def verdict(self) -> str:
        """``right``, ``wrong`` (something else is named, alone or besides), ``silent``, or
        ``nothing to tell``."""
        if not self.raised:
            return "silent" if self.expected else "nothing to tell"
        named = {one.root for one in self.raised}
        return "right" if named == set(self.expected) else "wrong"


def play(
    project: Project,
    observed: Observed,
    fault: Fault,
    judge: Judge,
    usual: Callable[[Instant], frozenset[str]],
    *,
    until: Instant,
    every: int = 15 * MINUTE,
) -> Played:
    """Play one fault.

    Args:
        observed: what would have been observed without it, up to ``until``.
        usual: roots of the incidents that there would have been without it.
        until: end of the game.
        every: microseconds from one evaluation to the next.
    """
    broken = inject(project, observed, fault)
    expected = expected_roots(project, observed, broken, fault)
    raised: dict[str, Raised] = {}
    hit: set[str] = set()
    for now in range(fault.at + every, until + 1, every):
        found = judge(known_at(broken, now), now)
        known = usual(now)
        for one in raised_by(found, fault, expected):
            if one.root not in known:
                raised.setdefault(one.root, one)
        hit |= in_trouble(found)
    return Played(
        fault=fault,
        label=label_of(project, fault),
        expected=expected,
        raised=tuple(raised.values()),
        hit=len(hit),
    )


def raised_by(evaluation: Evaluation, fault: Fault, expected: Collection[str]) -> Iterator[Raised]:
    """The incidents that there are, as what a fault brought."""
    for incident in evaluation.incidents:
        yield Raised(
            root=incident.root.id,
            label=incident.root.label,
            rules=tuple(dict.fromkeys(alert.rule for alert in incident.alerts)),
            page=incident.page,
            at=evaluation.at,
            after=evaluation.at - fault.at,
            right=incident.root.id in expected,
        )


def label_of(project: Project, fault: Fault) -> str:
    """What people call the target of a fault."""
    node = None if fault.kind in ON_JOBS else project.nodes.get(fault.target)
    return f"job {fault.target}" if node is None else node.label


def in_trouble(evaluation: Evaluation) -> set[str]:
    """Nodes and jobs of which something is wrong: built badly or skipped in the last run, tests
    that fail, objectives that are not met."""
    found: set[str] = {alert.node or alert.job or alert.subject for alert in evaluation.alerts}
    found |= {one.slo.node or one.slo.job for one in evaluation.standings if one.now == "bad"}
    for node, builds in evaluation.observed.builds.items():
        if builds and builds[-1].outcome in ("bad", "partial", "skipped"):
            found.add(node)
    return found


def expected_roots(
    project: Project, observed: Observed, broken: Observed, fault: Fault
) -> tuple[str, ...]:
    """What should be named."""
    if fault.kind in ON_JOBS:
        return (JOB + fault.target,)
    if fault.kind is FaultKind.COLUMN_DROPPED:
        reads = any(child in observed.builds for child in project.children[fault.target])
        return (fault.target,) if reads else ()
    if fault.kind is FaultKind.ROWS_DUPLICATED:
        # Where the first tests fail that anybody wrote.
        failing = {
            node
            for node, checks in broken.checks.items()
            if any(check.outcome == "bad" and check.at >= fault.at for check in checks)
        }
        return tuple(sorted(failing))
    return (fault.target,)


# -- objectives to play with --------------------------------------------------------


def usual_objectives(project: Project, how: Rehearsal) -> Declared:
    """What a project might promise that promises nothing: sources are three hours old at most,
    what nobody builds upon an hour more, end to end; and the job runs."""
    own, through = 3 * HOUR, 4 * HOUR
    window = Window(rolling=7 * DAY)
    slos: list[Slo] = []
    for node in project.nodes.values():
        leaf = node.kind == "model" and not any(
            project.nodes[child].kind == "model" for child in project.children[node.unique_id]
        )
        if node.kind != "source" and not leaf:
            continue
        scope: Scope = "own" if node.kind == "source" else "end_to_end"
        slos.append(
            Slo(
                name="freshness",
                subject=node.label,
                node=node.unique_id,
                indicator=Freshness(
                    threshold=Duration(own if scope == "own" else through), scope=scope
                ),
                target=Fraction(99, 100),
                window=window,
                tier="standard" if scope == "own" else "critical",
                owner=node.owner.name if node.owner else "",
                group=node.group,
            )
        )
    schedule = msgspec.structs.replace(how.schedule, grace=HOUR // 2)
    slos.append(
        Slo(
            name="success",
            subject=how.job,
            job=how.job,
            indicator=Success(),
            target=Fraction(95, 100),
            window=window,
            schedule=schedule,
            tier="critical",
        )
    )
    ordered = sorted(slos, key=lambda slo: (slo.subject, slo.name))
    return Declared(slos=tuple(ordered), invalid=(), shared=SharedSettings())


def summed(played: Sequence[Played]) -> Iterator[tuple[str, float]]:
    """Figures over many faults: shares from 0 to 1, and counts."""
    told = [one for one in played if one.expected]
    yield "faults", len(told)
    yield "right", sum(one.verdict == "right" for one in told) / max(len(told), 1)
    yield "silent", sum(one.verdict == "silent" for one in told) / max(len(told), 1)
    sent, alone = sum(len(one.raised) for one in told), sum(one.hit for one in told)
    yield "notifications", sent
    yield "one for each node in trouble", alone
    yield "fewer", 1 - sent / max(alone, 1)
