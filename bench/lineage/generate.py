"""A dbt project of any size for measuring column lineage, always the same bytes.

    python -m bench.lineage.generate 1000 /tmp/target

writes /tmp/target/manifest.json and /tmp/target/catalog.json as dbt 1.11 does: sources and
seeds, staging, intermediate models in ten layers, and marts; about 50 columns and 1.9 KB of
compiled SQL a model. All its SQL runs in DuckDB and makes the columns that the catalog lists
(tests/bench/test_generated_lineage.py).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.generate import CONFIG, identity, manifest
from bench.lineage.layout import project
from bench.lineage.relations import Column, Relation

GENERATED = "2026-11-21T00:00:00.000000Z"
DOCUMENTED = 12
"""Columns that a model's YAML describes."""


def artifacts(models: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """manifest.json and catalog.json of a project of so many models."""
    relations = project(models)
    found = {relation.unique_id: relation for relation in relations}
    children: dict[str, list[str]] = {key: [] for key in found}
    for relation in relations:
        for parent in relation.parents:
            children[parent].append(relation.unique_id)
    sources = {key: r for key, r in found.items() if r.kind == "source"}
    nodes = {key: r for key, r in found.items() if r.kind != "source"}
    written = manifest(0) | {
        "nodes": {key: _node(relation, found) for key, relation in nodes.items()},
        "sources": {key: _source(relation) for key, relation in sources.items()},
        "parent_map": {key: list(relation.parents) for key, relation in found.items()},
        "child_map": children,
    }
    return written, _catalog(nodes, sources)


def _catalog(nodes: dict[str, Relation], sources: dict[str, Relation]) -> dict[str, Any]:
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json",
            "dbt_version": "1.11.16",
            "generated_at": GENERATED,
            "invocation_id": "00000000-0000-0000-0000-000000000000",
            "invocation_started_at": GENERATED,
            "env": {},
        },
        "nodes": {key: _table(relation) for key, relation in nodes.items()},
        "sources": {key: _table(relation) for key, relation in sources.items()},
        "errors": None,
    }


def _table(relation: Relation) -> dict[str, Any]:
    return {
        "metadata": {
            "type": "BASE TABLE", "schema": relation.schema, "name": relation.name,
            "database": "db", "comment": None, "owner": None,
        },
        "columns": {
            column.name: {
                "type": column.type, "index": index, "name": column.name, "comment": None,
            }
            for index, column in enumerate(relation.columns, start=1)
        },
        "stats": {},
        "unique_id": relation.unique_id,
    }  # fmt: skip


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name, "description": f"What {column.name} holds, in a sentence.",
        "meta": {}, "data_type": None, "constraints": [], "quote": None,
        "config": {"meta": {}, "tags": []}, "tags": [], "granularity": None, "doc_blocks": [],
    }  # fmt: skip


def _node(relation: Relation, found: dict[str, Relation]) -> dict[str, Any]:
    parents = [found[parent] for parent in relation.parents]
    raw = relation.sql
    for parent in parents:
        raw = raw.replace(parent.quoted, _reference(parent))
    suffix = "csv" if relation.kind == "seed" else "sql"
    path = f"{relation.folder}/{relation.name}.{suffix}"
    node = identity(relation.name, relation.unique_id, relation.kind, path)
    written = node | {
        "config": CONFIG | {"materialized": "seed" if relation.kind == "seed" else "table"},
        "columns": {column.name: _column(column) for column in relation.columns[:DOCUMENTED]},
        "description": f"{relation.name}: what it holds and whom to ask.",
        "raw_code": raw,
        "language": "sql",
        "refs": [_ref(parent.name) for parent in parents if parent.kind != "source"],
        "sources": [["raw", parent.name] for parent in parents if parent.kind == "source"],
        "depends_on": {"macros": [], "nodes": list(relation.parents)},
        "relation_name": relation.quoted,
        "patch_path": None,
    }
    return written | ({"compiled_code": relation.sql} if relation.kind == "model" else {})


def _ref(name: str) -> dict[str, Any]:
    return {"name": name, "package": None, "version": None}


def _reference(relation: Relation) -> str:
    if relation.kind == "source":
        return f"{{{{ source('raw', '{relation.name}') }}}}"
    return f"{{{{ ref('{relation.name}') }}}}"


def _source(relation: Relation) -> dict[str, Any]:
    return {
        "database": "db", "schema": relation.schema, "name": relation.name,
        "resource_type": "source", "package_name": "big", "path": "models/sources.yml",
        "original_file_path": "models/sources.yml", "unique_id": relation.unique_id,
        "fqn": ["big", "raw", relation.name], "source_name": "raw", "source_description": "",
        "loader": "", "identifier": relation.name, "relation_name": relation.quoted,
        "quoting": {"database": None, "schema": None, "identifier": None, "column": None},
        "loaded_at_field": None, "loaded_at_query": None, "freshness": None, "external": None,
        "description": f"{relation.name} as it was loaded.", "meta": {}, "source_meta": {},
        "columns": {}, "tags": [], "config": {"enabled": True, "meta": {}, "tags": []},
        "patch_path": None, "unrendered_config": {}, "created_at": 1732147200.0,
        "unrendered_database": None, "unrendered_schema": None, "doc_blocks": [],
    }  # fmt: skip


def write(models: int, folder: Path) -> None:
    """Write both artifacts into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in zip(("manifest", "catalog"), artifacts(models), strict=True):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
