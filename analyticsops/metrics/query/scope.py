"""The rows that an aggregation is over: one semantic model, and what is joined to it.

Each model is a subquery that yields expressions under names of their own, so that the SQL
in its YAML, which names columns without a table, means what it meant there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from analyticsops.errors import UnsupportedError
from analyticsops.metrics.definitions import Aggregation
from analyticsops.metrics.filters import Filter, Reference
from analyticsops.metrics.query.grains import rank
from analyticsops.metrics.query.text import Column, Names, inside, select
from analyticsops.metrics.semantic_layer import (
    METRIC_TIME,
    Hop,
    SemanticLayer,
    SemanticModel,
    expression_of,
    grain_of,
)
from analyticsops.sql.time_functions import truncated

VALUE = "metric_value"
TIME = "metric_moment"

MetricRows = Callable[[str, str], str]
"""(metric, entity) -> the name of a query that has the entity and the metric."""


class Scope:
    """Columns of one aggregation, by what they are called in the question.

    Args:
        metric_rows: how a filter on another metric gets its values.
    """

    def __init__(
        self,
        layer: SemanticLayer,
        dialect: str,
        aggregation: Aggregation,
        metric_rows: MetricRows | None = None,
    ) -> None:
        self._layer = layer
        self._dialect = dialect
        self.names = Names(dialect)
        self._metric_rows = metric_rows
        self.aggregation = aggregation
        model = layer.models.get(aggregation.semantic_model)
        if model is None:
            raise UnsupportedError(f"there is no semantic model {aggregation.semantic_model!r}")
        self.model = model
        self._inner: dict[str, dict[str, str]] = {"f": {VALUE: aggregation.expr}}
        self._joins: dict[tuple[tuple[str, str], ...], str] = {(): "f"}
        self._tables: dict[str, str] = {"f": relation_of(layer, model)}
        self._on: dict[str, tuple[str, str]] = {}
        self.spine = ""
        """The expression that takes the place of the aggregation's time, if any does."""

    # -- columns -------------------------------------------------------------------

    @property
    def value(self) -> str:
        """What is aggregated, of one row."""
        return f"f.{VALUE}"

    @property
    def time_name(self) -> str:
        """The time dimension that the aggregation is shown by."""
        name = self.model.time_of(self.aggregation)
        if name not in self.model.dimensions:
            raise UnsupportedError(
                f"semantic model {self.model.name} has no time dimension {name!r}"
            )
        return name

    @property
    def time_grain(self) -> str:
        """The finest grain of that time."""
        return grain_of(self.model.dimensions[self.time_name]) or "day"

    def is_time(self, reference: Reference) -> bool:
        """True for ``metric_time``, and for the time dimension that it stands for."""
        if reference.path == (METRIC_TIME,):
            return True
        if reference.kind not in ("TimeDimension", "Dimension") or len(reference.path) != 2:
            return False
        entity, name = reference.path
        return entity == self.model.primary and name == self.model.time_of(self.aggregation)

    def moment(self) -> str:
        """The time of a row at its finest grain."""
        expression = expression_of(self.model.dimensions[self.time_name])
        self._inner["f"][TIME] = truncated(expression, self.time_grain, self._dialect)
        return f"f.{TIME}"

    def column(self, reference: Reference) -> str:
        """The column of a dimension, entity or time.

        Raises:
            UnsupportedError: it cannot be reached, or not without counting rows twice.
        """
        if reference.kind == "Metric":
            return self._metric(reference)
        if self.is_time(reference):
            return self._time(reference)
        way = self._layer.way(self.model, reference.path, reference.kind)
        if way.element is None or way.fault:
            raise UnsupportedError(_fault(reference, way.fault, way.others, self.model))
        alias = self._joined(way.hops)
        name = reference.name + (f"__{reference.grain}" if reference.grain else "")
        expression = expression_of(way.element)
        kind = way.element.get("type")
        if kind == "time" and reference.kind != "Entity":
            grain = reference.grain or grain_of(way.element) or "day"
            if not reference.grain:
                name += f"__{grain}"
            self._check_grain(reference, grain, grain_of(way.element) or "day")
            expression = truncated(expression, grain, self._dialect)
        elif reference.grain:
            raise UnsupportedError(f"{reference.name} is no time and has no {reference.grain}")
        if any(
            part.get("type_params") and part["type_params"].get("validity_params")
            for hop in way.hops
            for part in hop.model.dimensions.values()
        ):
            raise UnsupportedError(f"{reference.name} is valid for a time only (SCD type 2)")
        self._inner[alias][name] = expression
        return f"{alias}.{self.names(name)}"

    def _time(self, reference: Reference) -> str:
        grain = reference.grain or self.time_grain
        self._check_grain(reference, grain, self.time_grain)
        if self.spine:
            return truncated(self.spine, grain, self._dialect)
        name = f"{METRIC_TIME}__{grain}"
        expression = expression_of(self.model.dimensions[self.time_name])
        self._inner["f"][name] = truncated(expression, grain, self._dialect)
        return f"f.{name}"

    @staticmethod
    def _check_grain(reference: Reference, grain: str, finest: str) -> None:
        if rank(grain) < rank(finest):
            raise UnsupportedError(f"{reference.name} is known by {finest}, not by {grain}")

    def _metric(self, reference: Reference) -> str:
        """A metric of the entity that a row belongs to."""
        if len(reference.entities) != 1 or self._metric_rows is None:
            raise UnsupportedError(f"a filter on {reference.name} that is not by one entity")
        (entity,) = reference.entities
        path = tuple(entity.split("__"))
        left = self.column(Reference("Entity", path))
        name = f"{entity}__{reference.name}"
        alias = next((a for a, on in self._on.items() if on == (left, name)), "")
        if not alias:
            alias = f"d{len(self._tables)}"
            self._tables[alias] = self._metric_rows(reference.name, path[-1])
            self._inner[alias] = {"": "", name: ""}
            self._on[alias] = (left, f"{alias}.{self.names(path[-1])}")
        return f"{alias}.{self.names(reference.name)}"

    def condition(self, condition: Filter) -> str:
        """A filter over these columns.

        Raises:
            UnsupportedError: it cannot be read.
        """
        if condition.fault:
            raise UnsupportedError(f"a filter {condition.fault}")
        parts = [p if isinstance(p, str) else self.column(p) for p in condition.pieces]
        return f"({''.join(parts).strip()})"

    def key(self, entity: str) -> str:
        """The column of an entity of the model itself."""
        return self._key("f", self.model, entity)

    # -- joins ---------------------------------------------------------------------

    def _joined(self, hops: tuple[Hop, ...]) -> str:
        """The alias of the model at the end of a way, which is joined if it is not yet."""
        alias, before = "f", self.model
        way: tuple[tuple[str, str], ...] = ()
        for hop in hops:
            way = (*way, (hop.entity, hop.model.name))
            if way not in self._joins:
                self._joins[way] = joined = f"d{len(self._tables)}"
                self._tables[joined] = relation_of(self._layer, hop.model)
                self._inner[joined] = {}
                left = self._key(alias, before, hop.entity)
                self._on[joined] = (left, self._key(joined, hop.model, hop.entity))
            alias, before = self._joins[way], hop.model
        return alias

    def _key(self, alias: str, model: SemanticModel, entity: str) -> str:
        part = model.entities.get(entity)
        if part is None:
            raise UnsupportedError(
                f"semantic model {model.name} has no column for entity {entity!r}"
            )
        name = f"{entity}_key"
        self._inner[alias][name] = expression_of(part)
        return f"{alias}.{self.names(name)}"

    def source(self) -> list[str]:
        """FROM and JOINs, once all columns were asked for."""
        lines = [f"from {self._subquery('f')} as f"]
        for alias, (left, right) in self._on.items():
            lines.append(f"left join {self._subquery(alias)} as {alias}\n    on {left} = {right}")
        return lines

    def _subquery(self, alias: str) -> str:
        inner = self._inner[alias]
        if "" in inner:  # a metric's own query, which has a name already
            return self._tables[alias]
        columns = [Column(sql, name) for name, sql in inner.items()]
        return inside(select(self.names, columns, [f"from {self._tables[alias]}"]))


def relation_of(layer: SemanticLayer, model: SemanticModel) -> str:
    """The relation behind a semantic model.

    Raises:
        UnsupportedError: it is not known, or none (an ephemeral model).
    """
    node = layer.project.nodes.get(model.model)
    if node is None or not node.relation_name:
        raise UnsupportedError(f"the model behind semantic model {model.name} is no relation")
    return node.relation_name


def _fault(reference: Reference, fault: str, others: Iterable[str], model: SemanticModel) -> str:
    if fault == "fans out":
        return f"{reference.name} would join rows of {model.name} several times"
    if fault == "ambiguous":
        return f"{reference.name} is reached from {model.name} by several ways: {', '.join(others)}"
    return f"{reference.name} cannot be reached from semantic model {model.name}"
