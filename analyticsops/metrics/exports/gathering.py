"""A registry -> what can be told to other tools."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from analyticsops.metrics.definitions import Aggregation, Definition, Input
from analyticsops.metrics.exports.portable import (
    Aggregate,
    Calculation,
    Condition,
    Field,
    FieldRef,
    Join,
    Loss,
    Number,
    Portable,
    Table,
)
from analyticsops.metrics.exports.sql_parts import sql_parts
from analyticsops.metrics.filters import Reference
from analyticsops.metrics.query.request import filter_of
from analyticsops.metrics.registry import Registry
from analyticsops.metrics.semantic_layer import (
    METRIC_TIME,
    SemanticLayer,
    SemanticModel,
    expression_of,
    grain_of,
)
from analyticsops.metrics.settings import MetricSettings
from analyticsops.project.model import Node

_COLUMN = re.compile(r"[A-Za-z_]\w*")
_NO_NAME = "its name is not made of letters, digits and underscores"
"""So that no name becomes a part of the SQL that it stands in, or of a path. dbt asks for it."""
_NUMBER = ("int", "bigint", "smallint", "number", "numeric", "decimal", "float", "double", "real")


class CannotError(Exception):
    """A metric that only dbt's own layer can compute; the reason."""


def gather(registry: Registry) -> Portable:
    """Everything, and what has no place outside of dbt."""
    return _Gatherer(registry).gather()


class _Gatherer:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._layer: SemanticLayer = registry.layer
        self._fields: dict[str, dict[str, Field]] = {}
        self._models: dict[str, Node] = {}
        """Of tables that are no semantic models."""
        self._losses: list[Loss] = []

    def gather(self) -> Portable:
        registry = self._registry
        for name, model in self._layer.models.items():
            if _COLUMN.fullmatch(name):
                self._fields[name] = {field.name: field for field in self._declared(model)}
            else:
                self._losses.append(Loss(f"semantic model {name}", _NO_NAME))
        numbers = {}
        for name in sorted(registry.definitions):
            try:
                number = self._number(name, (), frozenset())
                numbers[name] = Number(name=name, computed=number, about=about(registry, name))
            except CannotError as reason:
                self._losses.append(Loss(f"metric {name}", str(reason)))
        self._losses += [
            Loss(f"saved query {node.name}", "a question to metrics is no part of their definition")
            for node in self._layer.project.of_kind("saved_query")
            if node.package == registry.project.name
        ]
        tables = {name: table for name in self._fields if (table := self._table(name)) is not None}
        return Portable(
            name=registry.project.name,
            dialect=registry.dialect,
            tables=tables,
            joins=tuple(join for join in self._joins() if _stands(join, tables)),
            numbers=numbers,
            losses=tuple(self._losses),
        )

    # -- tables ----------------------------------------------------------------------

    def _table(self, name: str) -> Table | None:
        if name in self._models:
            node = self._models[name]
            if node.relation is None:
                return None
            return Table(name, node.description, node.relation, "", self._fields[name])
        model = self._layer.models[name]
        found = self._layer.project.nodes.get(model.model)
        if found is None or found.relation is None:
            self._losses.append(Loss(f"semantic model {name}", "its model is no table or view"))
            return None
        description = " ".join(model.node.description.split())
        key = self._key_field(model, model.primary) if model.primary in model.entities else ""
        fields = self._fields[name]
        return Table(name, description, found.relation, key if key in fields else "", fields)

    def _declared(self, model: SemanticModel) -> Iterator[Field]:
        node = self._layer.project.nodes.get(model.model)
        for entity in model.entities.values():
            name = self._key_field(model, str(entity.get("name")))
            if self._named(model, name):
                yield self._field(node, name, "key", entity)
        for name, part in model.dimensions.items():
            role = "time" if part.get("type") == "time" else "category"
            if self._named(model, name):
                yield self._field(node, name, role, part)

    def _named(self, model: SemanticModel, name: str) -> bool:
        """True if the name can stand in SQL; else it is said what is lost."""
        if _COLUMN.fullmatch(name):
            return True
        self._losses.append(Loss(f"dimension {model.name}.{name}", _NO_NAME))
        return False

    def _key_field(self, model: SemanticModel, entity: str) -> str:
        return f"{entity}_key" if entity in model.dimensions else entity

    def _field(self, node: Node | None, name: str, role: str, part: Mapping[str, Any]) -> Field:
        sql = expression_of(part)
        columns = {c.lower(): found for c, found in node.columns.items()} if node else {}
        column = columns.get(sql.lower())
        data_type = column.type if column is not None else ""
        return Field(
            name=name,
            role=role,
            sql=sql,
            type="time" if role == "time" else _type(data_type, sql),
            label=str(part.get("label") or ""),
            description=" ".join(str(part.get("description") or "").split()),
            data_type=data_type,
            grain=(grain_of(part) or "day") if role == "time" else "",
        )

    def _joins(self) -> Iterator[Join]:
        models = self._layer.models
        for left in models.values():
            for entity, part in left.entities.items():
                for right in models.values():
                    if right.name == left.name or entity not in right.entities:
                        continue
                    one = left.holds_one(entity)
                    if not right.holds_one(entity) or (one and right.name < left.name):
                        continue
                    if part.get("type") == "natural":
                        continue
                    yield Join(
                        entity,
                        left.name,
                        right.name,
                        self._key_field(left, entity),
                        self._key_field(right, entity),
                        one,
                    )

    # -- numbers ---------------------------------------------------------------------

    def _number(
        self, name: str, filters: tuple[str, ...], above: frozenset[str]
    ) -> Aggregate | Calculation:
        definition = self._registry.definitions[name]
        if not _COLUMN.fullmatch(name):
            raise CannotError(_NO_NAME)
        if name in above:
            raise CannotError("it is computed from itself")
        own = (*definition.filters, *filters)
        if definition.type == "sql":
            return self._sql(definition)
        if definition.type == "simple":
            return self._simple(definition, own)
        if definition.type == "ratio":
            parts = {
                part.role: self._part(definition, part, own, above) for part in definition.inputs
            }
            if {"numerator", "denominator"} <= parts.keys():
                return Calculation("numerator / denominator", parts, ratio=True)
        if definition.type == "derived" and definition.expr and definition.inputs:
            called = {
                part.called: self._part(definition, part, own, above) for part in definition.inputs
            }
            return Calculation(definition.expr, called)
        raise CannotError(_why(definition))

    def _sql(self, definition: Definition) -> Aggregate | Calculation:
        """A metric of ``analyticsops/metrics.yml``: its model becomes a table of its own."""
        parts = sql_parts(self._registry, definition)
        if isinstance(parts, str):
            raise CannotError(parts)
        table = parts.semantic_model
        if table not in self._fields:
            node = self._layer.project.nodes[parts.node]
            fields = [self._field(node, name, "category", {"name": name})
                      for name in parts.dimensions]  # fmt: skip
            fields.append(self._field(node, parts.time, "time", {"name": parts.time}))
            self._fields[table] = {field.name: field for field in fields}
            self._models[table] = node
        numbers = {}
        for measure in parts.measures:
            name = measure["name"]
            self._fields[table][name] = Field(name, "value", measure["expr"], "number")
            share = 0.5 if measure["agg"] == "median" else None
            numbers[name] = Aggregate(table, measure["agg"], name, share=share)
        if not parts.expression:
            return next(iter(numbers.values()))
        hidden = {n: Number(name=n, computed=a, hidden=True) for n, a in numbers.items()}
        return Calculation(parts.expression, hidden)

    def _part(
        self, definition: Definition, part: Input, filters: tuple[str, ...], above: frozenset[str]
    ) -> Number:
        if part.offset[1] or part.to_grain:
            raise CannotError(f"it takes {part.name} {part.shift}")
        if part.name not in self._registry.definitions:
            raise CannotError(f"there is no metric {part.name}")
        every = (*filters, *part.filters)
        computed = self._number(part.name, every, above | {definition.name})
        if not every:
            return Number(name=part.name, computed=computed)
        return Number(name=f"{definition.name}__{part.called}", computed=computed, hidden=True)

    def _simple(self, definition: Definition, filters: tuple[str, ...]) -> Aggregate:
        found, fill = definition.aggregation, definition.fill
        if found is None:
            part = definition.inputs[0] if definition.inputs else None
            found = self._layer.measure(part.name) if part is not None else None
            if part is None or found is None:
                raise CannotError("its measure is not there")
            filters, fill = (*filters, *part.filters), part.fill
        model = self._layer.models.get(found.semantic_model)
        if model is None or model.name not in self._fields:
            raise CannotError(f"there is no semantic model {found.semantic_model}")
        if found.non_additive:
            raise CannotError("it is semi-additive: only the first or last moment counts")
        if fill.all_days and not definition.name.startswith("_"):
            what = "days without a row are not filled: there is no time spine"
            loss = Loss(f"metric {definition.name}", what, whole=False)
            if loss not in self._losses:
                self._losses.append(loss)
        params = dict(text.split(": ", 1) for text in found.params if ": " in text)
        if params.get("use_approximate_percentile") == "True":
            raise CannotError("an approximate percentile is another number on each engine")
        return Aggregate(
            table=model.name,
            agg=found.agg,
            value=self._value_field(model, definition, found),
            conditions=tuple(self._condition(model, found, text) for text in filters),
            share=0.5 if found.agg == "median" else _share(params),
            discrete=params.get("use_discrete_percentile") == "True",
            fill=fill.value,
        )

    def _value_field(self, model: SemanticModel, definition: Definition, found: Aggregation) -> str:
        """The field that is aggregated: made, unless there is one of that expression."""
        fields = self._fields[model.name]
        measure = next((p.name for p in definition.inputs if "measure" in p.role), definition.name)
        named = found.expr if _COLUMN.fullmatch(found.expr) else measure
        for field in fields.values():
            if field.role == "value" and field.sql == found.expr:
                return field.name
        if not _COLUMN.fullmatch(named):
            raise CannotError(f"{named}: {_NO_NAME}")
        name = named if named not in fields else f"{named}_value"
        number = found.agg not in ("count", "count_distinct", "min", "max")
        kind = "boolean" if found.agg == "sum_boolean" else "number" if number else "text"
        fields[name] = Field(name, "value", found.expr, kind)
        return name

    # -- filters ---------------------------------------------------------------------

    def _condition(self, model: SemanticModel, found: Aggregation, text: str) -> Condition:
        pieces = filter_of(text).pieces
        return tuple(p if isinstance(p, str) else self._ref(model, found, p) for p in pieces)

    def _ref(self, model: SemanticModel, found: Aggregation, reference: Reference) -> FieldRef:
        if reference.kind == "Metric":
            raise CannotError(f"it filters by the metric {reference.name}")
        if reference.path == (METRIC_TIME,):
            return FieldRef(model.name, model.time_of(found), reference.grain)
        way = self._layer.way(model, reference.path, reference.kind)
        if way.element is None or way.fault:
            raise CannotError(f"{reference.name} is not reached from {model.name}")
        at = way.hops[-1].model if way.hops else model
        name = str(way.element.get("name"))
        if at.name not in self._fields or not _COLUMN.fullmatch(name):
            raise CannotError(f"{reference.name}: {_NO_NAME}")
        if name in at.entities and name not in at.dimensions:
            return FieldRef(at.name, self._key_field(at, name))
        time = way.element.get("type") == "time"
        grain = (reference.grain or grain_of(way.element) or "day") if time else ""
        return FieldRef(at.name, name, grain)


def about(registry: Registry, name: str) -> dict[str, Any]:
    """What is told of a metric, and everything that its settings say; without what is empty."""
    definition = registry.definitions[name]
    found = {
        "label": definition.label,
        "description": definition.description,
        **written(registry.settings[name]),
        "owner": registry.owners[name],
    }
    return {key: value for key, value in found.items() if value}


def written(settings: MetricSettings) -> dict[str, Any]:
    """Settings as plain data, without what nobody said."""
    found: dict[str, Any] = msgspec.to_builtins(settings)
    defaults: dict[str, Any] = msgspec.to_builtins(MetricSettings())
    return {
        key: " ".join(value.split()) if isinstance(value, str) else value
        for key, value in found.items()
        if value != defaults[key]
    }


def _share(params: Mapping[str, str]) -> float | None:
    try:
        return float(params["percentile"])
    except (KeyError, ValueError):
        return None


def _type(data_type: str, sql: str) -> str:
    low = data_type.lower()
    if low.startswith("bool"):
        return "boolean"
    if low.startswith(_NUMBER):
        return "number"
    if low.startswith(("date", "time")):
        return "time"
    shown = re.search(r"(=|<|>|\bis (not )?null\b|\btrue\b|\bfalse\b)", sql, re.IGNORECASE)
    return (
        "boolean" if shown and not _COLUMN.fullmatch(sql) and "case" not in sql.lower() else "text"
    )


def _stands(join: Join, tables: Mapping[str, Table]) -> bool:
    """True if both sides are there, and the names of their keys can stand in SQL."""
    sides = ((join.left, join.left_field), (join.right, join.right_field))
    return all(name in tables and field in tables[name].fields for name, field in sides)


def _why(definition: Definition) -> str:
    reasons: Mapping[str, str] = {
        "cumulative": "it adds up over a window of time, along a time spine",
        "conversion": "it pairs events of two tables within a window",
    }
    return reasons.get(definition.type, f"it is of type {definition.type!r}")
