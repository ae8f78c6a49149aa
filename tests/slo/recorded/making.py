"""Runs, builds and checks of two weeks, and what an objective makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from analyticsops.history.retries import Chain
from analyticsops.slo.objective import Slo
from analyticsops.slo.observed import Build, Observed, Run
from analyticsops.slo.recorded.asked import Asked, Opened
from analyticsops.slo.recorded.tallies import tally
from analyticsops.slo.schedule import Schedule
from analyticsops.slo.spans import DAY, HOUR, MINUTE, Spans, instant_of, time_of
from analyticsops.slo.spec.entries import PricesEntry
from analyticsops.slo.tally import Tally

MONDAY = instant_of(datetime(2026, 11, 2, tzinfo=UTC))
NOW = MONDAY + 14 * DAY
NODE = "model.shop.orders"
NIGHTLY = Schedule(cron="0 5 * * *", grace=2 * HOUR)


def run(name: str, start: int, verdict: str = "ok", took: int = HOUR, **more: Any) -> Run:
    ended = start + took if verdict in ("ok", "failed") else None
    one = Run(name, start, ended, "nightly", verdict, "build", False, took, "", False)
    return one._replace(**more)


def build(name: str, at: int, outcome: str = "good", **more: Any) -> Build:
    one = Build(NODE, name, at, at, at + MINUTE, outcome, True, False, 60.0, 5, None, None, "", "")
    return one._replace(**more)


def taken(objective: Slo, now: int = NOW, until: int = 0, **more: Any) -> Tally:
    """What is known of it two weeks later."""
    incidents: Sequence[Opened] = more.pop("incidents", ())
    prices = more.pop("prices", PricesEntry())
    span = (MONDAY, now)
    asked = Asked(objective, Observed(span=span, **more), span, now, prices, incidents)
    return tally(asked, Spans.one(MONDAY, max(until, now)), max(until, now))


def judged(objective: Slo, now: int = NOW, **more: Any) -> str:
    """A letter for each event: good, bad, unknown."""
    events = taken(objective, now, **more).events
    return "".join("u" if one.unknown else "b" if one.bad else "g" for one in events)


def told(objective: Slo, now: int = NOW, **more: Any) -> list[str]:
    """Each event in words: when, in which run, what and why."""
    lines = []
    for one in taken(objective, now, **more).events:
        what = "unknown" if one.unknown else f"{one.bad}/{one.total} bad" if one.bad else "good"
        parts = (f"{time_of(one.at):%a %H:%M}", one.run, what, one.why and f"({one.why})")
        lines.append(" ".join(filter(None, parts)))
    return lines


def chain_of(*attempts: str) -> Chain:
    return Chain(attempts=attempts, started_at=time_of(MONDAY), first_ok=True, final_ok=True)


def chained(*runs: Sequence[Run]) -> dict[str, Any]:
    """Runs, each with its retries."""
    flat = tuple(sorted((one for chain in runs for one in chain), key=lambda one: one.started))
    chains = tuple(chain_of(*(one.id for one in chain)) for chain in runs)
    return {"runs": flat, "chains": chains}


def due(day: int) -> int:
    return MONDAY + day * DAY + 5 * HOUR
