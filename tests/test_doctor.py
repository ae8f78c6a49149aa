"""What there is, how old it is, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analyticsops import __version__, api
from analyticsops.doctor import Fact, examine, package_version
from tests.project_maker import MADE_AT, Made, project, workspace, write

NOW = datetime.fromisoformat(MADE_AT) + timedelta(hours=2)
MODELS = {"stg": "select id from @raw.orders"}


def _facts(made: Made, tmp_path: Path, now: datetime = NOW, **more: Any) -> dict[str, Fact]:
    root = write(made, tmp_path, **more)
    return {fact.what: fact for fact in examine(api.load(root / "target"), now)}


def test_a_project_in_good_order(tmp_path: Path) -> None:
    made = project(sources={"raw.orders": "id"}, models=MODELS)
    (tmp_path / "analyticsops.yml").write_text("version: 1\n", encoding="utf-8")
    facts = _facts(made, tmp_path, freshness=[])
    assert facts["project"].found == "shop: 1 models, dbt 1.11.16 on duckdb, SQL dialect duckdb"
    assert facts["manifest.json"].found == "2h old"
    assert facts["catalog.json"].state == "ok"
    assert facts["sources.json"].found == "0 sources, 2h old"
    assert facts["compiled SQL"].found == "of all 1 SQL models"
    assert facts["command line"].found == f"analyticsops {__version__}"
    assert facts["analyticsops.yml"].state == "ok"


def test_what_is_missing_has_advice(tmp_path: Path) -> None:
    facts = _facts(project(models={"stg": "select 1 as id"}), tmp_path)
    missing = {what: fact.advice for what, fact in facts.items() if fact.state == "missing"}
    assert missing == {
        "catalog.json": "dbt docs generate --no-compile",
        "run_results.json": "dbt build",
        "sources.json": "dbt source freshness",
        "dbt package": "analyticsops init shows the packages.yml entry",
        "analyticsops.yml": "analyticsops init",
    }
    assert all(not fact.advice for fact in facts.values() if fact.state == "ok")


def test_without_compiled_sql(tmp_path: Path) -> None:
    facts = _facts(project(models=MODELS, compiled=False), tmp_path)
    assert facts["compiled SQL"].state == "warning"
    assert "lacks it for 1 of 1 models" in facts["compiled SQL"].found


def test_files_that_changed(tmp_path: Path) -> None:
    made = project(models={f"m{n}": f"select {n} as id" for n in range(5)})
    root = write(made, tmp_path)
    for n in range(5):
        (root / "models" / f"m{n}.sql").write_text("select 7 as id", encoding="utf-8")
    facts = {fact.what: fact for fact in examine(api.load(root / "target"), NOW)}
    assert facts["files"].found == "changed since dbt wrote the manifest: m0, m1, m2 and 2 more"


def test_a_manifest_alone() -> None:
    facts = {fact.what: fact for fact in examine(workspace(project(models=MODELS)), NOW)}
    assert facts["project folder"].advice == "name it with --project-dir"
    assert "files" not in facts


@pytest.mark.parametrize(
    ("generated_at", "found"),
    [
        ("2026-11-20T10:00:00Z", "0s old"),
        ("2026-11-21T10:00:00Z", "from the future"),
        ("whenever", "of unknown age"),
        ("", "of unknown age"),
    ],
)
def test_ages(generated_at: str, found: str) -> None:
    made = project(models=MODELS)
    made.manifest["metadata"]["generated_at"] = generated_at
    now = datetime(2026, 11, 20, 10, tzinfo=UTC)
    facts = {fact.what: fact for fact in examine(workspace(made), now)}
    assert facts["manifest.json"].found == found


@pytest.mark.parametrize(
    ("text", "version", "state"),
    [
        (f"{{{{ return('{__version__}') }}}}", __version__, "ok"),
        ("{{ return('99.1.0') }}", "99.1.0", "warning"),
        ("{{ nothing() }}", None, "missing"),
    ],
)
def test_the_dbt_package(text: str, version: str | None, state: str) -> None:
    made = project(models=MODELS, macros={"analyticsops_version": text})
    for macro in made.manifest["macros"].values():
        macro["package_name"] = "analyticsops"
    loaded = workspace(made)
    assert package_version(loaded.project) == version
    facts = {fact.what: fact for fact in examine(loaded, NOW)}
    assert facts["dbt package"].state == state
