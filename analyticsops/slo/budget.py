"""Error budgets of objectives about time, and how fast they burn.

Of the time that counts a share, the objective's target, has to be good; the rest is the *error
budget* (Google, The Site Reliability Workbook, 2018, chapters 2 and 5). All sums are integers of
microseconds and all shares fractions: nothing is sampled, and nothing rounded before it is shown.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol

import msgspec

from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, Span, Spans


class Missing(enum.StrEnum):
    """What time counts as about which nothing is known."""

    BAD = "bad"
    UNKNOWN = "unknown"
    """It counts neither way, and is told."""
    EXCLUDE = "exclude"
    """It counts neither way."""


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an objective over time.

    Attributes:
        scope: the time that counts: within the calendar, and not in maintenance.
        bad: when the objective was not met.
        unknown: when nobody knows.
        missing: what unknown time counts as.
    """

    scope: Spans
    bad: Spans
    unknown: Spans = Spans()
    missing: Missing = Missing.UNKNOWN

    def counted(self, start: Instant, end: Instant) -> Counted:
        """What counts between two instants."""
        scope = self.scope.clip(start, end)
        unknown = self.unknown.clip(start, end) & scope
        bad = (self.bad.clip(start, end) & scope) - unknown
        if self.missing is Missing.BAD:
            return Counted(scope, bad | unknown, Spans())
        told = unknown if self.missing is Missing.UNKNOWN else Spans()
        return Counted(scope - unknown, bad, told)

    def measure(self, start: Instant, end: Instant) -> Measured:
        """How much counts between two instants."""
        return Measured(*(spans.length for spans in self.counted(start, end)))


class Counted(NamedTuple):
    """The time that counts, the bad part of it, and besides it the unknown time that is told."""

    all: Spans
    bad: Spans
    unknown: Spans


class Measured(NamedTuple):
    """Amounts, in microseconds for time, or in events.

    Attributes:
        counted: the good and the bad.
        bad: of those.
        unknown: besides those.
    """

    counted: int
    bad: int
    unknown: int = 0

    @property
    def sli(self) -> Fraction | None:
        """The share that was good; None if nothing counted."""
        return 1 - Fraction(self.bad, self.counted) if self.counted else None

    def burn(self, target: Fraction) -> Fraction | None:
        """How many times faster than allowed the budget was used: at 1 it lasts exactly for the
        window. None if nothing counted, or if there is no budget."""
        if not self.counted or target >= 1:
            return None
        return Fraction(self.bad, self.counted) / (1 - target)


class Budget(NamedTuple):
    """The error budget of a window.

    Attributes:
        allowed: how much may be bad: of all that counts in the window, of what is still to come
            in a calendar window as well.
        spent: how much was.
    """

    allowed: Fraction
    spent: int

    @property
    def left(self) -> Fraction:
        """What is left; negative if more was spent than allowed."""
        return self.allowed - self.spent

    @property
    def used(self) -> Fraction | None:
        """The share that was spent, more than 1 if it was exceeded; None without a budget."""
        return Fraction(self.spent) / self.allowed if self.allowed else None


def budget(timeline: Timeline, target: Fraction, window: Span, now: Instant) -> Budget:
    """The budget of a window at an instant.

    Args:
        target: the objective, between 0 and 1.
        window: it may end after ``now``.
    """
    past = timeline.measure(window[0], min(now, window[1]))
    coming = timeline.scope.clip(max(now, window[0]), window[1]).length
    return Budget((1 - target) * (past.counted + coming), past.bad)


class BurnRule(NamedTuple):
    """Alert when the budget burns too fast over a long and a short time alike: the long one says
    that it matters, the short one that it goes on (SRE workbook, chapter 5).

    Attributes:
        name: of the rule.
        share: of the window's budget that is used when it fires.
        long: microseconds.
        short: microseconds.
        page: True if somebody must get up.
        rate: burn rate from which it fires, instead of one that follows from the share.
    """

    name: str
    share: Fraction
    long: int
    short: int
    page: bool
    rate: Fraction | None = None

    def threshold(self, target: Fraction, window: int) -> Fraction:
        """The burn rate from which it fires, at most nine tenths of the fastest that there can
        be: else it could never fire for a low target.

        Args:
            window: length of the objective's window, in microseconds.
        """
        wanted = self.share * Fraction(window, self.long) if self.rate is None else self.rate
        return min(wanted, Fraction(9, 10) / (1 - target))


GOOGLE: tuple[BurnRule, ...] = (
    BurnRule("burns-2-percent-in-an-hour", Fraction(2, 100), HOUR, 5 * MINUTE, page=True),
    BurnRule("burns-5-percent-in-6-hours", Fraction(5, 100), 6 * HOUR, 30 * MINUTE, page=True),
    BurnRule("burns-10-percent-in-a-day", Fraction(10, 100), DAY, 2 * HOUR, page=False),
    BurnRule("burns-10-percent-in-3-days", Fraction(10, 100), 3 * DAY, 6 * HOUR, page=False),
)
"""The SRE workbook's recommendation (chapter 5, table 5-8)."""


FOUR_TIMES: tuple[BurnRule, ...] = (
    BurnRule("burns-4-times", Fraction(0), 30 * MINUTE, 15 * MINUTE, page=True, rate=Fraction(4)),
)
"""More than four times the rate that the budget allows, over half an hour and still going on."""


class Measurable(Protocol):
    """Anything of which it can be said how much counts, and how much of that was bad."""

    def measure(self, start: Instant, end: Instant) -> Measured:
        """How much counts between two instants."""


class Burning(NamedTuple):
    """A rule that fires.

    Attributes:
        rate: over the long time.
        threshold: from which it fires.
    """

    rule: BurnRule
    rate: Fraction
    threshold: Fraction


def burning(
    recorded: Measurable,
    target: Fraction,
    window: int,
    now: Instant,
    rules: Sequence[BurnRule] = GOOGLE,
) -> tuple[Burning, ...]:
    """The rules that fire at an instant. A time that reaches back before anything is known is as
    short as what is known of it."""
    found: list[Burning] = []
    for rule in rules:
        threshold = rule.threshold(target, window)
        rates = [recorded.measure(now - ago, now).burn(target) for ago in (rule.long, rule.short)]
        if rates[0] is not None and all(rate is not None and rate >= threshold for rate in rates):
            found.append(Burning(rule, rates[0], threshold))
    return tuple(found)
