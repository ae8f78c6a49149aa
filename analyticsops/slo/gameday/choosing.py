"""Which faults to play when nobody names any: one of each kind where it would hurt most, or random
ones."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from analyticsops.errors import NotFoundError, UsageError
from analyticsops.project.model import Project
from analyticsops.slo.causes import descendants
from analyticsops.slo.gameday.fault import ON_JOBS, ON_SOURCES, Fault, FaultKind
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import HOUR, Instant

LATE_BY = 12 * HOUR
"""Microseconds by which data of a late source comes later."""


def one_of_each(project: Project, observed: Observed, at: Instant) -> tuple[Fault, ...]:
    """One fault of each kind: on the source and the node with the most below them, and on the
    job that builds the most."""
    return tuple(
        Fault(kind=kind, target=targets[0], at=at, by=LATE_BY)
        for kind in FaultKind
        if (targets := targets_of(project, observed, kind))
    )


def at_random(
    project: Project, observed: Observed, at: Instant, count: int, seed: int
) -> tuple[Fault, ...]:
    """So many faults of random kinds on random targets."""
    chance = Random(seed)
    kinds = [kind for kind in FaultKind if targets_of(project, observed, kind)]
    found: list[Fault] = []
    for _ in range(count):
        kind = chance.choice(kinds)
        target = chance.choice(targets_of(project, observed, kind))
        found.append(Fault(kind=kind, target=target, at=at, by=LATE_BY))
    return tuple(found)


def named(project: Project, observed: Observed, text: str, at: Instant) -> Fault:
    """The fault that a person writes as ``kind:target``, such as ``source-late:raw.orders``.

    Raises:
        UsageError: there is no such kind.
        NotFoundError: there is no such target, or nothing is known of it.
    """
    word, _, wanted = text.partition(":")
    try:
        kind = FaultKind(word)
    except ValueError:
        known = ", ".join(FaultKind)
        raise UsageError(f"no fault {word!r}", where="--fault", hint=f"known: {known}") from None
    targets = targets_of(project, observed, kind)
    if not wanted and targets:
        return Fault(kind=kind, target=targets[0], at=at, by=LATE_BY)
    for target in targets:
        node = project.nodes.get(target)
        if wanted in (target, node.label if node is not None else target):
            return Fault(kind=kind, target=target, at=at, by=LATE_BY)
    labels = [project.nodes[name].label if name in project.nodes else name for name in targets]
    raise NotFoundError("target", wanted, labels, where="--fault")


def targets_of(project: Project, observed: Observed, kind: FaultKind) -> Sequence[str]:
    """What a fault of a kind can be put into, that which hurts most first."""
    if kind in ON_JOBS:
        jobs = list(observed.job_of.values())
        return sorted(set(jobs), key=lambda job: (-jobs.count(job), job))
    names = observed.seen if kind in ON_SOURCES else observed.builds
    below = {name: len(descendants(project, [name])) for name in names if name in project.nodes}
    return sorted(below, key=lambda name: (-below[name], name))
