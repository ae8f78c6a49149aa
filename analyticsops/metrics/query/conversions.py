"""Conversion metrics: of two kinds of events of one entity, those that the other followed."""

from __future__ import annotations

from collections.abc import Sequence

from analyticsops.metrics.definitions import Definition
from analyticsops.metrics.filters import Filter, Reference
from analyticsops.metrics.query.aggregates import aggregate
from analyticsops.metrics.query.aggregating import Aggregator, Simple
from analyticsops.metrics.query.request import Group, filter_of, with_grain
from analyticsops.metrics.query.scope import TIME, Scope
from analyticsops.metrics.query.text import Column, inside, select
from analyticsops.sql.time_functions import earlier


def matched_conversions(
    aggregator: Aggregator,
    definition: Definition,
    base: Simple,
    conversion: Simple,
    groups: Sequence[Group],
    filters: Sequence[Filter],
) -> str:
    """Conversions, each shown where the last event before it is."""
    event, later = aggregator.scope(base.aggregation), aggregator.scope(conversion.aggregation)
    on = [f"b.entity = c.entity and b.{TIME} <= c.{TIME}"]
    count, unit = definition.length
    if unit:
        start = earlier(f"c.{TIME}", count, unit.rstrip("s"), aggregator.dialect)
        on.append(f"b.{TIME} > {start}")
    keys = [Column(event.column(group.reference), group.column) for group in groups]
    constants = [
        (event.column(_property(event, mine)), later.column(_property(later, theirs)))
        for mine, theirs in definition.constants
    ]
    pairs = [f"property_{number}" for number in range(len(constants))]
    on += [f"b.{pair} = c.{pair}" for pair in pairs]
    b_columns = [
        Column(event.key(definition.entity), "entity"),
        Column(event.moment(), TIME),
        *keys,
        *(Column(mine, pair) for (mine, _), pair in zip(constants, pairs, strict=True)),
    ]
    c_columns = [
        Column(later.key(definition.entity), "entity"),
        Column(later.moment(), TIME),
        Column(later.value, "number"),
        Column("row_number() over (order by 1)", "one"),
        *(Column(theirs, pair) for (_, theirs), pair in zip(constants, pairs, strict=True)),
    ]
    where = [event.condition(f) for f in filters]
    theirs = [later.condition(filter_of(text)) for text in conversion.filters]
    b = inside(select(aggregator.names, b_columns, event.source(), where=where))
    c = inside(select(aggregator.names, c_columns, later.source(), where=theirs))
    nth = f"row_number() over (partition by c.one order by b.{TIME} desc)"
    matched = select(
        aggregator.names,
        [
            *(Column(f"b.{aggregator.names(key.name)}", key.name) for key in keys),
            Column("c.number", "number"),
            Column(nth, "nth"),
        ],
        [f"from {b} as b", f"join {c} as c\n    on {' and '.join(on)}"],
    )
    number = aggregate(conversion.aggregation, "number", aggregator.dialect)
    return select(
        aggregator.names,
        [*aggregator.keys(groups), Column(number, "conversions")],
        [f"from {inside(matched)} as matched"],
        where=["nth = 1"],
        group=[aggregator.names(group.column) for group in groups],
    )


def _property(scope: Scope, name: str) -> Reference:
    """A property of an event: a dimension or entity of its own, or one reached by a way."""
    path = tuple(name.split("__"))
    if len(path) == 1 and name in scope.model.dimensions:
        return with_grain(Reference("Dimension", (scope.model.primary, name)))
    return with_grain(Reference("Entity" if len(path) == 1 else "Dimension", path))
