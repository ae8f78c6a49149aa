"""The registry of metrics."""

from __future__ import annotations

import msgspec

from analyticsops.metric_cards import MetricCard


class MetricShadow(msgspec.Struct, frozen=True, kw_only=True):
    """A column that computes what a metric computes."""

    metric: str
    node: str
    column: str
    likeness: str


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """Metrics that mean the same, and in what they do."""

    metrics: tuple[str, ...]
    text: str


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """The registry.

    Attributes:
        problem: why there is none, if it cannot be read.
    """

    cards: tuple[MetricCard, ...]
    duplicates: tuple[Duplicate, ...]
    shadows: tuple[MetricShadow, ...]
    problem: str = ""
