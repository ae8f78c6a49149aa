"""A question to metrics -> one query, a step for each metric that it is made of.

The rules are MetricFlow's (`metricflow.dataflow.builder.dataflow_plan_builder`, 0.213), and
its answers judge ours. What is not surely answered alike is refused, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import indent
from typing import NamedTuple

from analyticsops.errors import NotFoundError, UnsupportedError
from analyticsops.invisible import hidden_in_code
from analyticsops.metrics.definitions import NO_FILL, Definition, Fill, Input
from analyticsops.metrics.filters import Filter, Reference
from analyticsops.metrics.query.aggregating import Aggregator, Shift, Simple, is_timed
from analyticsops.metrics.query.conversions import matched_conversions
from analyticsops.metrics.query.request import Group, MetricQuery, filter_of
from analyticsops.metrics.query.sql_metric import sql_metric
from analyticsops.metrics.query.text import Column, Names, select
from analyticsops.metrics.semantic_layer import SemanticLayer
from analyticsops.sql.time_functions import fraction

_DEEPEST = 20
"""Metrics made of metrics made of ..."""

_NOT_A_WORD = re.compile(r"\W")
_UNION = "\nunion all\n"


class Part(NamedTuple):
    """A query with the columns of the groups, and one number.

    Attributes:
        name: of the number.
        fill: what it is where there is none.
    """

    sql: str
    name: str
    fill: Fill = NO_FILL


class _Asked(NamedTuple):
    """One metric, as somebody asks for it.

    Attributes:
        own: filters of its definition.
        filters: those of whoever asks.
        called: the name of its column.
        shift: of which other period; None for none.
    """

    definition: Definition
    groups: Sequence[Group]
    own: Sequence[Filter]
    filters: Sequence[Filter]
    called: str
    shift: Shift | None

    @property
    def every(self) -> list[Filter]:
        """All conditions."""
        return [*self.own, *self.filters]


def compile_query(
    definitions: Mapping[str, Definition],
    layer: SemanticLayer,
    dialect: str,
    query: MetricQuery,
) -> str:
    """The SQL of a question, in the project's dialect.

    Raises:
        NotFoundError: no such metric.
        UnsupportedError: the question is refused, with the reason.
    """
    return _Compiler(definitions, layer, dialect).query(query)


class _Compiler:
    def __init__(
        self, definitions: Mapping[str, Definition], layer: SemanticLayer, dialect: str
    ) -> None:
        self._definitions = definitions
        self._layer = layer
        self._dialect = dialect
        self._names = Names(dialect)
        self._aggregator = Aggregator(layer, dialect, self._metric_rows)
        self._steps: dict[str, str] = {}
        self._depth = 0

    def query(self, query: MetricQuery) -> str:
        """All metrics side by side."""
        parts = [self._metric(name, query.by, query.where) for name in query.metrics]
        source = self._combined(parts, query.by)
        numbers = [Column(self._names(part.name), part.name) for part in parts]
        order = [f"{self._names(name)}{' desc' if down else ''}" for name, down in query.order]
        last = select(
            self._names,
            [*self._aggregator.keys(query.by), *numbers],
            [f"from {source}"],
            order=order,
            limit=query.limit,
        )
        steps = [f"{name} as (\n{indent(sql, '    ')}\n)" for name, sql in self._steps.items()]
        found = "with " + ",\n\n".join(steps) + "\n\n" + last
        if hidden := hidden_in_code(found):
            what = f"a name or text in it has a character that nobody sees: {hidden}"
            raise UnsupportedError(what)
        return found

    def _step(self, name: str, sql: str) -> str:
        """Give a query a name, for those after it."""
        name = _NOT_A_WORD.sub("_", name)
        free = name
        number = 2
        while free in self._steps:
            if self._steps[free] == sql:
                return free
            free = f"{name}_{number}"
            number += 1
        self._steps[free] = sql
        return free

    # -- metrics by type -----------------------------------------------------------

    def _metric(
        self,
        name: str,
        groups: Sequence[Group],
        filters: Sequence[Filter],
        called: str = "",
        shift: Shift | None = None,
    ) -> Part:
        definition = self._definitions.get(name)
        if definition is None:
            raise NotFoundError("metric", name, self._definitions)
        build = {
            "simple": self._simple,
            "ratio": self._ratio,
            "derived": self._derived,
            "cumulative": self._cumulative,
            "conversion": self._conversion,
            "sql": self._sql,
        }.get(definition.type)
        if build is None:
            raise UnsupportedError(f"{name} is of type {definition.type!r}")
        if self._depth > _DEEPEST:
            raise UnsupportedError(f"{name} is made of itself, or of too many others")
        own = [filter_of(text) for text in definition.filters] if definition.type != "sql" else []
        self._depth += 1
        part = build(_Asked(definition, groups, own, filters, called or name, shift))
        self._depth -= 1
        return part

    def _simple(self, asked: _Asked) -> Part:
        simple = self._aggregation_of(asked.definition)
        sql = self._aggregator.simple(
            simple, asked.groups, asked.own, asked.filters, asked.called, asked.shift
        )
        return Part(sql, asked.called, simple.fill)

    def _ratio(self, asked: _Asked) -> Part:
        roles = {part.role: part for part in asked.definition.inputs}
        if not {"numerator", "denominator"} <= roles.keys():
            raise UnsupportedError(
                f"ratio {asked.definition.name} lacks a numerator or denominator"
            )
        parts = [self._input(roles[role], asked, role) for role in ("numerator", "denominator")]
        return self._computed(asked, parts, self._quotient("numerator", "denominator"))

    def _derived(self, asked: _Asked) -> Part:
        definition = asked.definition
        if not definition.inputs or not definition.expr:
            raise UnsupportedError(f"derived metric {definition.name} has no inputs or no expr")
        parts = [self._input(part, asked, part.called) for part in definition.inputs]
        return self._computed(asked, parts, definition.expr)

    def _input(self, part: Input, asked: _Asked, called: str) -> Part:
        shifted = part.offset[1] or part.to_grain
        shift = Shift(*part.offset, part.to_grain) if shifted else None
        own = [filter_of(text) for text in part.filters]
        return self._metric(part.name, asked.groups, [*asked.every, *own], called, shift)

    def _cumulative(self, asked: _Asked) -> Part:
        definition = asked.definition
        if asked.shift is not None:
            raise UnsupportedError(f"{definition.name} is cumulative and of another period")
        simple = self._aggregation_of(definition)
        if simple.fill.all_days:
            raise UnsupportedError(f"{definition.name} is cumulative and joined to the time spine")
        scope = self._aggregator.scope(simple.aggregation)
        filters = [*asked.every, *(filter_of(text) for text in simple.filters)]
        times = [group for group in asked.groups if scope.is_time(group.reference)]
        if times:
            sql = self._aggregator.over_time(
                scope, definition, asked.groups, times, filters, asked.called, simple.fill
            )
            return Part(sql, asked.called)
        timed = definition.length[1] or definition.grain_to_date
        if timed or any(is_timed(scope, f) for f in filters):
            raise UnsupportedError(f"{definition.name} adds up over time: group by metric_time")
        sql = self._aggregator.aggregated(scope, asked.groups, filters, asked.called, simple.fill)
        return Part(sql, asked.called)

    def _conversion(self, asked: _Asked) -> Part:
        definition, groups = asked.definition, asked.groups
        if asked.shift is not None:
            raise UnsupportedError(f"{definition.name} is a conversion of another period")
        roles = {part.role.split()[-1]: part for part in definition.inputs}
        if not {"base", "conversion"} <= roles.keys():
            raise UnsupportedError(f"conversion {definition.name} lacks its base or conversion")
        base, conversion = (self._simple_of(roles[role]) for role in ("base", "conversion"))
        if base.fill.all_days or conversion.fill.all_days:
            raise UnsupportedError(f"{definition.name} converts and is joined to the time spine")
        mine = [*asked.every, *(filter_of(text) for text in base.filters)]
        scope = self._aggregator.scope(base.aggregation)
        events = self._aggregator.aggregated(scope, groups, mine, "events", base.fill)
        matched = matched_conversions(self._aggregator, definition, base, conversion, groups, mine)
        parts = [
            Part(events, "events", base.fill),
            Part(matched, "conversions", conversion.fill),
        ]
        counted = definition.calculation == "conversions"
        expression = "conversions" if counted else self._quotient("conversions", "events")
        return self._computed(asked, parts, expression)

    def _sql(self, asked: _Asked) -> Part:
        if asked.shift is not None:
            raise UnsupportedError(f"{asked.definition.name} is a SQL metric of another period")
        sql = sql_metric(
            self._layer.project,
            self._dialect,
            asked.definition,
            asked.groups,
            asked.filters,
            asked.called,
        )
        return Part(sql, asked.called)

    def _metric_rows(self, metric: str, entity: str) -> str:
        """A metric by an entity, for filters on it."""
        part = self._metric(metric, [Group(Reference("Entity", (entity,)))], [])
        return self._step(f"{metric}_by_{entity}", part.sql)

    # -- numbers side by side --------------------------------------------------------

    def _quotient(self, above: str, below: str) -> str:
        """A ratio: NULL where there is nothing to divide by, as in MetricFlow."""
        over = fraction(f"nullif({below}, 0)", self._dialect)
        return f"{fraction(above, self._dialect)} / {over}"

    def _computed(self, asked: _Asked, parts: Sequence[Part], expression: str) -> Part:
        """An expression over several numbers."""
        source = self._combined(parts, asked.groups, f"{asked.called}_inputs")
        columns = [*self._aggregator.keys(asked.groups), Column(expression, asked.called)]
        part = Part(select(self._names, columns, [f"from {source}"]), asked.called)
        return self._nested(asked, part) if asked.shift is not None else part

    def _nested(self, asked: _Asked, part: Part) -> Part:
        """A whole computed metric of another period."""
        leaves = self._leaves(asked.definition)
        scopes = [self._aggregator.scope(simple.aggregation) for simple in leaves]
        times = [g for g in asked.groups if all(scope.is_time(g.reference) for scope in scopes)]
        if any(is_timed(scope, f) for scope in scopes for f in asked.filters):
            raise UnsupportedError(
                f"{part.name} is of another period: a filter on time means either"
            )
        if not times:
            raise UnsupportedError(f"{part.name} is of another period: group by metric_time")
        if asked.filters and any(simple.fill.all_days for simple in leaves):
            raise UnsupportedError(
                f"{part.name} is of another period, filtered and on the time spine"
            )
        sql = self._aggregator.on_spine(
            scopes[0], part.sql, asked.groups, times, [], part.name, asked.shift
        )
        return Part(sql, part.name)

    def _combined(
        self, parts: Sequence[Part], groups: Sequence[Group], name: str = "side_by_side"
    ) -> str:
        """Several numbers of the same groups in one row each. Where one of them has no row it
        is NULL, or what it is filled with."""
        steps = [self._step(f"{part.name}_values", part.sql) for part in parts]
        if len(parts) == 1:
            return steps[0]
        keys = self._aggregator.keys(groups)
        branches = [
            select(
                self._names,
                [*keys, *(self._number(other, part) for other in parts)],
                [f"from {step}"],
            )
            for part, step in zip(parts, steps, strict=True)
        ]
        every = self._step(f"{name}_rows", _UNION.join(branches))
        numbers = [
            Column(self._aggregator.coalesced(f"max({self._names(p.name)})", p.fill), p.name)
            for p in parts
        ]
        group = [key.sql for key in keys]
        sql = select(self._names, [*keys, *numbers], [f"from {every}"], group=group)
        return self._step(name, sql)

    def _number(self, wanted: Part, there: Part) -> Column:
        return Column(self._names(wanted.name) if wanted is there else "null", wanted.name)

    # -- definitions -------------------------------------------------------------------

    def _aggregation_of(self, definition: Definition) -> Simple:
        """What a simple metric, or the one that a cumulative metric is over, aggregates."""
        if definition.aggregation is not None and definition.type == "simple":
            return Simple(definition.aggregation, (), definition.fill)
        if len(definition.inputs) != 1:
            raise UnsupportedError(f"{definition.name} has no measure")
        return self._simple_of(definition.inputs[0])

    def _simple_of(self, part: Input) -> Simple:
        if "metric" not in part.role:
            found = self._layer.measure(part.name)
            if found is None:
                raise UnsupportedError(f"there is no measure {part.name!r}")
            return Simple(found, part.filters, part.fill)
        definition = self._definitions.get(part.name)
        if definition is None or definition.type != "simple":
            raise UnsupportedError(f"{part.name!r} is no simple metric")
        simple = self._aggregation_of(definition)
        filters = (*definition.filters, *simple.filters, *part.filters)
        return Simple(simple.aggregation, filters, simple.fill)

    def _leaves(self, definition: Definition) -> list[Simple]:
        if definition.type == "simple":
            return [self._aggregation_of(definition)]
        if definition.type not in ("ratio", "derived"):
            raise UnsupportedError(f"{definition.name} is {definition.type} and of another period")
        names = [part.name for part in definition.inputs]
        return [leaf for name in names for leaf in self._leaves(self._definitions[name])]
