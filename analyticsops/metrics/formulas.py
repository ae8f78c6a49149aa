"""What a metric computes, in one line."""

from __future__ import annotations

from collections.abc import Callable

from analyticsops.metrics.definitions import Aggregation, Definition, Input

Measures = Callable[[str], Aggregation | None]
"""From the name of a measure to what it is."""


def formula(definition: Definition, measures: Measures) -> str:
    """In terms of measures and other metrics; empty if the definition is not understood."""
    kind, inputs = definition.type, definition.inputs
    if kind == "sql":
        return definition.expr
    if kind == "ratio" and len(inputs) == 2:
        return f"{_input(inputs[0])} / {_input(inputs[1])}"
    if kind == "derived":
        return _derived(definition)
    if kind == "conversion" and len(inputs) == 2:
        within = f" within {definition.window}" if definition.window else ""
        what = (definition.calculation or "conversion_rate").replace("_", " ")
        ends = f"from {_input(inputs[0])} to {_input(inputs[1])}"
        return f"{what} {ends} by {definition.entity}{within}"
    if definition.aggregation is not None:
        return _aggregate(definition.aggregation)
    if not inputs:
        return ""
    inner = _measured(inputs[0], measures)
    return _cumulative(definition, inner) if kind == "cumulative" else inner


def _derived(definition: Definition) -> str:
    """The expression, and what those of its names mean that are no plain metrics."""
    told = []
    for part in definition.inputs:
        meant = _input(part) + (f" {part.shift}" if part.shift else "")
        if part.called != meant:
            told.append(f"{part.called} = {meant}")
    return f"{definition.expr}, where {' and '.join(told)}" if told else definition.expr


def _input(part: Input) -> str:
    """Name of an input; ``[filtered]`` if it has a filter of its own."""
    return f"{part.name} [filtered]" if part.filters else part.name


def _measured(part: Input, measures: Measures) -> str:
    found = measures(part.name) if part.role == "measure" else None
    return _aggregate(found) if found is not None else _input(part)


def _aggregate(aggregation: Aggregation) -> str:
    share = next((text for text in aggregation.params if text.startswith("percentile: ")), "")
    more = f", {share.partition(': ')[2]}" if share else ""
    return f"{aggregation.agg or 'agg'}({aggregation.expr or '*'}{more})"


def _cumulative(definition: Definition, inner: str) -> str:
    if definition.window:
        return f"{inner} over the last {definition.window}"
    grain = definition.grain_to_date
    return f"{inner}, {grain} to date" if grain else f"{inner}, all time"
