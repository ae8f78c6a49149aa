"""Every dbt version's artifacts are read, and mean the same in the project model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analyticsops.artifacts.catalog import read_catalog
from analyticsops.artifacts.files import schema_of
from analyticsops.artifacts.freshness import read_freshness
from analyticsops.artifacts.manifest import read_manifest
from analyticsops.artifacts.run_results import read_run_results
from analyticsops.artifacts.target import read_target
from analyticsops.lineage.build import build_graph
from analyticsops.project.build import build_project

from . import shapes

JAFFLE = Path(__file__).parent / "fixtures" / "jaffle"


def written(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("version", shapes.SHAPES)
def test_manifests_of_every_version(version: str, tmp_path: Path) -> None:
    path = written(tmp_path, "manifest.json", shapes.SHAPES[version]())
    project = build_project(read_manifest(path))
    assert project.dbt_version.startswith(version)
    assert project.name == "shop"
    model = project.nodes["model.shop.orders"]
    assert (model.kind, model.materialized, model.depends_on) == (
        "model",
        "table",
        ("source.shop.raw.orders",),
    )
    assert model.tags == ("nightly",)
    assert model.owner is not None
    assert model.owner.name == "ann"
    assert list(model.columns) == ["id"]
    build_graph(project)


def test_the_new_metric_spec_reaches_columns(tmp_path: Path) -> None:
    path = written(tmp_path, "manifest.json", shapes.dbt_1_12())
    graph = build_graph(build_project(read_manifest(path)))
    sources = {e.source for e in graph.edges if e.target.node == "metric.shop.n"}
    assert ("model.shop.orders", "id") in sources


def test_a_group_with_several_addresses(tmp_path: Path) -> None:
    path = written(tmp_path, "manifest.json", shapes.dbt_2())
    group = build_project(read_manifest(path)).groups["core"]
    assert (group.owner.name, group.owner.email) == ("a@x, b@x", "a@x, b@x")


def test_nulls_of_the_user_are_kept(tmp_path: Path) -> None:
    content = shapes.dbt_2()
    content["nodes"]["model.shop.orders"]["config"]["meta"]["nothing"] = None
    project = build_project(read_manifest(written(tmp_path, "manifest.json", content)))
    assert project.nodes["model.shop.orders"].meta == {"owner": "ann", "nothing": None}


def test_unknown_values_and_fields_are_kept_or_skipped(tmp_path: Path) -> None:
    content = shapes.dbt_1_8()
    content["brand_new_section"] = [1, {"deep": [None]}]
    node = content["nodes"]["model.shop.orders"]
    node |= {"resource_type": "hypermodel", "access": "friends-only", "novel": {"a": [1]}}
    project = build_project(read_manifest(written(tmp_path, "manifest.json", content)))
    assert project.nodes["model.shop.orders"].kind == "hypermodel"
    assert project.nodes["model.shop.orders"].access == "friends-only"


@pytest.mark.parametrize("version", [4, 5, 6])
def test_run_results(version: int, tmp_path: Path) -> None:
    content = shapes.run_results(version)
    content["results"][0]["status"] = "partial success"
    results = read_run_results(written(tmp_path, "run_results.json", content))
    assert results.command == "build"
    assert results.results[0].status == "partial success"


def test_sources_v3(tmp_path: Path) -> None:
    found = read_freshness(written(tmp_path, "sources.json", shapes.freshness()))
    assert [result.status for result in found.results] == ["pass", "runtime error"]
    assert found.results[1].error == "no table"


@pytest.mark.parametrize("status", ["Pass", "Warn", "Error", "No Data"])
def test_freshness_of_dbt_2(status: str, tmp_path: Path) -> None:
    content = shapes.freshness("freshness", 0, status, resource_type="model", timing=[])
    found = read_freshness(written(tmp_path, "freshness.json", content))
    assert (found.results[0].status, found.results[0].resource_type) == (status, "model")


def test_catalog_v1(tmp_path: Path) -> None:
    catalog = read_catalog(written(tmp_path, "catalog.json", shapes.catalog()))
    assert [c.name for c in catalog.nodes["model.shop.orders"].in_order()] == ["id"]


def test_schema_of_any_artifact(tmp_path: Path) -> None:
    assert schema_of(written(tmp_path, "x.json", shapes.catalog())).endswith("catalog/v1.json")
    assert schema_of(written(tmp_path, "y.json", {"a": 1})) == ""


# -- a whole target folder -------------------------------------------------------


def test_a_real_target_folder() -> None:
    artifacts = read_target(JAFFLE)
    assert artifacts.catalog is not None
    assert artifacts.run_results is not None
    assert artifacts.freshness is not None
    project = build_project(artifacts.manifest, artifacts.catalog)
    graph = build_graph(project)
    locations = graph.nodes["model.jaffle_shop.stg_locations"]
    assert locations.status == "proven"
    assert "location_id" in locations.columns
    kinds = {node.kind for node in project.nodes.values()}
    assert kinds >= {"model", "seed", "source", "test", "unit_test", "metric", "semantic_model"}


def test_the_manifest_may_be_named_itself() -> None:
    assert read_target(JAFFLE / "manifest.json").manifest == read_target(JAFFLE).manifest


def test_fixtures_stay_small() -> None:
    assert sum(path.stat().st_size for path in JAFFLE.iterdir()) < 60_000


def target(folder: Path, **files: Any) -> Path:
    written(folder, "manifest.json", shapes.dbt_1_8())
    for name, content in files.items():
        written(folder, f"{name}.json", content)
    return folder


def test_a_pair_of_one_invocation_needs_no_note(tmp_path: Path) -> None:
    artifacts = read_target(target(tmp_path, run_results=shapes.run_results()))
    assert artifacts.run_results is not None
    assert artifacts.notes == ()


def test_a_pair_of_two_invocations_says_so(tmp_path: Path) -> None:
    results = shapes.run_results()
    results["metadata"]["invocation_id"] = "another"
    artifacts = read_target(target(tmp_path, run_results=results))
    assert artifacts.run_results is not None
    (note,) = artifacts.notes
    assert "another" in note
    assert "different dbt invocations" in note


@pytest.mark.parametrize("which", ["generate", "compile", "docs", "list", "", None, "show"])
def test_results_of_commands_that_run_nothing_are_not_used(
    which: str | None, tmp_path: Path
) -> None:
    artifacts = read_target(target(tmp_path, run_results=shapes.run_results(which=which)))
    assert artifacts.run_results is None
    (note,) = artifacts.notes
    assert "not used" in note


@pytest.mark.parametrize("which", ["build", "clone", "retry", "run", "seed", "snapshot", "test"])
def test_results_of_commands_that_run_something_are_used(which: str, tmp_path: Path) -> None:
    artifacts = read_target(target(tmp_path, run_results=shapes.run_results(which=which)))
    assert artifacts.run_results is not None


def test_freshness_json_wins_over_sources_json(tmp_path: Path) -> None:
    artifacts = read_target(
        target(
            tmp_path,
            sources=shapes.freshness(),
            freshness=shapes.freshness("freshness", 0, "Warn"),
        )
    )
    assert artifacts.freshness is not None
    assert artifacts.freshness.results[0].status == "Warn"


def test_only_a_manifest_is_enough(tmp_path: Path) -> None:
    artifacts = read_target(target(tmp_path))
    assert (artifacts.catalog, artifacts.run_results, artifacts.freshness) == (None, None, None)
