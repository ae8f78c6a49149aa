"""Game days: faults played against the objectives of a workspace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache

import msgspec

from analyticsops.errors import UsageError
from analyticsops.evaluating import declared_objectives, judge, observe_history
from analyticsops.history.store import Store
from analyticsops.slo import evaluate as judging
from analyticsops.slo.evaluate import Context
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.gameday.choosing import at_random, named, one_of_each
from analyticsops.slo.gameday.fault import Fault
from analyticsops.slo.gameday.play import Played, play, usual_objectives
from analyticsops.slo.gameday.rehearsal import Rehearsal, known_at, rehearse
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Instant, instant_of
from analyticsops.slo.spec.declared import Declared
from analyticsops.workspace import Workspace

HOURS = 8
"""So long a game goes on."""

REHEARSED = 3 * DAY
"""Microseconds that went well before, where there is no history."""


class NotPlayed(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that could not be brought about for real.

    Attributes:
        label: what people call its target.
        why: it could not.
    """

    fault: Fault
    label: str
    why: str


class GameDay(msgspec.Struct, frozen=True, kw_only=True):
    """What was played.

    Attributes:
        recorded: True on the project's own history, False on one that was rehearsed.
        own: True with the objectives that the project declares, False with usual ones.
        hours: that each game went on.
        every: microseconds from one evaluation to the next.
        played: by fault.
        executed: True if dbt ran for real, on a copy of the project.
        left_out: faults that could not be played for real.
    """

    recorded: bool
    own: bool
    hours: int
    every: int
    played: tuple[Played, ...]
    executed: bool = False
    left_out: tuple[NotPlayed, ...] = ()

    @property
    def went_well(self) -> bool:
        """True if something was played, and all that could be told was, with the right cause."""
        well = all(one.verdict in ("right", "nothing to tell") for one in self.played)
        return well and bool(self.played)


def game_day(
    workspace: Workspace,
    store: Store | None = None,
    *,
    environment: str = "",
    faults: Sequence[str] = (),
    random: int = 0,
    seed: int = 0,
    hours: int = HOURS,
    every: int = 15 * MINUTE,
    now: datetime | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> GameDay:
    """Play faults.

    Args:
        store: the history to play on: the last hours of it are played again with a fault in
            them. None to rehearse: an hourly job that goes well.
        environment: whose runs count.
        faults: as ``kind:target``; by default one of each kind where it hurts most.
        random: instead, so many random ones.
        seed: of these.
        hours: that each game goes on.
        every: microseconds from one evaluation to the next.
        now: end of the game; by default the present.
        tell: told how many faults were played, of how many.

    Raises:
        UsageError: there is no such fault, or the history is too short.
        NotFoundError: there is no such target.
        ConfigError: a file in `slos/` is wrong.
    """
    declared = declared_objectives(workspace)
    end = instant_of(now or datetime.now(UTC))
    begin = end - hours * HOUR
    own = bool(declared.slos)
    if store is None:
        how = Rehearsal()
        end, begin = end // HOUR * HOUR, end // HOUR * HOUR - hours * HOUR
        observed = rehearse(workspace.project, (begin - REHEARSED, end), how)
        declared = declared if own else usual_objectives(workspace.project, how)
    else:
        span = judging.span_of(declared.slos, end)
        chosen = environment or declared.shared.environment
        observed = observe_history(store, span, chosen, workspace.project.name)
        _require(observed, begin)
    at = begin + 7 * MINUTE
    if random:
        wanted = at_random(workspace.project, observed, at, random, seed)
    elif faults:
        wanted = tuple(named(workspace.project, observed, text, at) for text in faults)
    else:
        wanted = one_of_each(workspace.project, observed, at)
    played = _play(workspace, declared, observed, wanted, end, every, tell)
    return GameDay(recorded=store is not None, own=own, hours=hours, every=every, played=played)


def _require(observed: Observed, begin: Instant) -> None:
    before = [run for run in observed.runs if run.started < begin]
    after = [run for run in observed.runs if run.started >= begin]
    if len(before) < 2 or not after:
        raise UsageError(
            f"the history has {len(before)} runs before the game and {len(after)} in it",
            where="--history",
            hint="leave it out to rehearse on runs that go well, or name more --hours",
        )


def _play(
    workspace: Workspace,
    declared: Declared,
    observed: Observed,
    faults: Sequence[Fault],
    end: Instant,
    every: int,
    tell: Callable[[int, int], None] | None,
) -> tuple[Played, ...]:
    def judged(seen: Observed, at: Instant) -> Evaluation:
        return judge(Context(workspace.project, declared, seen, at))

    @cache
    def usual(at: Instant) -> frozenset[str]:
        found = judged(known_at(observed, at), at)
        return frozenset(one.root.id for one in found.incidents)

    played: list[Played] = []
    for number, fault in enumerate(faults):
        played.append(
            play(workspace.project, observed, fault, judged, usual, until=end, every=every)
        )
        if tell is not None:
            tell(number + 1, len(faults))
    return tuple(played)
