"""The project that column lineage is measured on is a project that runs."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from bench.lineage.generate import artifacts
from bench.lineage.layout import project

MODELS = 100


@pytest.fixture(scope="module")
def generated() -> tuple[dict[str, Any], dict[str, Any]]:
    return artifacts(MODELS)


def test_duckdb_makes_the_columns_that_the_catalog_lists(
    generated: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    manifest, catalog = generated
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as db; create schema db.raw")
    tables = catalog["sources"] | catalog["nodes"]
    models = 0
    for unique_id, node in (manifest["sources"] | manifest["nodes"]).items():
        columns = tables[unique_id]["columns"].values()
        if node["resource_type"] == "model":
            models += 1
            connection.execute(f"create table {node['relation_name']} as {node['compiled_code']}")
        else:
            listed = ", ".join(f'"{column["name"]}" {column["type"]}' for column in columns)
            connection.execute(f"create table {node['relation_name']} ({listed})")
        made = connection.execute(f"describe {node['relation_name']}").fetchall()
        assert [row[:2] for row in made] == [(c["name"], c["type"]) for c in columns], unique_id
    assert models == MODELS


@pytest.mark.parametrize("models", [1_000, 5_000])
def test_it_is_of_the_size_that_is_measured(models: int) -> None:
    made = [relation for relation in project(models) if relation.kind == "model"]
    assert len(made) == models
    assert 48 <= sum(len(relation.columns) for relation in made) / models <= 52
    assert 1_850 <= sum(len(relation.sql) for relation in made) / models <= 2_000


def test_the_same_bytes_every_time(generated: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert json.dumps(artifacts(MODELS)) == json.dumps(generated)
