"""What the events of an objective are taken from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import MINUTE, Instant, Span
from analyticsops.slo.spec.entries import PricesEntry

EARLY = MINUTE
"""A run that starts so long before its slot belongs to it: clocks differ."""


class Opened(NamedTuple):
    """An incident, for objectives about how soon one is told.

    Attributes:
        since: when it began.
        opened: when it was told.
        members: nodes and jobs that it is about.
    """

    since: Instant
    opened: Instant
    members: tuple[str, ...]


class Asked(NamedTuple):
    """What the events of an objective are taken from.

    Attributes:
        span: over which it is asked.
        now: the end of what is known.
    """

    slo: Slo
    observed: Observed
    span: Span
    now: Instant
    prices: PricesEntry
    incidents: Sequence[Opened]


def slots_of(asked: Asked) -> Iterator[tuple[Instant, Instant]]:
    """Each slot, and the next one."""
    assert asked.slo.schedule is not None, "asked for by who calls"
    start = asked.span[0] - asked.slo.schedule.grace
    found = (*asked.slo.schedule.slots(start, asked.now), asked.now + EARLY)
    yield from pairwise(found)
