"""How an objective stands: what was good, what is left of its budget, and what is to come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import floor

import msgspec

from analyticsops.slo.budget import (
    FOUR_TIMES,
    GOOGLE,
    Budget,
    Burning,
    BurnRule,
    Measured,
    Missing,
    Timeline,
    budget,
    burning,
)
from analyticsops.slo.forecast import (
    chance_of_exhaustion,
    events_exhausted,
    exhausted_in_calendar,
    exhausted_in_rolling,
)
from analyticsops.slo.objective import Slo
from analyticsops.slo.recorded.timelines import Oldest
from analyticsops.slo.spans import Instant, Span
from analyticsops.slo.tally import Event, Tally

Recorded = Timeline | Tally

PRESETS: dict[str, tuple[BurnRule, ...]] = {
    "batch": GOOGLE,
    "google": GOOGLE,
    "seed4x": FOUR_TIMES,
    "off": (),
}
"""Rules for burn rates, by the word in a specification. For events `batch` has others, see
:func:`analyticsops.slo.alerts`: rates of events that come once a day say nothing within an hour."""

RECENT = Fraction(1, 4)
"""Share of a window from which the rate of what is to come is taken."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an objective stands.

    Attributes:
        slo: the objective.
        at: when.
        window: that holds then; a calendar window may end later.
        recorded: what was observed.
        now: ``good``, ``bad`` or ``unknown`` at this moment; of events, the last one.
        since: since when it is so; None if nothing is known.
        known: until when that is known: ``at``, or earlier if nobody looked since and ``now`` is
            what was known last.
        because: what makes it bad or unknown, for people.
        measured: what counts in the window.
        worst: if all that is unknown were bad.
        budget: of the window.
        burning: rules that fire.
        exhausts: when the budget will be used up if things go on as recently; None if it lasts.
        chance: of calendar windows of events, the probability that it will be used up.
        oldest: the data that decides, of objectives about time.
        runs_out: when data that is there will be too old.
        arrives: when the next data is expected; None if nobody knows.
        scheduled: True if that is by a schedule, and not by what is usual.
    """

    slo: Slo
    at: Instant
    window: Span
    recorded: Recorded
    now: str
    since: Instant | None
    measured: Measured
    worst: Measured
    budget: Budget
    known: Instant
    because: str = ""
    burning: tuple[Burning, ...] = ()
    exhausts: Instant | None = None
    chance: float | None = None
    oldest: Oldest | None = None
    runs_out: Instant | None = None
    arrives: Instant | None = None
    scheduled: bool = False

    @property
    def state(self) -> str:
        """``exhausted`` (the budget is used up), ``breached`` (bad now), ``burning``, ``met``, or
        ``unknown``: the worst that is true."""
        if self.is_exhausted:
            return "exhausted"
        if self.now == "bad":
            return "breached"
        if self.burning:
            return "burning"
        return "unknown" if self.now == "unknown" or self.sli is None else "met"

    @property
    def stays(self) -> bool:
        """True if ``now`` is what was last known, and nobody looked since."""
        return self.known < self.at

    @property
    def sli(self) -> Fraction | None:
        """Share that was good; None if nothing counted."""
        return self.measured.sli

    @property
    def is_exhausted(self) -> bool:
        """True if more was bad than the objective allows."""
        return self.budget.spent > self.budget.allowed

    @property
    def left(self) -> Fraction | None:
        """Share of the budget that is left, negative if more was spent; None without one."""
        used = self.budget.used
        return None if used is None else 1 - used


STATES = ("exhausted", "breached", "burning", "unknown", "met")
"""What :attr:`Standing.state` can be, the worst first."""


def worst_first(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Standings in the order in which somebody wants to see them."""
    return tuple(sorted(standings, key=_badness))


def _badness(standing: Standing) -> tuple[int, bool, float, str]:
    left = standing.left
    return (
        STATES.index(standing.state),
        not standing.slo.is_critical,
        1.0 if left is None else float(left),
        standing.slo.full_name,
    )


def stand(slo: Slo, recorded: Recorded, at: Instant) -> Standing:
    """How an objective stands at an instant, by what was recorded of it."""
    window = slo.window.span(at)
    measured = recorded.measure(window[0], at)
    now, since, known, why = _present(recorded, window, at)
    return Standing(
        slo=slo,
        at=at,
        window=window,
        recorded=recorded,
        now=now,
        since=since,
        known=known,
        because=why,
        measured=measured,
        worst=_worst(recorded, window[0], at),
        budget=_budget(slo, recorded, window, at),
        burning=_burning(slo, recorded, at),
        exhausts=_exhausts(slo, recorded, window, at),
        chance=_chance(slo, recorded, window, at),
    )


def _worst(recorded: Recorded, start: Instant, at: Instant) -> Measured:
    if recorded.missing is Missing.UNKNOWN:
        recorded = msgspec.structs.replace(recorded, missing=Missing.BAD)
    return recorded.measure(start, at)


def _budget(slo: Slo, recorded: Recorded, window: Span, at: Instant) -> Budget:
    if isinstance(recorded, Timeline):
        return budget(recorded, slo.target, window, at)
    past = recorded.measure(window[0], at)
    coming = Fraction(recorded.expected(at, window[1]))
    return Budget((1 - slo.target) * (past.counted + coming), past.bad)


def _burning(slo: Slo, recorded: Recorded, at: Instant) -> tuple[Burning, ...]:
    rules: Sequence[BurnRule] = PRESETS[slo.alerting]
    if isinstance(recorded, Tally) and slo.alerting == "batch":
        return ()
    return burning(recorded, slo.target, slo.window.length(at), at, rules)


# -- the present ---------------------------------------------------------------


def _present(
    recorded: Recorded, window: Span, at: Instant
) -> tuple[str, Instant | None, Instant, str]:
    """(state, since, until when that is known, why)."""
    if isinstance(recorded, Tally):
        return _last_event(recorded, window, at)
    now, since = _state_before(recorded, at)
    if now == "unknown" and since is not None:
        before, begun = _state_before(recorded, since)
        if before == "bad":
            # What was bad when somebody last looked is bad until somebody sees that it is not.
            return "bad", begun, since, ""
    return now, since, at, ""


def _state_before(timeline: Timeline, at: Instant) -> tuple[str, Instant | None]:
    """The state just before an instant, and since when it is so."""
    if at - 1 in timeline.unknown:
        return "unknown", _begin(timeline, "unknown", at)
    if at - 1 in timeline.bad:
        return "bad", _begin(timeline, "bad", at)
    edges = [end for spans in (timeline.bad, timeline.unknown) for _, end in spans if end < at]
    return "good", max(edges, default=None)


def _begin(timeline: Timeline, state: str, at: Instant) -> Instant:
    spans = timeline.bad if state == "bad" else timeline.unknown
    return max(start for start, _ in spans if start < at)


def _last_event(
    tally: Tally, window: Span, at: Instant
) -> tuple[str, Instant | None, Instant, str]:
    events = tally.between(window[0], at)
    if not events:
        return "unknown", None, at, "nothing happened in its window"
    state = _judged(events[-1])
    since = events[-1].at
    for event in reversed(events):
        if _judged(event) != state:
            break
        since = event.at
    return state, since, at, events[-1].why


def _judged(event: Event) -> str:
    if event.unknown:
        return "unknown"
    return "bad" if event.bad else "good"


# -- what is to come -----------------------------------------------------------


def _exhausts(slo: Slo, recorded: Recorded, window: Span, at: Instant) -> Instant | None:
    length = slo.window.length(at)
    recent = recorded.measure(at - int(length * RECENT), at)
    if not recent.counted:
        return None
    rate = Fraction(recent.bad, recent.counted)
    if isinstance(recorded, Timeline):
        if slo.window.rolling:
            return exhausted_in_rolling(recorded, slo.target, length, at, rate)
        return exhausted_in_calendar(recorded, slo.target, window, at, rate)
    if not slo.window.rolling:
        return None
    pace = Fraction(recent.counted, int(length * RECENT))
    return events_exhausted(recorded, slo.target, length, at, rate, pace)


def _chance(slo: Slo, recorded: Recorded, window: Span, at: Instant) -> float | None:
    if not isinstance(recorded, Tally) or slo.window.rolling:
        return None
    past = recorded.measure(window[0], at)
    coming = round(recorded.expected(at, window[1]))
    left = floor((1 - slo.target) * (past.counted + coming)) - past.bad
    return chance_of_exhaustion(past.counted, past.bad, left, coming)
