"""OpenLineage events, judged by its published schemas and naming rules."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from referencing import Registry, Resource

import analyticsops as ao
from analyticsops.artifacts.run_results import RunResults
from analyticsops.errors import UsageError
from analyticsops.export.datasets import dataset_name, default_namespace, is_complete
from analyticsops.project.model import Node, Relation
from analyticsops.surveying import namespace_note
from analyticsops.workspace import Workspace
from tests.hostile import READABLE as NAMES

from .shop import shop
from .test_formats import hostile

SCHEMAS = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parent / "schemas").glob("*.json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
FACETS = {
    "schema": "SchemaDatasetFacet",
    "columnLineage": "ColumnLineageDatasetFacet",
    "jobType": "JobTypeJobFacet",
    "sql": "SQLJobFacet",
}
DIRECT = {"IDENTITY", "TRANSFORMATION", "AGGREGATION"}
INDIRECT = {"JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL"}
"""The subtypes that the facet's documentation lists."""


def validate(name: str, value: Any) -> None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    schema = SCHEMAS[name]
    jsonschema.Draft202012Validator(schema, registry=REGISTRY, format_checker=checker).validate(
        value
    )


def events(made: Workspace, **more: Any) -> list[dict[str, Any]]:
    """Every event, each of them and its facets valid."""
    data = ao.export_lineage(
        made, "openlineage", **{"namespace": "duckdb://x", "sql": True, **more}
    )
    found = [json.loads(line) for line in data.decode("ascii").splitlines()]
    for event in found:
        validate("OpenLineage", event)
        datasets = [*event.get("inputs", ()), *event.get("outputs", ())]
        datasets += [event["dataset"]] if "dataset" in event else []
        for holder in (event.get("job", {}), *datasets):
            for name, facet in holder.get("facets", {}).items():
                validate(FACETS[name], {name: facet})
                assert facet["_schemaURL"].startswith(SCHEMAS[FACETS[name]]["$id"])
    return found


def test_sql_is_there_if_it_is_asked_for() -> None:
    def queries(**more: Any) -> list[str]:
        facets = [event["job"]["facets"] for event in events(shop(), **more) if "job" in event]
        return [facet["sql"]["query"] for facet in facets if "sql" in facet]

    assert any("md5(email)" in query for query in queries())
    assert not queries(sql=False)


def output(made: Workspace, model: str) -> dict[str, Any]:
    """The dataset that a model's job writes."""
    found = [e for e in events(made) if e.get("job", {}).get("name", "").endswith(f"shop.{model}")]
    ((dataset,),) = [event["outputs"] for event in found]
    assert isinstance(dataset, dict)
    return dataset


def test_events_are_valid() -> None:
    found = events(shop())
    assert sum("job" in event for event in found) == 5
    assert sum("dataset" in event for event in found) == 3


@pytest.mark.parametrize("text", NAMES)
def test_events_with_names_of_all_kinds_are_valid(text: str) -> None:
    assert len(events(hostile(text))) == 3


def test_fields_say_where_a_value_comes_from() -> None:
    facet = output(shop(), "stg")["facets"]["columnLineage"]
    (source,) = facet["fields"]["email_hash"]["inputFields"]
    assert (source["namespace"], source["name"], source["field"]) == (
        "duckdb://x",
        "lake.raw.orders",
        "email",
    )
    assert source["transformations"] == [
        {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": "masked", "masking": True}
    ]
    (renamed,) = facet["fields"]["cents"]["inputFields"]
    assert renamed["transformations"][0]["subtype"] == "IDENTITY"
    assert renamed["transformations"][0]["description"] == "rename"
    assert "dataset" not in facet


def test_what_decides_about_rows_stands_in_dataset() -> None:
    facet = output(shop(), "fct")["facets"]["columnLineage"]
    kinds = {
        (item["name"], item["field"], how["subtype"])
        for item in facet["dataset"]
        for how in item["transformations"]
    }
    assert ("elsewhere.t", "id", "JOIN") in kinds
    assert ("model.shop.eph", "id", "GROUP_BY") in kinds
    condition = [
        how["subtype"]
        for item in facet["fields"]["m"]["inputFields"]
        for how in item["transformations"]
    ]
    assert "CONDITIONAL" in condition


def test_types_and_subtypes_are_those_of_the_standard() -> None:
    for event in events(shop()):
        for dataset in event.get("outputs", ()):
            facet = dataset["facets"].get("columnLineage", {"fields": {}})
            inputs = [i for field in facet["fields"].values() for i in field["inputFields"]]
            for item in [*inputs, *facet.get("dataset", ())]:
                for how in item["transformations"]:
                    known = DIRECT if how["type"] == "DIRECT" else INDIRECT
                    assert how["subtype"] in known
                known_inputs = [(i["namespace"], i["name"]) for i in event["inputs"]]
                assert (item["namespace"], item["name"]) in known_inputs


def test_doubt_is_said() -> None:
    facet = output(shop(), "doubt")["facets"]["columnLineage"]
    told = [
        how["description"]
        for item in facet["fields"]["nobody_knows"]["inputFields"]
        for how in item["transformations"]
    ]
    assert told
    assert all("lineage is ambiguous" in text for text in told)


def test_a_python_model_has_inputs_and_no_column_lineage() -> None:
    dataset = output(shop(), "script")
    assert "columnLineage" not in dataset["facets"]
    (event,) = [e for e in events(shop()) if e.get("outputs") == [dataset]]
    assert [item["name"] for item in event["inputs"]] == ["db.dev.fct"]


def test_an_ephemeral_model_is_a_temporary_dataset() -> None:
    dataset = output(shop(), "eph")
    assert (dataset["namespace"], dataset["name"]) == ("inmemory://", "model.shop.eph")


def test_the_schema_has_types_and_places() -> None:
    fields = {f["name"]: f for f in output(shop(), "stg")["facets"]["schema"]["fields"]}
    assert fields["cents"] == {
        "name": "cents",
        "type": "integer",
        "description": "In cents.",
        "ordinal_position": 2,
    }


# -- runs --------------------------------------------------------------------------------


def test_run_events_are_of_the_last_run() -> None:
    schema = "https://schemas.getdbt.com/dbt/run-results/v6.json"
    timing = [{"name": "execute", "completed_at": "2026-11-20T08:00:05.5Z"}]
    results = {
        "metadata": {"dbt_schema_version": schema, "invocation_id": "i", "generated_at": "x"},
        "results": [
            {"unique_id": "model.shop.stg", "status": "success", "timing": timing},
            {"unique_id": "model.shop.fct", "status": "error", "timing": timing},
            {"unique_id": "model.shop.doubt", "status": "skipped"},
            {"unique_id": "model.shop.gone", "status": "success", "timing": timing},
        ],
    }
    made = msgspec.structs.replace(shop(), run_results=msgspec.convert(results, RunResults))
    first, second = events(made, events="run")
    assert (first["eventType"], second["eventType"]) == ("COMPLETE", "FAIL")
    assert first["eventTime"] == "2026-11-20T08:00:05.5Z"
    assert uuid.UUID(first["run"]["runId"]) != uuid.UUID(second["run"]["runId"])
    assert events(made, events="run")[0]["run"] == first["run"]
    assert first["outputs"][0]["facets"]["columnLineage"]


def test_run_events_need_a_run() -> None:
    with pytest.raises(UsageError, match="nothing is known of a run"):
        ao.export_lineage(shop(), "openlineage", events="run")


# -- names -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("adapter", "namespace", "name"),
    [
        ("bigquery", "bigquery", "d.s.t"),
        ("snowflake", "snowflake", "d.s.t"),
        ("postgres", "postgres", "d.s.t"),
        ("redshift", "redshift", "d.s.t"),
        ("trino", "trino", "d.s.t"),
        ("databricks", "unitycatalog", "d.s.t"),
        ("athena", "awsathena://athena", "d.s.t"),
        ("sqlserver", "mssql", "d.s.t"),
        ("mysql", "mysql", "s.t"),
        ("spark", "hive", "s.t"),
        ("clickhouse", "clickhouse", "s.t"),
        ("synapse", "sqlserver", "s.t"),
        ("glue", "arn:aws:glue", "table/s/t"),
        ("something_new", "something_new", "d.s.t"),
    ],
)
def test_a_table_is_called_as_its_warehouse_calls_it(
    adapter: str, namespace: str, name: str
) -> None:
    node = Node(unique_id="model.a.t", kind="model", name="t", relation=Relation("d", "s", "t"))
    assert default_namespace(adapter) == namespace
    assert dataset_name(node, adapter, "ns") == ("ns", name)
    assert is_complete(namespace, adapter) == (adapter == "bigquery")
    assert is_complete("x://y", adapter)


def test_parts_that_are_missing_are_left_out() -> None:
    node = Node(
        unique_id="source.a.t", kind="source", name="t", relation=Relation(None, "s", "t.u")
    )
    assert dataset_name(node, "postgres", "ns") == ("ns", "s.t.u")


def test_a_namespace_that_nobody_said() -> None:
    assert "expected duckdb://{path}" in namespace_note(shop())
    assert namespace_note(shop(), "duckdb://shop.duckdb") == ""
