"""One aggregation under one set of filters, as SQL over the tables of the project.

The SQL is analysed and never run: it follows MetricFlow in what it means (dimensions of
other semantic models are looked up with LEFT JOIN, filters hold after the joins), and its
columns have names that no table has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from analyticsops.lineage.meanings import Asked
from analyticsops.metrics.definitions import Aggregation
from analyticsops.metrics.filters import Reference, parse_filter
from analyticsops.metrics.semantic_layer import (
    METRIC_TIME,
    SemanticLayer,
    SemanticModel,
    expression_of,
    grain_of,
)
from analyticsops.sql.meaning import Meaning

_AGGREGATES = {
    "average": "avg({})",
    "avg": "avg({})",
    "count": "count({})",
    "count_distinct": "count(distinct {})",
    "max": "max({})",
    "median": "median({})",
    "min": "min({})",
    "sum": "sum({})",
    "sum_boolean": "sum(case when {} then 1 else 0 end)",
}


class Trouble(NamedTuple):
    """Why a metric is not wholly understood.

    Attributes:
        about: ``filter``, ``dimension``, ``join``, ``model``, ``time``, ``measure``,
            ``metric``, ``expression`` or ``cycle``.
        text: one line.
        name: of what is missing, or wrong.
    """

    about: str
    text: str
    name: str = ""


class Instance(NamedTuple):
    """An aggregation as SQL.

    Attributes:
        rows: asks for what is aggregated (``aops_m``), by which time (``aops_t``) and for
            the further elements (``aops_x0``, ...), each row once.
        value: asks for the number.
        filters: SQL of each filter, with its elements as columns of ``aops_f``, to be read
            by itself.
        time: name of the time dimension.
        names: of the columns of ``aops_f``.
    """

    rows: Asked
    value: Asked
    filters: tuple[str, ...]
    time: str
    names: tuple[str, ...]
    troubles: tuple[Trouble, ...]


MetricTable = Callable[[str], Meaning | None]
"""From the name of a metric in a filter to a table of its values (``aops_v``) by entity
(``aops_k``); None if it is not known yet, or at all."""


def instance(
    layer: SemanticLayer,
    aggregation: Aggregation,
    filters: Sequence[str],
    metric_table: MetricTable,
    further: Sequence[Reference] = (),
) -> Instance | Trouble:
    """Write an aggregation as SQL.

    Args:
        filters: templates that all must hold.
        further: elements that are asked for beside it.
    """
    start = layer.models.get(aggregation.semantic_model)
    if start is None:
        name = aggregation.semantic_model
        return Trouble("model", f"there is no semantic model {name}", name)
    if not start.model:
        return Trouble("model", f"the model of semantic model {start.name} is not known")
    writer = _Writer(layer, start, aggregation, metric_table)
    return writer.written(filters, further)


class _Writer:
    def __init__(
        self,
        layer: SemanticLayer,
        start: SemanticModel,
        aggregation: Aggregation,
        metric_table: MetricTable,
    ) -> None:
        self.layer = layer
        self.start = start
        self.aggregation = aggregation
        self.metric_table = metric_table
        self.troubles: list[Trouble] = []
        self.inner: dict[str, dict[str, str]] = {"aops_f": {}}
        """Source -> expression over its table -> name of the column."""
        self.tables: dict[str, str | Meaning] = {"aops_table_f": start.model}
        self.joins: list[str] = []
        self.sources: dict[tuple[str, ...], str] = {}

    def written(self, filters: Sequence[str], further: Sequence[Reference]) -> Instance:
        """The whole of it."""
        time = self.start.time_of(self.aggregation)
        value = self.column("aops_f", self.aggregation.expr or "1")
        shown = self.time_column(time)
        conditions = [self.condition(text) for text in filters]
        known = [text for text in conditions if text]
        extra = [self.reference(reference) or "null" for reference in further]
        columns = [f"{value} as aops_m", f"{shown} as aops_t"]
        columns += [f"{text} as aops_x{n}" for n, text in enumerate(extra)]
        where = " and ".join(f"({text})" for text in known) or "true"
        body = f"from {self.from_clause()} where {where}"
        names = ("aops_m", "aops_t", *(f"aops_x{n}" for n in range(len(extra))))
        tables = tuple(self.tables.items())
        return Instance(
            # Parsed, never run.
            rows=Asked(f"select {', '.join(columns)} {body}", tables, names),
            value=Asked(
                f"select {self.aggregate(value)} as aops_v {body}",
                tables,
                ("aops_v",),
            ),
            filters=tuple(known),
            time=time,
            names=tuple(name for named in self.inner.values() for name in named.values()),
            troubles=tuple(self.troubles),
        )

    def aggregate(self, value: str) -> str:
        """The aggregation of a column."""
        agg = self.aggregation.agg
        if agg in _AGGREGATES and not self.aggregation.params:
            return _AGGREGATES[agg].format(value)
        params = "".join(f", '{text}'" for text in self.aggregation.params)
        return f"aops_{agg if agg.isidentifier() else 'unknown'}({value}{params})"

    def from_clause(self) -> str:
        """The tables, each with the columns that are needed of it."""
        parts = []
        for source, named in self.inner.items():
            columns = ", ".join(f"{expression} as {name}" for expression, name in named.items())
            table = source.replace("aops_", "aops_table_")
            parts.append(f"(select {columns or '1 as aops_none'} from {table}) as {source}")  # noqa: S608
        first, *others = parts
        joined = [f"left join {part} on {on}" for part, on in zip(others, self.joins, strict=True)]
        return " ".join((first, *joined))

    def column(self, source: str, expression: str) -> str:
        """An expression over the table of a source, as a column of it."""
        named = self.inner[source]
        if expression not in named:
            total = sum(map(len, self.inner.values()))
            named[expression] = f"aops_c{total}"
        return f"{source}.{named[expression]}"

    def time_column(self, name: str) -> str:
        """The time dimension of the aggregation."""
        element = self.start.dimensions.get(name)
        if element is None:
            said = f"there is no time dimension {name} in {self.start.name}"
            self.troubles.append(Trouble("time", said if name else "has no time dimension", name))
            return "null"
        return self.at_grain(self.column("aops_f", expression_of(element)), grain_of(element))

    def at_grain(self, column: str, grain: str) -> str:
        """A time at a grain; a function of our own, since only equality counts."""
        return f"aops_grain('{grain}', {column})" if grain.replace("_", "").isalnum() else column

    # -- filters ------------------------------------------------------------------------

    def condition(self, template: str) -> str:
        """A filter as SQL; empty if it is not understood."""
        parsed = parse_filter(template)
        if parsed.fault:
            self.troubles.append(Trouble("filter", f"the filter {template!r} {parsed.fault}"))
            return ""
        texts = [
            self.reference(piece) if isinstance(piece, Reference) else piece
            for piece in parsed.pieces
        ]
        return " ".join("".join(text for text in texts if text is not None).split()) \
            if None not in texts else ""  # fmt: skip

    def reference(self, reference: Reference) -> str | None:
        """What a call in a filter stands for; None if it is not there."""
        if reference.kind == "Metric":
            return self.metric(reference)
        if reference.path == (METRIC_TIME,):
            path: tuple[str, ...] = (self.start.time_of(self.aggregation),)
        else:
            path = reference.path
        return self.element(path, reference)

    def element(self, path: tuple[str, ...], reference: Reference) -> str | None:
        """A dimension or entity, wherever it stands."""
        way = self.layer.way(self.start, path, reference.kind)
        if way.element is None:
            kind = "entity" if reference.kind == "Entity" else "dimension"
            what = f"there is no {kind} {reference.name} for {self.start.name}"
            self.troubles.append(Trouble("dimension", what, reference.name))
            return None
        if way.fault:
            ends = f" ({', '.join(way.others)})" if way.others else ""
            what = f"the way to {reference.name} from {self.start.name} {_FAULTS[way.fault]}{ends}"
            self.troubles.append(Trouble("join", what, reference.name))
        source = "aops_f"
        here: SemanticModel = self.start
        names: tuple[str, ...] = ()
        for hop in way.hops:
            names = (*names, hop.entity, hop.model.name)
            source = self.joined(names, source, here, hop.entity, hop.model)
            here = hop.model
        text = self.column(source, expression_of(way.element))
        grain = reference.grain or grain_of(way.element)
        return self.at_grain(text, grain) if grain else text

    def joined(
        self,
        names: tuple[str, ...],
        source: str,
        here: SemanticModel,
        entity: str,
        other: SemanticModel,
    ) -> str:
        """The source that holds another semantic model, looked up along an entity."""
        known = self.sources.get(names)
        if known is not None:
            return known
        made = self.sources[names] = f"aops_j{len(self.sources)}"
        own = self.column(source, _entity(here, entity))
        self.inner[made] = {}
        self.tables[made.replace("aops_", "aops_table_")] = other.model
        self.joins.append(f"{own} = {self.column(made, _entity(other, entity))}")
        return made

    def metric(self, reference: Reference) -> str | None:
        """The value of another metric for an entity of each row."""
        table = self.metric_table(reference.name)
        if table is None:
            what = f"there is no metric {reference.name}, or it is not understood"
            self.troubles.append(Trouble("metric", what, reference.name))
            return None
        names = ("metric", reference.name, *reference.entities)
        made = self.sources.get(names)
        if made is None:
            made = f"aops_j{len(self.sources)}"
            keys = [
                self.element(tuple(entity.split("__")), Reference("Entity", (entity,)))
                for entity in reference.entities
            ]
            self.sources[names] = made
            self.inner[made] = {"aops_k": "aops_k", "aops_v": "aops_v"}
            self.tables[made.replace("aops_", "aops_table_")] = table
            on = " and ".join(f"{key} = {made}.aops_k" for key in keys if key) or "true"
            self.joins.append(on)
        return f"{made}.aops_v"


_FAULTS = {"fans out": "multiplies rows", "ambiguous": "is ambiguous"}


def _entity(model: SemanticModel, entity: str) -> str:
    part: Mapping[str, Any] = model.entities.get(entity) or {"name": entity}
    return expression_of(part)
