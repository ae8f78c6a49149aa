"""A target folder as dbt leaves it, of any size."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from analyticsops.history.record import NodeResult, instant
from tests.history.maker import made_up

INVOCATION = "6b0a4a4e-0000-4000-8000-000000000001"


def write_target(folder: Path, results: int) -> None:
    """Write manifest.json and run_results.json of one build with so many results."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = made_up(1, results).results
    moment = datetime(2026, 11, 27, tzinfo=UTC).isoformat()
    metadata: dict[str, object] = {
        "dbt_version": "1.11.16",
        "generated_at": moment,
        "invocation_id": INVOCATION,
        "invocation_started_at": moment,
    }
    base = "https://schemas.getdbt.com/dbt"
    manifest: dict[str, object] = {
        "metadata": {
            **metadata,
            "dbt_schema_version": f"{base}/manifest/v12.json",
            "project_name": "shop",
            "adapter_type": "duckdb",
        },
        "nodes": {row.unique_id: _node(row) for row in rows},
        "sources": {},
    }
    run_results: dict[str, object] = {
        "metadata": {**metadata, "dbt_schema_version": f"{base}/run-results/v6.json"},
        "args": {"which": "build", "invocation_command": "dbt build"},
        "elapsed_time": 60.0,
        "results": [_result(row) for row in rows],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "run_results.json").write_text(json.dumps(run_results))


def _node(row: NodeResult) -> dict[str, object]:
    return {
        "unique_id": row.unique_id,
        "name": row.unique_id,
        "resource_type": row.unique_id.partition(".")[0],
        "database": "dev",
        "schema": "main",
        "checksum": {"name": "sha256", "checksum": row.checksum or ""},
        "config": {"materialized": row.materialized, "tags": [], "meta": {}},
        "raw_code": "select * from {{ ref('x') }}\n" * 20,
        "compiled_code": "select * from dev.main.x\n" * 20,
        "depends_on": {"nodes": [], "macros": []},
        "attached_node": row.tested,
    }


def _result(row: NodeResult) -> dict[str, object]:
    moments = [
        {"name": "execute", "started_at": instant(began).isoformat(), "completed_at": None}
        for began in (row.started_at,)
        if began is not None
    ]
    return {
        "unique_id": row.unique_id,
        "status": row.status,
        "execution_time": row.execution_time,
        "timing": moments,
        "message": row.message,
        "failures": row.failures,
        "adapter_response": {"rows_affected": row.rows_affected},
        "compiled_code": "select * from dev.main.x\n" * 20,
    }
