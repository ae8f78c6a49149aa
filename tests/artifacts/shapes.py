"""Manifests in the shapes of dbt's versions, with little in them.

Each keeps what is peculiar to its version: fields that are new, gone, or null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SCHEMAS = "https://schemas.getdbt.com/dbt"

Json = dict[str, Any]


def _metadata(schema: int, dbt: str, **more: Any) -> Json:
    return {
        "dbt_schema_version": f"{SCHEMAS}/manifest/v{schema}.json",
        "dbt_version": dbt,
        "generated_at": "2026-01-02T03:04:05.678901Z",
        "invocation_id": "11111111-2222-3333-4444-555555555555",
        "env": {},
        "adapter_type": "duckdb",
        **more,
    }


def _model(**more: Any) -> Json:
    return {
        "unique_id": "model.shop.orders",
        "name": "orders",
        "alias": "orders",
        "resource_type": "model",
        "package_name": "shop",
        "path": "orders.sql",
        "original_file_path": "models/orders.sql",
        "fqn": ["shop", "orders"],
        "database": "db",
        "schema": "main",
        "checksum": {"name": "sha256", "checksum": "ab"},
        "config": {"materialized": "table", "tags": ["nightly"], "meta": {"owner": "ann"}},
        "tags": ["nightly"],
        "description": "",
        "columns": {"id": {"name": "id", "description": "", "meta": {}, "data_type": None}},
        "meta": {},
        "depends_on": {"macros": [], "nodes": ["source.shop.raw.orders"]},
        "language": "sql",
        "raw_code": "select id from {{ source('raw', 'orders') }}",
        "compiled_code": "select id from db.raw.orders",
        "refs": [],
        **more,
    }


def _source(**more: Any) -> Json:
    return {
        "unique_id": "source.shop.raw.orders",
        "name": "orders",
        "identifier": "orders",
        "source_name": "raw",
        "resource_type": "source",
        "package_name": "shop",
        "original_file_path": "models/sources.yml",
        "path": "models/sources.yml",
        "fqn": ["shop", "raw", "orders"],
        "database": "db",
        "schema": "raw",
        "loader": "",
        "freshness": {"warn_after": {"count": None, "period": None}, "filter": None},
        "columns": {},
        "meta": {},
        "tags": [],
        "config": {"enabled": True},
        **more,
    }


def _whole(metadata: Json, model: Json, source: Json, **sections: Any) -> Json:
    return {
        "metadata": metadata,
        "nodes": {model["unique_id"]: model},
        "sources": {source["unique_id"]: source},
        "macros": {},
        "docs": {},
        "exposures": {},
        "metrics": {},
        "selectors": {},
        "disabled": {},
        "parent_map": {},
        "child_map": {},
        **sections,
    }


def dbt_1_5() -> Json:
    """v9: no project name, metrics without type_params, refs as objects since here."""
    metric = {
        "unique_id": "metric.shop.n",
        "name": "n",
        "resource_type": "metric",
        "package_name": "shop",
        "fqn": ["shop", "n"],
        "calculation_method": "count",
        "expression": "*",
        "timestamp": "ts",
        "filters": [],
        "depends_on": {"nodes": ["model.shop.orders"], "macros": []},
    }
    model = _model(access="protected", constraints=[], version=None, latest_version=None)
    return _whole(
        _metadata(9, "1.5.11"), model, _source(), metrics={"metric.shop.n": metric}, groups={}
    )


def dbt_1_6() -> Json:
    """v10: semantic models and metrics of MetricFlow; the project is named."""
    return _whole(
        _metadata(10, "1.6.18", project_name="shop"),
        _model(deprecation_date=None, contract={"enforced": False, "checksum": None}),
        _source(),
        semantic_models={"semantic_model.shop.o": _semantic_model()},
        metrics={"metric.shop.n": _metric()},
        groups={},
    )


def dbt_1_7() -> Json:
    """v11: saved queries; disabled holds whole nodes; group_map."""
    return _whole(
        _metadata(11, "1.7.19", project_name="shop"),
        _model(),
        _source(),
        semantic_models={"semantic_model.shop.o": _semantic_model()},
        metrics={"metric.shop.n": _metric()},
        saved_queries={"saved_query.shop.q": _saved_query()},
        disabled={"model.shop.off": [_model(unique_id="model.shop.off", name="off")]},
        groups={"group.shop.core": _group()},
        group_map={"core": []},
    )


def dbt_1_8() -> Json:
    """v12: unit tests, `primary_key`, `unrendered_config`, contract with alias types."""
    return dbt_1_7() | {
        "metadata": _metadata(12, "1.8.9", project_name="shop", quoting={"database": True}),
        "unit_tests": {"unit_test.shop.orders.t": _unit_test()},
    }


def dbt_1_11() -> Json:
    """v12 still: functions, `config.meta` instead of `meta`, tags and freshness in config."""
    function = _model(
        unique_id="function.shop.area",
        name="area",
        resource_type="function",
        arguments=[{"name": "r", "data_type": "float"}],
        returns={"data_type": "float"},
    )
    source = _source(
        config={"enabled": True, "freshness": {"warn_after": {"count": 1, "period": "day"}}}
    )
    return dbt_1_8() | {
        "metadata": _metadata(
            12, "1.11.2", project_name="shop", run_started_at="2026-01-02T03:04:05+00:00"
        ),
        "functions": {"function.shop.area": function},
        "sources": {source["unique_id"]: source},
    }


def dbt_1_12() -> Json:
    """v12 still: metrics that aggregate columns themselves."""
    metric = _metric(
        type_params={
            "measure": None,
            "metric_aggregation_params": {
                "semantic_model": "o",
                "agg": "sum",
                "expr": "id",
                "agg_time_dimension": "ts",
            },
        }
    )
    return dbt_1_11() | {
        "metadata": _metadata(12, "1.12.0", project_name="shop"),
        "metrics": {"metric.shop.n": metric},
    }


def dbt_2() -> Json:
    """v12 as the Rust engine writes it: null where dbt 1 leaves out, and new fields."""
    model = _model(
        access=None,
        constraints=None,
        columns={
            "id": {
                "name": "id",
                "data_type": "INTEGER",
                "tags": None,
                "meta": None,
                "constraints": None,
                "config": None,
                "granularity": None,
            }
        },
        contract=None,
        description=None,
        group=None,
        meta=None,
        tags=None,
        unrendered_config=None,
        compiled_code=None,
        raw_code=None,
        static_analysis="on",
        depends_on={
            "macros": None,
            "nodes": ["source.shop.raw.orders"],
            "nodes_with_ref_location": [],
        },
    )
    source = _source(freshness=None, tags=None, meta=None, loader=None, quoting=None, columns=None)
    return _whole(
        _metadata(12, "2.0.0-beta.12", project_name="shop", user_id=None, run_started_at=None),
        model,
        source,
        semantic_models={},
        saved_queries={},
        unit_tests={},
        functions={},
        groups={"group.shop.core": _group(owner={"email": ["a@x", "b@x"], "name": None})},
        disabled=None,
        selectors=None,
    )


def _semantic_model(**more: Any) -> Json:
    return {
        "unique_id": "semantic_model.shop.o",
        "name": "o",
        "resource_type": "semantic_model",
        "package_name": "shop",
        "model": "ref('orders')",
        "depends_on": {"nodes": ["model.shop.orders"], "macros": []},
        "entities": [{"name": "order", "type": "primary", "expr": "id"}],
        "measures": [{"name": "n", "agg": "count", "expr": "id"}],
        "dimensions": [],
        "defaults": {"agg_time_dimension": "ts"},
        "node_relation": {"alias": "orders", "schema_name": "main"},
        **more,
    }


def _metric(**more: Any) -> Json:
    return {
        "unique_id": "metric.shop.n",
        "name": "n",
        "resource_type": "metric",
        "package_name": "shop",
        "type": "simple",
        "type_params": {"measure": {"name": "n", "filter": None}, "input_measures": []},
        "filter": None,
        "depends_on": {"nodes": ["semantic_model.shop.o"], "macros": []},
        **more,
    }


def _saved_query() -> Json:
    return {
        "unique_id": "saved_query.shop.q",
        "name": "q",
        "resource_type": "saved_query",
        "package_name": "shop",
        "query_params": {"metrics": ["n"], "group_by": [], "where": None},
        "exports": [],
        "depends_on": {"nodes": ["metric.shop.n"]},
    }


def _unit_test() -> Json:
    return {
        "unique_id": "unit_test.shop.orders.t",
        "name": "t",
        "resource_type": "unit_test",
        "package_name": "shop",
        "model": "orders",
        "given": [],
        "expect": {"rows": []},
        "depends_on": {"nodes": ["model.shop.orders"]},
        "checksum": "ab",
        "version": None,
    }


def _group(**more: Any) -> Json:
    return {
        "unique_id": "group.shop.core",
        "name": "core",
        "resource_type": "group",
        "package_name": "shop",
        "owner": {"name": "Core", "email": "core@x", "slack": "#core"},
        **more,
    }


SHAPES: Mapping[str, Callable[[], Json]] = {
    "1.5": dbt_1_5,
    "1.6": dbt_1_6,
    "1.7": dbt_1_7,
    "1.8": dbt_1_8,
    "1.11": dbt_1_11,
    "1.12": dbt_1_12,
    "2.0": dbt_2,
}


def run_results(version: int = 6, which: str | None = "build", **more: Any) -> Json:
    """run_results.json of an invocation."""
    return {
        "metadata": {
            "dbt_schema_version": f"{SCHEMAS}/run-results/v{version}.json",
            "dbt_version": "1.11.2",
            "generated_at": "2026-01-02T03:04:05.678901Z",
            "invocation_id": "11111111-2222-3333-4444-555555555555",
            "env": {},
        },
        "results": [
            {
                "unique_id": "model.shop.orders",
                "status": "success",
                "timing": [{"name": "compile", "started_at": None, "completed_at": None}],
                "thread_id": "Thread-1",
                "execution_time": 0.5,
                "adapter_response": {"_message": "OK"},
                "message": "OK",
                "failures": None,
            }
        ],
        "elapsed_time": 1.5,
        "args": {"which": which} if which is not None else {},
        **more,
    }


def freshness(kind: str = "sources", version: int = 3, status: str = "pass", **more: Any) -> Json:
    """sources.json, or dbt 2's freshness.json."""
    return {
        "metadata": {
            "dbt_schema_version": f"{SCHEMAS}/{kind}/v{version}.json",
            "dbt_version": "2.0.0" if kind == "freshness" else "1.11.2",
            "generated_at": "2026-01-02T03:04:05Z",
            "invocation_id": None,
        },
        "results": [
            {
                "unique_id": "source.shop.raw.orders",
                "status": status,
                "max_loaded_at": "2026-01-02T03:00:00+00:00",
                "snapshotted_at": "2026-01-02T03:04:05+00:00",
                "max_loaded_at_time_ago_in_s": 245.0,
                "criteria": {"warn_after": {"count": 1, "period": "hour"}},
                **more,
            },
            {"unique_id": "source.shop.raw.broken", "status": "runtime error", "error": "no table"},
        ],
        "elapsed_time": 0.1,
    }


def catalog(version: int = 1) -> Json:
    """catalog.json."""
    column = {"type": "INTEGER", "index": 1, "name": "id", "comment": None}
    table = {
        "metadata": {"type": "BASE TABLE", "schema": "main", "name": "orders", "database": "db"},
        "columns": {"id": column},
        "stats": {"has_stats": {"id": "has_stats", "value": False}},
        "unique_id": "model.shop.orders",
    }
    return {
        "metadata": {"dbt_schema_version": f"{SCHEMAS}/catalog/v{version}.json"},
        "nodes": {"model.shop.orders": table},
        "sources": {},
        "errors": None,
    }
