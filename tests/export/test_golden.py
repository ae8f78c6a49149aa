"""The lineage in each format, as it looks: see :mod:`tests.golden`."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

import analyticsops as ao
from analyticsops.artifacts.run_results import RunResults
from analyticsops.export.openlineage import PRODUCER
from analyticsops.workspace import Workspace
from tests.golden import check_golden, readable

from .shop import MODELS, shop

GOLDEN = Path(__file__).with_name("golden")
HOOKS = [
    "update {{ this }} set total = total / 100 where id in (select id from @raw.a)",
    "insert into audit.starts select max(total) as top from @fct",
]
VERSION = f'"version": "{ao.__version__}"'


def with_hooks() -> Workspace:
    """The shop, where a model is corrected and counted after it was built."""
    fct = {"sql": MODELS["fct"], "post_hook": HOOKS, "columns": {"total": {"data_type": "int"}}}
    return shop(models={**MODELS, "fct": fct})


@pytest.mark.parametrize("name", ["lineage.json", "lineage.csv", "lineage.dot", "lineage.mermaid"])
def test_files(name: str) -> None:
    made = ao.export_lineage(with_hooks(), name.partition(".")[2]).decode()
    check_golden(GOLDEN / name, made.replace(VERSION, '"version": "0"'))


def events(made: Workspace, kind: str) -> str:
    data = ao.export_lineage(made, "openlineage", events=kind, sql=kind == "run")
    found = [json.loads(line) for line in data.splitlines()]
    return readable(found).replace(PRODUCER, "PRODUCER")


def test_jobs_of_openlineage() -> None:
    check_golden(GOLDEN / "openlineage-jobs.json", events(with_hooks(), "job"))


def test_runs_of_openlineage() -> None:
    """Of three nodes, two of which say when they were done; one was skipped."""
    times = [
        {"name": "compile", "completed_at": "2026-11-20T08:00:05.5Z"},
        {"name": "execute", "completed_at": "2026-11-20T08:00:09Z"},
        {"name": "none"},
    ]
    results = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
            "invocation_id": "an-id",
            "generated_at": "2026-11-20T08:01:00Z",
        },
        "results": [
            {"unique_id": "model.shop.gone", "status": "success", "timing": times},
            {"unique_id": "test.shop.unique_fct_id", "status": "pass", "timing": times},
            {"unique_id": "model.shop.doubt", "status": "skipped"},
            {"unique_id": "model.shop.stg", "status": "success", "timing": times},
            {"unique_id": "model.shop.fct", "status": "ERROR"},
        ],
    }
    made = msgspec.structs.replace(shop(), run_results=msgspec.convert(results, RunResults))
    check_golden(GOLDEN / "openlineage-runs.json", events(made, "run"))
