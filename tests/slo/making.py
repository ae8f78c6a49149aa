"""Objectives made by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from analyticsops.slo.objective import Slo, Window
from analyticsops.slo.spans import DAY
from analyticsops.slo.spec.indicators import AnyIndicator, Freshness
from analyticsops.slo.spec.words import Duration


def slo(indicator: AnyIndicator, **more: Any) -> Slo:
    """An objective of 90% over 28 days of the job `nightly`, or of what ``more`` says."""
    given: dict[str, Any] = {
        "name": indicator.type,
        "subject": more.get("node") or "nightly",
        "target": Fraction(9, 10),
        "window": Window(rolling=28 * DAY),
    }
    return Slo(indicator=indicator, **{**given, **more})


def freshness_slo(node: str, threshold: Duration, **more: Any) -> Slo:
    """Of a node's data end to end."""
    return slo(Freshness(threshold=threshold, scope="end_to_end"), node=node, **more)
