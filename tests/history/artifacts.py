"""Artifacts made by hand, and what is told beside them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from analyticsops.artifacts.ran_nodes import RanManifest
from analyticsops.artifacts.run_results import RunResults
from analyticsops.history.dbt_log import Logged
from analyticsops.history.reading import Circumstances
from analyticsops.history.record import Invocation, microseconds

BEGIN = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
AT = microseconds(BEGIN)
SECOND = 1_000_000
METADATA = {
    "dbt_schema_version": "",
    "dbt_version": "1.11.2",
    "generated_at": "2026-11-27T05:00:10Z",
    "invocation_id": "mine",
    "invocation_started_at": "2026-11-27T05:00:00Z",
}
TOLD = Circumstances(environment="prod", job="nightly", git_sha="abc", exit_code=1)
LOGGED = Logged(command="build", selected=True, target="ci", ended=True, success=False)


def manifest(invocation: str = "mine", **parts: Any) -> RanManifest:
    metadata = {
        "dbt_schema_version": "",
        "invocation_id": invocation,
        "project_name": "shop",
        "adapter_type": "duckdb",
        "generated_at": "2026-11-27T05:00:04Z",
    }
    return msgspec.convert({"metadata": metadata, **parts}, RanManifest)


def model(name: str, schema: str | None = "main", **more: Any) -> dict[str, Any]:
    told = {"unique_id": name, "resource_type": "model", "database": "db", "schema": schema}
    return {**told, **more}


def results(*listed: dict[str, Any], metadata: Any = None, **args: Any) -> RunResults:
    whole = {"metadata": metadata or METADATA, "results": listed, "elapsed_time": 9.5}
    return msgspec.convert({**whole, "args": {"which": "build", **args}}, RunResults)


def invocation(found: Any) -> Invocation:
    assert found is not None
    run: Invocation = found.invocation
    return run


NODES = {
    "model.shop.a": model(
        "model.shop.a",
        config={"materialized": "table"},
        checksum={"name": "sha256", "checksum": "0123456789abcdef0123"},
    ),
    "model.shop.b": model("model.shop.b", checksum={"name": "path", "checksum": "a/b.sql"}),
    "test.shop.t": {
        "unique_id": "test.shop.t",
        "resource_type": "test",
        "depends_on": {"nodes": ["model.shop.a"]},
    },
    "test.shop.two": {
        "unique_id": "test.shop.two",
        "resource_type": "test",
        "depends_on": {"nodes": ["model.shop.a", "model.shop.b"]},
    },
    "test.shop.of": {
        "unique_id": "test.shop.of",
        "resource_type": "test",
        "attached_node": "model.shop.b",
        "depends_on": {"nodes": ["model.shop.a", "model.shop.b"]},
    },
}
