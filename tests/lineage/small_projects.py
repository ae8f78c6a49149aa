"""Manifests of a few nodes, as dbt would write them, for the graph tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from analyticsops.artifacts.catalog import Catalog
from analyticsops.artifacts.manifest import Manifest
from analyticsops.project.build import build_project
from analyticsops.project.model import Project

V12 = "https://schemas.getdbt.com/dbt/manifest/v12.json"

Entry = dict[str, Any]


def project(
    *entries: Entry, adapter: str = "duckdb", catalog: Mapping[str, Iterable[str]] | None = None
) -> Project:
    """The project that holds these entries; ``catalog`` maps ids to column names."""
    made = manifest(*entries, adapter=adapter)
    return build_project(made, _catalog(catalog) if catalog is not None else None)


def manifest(*entries: Entry, adapter: str = "duckdb") -> Manifest:
    """The manifest that holds these entries."""
    sections: dict[str, dict[str, Entry]] = {"nodes": {}}
    for entry in entries:
        sections.setdefault(entry.pop("section", "nodes"), {})[entry["unique_id"]] = entry
    metadata = {"dbt_schema_version": V12, "adapter_type": adapter, "project_name": "shop"}
    return msgspec.convert({"metadata": metadata, **sections}, type=Manifest)


def _catalog(tables: Mapping[str, Iterable[str]]) -> Catalog:
    nodes = {
        unique_id: {
            "columns": {
                name: {"name": name, "type": "INTEGER", "index": n}
                for n, name in enumerate(names, start=1)
            }
        }
        for unique_id, names in tables.items()
    }
    metadata = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}
    return msgspec.convert({"metadata": metadata, "nodes": nodes}, type=Catalog)


def model(
    name: str,
    sql: str | None,
    *parents: str,
    columns: Iterable[str] = (),
    kind: str = "model",
    schema: str = "main",
    **more: Any,
) -> Entry:
    """A model (or seed or snapshot) with compiled SQL."""
    return {
        "unique_id": f"{kind}.shop.{name}",
        "name": name,
        "alias": more.pop("alias", name),
        "resource_type": kind,
        "package_name": "shop",
        "schema": schema,
        "compiled_code": more.pop("compiled_code", sql),
        "depends_on": {"nodes": list(parents)},
        "columns": {column: {"name": column} for column in columns},
        "config": {"materialized": more.pop("materialized", "table")},
        **more,
    }


def source(name: str, *columns: str, source_name: str = "raw", schema: str = "raw") -> Entry:
    """A table of a source; ``columns`` are those that YAML lists."""
    return {
        "section": "sources",
        "unique_id": f"source.shop.{source_name}.{name}",
        "name": name,
        "source_name": source_name,
        "identifier": name,
        "schema": schema,
        "resource_type": "source",
        "package_name": "shop",
        "columns": {column: {"name": column} for column in columns},
    }


def data_test(name: str, sql: str | None, *parents: str, **more: Any) -> Entry:
    """A data test; with ``attached_node`` and ``column_name`` a generic one."""
    return {
        "unique_id": f"test.shop.{name}",
        "name": name,
        "resource_type": "test",
        "package_name": "shop",
        "compiled_code": more.pop("compiled_code", sql),
        "depends_on": {"nodes": list(parents)},
        **more,
    }


def end(section: str, kind: str, name: str, *parents: str, **more: Any) -> Entry:
    """An exposure, metric, semantic model, saved query or unit test."""
    return {
        "section": section,
        "unique_id": f"{kind}.shop.{name}",
        "name": name,
        "resource_type": kind,
        "package_name": "shop",
        "depends_on": {"nodes": list(parents)},
        **more,
    }
