"""A small project with everything that commands ask about, as `bench.scale` makes large ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import duckdb
import msgspec

import analyticsops as ao
from analyticsops.history.store import Store
from analyticsops.project.model import Project
from analyticsops.slo.gameday.rehearsal import Rehearsal, rehearse
from analyticsops.slo.observed import Observed
from analyticsops.slo.spans import DAY, HOUR, instant_of
from bench.scale.commands import Measurable, Place, commands
from bench.scale.project import NOW
from scripts.simulated_history import records_of
from tests.cli.shell import make

SLO = [{"name": "fresh", "indicator": {"type": "freshness", "threshold": "2h"}}]
HERE = Place(
    folder=Path(".."),
    out=Path("../out"),
    column="stg.amount",
    mart="fct.total",
    metric="revenue",
    run="latest",
    objective="raw.orders/fresh",
)
"""As seen from ``base`` and ``head``."""

OFFLINE = {
    "completion": ("bash",),
    "explain": ("SCH201",),
    "history compact": ("--history", "../compacted"),
    "init": ("--project-dir", "../fresh"),
    "lineage verify": ("--synthetic", "--rows", "20", "--seconds", "20"),
    "metrics query": ("revenue", "--database", "../db.duckdb"),
    "metrics verify": ("--database", "../db.duckdb"),
}
"""Commands that the bench leaves out and that need nothing but files."""

ELSEWHERE = {
    "history pull": "runs dbt: tests/history/test_pull.py",
    "mcp": "tests/mcp",
    "run": "runs dbt: tests/history/test_running.py",
    "serve": "tests/e2e/test_serve.py",
    "slo measure": "tests/slo/test_measuring.py",
    "slo serve": "tests/slo/exports/test_serving.py",
}
"""The others, and where they are played."""


def make_place(folder: Path) -> None:
    """``base``, ``head`` with a column renamed, ``fresh`` without settings, a history of two days
    up to five hours ago, a database."""
    source = {"columns": "id, amount", "config": {"meta": {"analyticsops": {"slo": SLO}}}}
    base = make(folder / "base", sources={"raw.orders": source})
    make(folder / "head", broken=True, sources={"raw.orders": source})
    (folder / "fresh").mkdir()
    (folder / "fresh" / "dbt_project.yml").write_text("name: fresh\n")
    (folder / "out").mkdir()
    project = ao.load(base / "target").project
    _run_results(base / "target")
    now = instant_of(NOW)
    observed = rehearse(project, (now - 2 * DAY, now - 5 * HOUR), Rehearsal())
    then = now - 60 * DAY
    _remember(project, observed, folder / "history")
    long_ago = rehearse(project, (then - 2 * HOUR, then), Rehearsal())
    _remember(project, long_ago, folder / "compacted")
    with duckdb.connect(folder / "db.duckdb") as connection:
        connection.execute("create schema raw; create schema dev")
        connection.execute("create table raw.orders as select 1 as id, 2 as amount")
        connection.execute("create table dev.stg as select * from raw.orders")
        connection.execute("create table dev.fct as select id, amount as total from dev.stg")


def copy_backwards(place: Path, folder: Path) -> None:
    """The same files with the same times, made in another order, so that folders list them so."""
    for path in sorted(place.rglob("*"), reverse=True):
        target = folder / path.relative_to(place)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def every_command() -> tuple[Measurable, ...]:
    """In the order in which they are played."""
    more = (Measurable(name, (*name.split(), *words)) for name, words in OFFLINE.items())
    return (*commands(HERE), *more)


def _remember(project: Project, observed: Observed, folder: Path) -> None:
    store = Store(folder)
    for record in records_of(project, msgspec.structs.replace(observed, environment="prod")):
        store.put(record)


def _run_results(target: Path) -> None:
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    moment = "2026-11-20T10:00:00.000000Z"
    metadata = {
        **manifest["metadata"],
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
        "invocation_started_at": moment,
        "generated_at": moment,
        "invocation_id": "00000000-0000-4000-8000-000000000000",
    }
    results = [
        {
            "unique_id": key, "status": "success", "execution_time": 1.0, "message": "OK",
            "timing": [{"name": "execute", "started_at": moment, "completed_at": moment}],
            "adapter_response": {"rows_affected": 1}, "failures": None, "thread_id": "Thread-1",
        }
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    ]  # fmt: skip
    written = {"metadata": metadata, "args": {"which": "build"}, "results": results}
    (target / "run_results.json").write_text(json.dumps({**written, "elapsed_time": 1.0}))
