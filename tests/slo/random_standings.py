"""Random objectives as they stand, and what brute force says of them and of what is to come."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from random import Random

from analyticsops.slo.budget import Missing, Timeline
from analyticsops.slo.forecast import chance_of_exhaustion, events_exhausted
from analyticsops.slo.objective import Slo, Window
from analyticsops.slo.spans import DAY, Spans
from analyticsops.slo.spec.indicators import Success
from analyticsops.slo.standing import stand
from analyticsops.slo.tally import Event, Tally

from . import reference
from .making import slo
from .random_timelines import END, spans


def tally(chance: Random, high: int = END) -> Tally:
    """Events in any order, several at a time, some of which nobody knows anything."""
    events = []
    for _ in range(chance.randint(0, 12)):
        total = chance.randint(1, 3)
        bad = chance.randint(0, total)
        events.append(Event(chance.randint(0, high), total, bad, chance.random() < 0.2))
    return Tally.of(events, Spans.one(0, high + 1), chance.choice(list(Missing)))


def _counted(known: Tally, start: int, end: int) -> tuple[int, int, int]:
    """(what counts, what of it is bad, what is told as unknown), event by event."""
    inside = [event for event in known.events if start <= event.at < end]
    sure = [event for event in inside if not event.unknown]
    unsure = sum(event.total for event in inside if event.unknown)
    total, bad = sum(event.total for event in sure), sum(event.bad for event in sure)
    if known.missing is Missing.BAD:
        return total + unsure, bad + unsure, 0
    return total, bad, unsure if known.missing is Missing.UNKNOWN else 0


def _exhausted(
    known: Tally, target: Fraction, window: int, now: int, rate: Fraction, pace: Fraction
) -> int | None:
    """Looked for at each instant, until all that is known has left the window."""
    for until in range(now, now + 2 * window + 2):
        counted, bad, _ = _counted(known, until - window, now)
        coming = pace * min(until - now, window)
        if bad + rate * coming > (1 - target) * (counted + coming):
            return until
    return None


def compare_exhaustion_by_events(chance: Random) -> None:
    """When events that come at a pace use up a budget."""
    known, target = tally(chance), Fraction(chance.randint(0, 20), 20)
    window, now = chance.randint(1, END), chance.randint(0, END)
    rate = Fraction(chance.randint(0, 10), 10)
    pace = Fraction(chance.randint(0, 6), chance.randint(1, 12))
    case = known, target, window, now, rate, pace
    assert events_exhausted(*case) == _exhausted(*case), case


def chance_by_urn(counted: int, bad: int, left: int, coming: int) -> Fraction:
    """The same as an urn (Eggenberger and Polya, 1923): half a ball of each colour and one for
    each event that was; each event to come draws one and adds another of its colour."""
    drawn = {0: Fraction(1)}
    for number in range(coming):
        after: dict[int, Fraction] = {}
        for worse, probability in drawn.items():
            bad_next = Fraction(2 * (bad + worse) + 1, 2 * (counted + number) + 2)
            after[worse + 1] = after.get(worse + 1, Fraction()) + probability * bad_next
            after[worse] = after.get(worse, Fraction()) + probability * (1 - bad_next)
        drawn = after
    return sum((p for worse, p in drawn.items() if worse > left), Fraction())


def compare_chance(chance: Random) -> None:
    """How probable it is that a budget will be used up."""
    counted = chance.randint(0, 40)
    bad = chance.randint(0, min(counted, chance.choice((1, 40))))
    coming = chance.randint(0, 10)
    case = counted, bad, chance.randint(-1, coming + 1), coming
    found, wanted = chance_of_exhaustion(*case), float(chance_by_urn(*case))
    assert abs(found - wanted) < 1e-9, (case, found, wanted)


# -- how it stands ----------------------------------------------------------------


def _objective(chance: Random, **more: object) -> Slo:
    target = Fraction(chance.randint(0, 19), 20)
    return slo(Success(), **{"alerting": "off", "target": target, **more})


def _runs(states: Sequence[str]) -> list[tuple[str, int]]:
    """(state, its first instant) of each stretch."""
    return [(state, at) for at, state in enumerate(states) if at == 0 or states[at - 1] != state]


def compare_standing_of_time(chance: Random) -> None:
    """What an objective about time is now, since when, and what is left of it."""
    bad = spans(chance)
    known = Timeline(
        scope=spans(chance) if chance.random() < 0.5 else Spans.one(0, END),
        bad=bad,
        unknown=spans(chance) - bad,
        missing=chance.choice(list(Missing)),
    )
    at, length = chance.randint(1, END), chance.randint(4, END)
    objective = _objective(chance, window=Window(rolling=length))
    found = stand(objective, known, at)
    case = known, at, length
    is_bad, unknown = reference.instants(known.bad), reference.instants(known.unknown)
    states = ["bad" if t in is_bad else "unknown" if t in unknown else "good" for t in range(at)]
    (now, since), *before = reversed(_runs(states))
    until = at
    if now == "unknown" and before and before[0][0] == "bad":
        (now, since), until = before[0], since
    if now == "good" and since == 0:
        assert found.since is None, case
    else:
        assert found.since == since, case
    assert (found.now, found.known, found.stays) == (now, until, until < at), case
    scope = reference.instants(known.scope)
    inside = scope & set(range(at - length, at))
    wrong = (is_bad | unknown) if known.missing is not Missing.EXCLUDE else is_bad
    counts = inside - (unknown if known.missing is Missing.EXCLUDE else set())
    assert (found.worst.counted, found.worst.bad) == (len(counts), len(counts & wrong)), case
    if known.missing is not Missing.BAD:
        scope, wrong = scope - unknown, is_bad
    wanted = _exhausted_by_time(scope, wrong, objective.target, length, at)
    assert found.exhausts == wanted, (*case, objective.target)


def _exhausted_by_time(
    scope: set[int], wrong: set[int], target: Fraction, length: int, at: int
) -> int | None:
    """If the time to come is as bad as the last quarter of the window was."""
    recent = {t for t in scope if at - length // 4 <= t < at}
    if not recent:
        return None
    rate = Fraction(len(recent & wrong), len(recent))
    for until in range(at, at + length + 1):
        inside = {t for t in scope if until - length <= t < at}
        coming = until - at
        if len(inside & wrong) + rate * coming > (1 - target) * (len(inside) + coming):
            return until
    return None


def compare_standing_of_events(chance: Random) -> None:
    """The same of events in a rolling window."""
    at, length = chance.randint(1, END), chance.randint(4, END)
    known = tally(chance, at - 1)
    objective = _objective(chance, window=Window(rolling=length))
    found = stand(objective, known, at)
    case = known, at, length, objective.target
    assert tuple(found.measured) == _counted(known, at - length, at), case
    inside = [event for event in known.events if at - length <= event.at < at]
    states = ["unknown" if one.unknown else "bad" if one.bad else "good" for one in inside]
    now, first = _runs(states)[-1] if states else ("unknown", None)
    assert (found.now, found.since) == (now, None if first is None else inside[first].at), case
    recent, recent_bad, _ = _counted(known, at - length // 4, at)
    wanted = None
    if recent:
        rate, pace = Fraction(recent_bad, recent), Fraction(recent, length // 4)
        wanted = _exhausted(known, objective.target, length, at, rate, pace)
    assert found.exhausts == wanted, case
    counted, bad, _ = found.measured
    assert found.is_exhausted == (bad > (1 - objective.target) * counted), case
    assert tuple(found.worst) == _counted(_at_worst(known), at - length, at), case


def _at_worst(known: Tally) -> Tally:
    missing = Missing.BAD if known.missing is Missing.UNKNOWN else known.missing
    return Tally(events=known.events, missing=missing)


def compare_standing_in_a_week(chance: Random) -> None:
    """The same of events in a calendar window, of which the rest is known to be due."""
    weeks = 2_000 * 7 * DAY + 4 * DAY  # 1970 began on a Thursday
    hours = sorted(chance.sample(range(7 * 24), chance.randint(1, 9)))
    slots = [weeks + hour * DAY // 24 for hour in hours]
    at = weeks + chance.randint(1, 7 * 24 - 1) * DAY // 24
    made = tally(chance, 0).events
    events = [one._replace(at=slot) for slot, one in zip(slots, made, strict=False) if slot < at]
    known = Tally(
        events=tuple(events),
        missing=chance.choice(list(Missing)),
        coming=tuple(slot for slot in slots if slot >= at),
    )
    objective = _objective(chance, window=Window(calendar="week"))
    found = stand(objective, known, at)
    case = known, at, objective.target
    counted, bad, _ = _counted(known, weeks, at)
    allowed = (1 - objective.target) * (counted + len(known.coming))
    assert found.window == (weeks, weeks + 7 * DAY), case
    assert (found.budget.allowed, found.budget.spent) == (allowed, bad), case
    wanted = chance_by_urn(counted, bad, floor(allowed - bad), len(known.coming))
    assert found.chance is not None, case
    assert abs(found.chance - float(wanted)) < 1e-9, (case, found.chance, wanted)


COMPARISONS = (
    compare_exhaustion_by_events,
    compare_chance,
    compare_standing_of_time,
    compare_standing_of_events,
    compare_standing_in_a_week,
)
