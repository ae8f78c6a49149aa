"""What SQL yields against what YAML, contract and catalog say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from analyticsops.findings import Finding, Location
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.rules.declared import findings
from analyticsops.project.model import Project

from .small_projects import Entry, model, project, source

RAW = "source.shop.raw.t"


def found(made: Project) -> list[Finding]:
    return list(findings(made, build_graph(made), lambda node, column: Location("x.yml", 1)))


def said(*entries: Entry, **catalog: list[str]) -> list[str]:
    """``CODE severity subject`` of each finding."""
    known = {unique_id.replace("__", "."): names for unique_id, names in catalog.items()}
    made = project(*entries, catalog=known or None)
    return [f"{f.rule} {f.severity.value} {f.subject}" for f in found(made)]


CONTRACT: dict[str, Any] = {"contract": {"enforced": True}}


def test_all_agree() -> None:
    entry = model("a", "select id, x from raw.t", columns=["ID", "x"], **CONTRACT)
    assert said(entry, model__shop__a=["id", "X"]) == []


def test_yaml_lists_a_column_that_is_not_there() -> None:
    entry = model("a", "select id, customer from raw.t", columns=["id", "costumer", "zz"])
    first, second = found(project(entry))
    assert (first.rule, first.severity.value, first.column) == ("LIN104", "warning", "costumer")
    assert first.message == "the YAML of a lists costumer, which its SQL does not yield"
    assert first.fix == "Did you mean `customer`?"
    assert first.evidence == ("its SQL yields id, customer",)
    assert first.location == Location("x.yml", 1)
    assert second.fix.startswith("Correct the name")


def test_a_contract_is_held_both_ways() -> None:
    entry = model("a", "select id, note from raw.t", columns=["id", "amount"], **CONTRACT)
    assert said(entry) == ["LIN104 error a.amount", "LIN105 error a.note"]
    assert said(model("a", "select id, note from raw.t", columns=["id"])) == []


@pytest.mark.parametrize(
    "entry",
    [
        model("a", "select * from raw.t", columns=["q"], **CONTRACT),
        model("a", None, columns=["q"], **CONTRACT),
        model("a", "select from from", columns=["q"], **CONTRACT),
        model("a", "select 1 as id", columns=["q"], language="python", **CONTRACT),
        model("a", "select 1 as id", columns=["q"], materialized="my_own", **CONTRACT),
        model("a", "select 1 as id", columns=["q"], kind="seed"),
    ],
)
def test_nothing_is_said_where_the_columns_are_not_known(entry: Entry) -> None:
    assert said(source("t", "id"), entry) == []


def test_a_name_that_the_engine_makes_up_is_not_judged() -> None:
    made = project(
        model("a", "select upper(id), note from raw.t", columns=["up"], **CONTRACT),
        adapter="snowflake",
    )
    graph = build_graph(made)
    reasons = {p.reason for c in graph.nodes["model.shop.a"].columns.values() for p in c.problems}
    assert "unnamed column" in reasons
    assert found(made) == []


def test_the_catalog_is_older_or_newer() -> None:
    entry = model("a", "select id, x, y from raw.t")
    assert said(entry, model__shop__a=["ID", "X", "Y"]) == []
    assert said(entry, model__shop__a=["id", "x"]) == ["LIN106 warning a"]
    made = project(entry, catalog={"model.shop.a": ["id", "x", "z"]})
    (finding,) = found(made)
    assert finding.message == "the catalog and model a disagree about 2 columns: y, z"
    assert finding.evidence == (
        "its SQL yields y, which the catalog does not have",
        "the catalog has z, which its SQL does not yield",
    )


def test_a_source_whose_yaml_names_what_the_warehouse_lacks() -> None:
    made = project(source("t", "id", "gone"), catalog={RAW: ["id", "more"]})
    (finding,) = found(made)
    assert finding.evidence == ("its YAML lists gone, which the catalog does not have",)
    assert said(source("t", "id")) == []


def test_a_snapshot_under_the_names_that_dbt_was_told() -> None:
    entry = model("s", "select id from raw.t", kind="snapshot", materialized="snapshot")
    dbt = ["dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"]
    assert said(entry, snapshot__shop__s=["id", *dbt, "dbt_is_deleted"]) == []
    assert said(entry, snapshot__shop__s=["id", "x", *dbt]) == ["LIN106 warning s"]


def test_columns_behind_a_star_that_the_catalog_lists() -> None:
    """What comes through an open star is there as soon as the catalog says so."""
    entry = model("a", "select id, * from raw.t", columns=["id", "x"])
    assert said(entry, model__shop__a=["id", "x"]) == []


def test_findings_are_plain_data() -> None:
    entry = model("a", "select id from raw.t", columns=["x"])
    assert msgspec.json.encode(found(project(entry)))
