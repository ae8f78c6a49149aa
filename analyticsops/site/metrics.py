"""The registry as the page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from analyticsops.metric_cards import MetricCard
from analyticsops.metrics.registry import Registry
from analyticsops.metrics.shadows import find_shadows
from analyticsops.site.model.metrics import Duplicate, Metrics, MetricShadow


def metrics_of(registry: Registry, cards: Sequence[MetricCard]) -> Metrics:
    """All metrics, those that mean the same, and columns that compute one."""
    return Metrics(
        cards=tuple(cards),
        duplicates=tuple(_duplicates(registry)),
        shadows=tuple(
            MetricShadow(
                metric=one.metric, node=one.node, column=one.column, likeness=one.likeness.value
            )
            for one in find_shadows(registry)
        ),
    )


def _duplicates(registry: Registry) -> Iterator[Duplicate]:
    """Metrics with one fingerprint. Those whose meaning is not known are like nothing."""
    found: dict[str, list[str]] = {}
    for name, meaning in registry.meant.metrics.items():
        if not meaning.opaque:
            found.setdefault(meaning.fingerprint, []).append(name)
    for names in sorted(found.values()):
        if len(names) > 1:
            yield Duplicate(metrics=tuple(sorted(names)), text=_values(registry, names))


def _values(registry: Registry, names: Iterable[str]) -> str:
    formulas: Mapping[str, str] = {entry.name: entry.formula for entry in registry.entries}
    return formulas.get(min(names), "")
