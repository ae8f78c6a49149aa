"""When an error budget will be used up, if things go on as they are.

In a rolling window what burned long ago leaves it while new burn comes, so that what is left
divided by the rate of burning is wrong: a budget may never run out, or later than that says. What
is spent at an instant to come is piecewise linear, and bends only where old burn begins or ends to
leave the window, so the first crossing is found exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from analyticsops.slo.budget import Timeline
from analyticsops.slo.spans import Instant, Span, Spans


def exhausted_in_rolling(
    timeline: Timeline, target: Fraction, window: int, now: Instant, rate: Fraction
) -> Instant | None:
    """The first instant from ``now`` on at which more is spent than allowed; None if that never
    comes.

    Args:
        target: the objective, between 0 and 1.
        window: its length, in microseconds.
        rate: share of the time to come that will be bad, between 0 and 1; all of it counts.
    """
    counted, bad, _ = timeline.counted(now - window, now)
    spent = Fraction(bad.length)
    allowed = (1 - target) * counted.length
    if spent > allowed:
        return now
    # Until everything that is known has left the window.
    kinks = [*_kinks(counted, window), *_kinks(bad, window), now + window]
    at = now
    for kink in sorted({kink for kink in kinks if now < kink <= now + window}):
        length = kink - at
        leaving = counted.clip(at - window, kink - window).length
        leaving_bad = bad.clip(at - window, kink - window).length
        more_spent = rate * length - leaving_bad
        more_allowed = (1 - target) * (length - leaving)
        over = (spent + more_spent) - (allowed + more_allowed)
        if over > 0:
            left, speed = allowed - spent, (more_spent - more_allowed) / length
            return at + int(left / speed) + 1
        spent, allowed, at = spent + more_spent, allowed + more_allowed, kink
    return None


def exhausted_in_calendar(
    timeline: Timeline, target: Fraction, window: Span, now: Instant, rate: Fraction
) -> Instant | None:
    """The same for a window with a fixed end, of which the budget is known beforehand; None if
    it lasts to the end.

    Args:
        rate: share of the time to come that will be bad, between 0 and 1.
    """
    past = timeline.measure(window[0], min(now, window[1]))
    coming = timeline.scope.clip(now, window[1])
    allowed = (1 - target) * (past.counted + coming.length)
    left = allowed - past.bad
    if left < 0:
        return now
    for start, end in coming:
        used = rate * (end - start)
        if used > left:
            return start + int(left / rate) + 1
        left -= used
    return None


def _kinks(spans: Spans, window: int) -> Iterator[Instant]:
    for start, end in spans:
        yield start + window
        yield end + window
