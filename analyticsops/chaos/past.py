"""The days before a fault: the one good run that there was, as if it had been at each slot.

What only shows with time (data that does not come, a job that is not started) needs runs before it,
and nobody waits for them. Their records are those of a run that dbt made, moved in time; of a
source that has not come for a while they say what they would have said: nothing newer was there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from analyticsops.history.record import Invocation, NodeResult, Record, make_record
from analyticsops.slo.recorded.asked import EARLY
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, Instant

DAYS = 4
"""Before the fault."""

ENOUGH = 12
"""Runs at least, also of a job that runs once a day."""

FARTHEST = 60 * DAY

_Row = TypeVar("_Row", Invocation, NodeResult)


def slots_before(schedule: Schedule, now: Instant) -> tuple[Instant, ...]:
    """When a job ran that is just running, but for the slot that it now runs for."""
    slots = schedule.slots(now - FARTHEST, now + EARLY)[:-1]
    recent = tuple(slot for slot in slots if slot >= now - DAYS * DAY)
    return recent if len(recent) >= ENOUGH else slots[-ENOUGH:]


def moved(
    records: Sequence[Record], slots: Iterable[Instant], held: Mapping[str, Instant]
) -> Iterator[Record]:
    """Records as if their runs had been at other times.

    Args:
        records: of one run of the job, which may be several invocations.
        slots: when it begins.
        held: source -> its newest data, of which nothing newer was there.
    """
    began = min(record.invocation.started_at for record in records)
    for number, slot in enumerate(slots):
        for record in records:
            yield _moved(record, slot - began, number, held)


def _moved(record: Record, by: int, number: int, held: Mapping[str, Instant]) -> Record:
    invocation = _shifted(record.invocation, by, ("started_at", "ended_at"))
    name = f"{invocation.invocation_id[:36]}-{number}"
    results = []
    for result in record.results:
        times = ("started_at", "completed_at", "measured_at", "max_loaded_at")
        one = _shifted(result, by, times)
        newest = held.get(one.unique_id)
        if newest is not None and one.max_loaded_at is not None:
            loaded = min(one.max_loaded_at, newest)
            one = msgspec.structs.replace(one, max_loaded_at=loaded)
        results.append(one)
    return make_record(msgspec.structs.replace(invocation, invocation_id=name), results)


def _shifted(row: _Row, by: int, times: Sequence[str]) -> _Row:
    known = {name: getattr(row, name) for name in times}
    return msgspec.structs.replace(
        row, **{name: at + by for name, at in known.items() if at is not None}
    )
