"""Evaluations made by hand, for what is told of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analyticsops.slo.budget import Timeline
from analyticsops.slo.clocks import Lag
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.incident import Incident
from analyticsops.slo.objective import Slo, Window
from analyticsops.slo.observed import Observed
from analyticsops.slo.recorded.timelines import Oldest
from analyticsops.slo.spans import DAY, HOUR, Instant, Spans
from analyticsops.slo.spec.declared import Declared
from analyticsops.slo.spec.indicators import Freshness
from analyticsops.slo.spec.reading import SharedSettings
from analyticsops.slo.spec.words import Duration
from analyticsops.slo.standing import Standing, stand
from analyticsops.slo.tally import Event, Tally

NOW = 1_800_000_000 * 1_000_000
SOURCE = "source.shop.raw.orders"


def slo(**more: Any) -> Slo:
    """A freshness objective on a mart."""
    return Slo(
        **{
            "name": "fresh",
            "subject": "orders",
            "node": "model.shop.orders",
            "indicator": Freshness(threshold=Duration(2 * HOUR), scope="end_to_end"),
            "target": Fraction(99, 100),
            "window": Window(rolling=28 * DAY),
            "tier": "critical",
            "owner": "finance",
            **more,
        }
    )


def loaded(promised: Slo, data: Instant, now: Instant, *, start: Instant | None = None) -> Standing:
    """How it stands if the last data is of a time, and nothing came since."""
    threshold = promised.indicator.threshold  # type: ignore[union-attr]
    ends = data + threshold
    begin = start if start is not None else now - 28 * DAY
    line = Timeline(
        scope=Spans.of([(begin, now + 1)]),
        bad=Spans.of([(ends, now + 1)]) if ends < now else Spans(),
    )
    oldest = Oldest(SOURCE, data, threshold, Lag(now - data, 0, SOURCE))
    found = stand(promised, line, now)
    return msgspec.structs.replace(found, oldest=oldest, runs_out=ends)


def counted(promised: Slo, goods: Sequence[bool], now: Instant) -> Standing:
    """How it stands after one event a day, the last an hour ago."""
    events = [
        Event(now - HOUR - place * DAY, bad=int(not good))
        for place, good in enumerate(reversed(goods))
    ]
    return stand(promised, Tally(events=tuple(reversed(events))), now)


def evaluation(
    *standings: Standing,
    at: Instant = NOW,
    incidents: tuple[Incident, ...] = (),
    shared: SharedSettings | None = None,
) -> Evaluation:
    """An evaluation of the project `shop`."""
    slos = tuple(one.slo for one in standings)
    return Evaluation(
        project="shop",
        environment="prod",
        at=at,
        declared=Declared(slos=slos, invalid=(), shared=shared or SharedSettings()),
        observed=Observed(span=(at - 28 * DAY, at)),
        standings=standings,
        incidents=incidents,
    )


def judged(tool: str, *arguments: str, folder: Path) -> str:
    """Output of a tool that must be content.

    It is skipped where the tool is not installed; CI installs it.
    """
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed (apt-get install prometheus prometheus-alertmanager)")
    done = subprocess.run(
        [tool, *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
