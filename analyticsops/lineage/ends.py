"""Where columns end: tests, semantic models, metrics, saved queries, exposures.

The expressions of the semantic layer go through the same resolver as models, so that
a metric is connected to the very columns it is computed from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from analyticsops.lineage.code import Code
from analyticsops.lineage.graph import ColumnRef, Edge, Link
from analyticsops.lineage.readings import Readings
from analyticsops.lineage.unit_tests import unit_test_edges
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import Kind, Sure

_DIMENSION = re.compile(
    r"(?:Time)?Dimension\(\s*['\"]([^'\"]+)['\"]|Entity\(\s*['\"]([^'\"]+)['\"]"
)
_METRIC = re.compile(r"Metric\(\s*['\"]([^'\"]+)['\"]")


def end_edges(project: Project, readings: Readings, code: Callable[[Node], Code]) -> Iterator[Edge]:
    """Edges from columns to everything that is no table."""
    semantic = SemanticLayer(project, readings)
    tests = project.of_kind("test")
    readings.expect([*semantic.expressions(), *_test_queries(tests, code)])
    for node in project.nodes.values():
        if node.kind == "semantic_model":
            yield from semantic.model_edges(node)
        elif node.kind == "metric":
            yield from semantic.metric_edges(node)
        elif node.kind == "test":
            yield from _test_edges(node, readings, code)
        elif node.kind == "unit_test":
            yield from unit_test_edges(node, project, readings)
        elif node.kind in ("exposure", "saved_query"):
            yield from _whole(node, project)
            yield from semantic.query_edges(node)


def _whole(node: Node, project: Project) -> Iterator[Edge]:
    """An end that depends on whole nodes, or on the columns that its meta names."""
    named = _named_columns(node)
    for parent in node.depends_on:
        found = project.nodes.get(parent)
        columns = named.get(found.name) if found else None
        if columns is None:
            yield Edge(ColumnRef(parent), ColumnRef(node.unique_id), Link.DEPENDS)
        for column in columns or ():
            yield Edge(ColumnRef(parent, column), ColumnRef(node.unique_id), Kind.IDENTITY)


def _named_columns(node: Node) -> Mapping[str, list[str]]:
    """``meta.analyticsops.columns: {model: [column, ...]}`` of an exposure."""
    named = node.settings.get("columns")
    if not isinstance(named, dict):
        return {}
    return {
        str(model): [str(column) for column in columns]
        for model, columns in named.items()
        if isinstance(columns, list)
    }


# -- tests ---------------------------------------------------------------------


def _test_queries(
    tests: list[Node], code: Callable[[Node], Code]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in tests:
        if not _attached(node) and (sql := code(node).sql) is not None:
            yield sql, node.depends_on


def _attached(node: Node) -> bool:
    """True for a generic test: what it tests is said beside its SQL."""
    return node.test is not None and bool(node.test.tested)


def _test_edges(node: Node, readings: Readings, code: Callable[[Node], Code]) -> Iterator[Edge]:
    target = ColumnRef(node.unique_id)
    if node.test is not None and _attached(node):
        yield Edge(ColumnRef(node.test.tested, node.test.column), target, Link.TESTS)
        yield from _other_side(node, target)
        return
    sql = code(node).sql
    read = readings.columns(sql, node.depends_on) if sql is not None else None
    for found in read or ():
        yield Edge(ColumnRef(*found), target, Link.TESTS)
    for parent in node.depends_on:
        if not any(table == parent for table, _ in read or ()):
            yield Edge(ColumnRef(parent), target, Link.TESTS)


def _other_side(node: Node, target: ColumnRef) -> Iterator[Edge]:
    """The column that a relationships test points at."""
    info = node.test
    field = info.kwargs.get("field") if info else None
    others = [parent for parent in node.depends_on if info and parent != info.tested]
    if isinstance(field, str) and len(others) == 1:
        yield Edge(ColumnRef(others[0], field), target, Link.TESTS)


# -- the semantic layer ----------------------------------------------------------


class SemanticLayer:
    """Semantic models by what metrics call their parts."""

    def __init__(self, project: Project, readings: Readings) -> None:
        self.project = project
        self.readings = readings
        self.measures: dict[str, tuple[Node, Mapping[str, Any]]] = {}
        self.elements: dict[str, list[tuple[Node, Mapping[str, Any]]]] = {}
        self.metrics: dict[str, str] = {}
        for node in project.nodes.values():
            info = node.semantic_model
            if info is not None:
                for measure in info.measures:
                    self.measures[str(measure.get("name"))] = (node, measure)
                for element in (*info.dimensions, *info.entities):
                    named = self.elements.setdefault(str(element.get("name")), [])
                    named.append((node, element))
            if node.metric is not None:
                self.metrics[node.name] = node.unique_id

    def model_of(self, semantic: Node) -> str:
        """``unique_id`` of the model that a semantic model describes, empty if unknown."""
        return next((p for p in semantic.depends_on if self.readings.knows(p)), "")

    def expressions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Every expression, as a query and the model that it is over."""
        for node in self.project.nodes.values():
            info, params = node.semantic_model, node.metric.type_params if node.metric else {}
            if info is not None and (model := self.model_of(node)):
                for part in (*info.measures, *info.dimensions, *info.entities):
                    yield _as_query(_expression(part)), (model,)
            aggregation = params.get("metric_aggregation_params")
            if isinstance(aggregation, dict):
                for model in self._models_of(aggregation):
                    yield _as_query(str(aggregation.get("expr") or "1")), (model,)

    # -- measures and dimensions ---------------------------------------------------

    def model_edges(self, node: Node) -> Iterator[Edge]:
        """Columns of the model into the parts of its semantic model."""
        info = node.semantic_model
        model = self.model_of(node)
        if info is None or not model:
            return
        for measure in info.measures:
            part = ColumnRef(node.unique_id, str(measure.get("name")))
            yield Edge(ColumnRef(model), part, Link.ROWS)
            for column in self.columns_of(measure, model):
                yield Edge(ColumnRef(model, column), part, Kind.AGGREGATION)
        for element in (*info.dimensions, *info.entities):
            part = ColumnRef(node.unique_id, str(element.get("name")))
            for column in self.columns_of(element, model):
                yield Edge(ColumnRef(model, column), part, Kind.TRANSFORMATION)

    def columns_of(self, part: Mapping[str, Any], model: str) -> list[str]:
        """The model's columns that an expression of a measure or dimension reads."""
        return self.read_columns(_expression(part), model)

    def read_columns(self, expression: str, model: str) -> list[str]:
        """The columns of ``model`` that a SQL expression reads; all if unreadable."""
        found = self.readings.columns(_as_query(expression), (model,))
        if found is None:
            return self.readings.all_columns(model)
        return sorted({column for _, column in found})

    # -- metrics -----------------------------------------------------------------

    def metric_edges(self, node: Node) -> Iterator[Edge]:
        """Measures, other metrics and filters into one metric.

        Rebuilt from ``type_params`` and filters: the manifest's ``depends_on`` lacks
        what only filters use.
        """
        info = node.metric
        target = ColumnRef(node.unique_id)
        if info is None:
            return
        params = info.type_params
        inputs = _dicts(params, "measure")
        if info.type not in ("ratio", "derived"):  # there it lists what the inputs' inputs use
            inputs += _dicts(params, "input_measures")
        conversion = params.get("conversion_type_params")
        if isinstance(conversion, dict):
            inputs += _dicts(conversion, "base_measure") + _dicts(conversion, "conversion_measure")
        metrics = [
            *_dicts(params, "numerator"),
            *_dicts(params, "denominator"),
            *_dicts(params, "metrics"),
        ]
        for source in ("cumulative_type_params", "conversion_type_params"):
            nested = params.get(source)
            if isinstance(nested, dict):
                for key in ("metric", "base_metric", "conversion_metric"):
                    metrics += _dicts(nested, key)
        yield from self._measure_edges(inputs, target)
        yield from self._aggregation_edges(params.get("metric_aggregation_params"), target)
        for metric in metrics:
            found = self.metrics.get(str(metric.get("name")))
            if found and found != node.unique_id:
                yield Edge(ColumnRef(found), target, Kind.TRANSFORMATION)
        for part in (info.filter, *(p.get("filter") for p in (*inputs, *metrics))):
            yield from self._filter_edges(part, target)

    def _measure_edges(self, inputs: list[Mapping[str, Any]], target: ColumnRef) -> Iterator[Edge]:
        for measure in inputs:
            found = self.measures.get(str(measure.get("name")))
            if found is not None:
                part = ColumnRef(found[0].unique_id, str(found[1].get("name")))
                yield Edge(part, target, Kind.AGGREGATION)
            elif str(measure.get("name")) in self.metrics:  # the newer spec
                metric = self.metrics[str(measure.get("name"))]
                if metric != target.node:
                    yield Edge(ColumnRef(metric), target, Kind.TRANSFORMATION)

    def _aggregation_edges(self, params: Any, target: ColumnRef) -> Iterator[Edge]:
        """The newer spec: a simple metric aggregates columns itself."""
        if not isinstance(params, dict):
            return
        for model in self._models_of(params):
            yield Edge(ColumnRef(model), target, Link.ROWS)
            for column in self.read_columns(str(params.get("expr") or "1"), model):
                yield Edge(ColumnRef(model, column), target, Kind.AGGREGATION)

    def _models_of(self, params: Mapping[str, Any]) -> Iterator[str]:
        for node in self.project.nodes.values():
            if node.kind == "semantic_model" and node.name == params.get("semantic_model"):
                model = self.model_of(node)
                if model:
                    yield model

    def _filter_edges(
        self, part: Any, target: ColumnRef, metrics: Iterable[str] = ()
    ) -> Iterator[Edge]:
        for text in filter_texts(part):
            yield from self._element_edges(text, target, [Kind.FILTER], metrics)
            for metric in _METRIC.findall(text):
                found = self.metrics.get(metric)
                if found and found != target.node:
                    yield Edge(ColumnRef(found), target, Kind.FILTER)

    def _element_edges(
        self, text: str, target: ColumnRef, kinds: Iterable[Kind], metrics: Iterable[str]
    ) -> Iterator[Edge]:
        """Dimensions and entities that a text names; ``metric_time`` is the time of each of
        these metrics."""
        for dimension, entity in _DIMENSION.findall(text):
            name = dimension or entity
            refs = self._times_of(metrics) if name == "metric_time" else self._elements(name)
            unsure = len(refs) > 1 and name != "metric_time"
            for ref in refs:
                for kind in kinds:
                    yield Edge(ref, target, kind, Sure.AMBIGUOUS if unsure else Sure.EXACT)

    def _elements(self, path: str) -> list[ColumnRef]:
        """What ``order__customer__country`` means: the element of that name in the semantic
        models that have the entity before it for their own, else in all."""
        *entities, name = path.split("__")
        found = self.elements.get(name, [])
        own = [item for item in found if entities and entities[-1] in _own_entities(item[0])]
        return [ColumnRef(node.unique_id, str(element["name"])) for node, element in own or found]

    # -- saved queries -------------------------------------------------------------

    def query_edges(self, node: Node) -> Iterator[Edge]:
        """Dimensions into a saved query: it groups by them and shows their values."""
        if node.saved_query is None:
            return
        params, target = node.saved_query.query_params, ColumnRef(node.unique_id)
        metrics = [self.metrics[name] for name in _names(params, "metrics") if name in self.metrics]
        for text in _names(params, "group_by"):
            # `order__status` is short for a call.
            call = f"Dimension('{text}')" if re.fullmatch(r"\w+", text) else text
            yield from self._element_edges(call, target, [Kind.IDENTITY, Kind.GROUP_BY], metrics)
        yield from self._filter_edges(params.get("where"), target, metrics)

    def _times_of(self, metrics: Iterable[str]) -> list[ColumnRef]:
        """The dimensions by which the measures below these metrics are put in time."""
        found: dict[ColumnRef, None] = {}
        waiting = list(dict.fromkeys(metrics))
        for unique_id in waiting:
            node = self.project.nodes[unique_id]
            params = node.metric.type_params if node.metric is not None else {}
            found.update(dict.fromkeys(self._own_times(params.get("metric_aggregation_params"))))
            for edge in self.metric_edges(node):
                if edge.kind is Kind.AGGREGATION and edge.source.column:
                    found.update(dict.fromkeys(self._time_of_measure(edge.source)))
                elif edge.kind is Kind.TRANSFORMATION and edge.source.node not in waiting:
                    waiting.append(edge.source.node)
        return list(found)

    def _time_of_measure(self, part: ColumnRef) -> Iterator[ColumnRef]:
        known = self.measures.get(part.column)
        if known is not None and known[0].unique_id == part.node:
            yield from _time(known[0], known[1].get("agg_time_dimension"))

    def _own_times(self, params: Any) -> Iterator[ColumnRef]:
        if isinstance(params, dict):
            for node in self.project.of_kind("semantic_model"):
                if node.name == params.get("semantic_model"):
                    yield from _time(node, params.get("agg_time_dimension"))


def _time(node: Node, named: Any) -> Iterator[ColumnRef]:
    """A time dimension of a semantic model, else the one that it has by default."""
    info = node.semantic_model
    name = named or (info.defaults.get("agg_time_dimension") if info is not None else None)
    if isinstance(name, str):
        yield ColumnRef(node.unique_id, name)


def _own_entities(node: Node) -> set[str]:
    """The entities of which a semantic model has one row each, by name."""
    info = node.semantic_model
    if info is None:
        return set()
    own = {str(part.get("name")) for part in info.entities if part.get("type") != "foreign"}
    return own | {info.primary_entity} if info.primary_entity else own


def _names(params: Mapping[str, Any], key: str) -> list[str]:
    value = params.get(key)
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def filter_texts(part: Any) -> list[str]:
    """The SQL templates of a filter as dbt writes it."""
    if isinstance(part, str):
        return [part]
    if not isinstance(part, dict):
        return []
    filters = part.get("where_filters")
    return [
        str(item.get("where_sql_template") or "")
        for item in (filters if isinstance(filters, list) else [])
        if isinstance(item, dict)
    ]


def _dicts(params: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """``params[key]`` as a list of dictionaries, whatever of the known shapes it has."""
    value = params.get(key)
    items = value if isinstance(value, list) else [value]
    found: list[Mapping[str, Any]] = []
    for item in items:
        if isinstance(item, dict):
            found.append(item)
        elif isinstance(item, str):
            found.append({"name": item})
    return found


def _expression(part: Mapping[str, Any]) -> str:
    return str(part.get("expr") or part.get("name") or "")


def _as_query(expression: str) -> str:
    # Parsed, never run; the expression is the project's own.
    return f"select {expression} from {Readings.THE_MODEL}"  # noqa: S608
