"""A manifest of any size in the shape that dbt 1.11 writes, always the same bytes.

    python -m bench.generate 3000 /tmp/target

writes /tmp/target/manifest.json with 3,000 models in layers, four tests and eleven
columns each, and the macros of a real project: about 50 MB.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

CONFIG = {
    "enabled": True, "alias": None, "schema": None, "database": None, "tags": ["nightly"],
    "meta": {"owner": "data-platform", "pii": False}, "group": None, "materialized": "table",
    "incremental_strategy": None, "batch_size": None, "lookback": 1, "begin": None,
    "persist_docs": {}, "post-hook": [], "pre-hook": [], "quoting": {}, "column_types": {},
    "full_refresh": None, "unique_key": None, "on_schema_change": "ignore",
    "on_configuration_change": "apply", "grants": {}, "packages": [],
    "docs": {"show": True, "node_color": None}, "contract": {"enforced": False},
    "event_time": None, "concurrent_batches": None, "access": "protected", "freshness": None,
}  # fmt: skip
COLUMNS = 11
TESTS = 4
PER_LAYER = 100


def manifest(models: int) -> dict[str, Any]:
    """A project of so many models."""
    nodes: dict[str, Any] = {}
    for number in range(models):
        node = model(number)
        nodes[node["unique_id"]] = node
        for test in range(TESTS):
            entry = data_test(node, test)
            nodes[entry["unique_id"]] = entry
    parents = {key: node["depends_on"]["nodes"] for key, node in nodes.items()}
    children: dict[str, list[str]] = {key: [] for key in nodes}
    for key, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(key)
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "dbt_version": "1.11.16",
            "generated_at": "2026-11-21T00:00:00.000000Z",
            "invocation_id": "00000000-0000-0000-0000-000000000000",
            "project_name": "big",
            "adapter_type": "duckdb",
        },
        "nodes": nodes,
        "sources": {},
        "macros": {},
        "docs": {},
        "exposures": {},
        "metrics": {},
        "groups": {},
        "selectors": {},
        "disabled": {},
        "parent_map": parents,
        "child_map": children,
        "group_map": {},
        "saved_queries": {},
        "semantic_models": {},
        "unit_tests": {},
        "functions": {},
    }


def sql(number: int) -> tuple[str, list[int]]:
    """Import CTEs, a join, an aggregation, a case, a window: and the models it reads."""
    names = ", ".join(f"c{n}" for n in range(COLUMNS))
    if number < PER_LAYER:
        values = ", ".join(f"{n} as c{n}" for n in range(COLUMNS))
        return f"select {values}", []
    left = number - PER_LAYER
    right = (number * 7) % (number // PER_LAYER * PER_LAYER)
    body = f"""with left_side as (
    select * from "db"."main"."model_{left}"
),

right_side as (
    select {names} from "db"."main"."model_{right}"
    where c1 > {number % 17} and c2 is not null
),

totals as (
    select c0, sum(c3) as total, count(*) as rows_in_group
    from right_side
    group by c0
),

joined as (
    select
        left_side.c0,
        left_side.c1,
        coalesce(left_side.c2, 0) as c2,
        totals.total as c3,
        case when totals.rows_in_group > 1 then left_side.c4 else totals.total end as c4,
        left_side.c5 + left_side.c6 as c5,
        row_number() over (partition by left_side.c0 order by left_side.c7) as c6,
        left_side.c7,
        left_side.c8 || '-' || left_side.c9 as c8,
        left_side.c9,
        left_side.c10
    from left_side
    left join totals on totals.c0 = left_side.c0
)

select {names} from joined
"""
    return body, [left, right]


def model(number: int) -> dict[str, Any]:
    """One model, with everything that dbt writes about it."""
    name = f"model_{number}"
    code, reads = sql(number)
    raw = code
    for parent in reads:
        raw = raw.replace(f'"db"."main"."model_{parent}"', f"{{{{ ref('model_{parent}') }}}}")
    columns: dict[str, Any] = {
        f"c{n}": {
            "name": f"c{n}",
            "description": f"Column {n} of model {number}, described at some length.",
            "meta": {}, "data_type": None, "constraints": [], "quote": None,
            "config": {"meta": {}, "tags": []}, "tags": [], "granularity": None,
            "doc_blocks": [], "dimension": None, "entity": None,
        }
        for n in range(COLUMNS)
    }  # fmt: skip
    path = f"layer_{number // PER_LAYER}/{name}.sql"
    return {
        **identity(name, f"model.big.{name}", "model", path),
        "config": CONFIG,
        "columns": columns,
        "description": f"Model {number}. " + "What it holds is described at some length. " * 58,
        "raw_code": raw,
        "compiled_code": code,
        "language": "sql",
        "refs": [{"name": f"model_{n}", "package": None, "version": None} for n in reads],
        "depends_on": {"macros": [], "nodes": [f"model.big.model_{n}" for n in reads]},
        "relation_name": f'"db"."main"."{name}"',
        "patch_path": f"big://models/layer_{number // PER_LAYER}/_models.yml",
    }


def data_test(node: dict[str, Any], number: int) -> dict[str, Any]:
    """One generic test of a model."""
    kind = ("unique", "not_null")[number % 2]
    column = f"c{number // 2}"
    name = f"{kind}_{node['name']}_{column}"
    unique_id = f"test.big.{name}.{number:010x}"
    return {
        **identity(name, unique_id, "test", f"{name}.sql"),
        "test_metadata": {
            "name": kind,
            "kwargs": {"column_name": column, "model": "{{ get_where_subquery(ref('x')) }}"},
            "namespace": None,
        },
        "config": {"severity": "ERROR", "enabled": True, "tags": [], "meta": {}, "where": None},
        "columns": {},
        "raw_code": "{{ test_" + kind + "(**_dbt_generic_test_kwargs) }}",
        "compiled_code": f'select {column} from "db"."main"."{node["name"]}"',
        "depends_on": {"macros": [f"macro.dbt.test_{kind}"], "nodes": [node["unique_id"]]},
        "attached_node": node["unique_id"],
        "column_name": column,
    }


def identity(name: str, unique_id: str, kind: str, path: str) -> dict[str, Any]:
    """The fields that every node has."""
    return {
        "database": "db", "schema": "main", "name": name, "resource_type": kind,
        "package_name": "big", "path": path, "original_file_path": f"models/{path}",
        "unique_id": unique_id, "fqn": ["big", *path.removesuffix(".sql").split("/")],
        "alias": name, "checksum": {"name": "sha256", "checksum": f"{len(name):064x}"},
        "tags": [], "group": None, "docs": {"show": True, "node_color": None},
        "build_path": None, "unrendered_config": {"materialized": "table", "tags": ["nightly"]},
        "created_at": 1732147200.0, "sources": [], "metrics": [], "functions": [],
        "compiled_path": f"target/compiled/big/models/{path}", "compiled": True,
        "extra_ctes_injected": True, "extra_ctes": [], "contract": {"enforced": False},
        "access": "protected", "constraints": [], "version": None, "latest_version": None,
        "deprecation_date": None, "primary_key": [], "time_spine": None, "meta": {},
    }  # fmt: skip


def write(models: int, folder: Path) -> Path:
    """Write the manifest; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "manifest.json"
    path.write_text(json.dumps(manifest(models)), encoding="utf-8")
    return path


if __name__ == "__main__":
    print(write(int(sys.argv[1]), Path(sys.argv[2])))
