"""Semantic models: where measures are, and along which entities a dimension is reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from analyticsops.metrics.definitions import Aggregation, aggregation_of
from analyticsops.project.model import Node, Project

METRIC_TIME = "metric_time"

LEGACY_SPINE = "metricflow_time_spine"
"""Name of the time spine before models could say that they are one."""

_ONE_ROW = ("primary", "unique", "natural")
"""Types of entities of which a value stands in one row at the most."""


class SemanticModel(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One semantic model.

    Attributes:
        node: its own.
        model: ``unique_id`` of the model that it describes; empty if unknown.
    """

    node: Node
    model: str

    @property
    def name(self) -> str:
        """Its name, unique in the project."""
        return self.node.name

    @cached_property
    def entities(self) -> Mapping[str, Mapping[str, Any]]:
        """By name."""
        info = self.node.semantic_model
        return {str(part.get("name")): part for part in (info.entities if info else ())}

    @cached_property
    def dimensions(self) -> Mapping[str, Mapping[str, Any]]:
        """By name."""
        info = self.node.semantic_model
        return {str(part.get("name")): part for part in (info.dimensions if info else ())}

    @cached_property
    def measures(self) -> Mapping[str, Mapping[str, Any]]:
        """By name."""
        info = self.node.semantic_model
        return {str(part.get("name")): part for part in (info.measures if info else ())}

    @property
    def primary(self) -> str:
        """The entity of which each row is one; empty if none is said."""
        info = self.node.semantic_model
        said = info.primary_entity if info else ""
        found = (name for name, part in self.entities.items() if part.get("type") == "primary")
        return said or next(found, "")

    def time_of(self, aggregation: Aggregation) -> str:
        """The name of the time dimension by which an aggregation is shown."""
        info = self.node.semantic_model
        default = info.defaults.get("agg_time_dimension") if info else None
        return aggregation.time or str(default or "")

    def holds(self, entity: str) -> bool:
        """True if a column of it is this entity."""
        return entity in self.entities or entity == self.primary

    def holds_one(self, entity: str) -> bool:
        """True if a value of the entity stands in one row at the most."""
        kind = str(self.entities.get(entity, {}).get("type") or "")
        return kind in _ONE_ROW or entity == self.primary


class Hop(NamedTuple):
    """From one semantic model to the next along an entity."""

    entity: str
    model: SemanticModel


class Way(NamedTuple):
    """How an element is reached.

    Attributes:
        hops: none if it stands where the aggregation does.
        element: a dimension or entity; None if it is not reached.
        fault: ``unknown``, ``fans out`` or ``ambiguous``; empty if it is simply there.
        others: names of semantic models that would do as well.
    """

    hops: tuple[Hop, ...] = ()
    element: Mapping[str, Any] | None = None
    fault: str = ""
    others: tuple[str, ...] = ()


class SemanticLayer:
    """All semantic models of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.models: dict[str, SemanticModel] = {}
        self.measures: dict[str, tuple[SemanticModel, Mapping[str, Any]]] = {}
        for node in sorted(project.of_kind("semantic_model"), key=lambda node: node.unique_id):
            model = SemanticModel(node=node, model=_model_of(project, node))
            self.models.setdefault(node.name, model)
            for name, measure in model.measures.items():
                self.measures.setdefault(name, (model, measure))

    def measure(self, name: str) -> Aggregation | None:
        """The aggregation that a measure is; None if there is no such measure."""
        found = self.measures.get(name)
        return aggregation_of(found[1], "", found[0].name) if found is not None else None

    def way(self, start: SemanticModel, path: Sequence[str], kind: str = "Dimension") -> Way:
        """How ``order__customer__country`` is reached from a semantic model."""
        *entities, name = path
        ways = list(self._ways(start, entities, name, kind, ()))
        if not ways:
            return Way(fault="unknown")
        ways.sort(key=lambda way: (way.fault, len(way.hops), [hop.model.name for hop in way.hops]))
        best, *rest = ways
        ends = {way.hops[-1].model.name for way in rest if way.hops and not way.fault}
        others = ends - {best.hops[-1].model.name if best.hops else start.name}
        if others and not best.fault:
            return best._replace(fault="ambiguous" if best.hops else "", others=tuple(sorted(ends)))
        return best

    def _ways(
        self,
        at: SemanticModel,
        entities: Sequence[str],
        name: str,
        kind: str,
        hops: tuple[Hop, ...],
    ) -> Iterator[Way]:
        if not entities:
            element = self._element(at, name, kind)
            if element is not None:
                yield Way(hops, element)
            return
        entity, *rest = entities
        if not at.holds(entity):
            return
        if at.holds_one(entity):
            yield from self._ways(at, rest, name, kind, hops)
        seen = {at.name, *(hop.model.name for hop in hops)}
        for other in self.models.values():
            if other.name in seen or not other.holds(entity):
                continue
            for way in self._ways(other, rest, name, kind, (*hops, Hop(entity, other))):
                yield way if other.holds_one(entity) else way._replace(fault="fans out")

    def _element(self, at: SemanticModel, name: str, kind: str) -> Mapping[str, Any] | None:
        if kind == "Entity":
            primary = {"name": name, "type": "primary"} if name == at.primary else None
            return at.entities.get(name) or primary
        return at.dimensions.get(name) or at.entities.get(name)


def spines_of(project: Project) -> list[Node]:
    """The models along which metrics over time are laid out."""
    models = project.of_kind("model")
    return [node for node in models if node.time_spine or node.name == LEGACY_SPINE]


def _model_of(project: Project, semantic: Node) -> str:
    tables = (name for name in semantic.depends_on if name in project.nodes)
    return next((name for name in tables if project.nodes[name].has_columns), "")


def expression_of(part: Mapping[str, Any]) -> str:
    """The SQL of a measure, dimension or entity: without one it is the column of its name."""
    return " ".join(str(part.get("expr") or part.get("name") or "").split())


def grain_of(part: Mapping[str, Any]) -> str:
    """The grain of a time dimension; empty for others."""
    params = part.get("type_params")
    found = params.get("time_granularity") if isinstance(params, dict) else None
    return str(found or "").lower()
