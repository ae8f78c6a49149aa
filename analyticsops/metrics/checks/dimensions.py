"""What a metric aggregates in the end, and what it can be grouped by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from analyticsops.metrics.definitions import Aggregation, Definition
from analyticsops.metrics.query.grains import GRAINS, rank
from analyticsops.metrics.semantic_layer import SemanticLayer, SemanticModel, grain_of

_DEEPEST = 20


def aggregations_of(
    definitions: Mapping[str, Definition], layer: SemanticLayer, name: str, depth: int = 0
) -> Iterator[Aggregation]:
    """Those of a metric and of whatever it is computed from; none of a SQL metric."""
    definition = definitions.get(name)
    if definition is None or depth > _DEEPEST:
        return
    if definition.aggregation is not None:
        yield definition.aggregation
    for part in definition.inputs:
        found = layer.measure(part.name) if "measure" in part.role else None
        if found is not None:
            yield found
        elif part.name in definitions and "measure" not in part.role:
            yield from aggregations_of(definitions, layer, part.name, depth + 1)


def dimensions_of(layer: SemanticLayer, aggregations: Sequence[Aggregation]) -> list[str]:
    """What all of them can be grouped by, but times: ``order__status``, and what one join
    further is, ``customer__country``."""
    models = [layer.models.get(found.semantic_model) for found in aggregations]
    if not models or None in models:
        return []
    sets = [_categories(layer, model) for model in models if model is not None]
    return sorted(set.intersection(*map(set, sets)))


def finest_grain(layer: SemanticLayer, aggregations: Sequence[Aggregation]) -> str:
    """The finest grain by which all of them are known, a day at the least; empty if one of
    them has no time."""
    grains = ["day"]
    for found in aggregations:
        model = layer.models.get(found.semantic_model)
        time = model.dimensions.get(model.time_of(found)) if model is not None else None
        grain = grain_of(time) or "day" if time is not None else ""
        if grain not in GRAINS:
            return ""
        grains.append(grain)
    return max(grains, key=rank)


def _categories(layer: SemanticLayer, model: SemanticModel) -> Iterator[str]:
    yield from (f"{model.primary}__{name}" for name in _own(model) if model.primary)
    for entity in model.entities:
        others = [
            other
            for other in layer.models.values()
            if other.name != model.name and other.holds_one(entity)
        ]
        for other in others:
            for name in _own(other):
                way = layer.way(model, (entity, name))
                if way.element is not None and not way.fault:
                    yield f"{entity}__{name}"


def _own(model: SemanticModel) -> list[str]:
    return [name for name, part in model.dimensions.items() if part.get("type") != "time"]
