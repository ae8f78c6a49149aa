"""When an error budget will be used up, if things go on as they are.

In a rolling window what burned long ago leaves it while new burn comes, so that what is left
divided by the rate of burning is wrong: a budget may never run out, or later than that says. What
is spent at an instant to come is piecewise linear, and bends only where old burn begins or ends to
leave the window, so the first crossing is found exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import exp, lgamma

from analyticsops.slo.budget import Timeline
from analyticsops.slo.spans import Instant, Span, Spans
from analyticsops.slo.tally import Tally


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


def events_exhausted(
    tally: Tally, target: Fraction, window: int, now: Instant, rate: Fraction, pace: Fraction
) -> Instant | None:
    """The first instant from ``now`` on at which more events of a rolling window were bad than
    allowed; None if that never comes.

    Args:
        rate: share of the events to come that will be bad, between 0 and 1.
        pace: events to come in a microsecond.
    """
    # In whole numbers, all times the product of the denominators: what is spent less what is
    # allowed, and how that grows in a microsecond.
    every, good = target.denominator, target.numerator
    one = every * rate.denominator * pace.denominator
    allows = (every - good) * rate.denominator * pace.denominator
    grows = pace.numerator * (rate.numerator * every - (every - good) * rate.denominator)
    counted, bad, _ = tally.measure(now - window, now)
    over, at = bad * one - counted * allows, now
    for known, total, worse in (*tally.counted(now - window, now), (now, 0, 0)):
        # The first instant at which it is out of the window, which holds its own first instant.
        gone = known + window + 1
        if gone > at:
            if over > 0:
                return at
            if over + (gone - 1 - at) * grows > 0:
                return at + -over // grows + 1
            over, at = over + (gone - at) * grows, gone
        over -= worse * one - total * allows
    return None


def chance_of_exhaustion(counted: int, bad: int, left: int, coming: int) -> float:
    """The probability that more than ``left`` of the events to come are bad, if they are as those
    that were: a beta-binomial with Jeffreys' prior (Brown, Cai and DasGupta, Interval Estimation
    for a Binomial Proportion, Statistical Science 16, 2001).

    Args:
        counted: events that were.
        bad: of those.
        left: how many may still be bad; less than none if the budget is used up.
        coming: events to come.
    """
    if left < 0:
        return 1.0
    if left >= coming:
        return 0.0
    alpha, beta = bad + 0.5, counted - bad + 0.5
    whole = _log_beta(alpha, beta)
    within = sum(
        exp(
            lgamma(coming + 1)
            - lgamma(k + 1)
            - lgamma(coming - k + 1)
            + _log_beta(k + alpha, coming - k + beta)
            - whole
        )
        for k in range(left + 1)
    )
    return min(max(1.0 - within, 0.0), 1.0)


def _log_beta(alpha: float, beta: float) -> float:
    return lgamma(alpha) + lgamma(beta) - lgamma(alpha + beta)
