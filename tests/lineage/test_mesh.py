"""Several projects, joined where one declares as a source what another builds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import analyticsops as ao
from analyticsops.errors import ArtifactError

from .small_projects import V12, model, source


def write(folder: Path, name: str, *entries: dict[str, Any]) -> Path:
    sections: dict[str, dict[str, Any]] = {"nodes": {}}
    for entry in entries:
        entry["unique_id"] = entry["unique_id"].replace(".shop.", f".{name}.")
        entry["package_name"] = name
        sections.setdefault(entry.pop("section", "nodes"), {})[entry["unique_id"]] = entry
    target = folder / name / "target"
    target.mkdir(parents=True)
    metadata = {"dbt_schema_version": V12, "adapter_type": "duckdb", "project_name": name}
    (target / "manifest.json").write_text(json.dumps({"metadata": metadata, **sections}))
    return target


def producer(folder: Path) -> Path:
    return write(
        folder,
        "platform",
        source("payments", "id", "cents"),
        model(
            "fct_payments",
            "select id, cents / 100 as amount from raw.payments",
            "source.platform.raw.payments",
            schema="marts",
        ),
    )


def consumer(folder: Path, *columns: str, **more: Any) -> Path:
    declared = source("fct_payments", *columns, source_name="platform", schema="marts")
    declared["relation_name"] = '"marts"."fct_payments"'
    revenue = model(
        "revenue",
        "select sum(amount) as total from marts.fct_payments",
        "source.finance.platform.fct_payments",
    )
    return write(folder, "finance", declared, revenue)


def upstream(workspace: ao.Workspace, column: str) -> list[tuple[str, str, str]]:
    return [(s.name, s.column, s.kind) for s in ao.trace(workspace, column, direct=True).upstream]


def test_lineage_goes_through_the_source_into_the_other_project(tmp_path: Path) -> None:
    theirs = producer(tmp_path)
    joined = ao.load(consumer(tmp_path), also=[theirs])
    assert upstream(joined, "revenue.total") == [
        ("platform.fct_payments", "amount", "aggregation"),
        ("fct_payments", "amount", "identity"),
        ("raw.payments", "cents", "transformation"),
    ]
    down = ao.trace(joined, "raw.payments.cents").downstream
    assert "revenue" in [step.name for step in down]


def test_the_sources_columns_are_those_that_the_other_project_builds(tmp_path: Path) -> None:
    theirs = producer(tmp_path)
    joined = ao.load(consumer(tmp_path, "id"), also=[theirs])
    node = joined.graph.nodes["source.finance.platform.fct_payments"]
    assert node.names == ("id", "amount")
    assert node.complete


def test_the_settings_may_name_the_other_project(tmp_path: Path) -> None:
    producer(tmp_path)
    mine = consumer(tmp_path)
    (mine.parent / "dbt_project.yml").write_text("name: finance\n")
    (mine.parent / "analyticsops.yml").write_text("version: 1\nprojects: [../platform/target]\n")
    assert ("fct_payments", "amount", "identity") in upstream(ao.load(mine), "revenue.total")


def test_alone_the_source_is_where_it_ends(tmp_path: Path) -> None:
    assert upstream(ao.load(consumer(tmp_path)), "revenue.total") == [
        ("platform.fct_payments", "amount", "aggregation")
    ]


def test_another_project_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="platform"):
        ao.load(consumer(tmp_path), also=[tmp_path / "platform" / "target"])
