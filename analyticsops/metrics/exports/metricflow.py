"""dbt's own YAML: semantic models with measures, and metrics on them. Every dbt since 1.6 reads
it. Metrics of the newer spec, and SQL metrics, become measures and metrics on them.

https://docs.getdbt.com/docs/build/semantic-models
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analyticsops.lineage.ends import filter_texts
from analyticsops.metrics.definitions import Aggregation, Definition, Fill, Input
from analyticsops.metrics.exports.gathering import written
from analyticsops.metrics.exports.portable import Exported, Loss
from analyticsops.metrics.exports.sql_parts import SqlParts, sql_parts
from analyticsops.metrics.exports.yaml_text import yaml_text
from analyticsops.metrics.registry import Registry
from analyticsops.metrics.semantic_layer import SemanticModel
from analyticsops.project.model import Node


def export_metricflow(registry: Registry) -> Exported:
    """One file with all of it."""
    return _Exporter(registry).export()


class _Exporter:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._losses: list[Loss] = []
        self._measures: dict[str, list[dict[str, Any]]] = {}

    def export(self) -> Exported:
        definitions = self._registry.definitions
        metrics: list[dict[str, Any]] = []
        sql: dict[str, SqlParts] = {}
        for name in sorted(definitions):
            definition = definitions[name]
            if definition.type != "sql":
                missing = _missing(definition)
                if missing:
                    self._losses.append(Loss(f"metric {name}", missing))
                else:
                    metrics.append(self._metric(definition))
                continue
            parts = sql_parts(self._registry, definition)
            if isinstance(parts, str):
                self._losses.append(Loss(f"metric {name}", parts))
                continue
            sql[name] = parts
            metrics += self._of_sql(definition, parts)
        semantic = [self._semantic(model) for model in self._registry.layer.models.values()]
        saved = [
            _saved_query(node)
            for node in self._registry.project.of_kind("saved_query")
            if node.package == self._registry.project.name
        ]
        text = yaml_text(
            {
                "semantic_models": [*semantic, *self._of_models(sql)],
                "metrics": metrics,
                "saved_queries": saved,
            }
        )
        return Exported(
            files={f"{self._registry.project.name}.metrics.yml": text},
            losses=tuple(self._losses),
        )

    # -- semantic models ---------------------------------------------------------------

    def _semantic(self, model: SemanticModel) -> dict[str, Any]:
        node = model.node
        info = node.semantic_model
        declared = [_without_none(part) for part in model.measures.values()]
        return {
            "name": model.name,
            "description": node.description,
            "model": _ref(self._registry, model.model),
            "config": _config(node.group, node.config.get("meta")),
            "defaults": dict(info.defaults) if info is not None else {},
            "primary_entity": info.primary_entity if info is not None else "",
            "entities": [_without_none(part) for part in model.entities.values()],
            "dimensions": [_without_none(part) for part in model.dimensions.values()],
            "measures": [*declared, *self._measures.get(model.name, ())],
        }

    def _measure_of(self, definition: Definition, found: Aggregation) -> str:
        """A measure for what a metric of the newer spec aggregates itself."""
        name = self._named(definition.name)
        measure = {"name": name, "agg": found.agg, "expr": found.expr}
        if found.time:
            measure["agg_time_dimension"] = found.time
        params = dict(text.split(": ", 1) for text in found.params if ": " in text)
        rule = found.non_additive
        self._measures.setdefault(found.semantic_model, []).append(
            {
                **measure,
                "agg_params": {key: _plain(value) for key, value in params.items()},
                "non_additive_dimension": {
                    "name": rule.get("name"),
                    "window_choice": rule.get("window_choice") or rule.get("window_agg"),
                    "window_groupings": list(
                        rule.get("window_groupings") or rule.get("group_by") or ()
                    ),
                }
                if rule
                else {},
            }
        )
        return name

    def _named(self, name: str) -> str:
        """A name for a measure that the project has for nothing else: dbt wants each once."""
        models = self._registry.layer.models.values()
        taken = {n for m in models for n in (*m.measures, *m.dimensions, *m.entities)}
        return f"{name}_value" if name in taken else name

    def _of_models(self, sql: Mapping[str, SqlParts]) -> Iterator[dict[str, Any]]:
        """A semantic model for each model that SQL metrics are over, and each time. dbt wants a
        name to be of one kind in the whole project, so some columns cannot be dimensions."""
        others = self._registry.layer.models.values()
        taken = {name for model in others for name in (*model.measures, *model.entities)}
        taken |= {m["name"] for parts in sql.values() for m in parts.measures}
        times = {n for m in others for n, d in m.dimensions.items() if d.get("type") == "time"}
        times |= {parts.time for parts in sql.values()}
        found: dict[tuple[str, str], list[SqlParts]] = {}
        for parts in sql.values():
            found.setdefault((parts.ref, parts.time), []).append(parts)
        for (ref, time), some in sorted(found.items()):
            first = some[0]
            lost = [name for name in first.dimensions if name in taken | times]
            if lost:
                what = (
                    f"{', '.join(lost)} as dimensions: these names are measures or times elsewhere"
                )
                subject = f"semantic model {first.semantic_model}"
                self._losses.append(Loss(subject, what, whole=False))
            yield {
                "name": first.semantic_model,
                "model": ref,
                "primary_entity": first.semantic_model,
                "defaults": {"agg_time_dimension": time},
                "dimensions": [
                    {"name": time, "type": "time", "type_params": {"time_granularity": "day"}},
                    *(
                        {"name": n, "type": "categorical"}
                        for n in first.dimensions
                        if n not in lost
                    ),
                ],
                "measures": [measure for parts in some for measure in parts.measures],
            }

    # -- metrics ---------------------------------------------------------------------------

    def _metric(self, definition: Definition) -> dict[str, Any]:
        return {
            "name": definition.name,
            "label": definition.label or definition.name,
            "description": definition.description,
            "type": definition.type,
            "type_params": self._params(definition),
            "filter": _filter(definition.filters),
            "time_granularity": definition.grain,
            "config": self._config(definition.name),
        }

    def _config(self, name: str) -> dict[str, Any]:
        sql = self._registry.sql_metrics.get(name)
        if sql is not None:
            return _config(sql.group, {"analyticsops": written(sql.settings)})
        node = self._registry.project.nodes[self._registry.definitions[name].node]
        return _config(node.group, node.meta)

    def _params(self, definition: Definition) -> dict[str, Any]:
        inputs = definition.inputs
        if definition.type == "simple":
            if definition.aggregation is not None:
                name = self._measure_of(definition, definition.aggregation)
                return {"measure": {"name": name, **_fill(definition.fill)}}
            return {"measure": _input(inputs[0])}
        if definition.type == "ratio":
            return {part.role: _input(part) for part in inputs}
        if definition.type == "derived":
            return {"expr": definition.expr, "metrics": [_input(part) for part in inputs]}
        if definition.type == "cumulative":
            return {
                "measure": self._measured(definition, inputs[0]),
                "cumulative_type_params": {
                    "window": definition.window,
                    "grain_to_date": definition.grain_to_date,
                    "period_agg": definition.period_agg,
                },
            }
        roles = {part.role.split()[-1]: part for part in inputs}
        return {
            "conversion_type_params": {
                "base_measure": self._measured(definition, roles["base"]),
                "conversion_measure": self._measured(definition, roles["conversion"]),
                "entity": definition.entity,
                "calculation": definition.calculation,
                "window": definition.window,
                "constant_properties": [
                    {"base_property": base, "conversion_property": conversion}
                    for base, conversion in definition.constants
                ],
            }
        }

    def _measured(self, definition: Definition, part: Input) -> dict[str, Any]:
        """A measure; of a metric of the newer spec its measure with its filters."""
        if "metric" not in part.role:
            return _input(part)
        below = self._registry.definitions[part.name]
        filters = (*below.filters, *part.filters)
        own = below.inputs[0] if below.inputs else None
        if below.aggregation is None and own is not None:
            filters = (*filters, *own.filters)
        if below.aggregation is not None:
            name = self._named(part.name)
        else:
            name = own.name if own is not None else part.name
        fill = below.fill if below.aggregation is not None or own is None else own.fill
        return {"name": name, "filter": _filter(filters), **_fill(fill)}

    def _of_sql(self, definition: Definition, parts: SqlParts) -> Iterator[dict[str, Any]]:
        """Each aggregate a simple metric, and one over them; a single one is the metric."""
        shown = {
            "name": definition.name,
            "label": definition.label or definition.name,
            "description": definition.description,
            "config": self._config(definition.name),
        }
        if not parts.expression:
            (measure,) = parts.measures
            yield {**shown, "type": "simple", "type_params": {"measure": measure["name"]}}
            return
        for measure in parts.measures:
            name = measure["name"]
            yield {
                "name": name,
                "label": name,
                "description": f"A part of {definition.name}.",
                "type": "simple",
                "type_params": {"measure": name},
            }
        names = [{"name": measure["name"]} for measure in parts.measures]
        params = {"expr": parts.expression, "metrics": names}
        yield {**shown, "type": "derived", "type_params": params}


_ROLES: Mapping[str, tuple[str, ...]] = {
    "simple": (),
    "cumulative": (),
    "derived": (),
    "ratio": ("numerator", "denominator"),
    "conversion": ("base", "conversion"),
}
"""Type of a metric -> what each of its inputs is to it, if that is said."""


def _missing(definition: Definition) -> str:
    """Why it cannot be written down, which dbt would have refused; empty if it can."""
    if definition.type not in _ROLES:
        return f"the type {definition.type!r} is not known"
    if definition.aggregation is not None:
        return ""
    if not definition.inputs:
        return "it names nothing that it is computed from"
    if definition.type == "derived" and not definition.expr:
        return "it has no expression"
    known = {part.role.split()[-1] for part in definition.inputs}
    missing = [role for role in _ROLES[definition.type] if role not in known]
    return f"it has no {' and no '.join(missing)}" if missing else ""


def _saved_query(node: Node) -> dict[str, Any]:
    info = node.saved_query
    params = info.query_params if info is not None else {}
    return {
        "name": node.name,
        "description": node.description,
        "query_params": {
            "metrics": params.get("metrics"),
            "group_by": params.get("group_by"),
            "where": filter_texts(params.get("where")),
            "order_by": params.get("order_by"),
            "limit": params.get("limit"),
        },
        "exports": [_export(part) for part in (info.exports if info is not None else ())],
        "config": _config(node.group, node.config.get("meta")),
    }


def _export(part: Mapping[str, Any]) -> dict[str, Any]:
    config = part.get("config") or {}
    names = {"export_as": "export_as", "schema_name": "schema", "alias": "alias"}
    return {
        "name": part.get("name"),
        "config": {to: config.get(key) for key, to in names.items() if config.get(key)},
    }


def _ref(registry: Registry, unique_id: str) -> str:
    node = registry.project.nodes.get(unique_id)
    if node is None:
        return ""
    return f"ref('{node.name}', v={node.version})" if node.version else f"ref('{node.name}')"


def _config(group: str, meta: Any) -> dict[str, Any]:
    return {"group": group, "meta": dict(meta) if isinstance(meta, dict) else {}}


def _input(part: Input) -> dict[str, Any]:
    offset, unit = part.offset
    return {
        "name": part.name,
        "alias": part.alias,
        "filter": _filter(part.filters),
        "offset_window": f"{offset} {unit}" if unit else "",
        "offset_to_grain": part.to_grain,
        **_fill(part.fill),
    }


def _fill(fill: Fill) -> dict[str, Any]:
    found: dict[str, Any] = {} if fill.value is None else {"fill_nulls_with": fill.value}
    return {**found, "join_to_timespine": True} if fill.all_days else found


def _filter(filters: Sequence[str]) -> str:
    """All of them in one."""
    return " and ".join(f"({text})" for text in filters) if len(filters) > 1 else "".join(filters)


def _without_none(part: Mapping[str, Any]) -> dict[str, Any]:
    """What dbt's YAML takes of a measure, dimension or entity in the manifest."""
    found = {key: value for key, value in part.items() if value is not None}
    for key in ("metadata", "create_metric", "meta"):
        found.pop(key, None)
    config = found.get("config")
    if isinstance(config, dict):
        meta = config.get("meta")
        found["config"] = {"meta": meta} if meta else {}
    for key, value in [*found.items()]:
        if isinstance(value, dict):
            found[key] = {inner: item for inner, item in value.items() if item is not None}
    return found


def _plain(text: str) -> Any:
    if text in ("True", "False"):
        return text == "True"
    try:
        return float(text)
    except ValueError:
        return text
