"""What can be checked of the numbers of a metric: what its settings promise, and what its
definition does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from analyticsops.errors import ConfigError, UnsupportedError
from analyticsops.metrics.checks.dimensions import aggregations_of, dimensions_of, finest_grain
from analyticsops.metrics.checks.golden import Golden, read_golden
from analyticsops.metrics.checks.queries import Writer
from analyticsops.metrics.checks.result import CheckKind
from analyticsops.metrics.definitions import Aggregation, Definition
from analyticsops.metrics.query.compiler import compile_query
from analyticsops.metrics.query.grains import rank
from analyticsops.metrics.query.request import Group, group_of, make_query
from analyticsops.metrics.query.scope import relation_of
from analyticsops.metrics.query.spine import spine_of
from analyticsops.metrics.query.text import inside
from analyticsops.metrics.semantic_layer import METRIC_TIME, SemanticLayer, expression_of
from analyticsops.metrics.settings import EqualColumn, MetricSettings
from analyticsops.sql.time_functions import condition_fault, fraction, truncated

_ADDS_UP = ("sum", "count", "sum_boolean")


class Planned(NamedTuple):
    """One check of one metric.

    Attributes:
        claim: what is checked, in words.
        sql: empty if it cannot be checked.
        reason: why not.
        golden: what the values are compared with; None if the query compares by itself.
    """

    metric: str
    kind: CheckKind
    claim: str
    sql: str = ""
    reason: str = ""
    golden: Golden | None = None


class Planner:
    """Plans the checks of one version of a project.

    Args:
        root: folder that paths of golden values are relative to.
    """

    def __init__(
        self,
        definitions: Mapping[str, Definition],
        layer: SemanticLayer,
        dialect: str,
        root: Path | None,
    ) -> None:
        self._definitions = definitions
        self._layer = layer
        self._root = root
        self._writer = Writer(dialect)
        self.dialect = dialect

    def plan(self, name: str, settings: MetricSettings, where: str) -> Iterator[Planned]:
        """The checks of one metric.

        Args:
            where: the place of its settings, for errors.

        Raises:
            ConfigError: an invariant, a column or the file of golden values is wrong.
        """
        if settings.golden:
            yield self._golden(name, settings.golden, where)
        yield from self._conditions(name, settings, where)
        yield from self._parts(name, settings)
        yield from self._days(name, settings)
        for number, equal in enumerate(settings.equals):
            yield self._equal(name, equal, f"{where}, equals {number + 1}")
        yield from self._spine(name)

    # -- the number itself -------------------------------------------------------------

    def values(self, name: str, by: Sequence[str], filled: bool = False) -> str:
        """Every number of a metric, by place.

        Args:
            filled: True to leave out rows in which what it is grouped by is NULL.

        Raises:
            UnsupportedError: it cannot be computed so.
        """
        query = make_query((name,), tuple(by))
        sql = compile_query(self._definitions, self._layer, self.dialect, query)
        values = self._writer.values(name, query.by, sql)
        keys = [f"{self._writer.names(group.column)} is not null" for group in query.by]
        return f"{values}\nwhere {' and '.join(keys)}" if keys and filled else values

    def listed(self, name: str, by: Sequence[str]) -> str:
        """The query of all of them."""
        return self._writer.listed(self.values(name, by))

    def times(self, name: str) -> list[str]:
        """By which times it can be asked for, from the finest on; a month is among them
        unless it is known by years only."""
        definition = self._definitions[name]
        if definition.type == "sql":
            return ["day", "month"] if definition.time else []
        finest = finest_grain(self._layer, self._aggregations(name))
        wanted = dict.fromkeys((finest, "month")) if finest else {}
        return [grain for grain in wanted if rank(grain) >= rank(finest)]

    def _aggregations(self, name: str) -> list[Aggregation]:
        return list(aggregations_of(self._definitions, self._layer, name))

    def _tried(self, metric: str, kind: CheckKind, claim: str, sql: str | Exception) -> Planned:
        if isinstance(sql, Exception):
            return Planned(metric, kind, claim, reason=str(sql))
        return Planned(metric, kind, claim, sql)

    # -- golden values, bounds and invariants -------------------------------------------

    def _golden(self, name: str, path: str, where: str) -> Planned:
        claim = f"golden values of {path}"
        if self._root is None:
            return Planned(name, "golden", claim, reason="the folder of the project is not known")
        golden = read_golden(self._root / path, where)
        try:
            return Planned(name, "golden", claim, self.listed(name, golden.by), golden=golden)
        except UnsupportedError as refusal:
            return Planned(name, "golden", claim, reason=str(refusal))

    def _conditions(self, name: str, settings: MetricSettings, where: str) -> Iterator[Planned]:
        wanted: list[tuple[CheckKind, str]] = []
        bounds = settings.bounds
        if bounds is not None:
            ends = ((bounds.min, "value >= {:g}"), (bounds.max, "value <= {:g}"))
            inner = " and ".join(text.format(end) for end, text in ends if end is not None)
            wanted += [("bounds", inner)] if inner else []
        wanted += [("invariant", text) for text in settings.invariants]
        for kind, condition in wanted:
            fault = condition_fault(condition, "value", self.dialect)
            if fault:
                what, hint = f"the invariant {condition!r} {fault}", "as in value >= 0"
                raise ConfigError(what, where=where, hint=hint)
            for grain in self._grains_of_values(name):
                by = [f"{METRIC_TIME}__{grain}"] if grain else []
                told = f"{condition}, by {grain}" if grain else f"{condition}, in all"
                try:
                    sql: str | Exception = self._writer.conditions(self.values(name, by), condition)
                except UnsupportedError as refusal:
                    sql = refusal
                yield self._tried(name, kind, told, sql)

    def _grains_of_values(self, name: str) -> list[str]:
        """Over all time, where that is a question, and by the finest time there is."""
        found = [*self.times(name)[:1]]
        try:
            self.values(name, [])
        except UnsupportedError:
            return found or [""]
        return ["", *found]

    # -- what adds up --------------------------------------------------------------------

    def _adds_up(self, name: str) -> bool:
        """True if its definition is a sum of rows."""
        found = self._aggregations(name)
        simple = self._definitions[name].type == "simple" and len(found) == 1
        return simple and found[0].agg in _ADDS_UP and not found[0].non_additive

    def _parts(self, name: str, settings: MetricSettings) -> Iterator[Planned]:
        said = settings.additivity
        if said is None and not self._adds_up(name):
            return
        known = dimensions_of(self._layer, self._aggregations(name))
        chosen = said.dimensions if said is not None else "all"
        wanted = known if chosen == "all" else [] if chosen == "none" else list(chosen)
        time = ["metric_time__month"] if "month" in self.times(name) else []
        for dimension in wanted:
            full = next((k for k in known if dimension in (k, k.partition("__")[2])), dimension)
            try:
                parts = self._without(name, time, full)
                sql: str | Exception = self._writer.equal(parts, self.values(name, time))
            except UnsupportedError as refusal:
                sql = refusal
            yield self._tried(name, "parts", f"parts by {full} add up", sql)

    def _without(self, name: str, time: list[str], dimension: str) -> str:
        """The parts, each at the place of their whole."""
        query = make_query((name,), (*time, dimension))
        sql = compile_query(self._definitions, self._layer, self.dialect, query)
        return self._writer.values(name, query.by[:-1], sql)

    def _days(self, name: str, settings: MetricSettings) -> Iterator[Planned]:
        said, times = settings.additivity, self.times(name)
        adds = said.time if said is not None else self._adds_up(name)
        if not adds or times != ["day", "month"]:
            return
        month = group_of("metric_time__month")
        try:
            sql: str | Exception = self._writer.equal(
                self._by_month(name, month), self.values(name, [month.column])
            )
        except UnsupportedError as refusal:
            sql = refusal
        yield self._tried(name, "days", "days add up to the month", sql)

    def _by_month(self, name: str, month: Group) -> str:
        """The days, each at the place of its month."""
        query = make_query((name,), ("metric_time__day",))
        sql = compile_query(self._definitions, self._layer, self.dialect, query)
        start = truncated("metric_time__day", "month", self.dialect)
        value = fraction(self._writer.names(name), self.dialect)
        place = self._writer.part(start, month)
        return f"select {place} as place, {value} as value from {inside(sql)} as m"

    # -- the same number elsewhere ---------------------------------------------------------

    def _equal(self, name: str, equal: EqualColumn, where: str) -> Planned:
        label, _, column = equal.column.rpartition(".")
        nodes = self._layer.project.nodes.values()
        node = next((n for n in nodes if n.has_columns and n.label == label), None)
        if node is None or not node.relation_name:
            what = f"no model {label!r} that is a table or view"
            raise ConfigError(what, where=where, hint="name model.column")
        claim = f"equals {equal.agg} of {equal.column}"
        claim += f" by {', '.join(equal.by)}" if equal.by else ""
        groups = [group_of(text) for text in equal.by]
        writer = self._writer
        starts = [
            truncated(writer.names(column), group.reference.grain, self.dialect)
            if group.reference.grain
            else writer.names(column)
            for group, column in zip(groups, equal.by.values(), strict=True)
        ]
        keys = [
            f"{start} as {writer.names(group.column)}"
            for start, group in zip(starts, groups, strict=True)
        ]
        number = f"{equal.agg}({writer.names(column)}) as {writer.names(name)}"
        rows = f"select {', '.join([*keys, number])} from {node.relation_name}"
        if keys:
            filled = " and ".join(f"{writer.names(c)} is not null" for c in equal.by.values())
            rows += f" where {filled} group by {', '.join(starts)}"
        try:
            found = self.values(name, list(equal.by), filled=True)
        except UnsupportedError as refusal:
            return Planned(name, "equal", claim, reason=str(refusal))
        sql = writer.equal(found, writer.values(name, groups, rows), equal.tolerance)
        return Planned(name, "equal", claim, sql)

    # -- the time spine ----------------------------------------------------------------------

    def _spine(self, name: str) -> Iterator[Planned]:
        definition = self._definitions[name]
        if not _is_laid_out(definition):
            return
        for aggregation in dict.fromkeys(a.semantic_model for a in self._aggregations(name)):
            model = self._layer.models.get(aggregation)
            found = next(a for a in self._aggregations(name) if a.semantic_model == aggregation)
            time = model.dimensions.get(model.time_of(found)) if model is not None else None
            if model is None or time is None:
                continue
            claim = f"the time spine covers {model.name}"
            try:
                sql: str | Exception = self._writer.covered(
                    relation_of(self._layer, model),
                    expression_of(time),
                    spine_of(self._layer.project),
                )
            except UnsupportedError as refusal:
                sql = refusal
            yield self._tried(name, "spine", claim, sql)


def _is_laid_out(definition: Definition) -> bool:
    """True if the metric is laid out along the time spine."""
    fills = [definition.fill, *(part.fill for part in definition.inputs)]
    shifts = [part for part in definition.inputs if part.offset[1] or part.to_grain]
    timed = definition.type == "cumulative" and (definition.length[1] or definition.grain_to_date)
    return bool(timed or shifts or any(fill.all_days for fill in fills))
