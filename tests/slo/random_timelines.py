"""Random loads, calendars and objectives, and what brute force says of them."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from analyticsops.slo.budget import Missing, Timeline, budget
from analyticsops.slo.forecast import exhausted_in_calendar, exhausted_in_rolling
from analyticsops.slo.spans import Spans
from analyticsops.slo.watermark import (
    Load,
    Watermark,
    WorkingTime,
    late,
    stale_by_working_time,
)

from . import reference

END = 60


def spans(chance: Random, low: int = 0, high: int = END) -> Spans:
    """A few spans, perhaps none, that may touch or overlap."""
    ends = [sorted(chance.choices(range(low, high + 1), k=2)) for _ in range(chance.randint(0, 4))]
    return Spans.of([(start, end) for start, end in ends])


def loads(chance: Random) -> list[Load]:
    """Loads in any order: late, of old data, of data from the future, told twice."""
    found = []
    for _ in range(chance.randint(0, 6)):
        visible = chance.randint(-10, END)
        found.append(Load(visible, visible - chance.randint(-4, 25)))
    found += chance.choices(found, k=chance.randint(0, 2)) if found else []
    chance.shuffle(found)
    return found


def window(chance: Random) -> tuple[int, int]:
    """A part of the time."""
    start = chance.randint(0, END - 1)
    return start, chance.randint(start + 1, END)


def compare_staleness(chance: Random) -> None:
    """Every kind of staleness against brute force."""
    told, within, threshold = loads(chance), window(chance), chance.randint(0, 20)
    watermark = Watermark.of(told)
    case = (told, within, threshold)
    assert reference.instants(watermark.stale(threshold, within)) == reference.stale(
        told, threshold, within
    ), case
    for now in range(*within):
        assert watermark.at(now) == reference.newest(told, now), case
        unknown = reference.newest(told, now) is None
        assert (now in watermark.unknown(within)) == unknown, case
    calendar = spans(chance, -40, END)
    got = stale_by_working_time(watermark, threshold, within, WorkingTime(calendar))
    assert reference.instants(got) == reference.stale_by_working_time(
        told, threshold, within, reference.instants(calendar)
    ), (case, calendar)
    slots = sorted({chance.randint(-10, END) for _ in range(chance.randint(0, 5))})
    grace = chance.randint(0, 9)
    assert reference.instants(late(watermark.reached, slots, grace, within)) == reference.late(
        told, slots, grace, within
    ), (case, slots, grace)


def timeline(chance: Random) -> Timeline:
    """What is known of an objective."""
    scope = spans(chance) if chance.random() < 0.7 else Spans.one(0, END)
    return Timeline(
        scope=scope,
        bad=spans(chance),
        unknown=spans(chance) if chance.random() < 0.5 else Spans(),
        missing=chance.choice(list(Missing)),
    )


def compare_budget(chance: Random) -> None:
    """What is spent, allowed and to be expected against brute force."""
    known, target = timeline(chance), Fraction(chance.randint(0, 19), 20)
    start, end = window(chance)
    now = chance.randint(start, end)
    scope, bad = (reference.instants(s) for s in (known.scope, known.bad))
    unknown = reference.instants(known.unknown)
    counts = {t for t in scope if t not in unknown or known.missing is Missing.BAD}
    spent = {t for t in counts if t in bad or t in unknown}
    got = budget(known, target, (start, end), now)
    past = [t for t in range(start, now) if t in counts]
    coming = [t for t in range(now, end) if t in scope]
    assert got.spent == sum(t in spent for t in past), (known, start, end, now)
    assert got.allowed == (1 - target) * (len(past) + len(coming)), (known, start, end, now)
    rate = chance.choice([0, 1])
    case = (known, target, (start, end), now, rate)
    got_end = exhausted_in_calendar(known, target, (start, end), now, Fraction(rate))
    wanted = None
    for until in range(now, end + 1):
        burnt = sum(t in spent for t in past) + rate * sum(t in scope for t in range(now, until))
        if burnt > got.allowed:
            wanted = until
            break
    assert got_end == wanted, case
    length = chance.randint(1, END)
    got_end = exhausted_in_rolling(known, target, length, now, Fraction(rate))
    wanted = None
    for until in range(now, now + length + 1):
        inside = [t for t in range(until - length, now) if t in counts]
        burnt = sum(t in spent for t in inside) + rate * (until - now)
        if burnt > (1 - target) * (len(inside) + until - now):
            wanted = until
            break
    assert got_end == wanted, (*case, length)


COMPARISONS = (compare_staleness, compare_budget)
