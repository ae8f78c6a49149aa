"""The rows of one aggregation -> its numbers: in groups, of another period, along all days,
summed up over time. Each is a query with the columns of the groups and the number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from analyticsops.errors import UnsupportedError
from analyticsops.metrics.definitions import NO_FILL, Aggregation, Definition, Fill
from analyticsops.metrics.filters import Filter, Reference
from analyticsops.metrics.query import spine as spines
from analyticsops.metrics.query.aggregates import aggregate
from analyticsops.metrics.query.grains import rank
from analyticsops.metrics.query.request import Group, filter_of
from analyticsops.metrics.query.scope import TIME, MetricRows, Scope
from analyticsops.metrics.query.text import Column, Names, inside, select
from analyticsops.metrics.semantic_layer import SemanticLayer
from analyticsops.sql.time_functions import earlier, truncated


class Shift(NamedTuple):
    """A number of another period: so many units earlier, or of the start of a grain."""

    units: int = 0
    unit: str = ""
    to_grain: str = ""

    @property
    def grain(self) -> str:
        """That decides at which grain it can be taken."""
        return (self.unit or self.to_grain).rstrip("s")


class Simple(NamedTuple):
    """What a simple metric aggregates, of which rows.

    Attributes:
        filters: templates of its own.
    """

    aggregation: Aggregation
    filters: tuple[str, ...]
    fill: Fill


class Aggregator:
    """Writes the queries of single aggregations.

    Args:
        metric_rows: how a filter on another metric gets its values.
    """

    def __init__(self, layer: SemanticLayer, dialect: str, metric_rows: MetricRows) -> None:
        self._layer = layer
        self._metric_rows = metric_rows
        self.dialect = dialect
        self.names = Names(dialect)

    def scope(self, aggregation: Aggregation) -> Scope:
        """Its rows."""
        return Scope(self._layer, self.dialect, aggregation, self._metric_rows)

    def keys(self, groups: Sequence[Group]) -> list[Column]:
        """The columns of the groups, as they are called in a query further in."""
        return [Column(self.names(group.column), group.column) for group in groups]

    def coalesced(self, expression: str, fill: Fill) -> str:
        """What is there instead of NULL."""
        return expression if fill.value is None else f"coalesce({expression}, {fill.value})"

    def simple(
        self,
        simple: Simple,
        groups: Sequence[Group],
        own: Sequence[Filter],
        filters: Sequence[Filter],
        called: str,
        shift: Shift | None = None,
    ) -> str:
        """A simple metric.

        Args:
            own: filters of its definition.
            filters: those of whatever asks for it.
        """
        scope = self.scope(simple.aggregation)
        mine = [*own, *(filter_of(text) for text in simple.filters)]
        times = [group for group in groups if scope.is_time(group.reference)]
        if shift is not None:
            return self._shifted(scope, groups, times, mine, filters, called, shift, simple.fill)
        every = [*mine, *filters]
        if not (simple.fill.all_days and times):
            return self.aggregated(scope, groups, every, called, simple.fill)
        sql = self.aggregated(scope, groups, every, called)
        on_time = [f for f in every if only_time(scope, f)]
        sql = self.on_spine(
            scope, sql, groups, times, on_time, called, how="left", fill=simple.fill
        )
        return self._again(scope, sql, groups, filters)

    def _aggregate(self, scope: Scope) -> str:
        return aggregate(scope.aggregation, scope.value, self.dialect)

    def aggregated(
        self,
        scope: Scope,
        groups: Sequence[Group],
        filters: Sequence[Filter],
        called: str,
        fill: Fill = NO_FILL,
    ) -> str:
        """The rows of a scope in groups."""
        keys = [Column(scope.column(group.reference), group.column) for group in groups]
        where = [scope.condition(f) for f in filters]
        if scope.aggregation.non_additive:
            return self._last_only(scope, groups, keys, where, called, fill)
        return select(
            self.names,
            [*keys, Column(self.coalesced(self._aggregate(scope), fill), called)],
            scope.source(),
            where=where,
            group=[key.sql for key in keys],
        )

    def _last_only(
        self,
        scope: Scope,
        groups: Sequence[Group],
        keys: Sequence[Column],
        where: Sequence[str],
        called: str,
        fill: Fill,
    ) -> str:
        """Of a number that is not summed over time: only the last (or first) moment of each
        entity, and of each period that is asked for."""
        rule = scope.aggregation.non_additive
        dimension = str(rule.get("name") or "")
        choice = str(rule.get("window_choice") or rule.get("window_agg") or "min").lower()
        entities = [
            str(name) for name in rule.get("window_groupings") or rule.get("group_by") or ()
        ]
        if choice not in ("min", "max"):
            raise UnsupportedError(f"window_choice {choice!r}")
        moment = scope.column(Reference("TimeDimension", (scope.model.primary, dimension)))
        partition = [scope.key(entity) for entity in entities]
        if dimension == scope.time_name:
            partition += [
                key.sql
                for key, group in zip(keys, groups, strict=True)
                if scope.is_time(group.reference)
            ]
        over = f"partition by {', '.join(partition)}" if partition else ""
        edge = f"{choice}({moment}) over ({over})"
        columns = [*keys, Column(scope.value, "number"), Column(moment, TIME), Column(edge, "edge")]
        rows = select(self.names, columns, scope.source(), where=where)
        number = aggregate(scope.aggregation, "number", self.dialect)
        return select(
            self.names,
            [*self.keys(groups), Column(self.coalesced(number, fill), called)],
            [f"from {inside(rows)} as moments"],
            where=[f"{TIME} = edge"],
            group=[self.names(group.column) for group in groups],
        )

    def _shifted(
        self,
        scope: Scope,
        groups: Sequence[Group],
        times: Sequence[Group],
        own: Sequence[Filter],
        filters: Sequence[Filter],
        called: str,
        shift: Shift,
        fill: Fill,
    ) -> str:
        """A number of another period. Filters on time are about the period that is shown."""
        if not times:
            raise UnsupportedError(f"{called} is of another period: group by metric_time")
        every = [*own, *filters]
        on_time = [f for f in every if only_time(scope, f)]
        others = [f for f in every if not only_time(scope, f)]
        if any(is_timed(scope, f) for f in others):
            raise UnsupportedError(
                f"{called} is of another period, and a filter mixes time and others"
            )
        smallest = min((g.reference.grain for g in times), key=rank)
        mixes = smallest == "week" and bool(shift.to_grain)
        if rank(smallest) <= rank(shift.grain) and not mixes:
            sql = self.aggregated(scope, groups, others, called)
            how = "left" if fill.all_days else "inner"
            sql = self.on_spine(
                scope, sql, groups, times, on_time, called, shift, how=how, fill=fill
            )
            return self._again(scope, sql, groups, filters) if fill.all_days else sql
        if scope.aggregation.non_additive or shift.to_grain:
            raise UnsupportedError(
                f"{called} is of another period, which a {smallest} does not show"
            )
        moment = scope.moment()
        scope.spine = f"s.{spines.DAY}"
        keys = [Column(scope.column(group.reference), group.column) for group in groups]
        where = [scope.condition(f) for f in every]
        periods = spines.periods(
            spines.spine_of(self._layer.project), scope.time_grain, self.names, self.dialect
        )
        first, *joins = scope.source()
        then = self._other_period(scope.spine, shift)
        source = [
            f"from {periods} as s",
            f"join {first.removeprefix('from ')}\n    on {then} = {moment}",
            *joins,
        ]
        sql = select(
            self.names,
            [*keys, Column(self.coalesced(self._aggregate(scope), fill), called)],
            source,
            where=where,
            group=[key.sql for key in keys],
        )
        if fill.all_days:
            sql = self.on_spine(scope, sql, groups, times, on_time, called, how="left", fill=fill)
            sql = self._again(scope, sql, groups, filters)
        return sql

    def _other_period(self, time: str, shift: Shift) -> str:
        if shift.to_grain:
            return truncated(time, shift.to_grain, self.dialect)
        return earlier(time, shift.units, shift.grain, self.dialect)

    def on_spine(
        self,
        scope: Scope,
        sql: str,
        groups: Sequence[Group],
        times: Sequence[Group],
        filters: Sequence[Filter],
        called: str,
        shift: Shift | None = None,
        *,
        how: str = "inner",
        fill: Fill = NO_FILL,
    ) -> str:
        """Numbers by period laid out along all periods there are.

        Args:
            times: those of the groups that are times of the number.
            filters: on time alone.
            how: inner, to leave out periods without a number; left, to keep them.
        """
        day = f"d.{spines.DAY}"
        smallest = min(times, key=lambda group: rank(group.reference.grain))
        finer = scope.time_grain if rank(scope.time_grain) > rank(spines.DAY) else spines.DAY
        columns = [
            Column(truncated(day, group.reference.grain, self.dialect), group.column)
            for group in times
        ]
        where = [self._over(f, lambda r: truncated(day, r.grain, self.dialect)) for f in filters]
        days = spines.periods(spines.spine_of(self._layer.project), finer, self.names, self.dialect)
        periods = select(self.names, columns, [f"from {days} as d"], where=where, distinct=True)
        key = self.names(smallest.column)
        then = self._other_period(f"s.{key}", shift) if shift else f"s.{key}"
        of_spine = {group.column for group in times}
        keys = [
            Column(f"{'s' if g.column in of_spine else 'n'}.{self.names(g.column)}", g.column)
            for g in groups
        ]
        return select(
            self.names,
            [*keys, Column(self.coalesced(f"n.{self.names(called)}", fill), called)],
            [
                f"from {inside(periods)} as s",
                f"{how} join {inside(sql)} as n\n    on {then} = n.{key}",
            ],
        )

    def _again(
        self, scope: Scope, sql: str, groups: Sequence[Group], filters: Sequence[Filter]
    ) -> str:
        """Conditions on what is shown hold for the periods that came from the spine, too."""
        shown = {group.reference: self.names(group.column) for group in groups}
        where = [
            self._over(f, lambda r: shown[r])
            for f in filters
            if f.references and not only_time(scope, f) and set(f.references) <= shown.keys()
        ]
        if not where:
            return sql
        return f"select *\nfrom {inside(sql)} as laid_out\nwhere {' and '.join(where)}"

    @staticmethod
    def _over(condition: Filter, column: Callable[[Reference], str]) -> str:
        pieces = [p if isinstance(p, str) else column(p) for p in condition.pieces]
        return f"({''.join(pieces).strip()})"

    def over_time(
        self,
        scope: Scope,
        definition: Definition,
        groups: Sequence[Group],
        times: Sequence[Group],
        filters: Sequence[Filter],
        called: str,
        fill: Fill,
    ) -> str:
        """Each period with the rows of its window."""
        if fill.all_days:
            raise UnsupportedError(f"{definition.name} is cumulative and joined to the time spine")
        finest = scope.time_grain
        moment = scope.moment()
        scope.spine = f"s.{spines.DAY}"
        on = [f"{moment} <= {scope.spine}"]
        count, unit = definition.length
        if unit:
            on.append(f"{moment} > {earlier(scope.spine, count, unit.rstrip('s'), self.dialect)}")
        elif definition.grain_to_date:
            start = truncated(scope.spine, definition.grain_to_date.lower(), self.dialect)
            on.append(f"{moment} >= {start}")
        keys = [Column(scope.column(group.reference), group.column) for group in groups]
        where = [scope.condition(f) for f in filters]
        value = self.coalesced(self._aggregate(scope), fill)
        whole = any(group.reference.grain == finest for group in times)
        periods = spines.periods(
            spines.spine_of(self._layer.project), finest, self.names, self.dialect
        )
        first, *joins = scope.source()
        source = [
            f"from {periods} as s",
            f"join {first.removeprefix('from ')}\n    on {' and '.join(on)}",
            *joins,
        ]
        days = [] if whole else [Column(scope.spine, TIME)]
        sql = select(
            self.names,
            [*keys, *days, Column(value, called)],
            source,
            where=where,
            group=[key.sql for key in (*keys, *days)],
        )
        return sql if whole else self._one_of_period(sql, groups, definition.period_agg, called)

    def _one_of_period(self, sql: str, groups: Sequence[Group], choice: str, called: str) -> str:
        """Of the numbers of all days of a coarser period the first, the last or the mean."""
        functions = {"first": "first_value", "last": "last_value"}
        name = self.names(called)
        keys = [self.names(group.column) for group in groups]
        by = f"partition by {', '.join(keys)}"
        if choice == "average":
            number = f"avg({name}) over ({by})"
        elif choice in functions:
            number = (
                f"{functions[choice]}({name}) over (\n        {by}\n        order by {TIME}\n"
                "        rows between unbounded preceding and unbounded following\n    )"
            )
        else:
            raise UnsupportedError(f"period_agg {choice!r}")
        columns = [*self.keys(groups), Column(number, called)]
        return select(self.names, columns, [f"from {inside(sql)} as days"], distinct=True)


def is_timed(scope: Scope, condition: Filter) -> bool:
    """True if a condition is about the time of an aggregation, among others."""
    return any(scope.is_time(reference) for reference in condition.references)


def only_time(scope: Scope, condition: Filter) -> bool:
    """True if a condition is about that time alone."""
    references = condition.references
    return bool(references) and all(scope.is_time(reference) for reference in references)
