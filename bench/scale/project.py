"""A project of any size with everything that commands ask about, always the same bytes.

``python -m bench.scale.project 10000 /tmp/big`` writes a folder with

* ``base/``: settings, ``slos/`` and a target/ with all artifacts: the models of
  ``bench.lineage.generate`` (about 60 columns and 1.9 KB of SQL each), two tests a model, a metric
  for 20 models, an exposure for 100, long descriptions: 20 KB of manifest a model;
* ``head/``: the same with the conditions of 20 models changed, ten of them in their text only;
* ``history/``: two days of hourly runs of all models and tests, up to five hours ago: the job is
  silent since.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

import analyticsops as ao
from analyticsops.history.store import Store
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.spans import DAY, HOUR, instant_of
from bench.changes.diff import change
from bench.generate import identity
from bench.history.hasty import HastyDisk
from bench.lineage.generate import GENERATED, artifacts
from bench.metrics.fingerprints import add_metrics
from scripts.simulated_history import records_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)
"""When it is asked: as the artifacts were made."""

CHANGED = 20
SILENT = 5
"""Hours."""

MODELS_A_METRIC = 20
MODELS_AN_EXPOSURE = 100
KINDS = ("unique", "not_null")
DESCRIBED = "What this model holds, where it comes from and whom to ask, at some length. " * 96

SETTINGS = "version: 1\n"
OBJECTIVES = """\
version: 1
environment: prod
schedules:
  hourly: {cron: "5 * * * *"}
slos:
  - name: job
    target: {job: hourly}
    indicator: {type: success}
    objective: 95%
    owner: Data Platform
"""


def write(models: int, folder: Path) -> Path:
    """Write a project of so many models; returns the folder of its base."""
    base = folder / "base"
    target = base / "target"
    target.mkdir(parents=True)
    (base / "slos").mkdir()
    (base / "dbt_project.yml").write_text("name: big\nversion: '1.0'\nprofile: big\n")
    (base / "analyticsops.yml").write_text(SETTINGS)
    (base / "slos" / "big.yml").write_text(OBJECTIVES)
    manifest, catalog = artifacts(models)
    _describe(manifest)
    manifest["nodes"].update(_tests(manifest, catalog))
    _write_models(manifest, base)
    manifest["exposures"] = dict(_exposures(manifest, models // MODELS_AN_EXPOSURE))
    _put(target / "manifest.json", manifest)
    _put(target / "catalog.json", catalog)
    add_metrics(target, models // MODELS_A_METRIC)
    _put(target / "run_results.json", _run_results(manifest))
    _put(target / "sources.json", _freshness(manifest))
    head = folder / "head"
    head.mkdir()
    change(target, head / "target", CHANGED)
    for name in ("dbt_project.yml", "analyticsops.yml"):
        (head / name).write_text((base / name).read_text())
    _remember(target, folder / "history")
    return base


def _put(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def _models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def _describe(manifest: dict[str, Any]) -> None:
    for node in _models(manifest):
        node["description"] = DESCRIBED
        owner = {"owner": "Data Platform", "analyticsops": {"tier": "standard"}}
        node["config"] = {**node["config"], "meta": owner}
    for source in manifest["sources"].values():
        source["loaded_at_field"] = "loaded_at"
        source["freshness"] = {
            "warn_after": {"count": 12, "period": "hour"},
            "error_after": {"count": 24, "period": "hour"},
            "filter": None,
        }


def _write_models(manifest: dict[str, Any], base: Path) -> None:
    """The files of the models, as the manifest shows them."""
    for node in _models(manifest):
        path = base / node["original_file_path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(node["raw_code"], encoding="utf-8")
        digest = sha256(node["raw_code"].strip().encode()).hexdigest()
        node["checksum"] = {"name": "sha256", "checksum": digest}


def _tests(manifest: dict[str, Any], catalog: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for node in _models(manifest):
        column = next(iter(catalog["nodes"][node["unique_id"]]["columns"]))
        for number, kind in enumerate(KINDS):
            name = f"{kind}_{node['name']}_{column}"
            key = f"test.big.{name}.{number:010x}"
            relation = node["relation_name"]
            found[key] = {
                **identity(name, key, "test", f"{name}.sql"),
                "original_file_path": "models/schema.yml",
                "checksum": {"name": "none", "checksum": ""},
                "test_metadata": {"name": kind, "kwargs": {"column_name": column}},
                "config": {"severity": "ERROR", "enabled": True, "tags": [], "meta": {}},
                "columns": {},
                "raw_code": "{{ test_" + kind + "(**_dbt_generic_test_kwargs) }}",
                "compiled_code": f'select "{column}" from {relation} where "{column}" is null',
                "depends_on": {"macros": [], "nodes": [node["unique_id"]]},
                "attached_node": node["unique_id"],
                "column_name": column,
            }
    return found


def _exposures(manifest: dict[str, Any], wanted: int) -> Iterator[tuple[str, dict[str, Any]]]:
    marts = [node for node in _models(manifest) if node["name"].startswith("fct")]
    for number in range(wanted):
        key = f"exposure.big.board_{number}"
        first = number * 3 % len(marts)
        read = [node["unique_id"] for node in marts[first : first + 3]]
        yield (
            key,
            {
                "unique_id": key, "name": f"board_{number}", "resource_type": "exposure",
                "package_name": "big", "path": "exposures.yml", "type": "dashboard",
                "original_file_path": "models/exposures.yml", "fqn": ["big", f"board_{number}"],
                "owner": {"email": "board@big.example", "name": "Board"}, "description": "",
                "depends_on": {"macros": [], "nodes": read}, "meta": {}, "tags": [],
            },
        )  # fmt: skip


def _run_results(manifest: dict[str, Any]) -> dict[str, Any]:
    results = [
        {
            "unique_id": key,
            "status": "pass" if node["resource_type"] == "test" else "success",
            "execution_time": 1.0,
            "timing": [{"name": "execute", "started_at": GENERATED, "completed_at": GENERATED}],
            "message": "OK",
            "failures": 0 if node["resource_type"] == "test" else None,
            "adapter_response": {"rows_affected": 10},
            "thread_id": "Thread-1",
        }
        for key, node in manifest["nodes"].items()
    ]
    metadata = {
        **manifest["metadata"],
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
        "invocation_started_at": GENERATED,
    }
    args = {"which": "build", "invocation_command": "dbt build"}
    return {"metadata": metadata, "args": args, "elapsed_time": 60.0, "results": results}


def _freshness(manifest: dict[str, Any]) -> dict[str, Any]:
    results = [
        {
            "unique_id": key,
            "max_loaded_at": GENERATED,
            "snapshotted_at": GENERATED,
            "max_loaded_at_time_ago_in_s": 0.0,
            "status": "pass",
            "criteria": source["freshness"],
            "adapter_response": {},
            "timing": [],
            "thread_id": "Thread-1",
            "execution_time": 0.1,
        }
        for key, source in manifest["sources"].items()
    ]
    schema = "https://schemas.getdbt.com/dbt/sources/v3.json"
    metadata = {**manifest["metadata"], "dbt_schema_version": schema}
    return {"metadata": metadata, "results": results, "elapsed_time": 1.0}


def _remember(target: Path, history: Path) -> None:
    project = ao.load(target).project
    now = instant_of(NOW)
    observed = rehearse(project, (now - 2 * DAY, now - SILENT * HOUR), Rehearsal())
    observed = msgspec.structs.replace(observed, environment="prod")
    store = Store(history, HastyDisk())
    for record in records_of(project, observed):
        store.put(record)


if __name__ == "__main__":
    print(write(int(sys.argv[1]), Path(sys.argv[2])))
