"""Types of a project's columns: who says them, and how they travel."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from analyticsops.artifacts.catalog import Catalog
from analyticsops.findings import Finding, Location
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.code import Compiled
from analyticsops.lineage.graph import ColumnRef
from analyticsops.lineage.rules import typed
from analyticsops.lineage.types import InferredType, infer_project_types
from analyticsops.project.build import build_project
from analyticsops.project.model import Project
from analyticsops.sql.types.families import FAMILIES, type_family

from .small_projects import Entry, manifest, model, source

CONTRACT: dict[str, Any] = {"contract": {"enforced": True}}


def made(
    *entries: Entry, adapter: str = "duckdb", catalog: dict[str, dict[str, str]] | None = None
) -> Project:
    """A project; ``catalog`` maps ids to types by column."""
    known = None
    if catalog is not None:
        nodes = {
            unique_id: {
                "columns": {
                    name: {"name": name, "type": kind, "index": n}
                    for n, (name, kind) in enumerate(columns.items(), start=1)
                }
            }
            for unique_id, columns in catalog.items()
        }
        metadata = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}
        known = msgspec.convert({"metadata": metadata, "nodes": nodes}, type=Catalog)
    return build_project(manifest(*entries, adapter=adapter), known)


def types(project: Project, dialect: str = "duckdb") -> dict[str, InferredType]:
    """By ``node.column``, the node without its kind and package."""
    graph = build_graph(project, dialect=dialect)
    found = infer_project_types(project, graph, Compiled(), dialect).columns
    return {f"{ref.node.split('.', 2)[2]}.{ref.column}": kind for ref, kind in found.items()}


def declared(**columns: str) -> dict[str, Any]:
    """Columns as YAML declares them."""
    return {name: {"name": name, "data_type": kind or None} for name, kind in columns.items()}


def raw(**columns: str) -> Entry:
    """The source ``raw.t``."""
    return {**source("t"), "columns": declared(**columns)}


RAW = "source.shop.raw.t"


def test_types_travel_from_sources_through_models() -> None:
    found = types(
        made(
            raw(id="integer", amount="decimal(10, 2)", at="timestamp"),
            model("a", "select id, amount * 2 as twice, at::date as day from raw.t", RAW),
            model("b", "select day, sum(twice) as total, count(*) as n from main.a group by 1"),
        )
    )
    assert found["raw.t.amount"] == InferredType(type="decimal(10, 2)", type_from="declared")
    assert found["a.twice"].type == "DECIMAL(18,2)"
    assert found["b.total"] == InferredType(
        type="DECIMAL(38,2)", type_from="inferred", inferred="DECIMAL(38,2)"
    )
    assert [found[f"b.{name}"].type for name in ("day", "n")] == ["DATE", "BIGINT"]


def test_the_reason_travels_too() -> None:
    found = types(
        made(
            raw(id="integer", x=""),
            model("a", "select id, x, my_udf(id) as y from raw.t", RAW),
            model("b", "select x, y, y + 1 as z, 1 as one from main.a", "model.shop.a"),
        )
    )
    assert str(found["b.x"].problem) == "type not known: x of source.shop.raw.t"
    assert found["b.z"].problem == found["b.y"].problem == found["a.y"].problem
    assert found["b.z"].problem is not None
    assert found["b.z"].problem.reason == "unknown function"
    assert (found["b.z"].type, found["b.z"].type_from) == ("", "")
    assert found["b.one"].type == "INTEGER"


def test_contract_then_catalog_then_sql_then_yaml() -> None:
    entries = (
        raw(x="integer"),
        model("a", "select x from raw.t", RAW, **CONTRACT),
        model("b", "select x from raw.t", RAW),
        model("c", "select x from raw.t", RAW),
        model("d", "select f(x) as x from raw.t", RAW),
    )
    for entry in entries[1:]:
        entry["columns"] = declared(x="varchar")
    shown = {"model.shop.a": {"x": "BIGINT"}, "model.shop.b": {"x": "BIGINT"}}
    found = types(made(*entries, catalog=shown))
    assert [(found[f"{n}.x"].type, found[f"{n}.x"].type_from) for n in "abcd"] == [
        ("varchar", "contract"),
        ("BIGINT", "catalog"),
        ("INTEGER", "inferred"),
        ("varchar", "declared"),
    ]
    assert found["a.x"].inferred == "INTEGER"


def test_readers_go_on_with_the_best_type() -> None:
    entry = model("a", "select f(x) as x from raw.t", RAW, **CONTRACT)
    entry["columns"] = declared(x="varchar")
    found = types(made(raw(x="integer"), entry, model("b", "select x || '!' as y from main.a")))
    assert found["b.y"].type == "VARCHAR"


def test_seeds() -> None:
    seed = model("s", None, kind="seed")
    seed["config"]["column_types"] = {"ID": "bigint", "name": "varchar(20)"}
    seed["columns"] = declared(id="", name="", note="text")
    found = types(made(seed, model("a", "select id, name, note from main.s", "seed.shop.s")))
    assert [found[f"a.{name}"].type for name in ("id", "name", "note")] == [
        "BIGINT",
        "VARCHAR",
        "VARCHAR",
    ]


def test_snapshots_have_columns_of_dbt() -> None:
    snapshot = model("s", "select id, at from raw.t", RAW, kind="snapshot")
    snapshot["config"] |= {"strategy": "timestamp", "updated_at": "at"}
    checked = model("c", "select id from raw.t", RAW, kind="snapshot")
    checked["config"] |= {"strategy": "check", "check_cols": "all"}
    found = types(made(raw(id="integer", at="timestamptz"), snapshot, checked))
    assert found["s.dbt_valid_from"].type == found["s.at"].type == "TIMESTAMP WITH TIME ZONE"
    assert found["s.dbt_scd_id"].type == "VARCHAR"
    assert found["c.dbt_valid_to"].type == "TIMESTAMP"


def test_an_ephemeral_model_is_typed_once() -> None:
    inlined = "with __dbt__cte__e as (select id from raw.t) select id + 1 as x from __dbt__cte__e"
    found = types(
        made(
            raw(id="smallint"),
            model("e", "select id from raw.t", RAW, materialized="ephemeral"),
            model("a", inlined, "model.shop.e"),
        )
    )
    assert (found["e.id"].type, found["a.x"].type) == ("SMALLINT", "SMALLINT")


def test_an_incremental_model_that_reads_itself() -> None:
    sql = (
        "select id, n from raw.t union all "
        "select id, n from main.a where id > (select max(id) from main.a)"
    )
    found = types(made(raw(id="integer", n="decimal(4, 1)"), model("a", sql, RAW)))
    assert (found["a.id"].type, found["a.n"].type) == ("INTEGER", "DECIMAL(4,1)")


def test_a_column_behind_an_open_star() -> None:
    found = types(
        made(
            source("t", "id"),
            model("a", "select * from raw.t", RAW),
            model("b", "select extra from main.a", "model.shop.a"),
        )
    )
    assert found["a.extra"].problem is not None
    assert found["b.extra"].type == ""


def test_python_and_broken_models() -> None:
    python = model("p", None)
    python["language"] = "python"
    python["columns"] = declared(x="integer")
    broken = model("q", "select from where", columns=["x"])
    found = types(made(python, broken, model("a", "select x from main.p", "model.shop.p")))
    assert (found["p.x"].type, found["p.x"].type_from) == ("integer", "declared")
    assert found["a.x"].type == "INTEGER"
    assert found["q.x"].problem is not None


def test_types_of_users_are_known_by_name() -> None:
    found = types(
        made(
            raw(role="lake.role"),
            model("a", "select role, max(role) as top from raw.t", RAW),
            adapter="postgres",
        ),
        "postgres",
    )
    assert (found["a.role"].type, found["a.top"].type) == ("lake.role", "lake.role")


def test_a_project_without_types_is_typed_where_the_sql_says() -> None:
    found = types(
        made(source("t", "id", "at"), model("a", "select id, at::date as day from raw.t", RAW))
    )
    assert (found["a.id"].type, found["a.day"].type) == ("", "DATE")


# -- families ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "dialect", "family"),
    [
        ("INT64", "bigquery", "integer"),
        ("NUMBER(38,0)", "snowflake", "decimal"),
        ("int", "snowflake", "decimal"),
        ("TIMESTAMP", "bigquery", "timestamptz"),
        ("DATETIME", "bigquery", "timestamp"),
        ("timestamp", "spark", "timestamptz"),
        ("timestamp_ntz", "databricks", "timestamp"),
        ("timestamp without time zone", "postgres", "timestamp"),
        ("character varying(256)", "redshift", "text"),
        ("VARIANT", "snowflake", "json"),
        ("super", "redshift", "json"),
        ("ARRAY<STRUCT<a INT64>>", "bigquery", "array"),
        ("MAP(VARCHAR, INTEGER)", "duckdb", "map"),
        ("row(a bigint)", "trino", "struct"),
        ("Nullable(String)", "clickhouse", "text"),
        ("LowCardinality(Nullable(String))", "clickhouse", "text"),
        ("uniqueidentifier", "tsql", "uuid"),
        ("interval day to second", "trino", "interval"),
        ("bytea", "postgres", "binary"),
        ("geography", "bigquery", "geography"),
        ("my_type", "postgres", ""),
        ("decimal(", "duckdb", ""),
        ("", "duckdb", ""),
    ],
)
def test_families(text: str, dialect: str, family: str) -> None:
    assert type_family(text, dialect) == family
    assert family in (*FAMILIES, "")


# -- the rule -----------------------------------------------------------------------


def found_in(project: Project) -> list[Finding]:
    graph = build_graph(project)
    known = infer_project_types(project, graph, Compiled(), "duckdb")
    return list(typed.findings(project, known, lambda _node, _column: Location("x.yml", 3)))


def a_model(said: str, expression: str, **more: Any) -> Entry:
    entry = model("a", f"select {expression} as y from raw.t", RAW, **more)
    entry["columns"] = declared(y=said)
    return entry


@pytest.mark.parametrize(
    ("said", "expression"),
    [
        ("bigint", "x"),
        ("varchar(10)", "s"),
        ("numeric(12, 4)", "x * 1.5"),
        ("integer", "my_udf(x)"),
        ("my_type", "x"),
        ("", "x"),
    ],
)
def test_no_difference_is_found(said: str, expression: str) -> None:
    assert found_in(made(raw(x="integer", s="text"), a_model(said, expression))) == []


def test_yaml_differs_from_sql() -> None:
    (finding,) = found_in(made(raw(x="integer"), a_model("integer", "x / 100")))
    assert (finding.rule, finding.severity.value) == ("LIN110", "warning")
    assert finding.message == "the YAML of a says y is integer, its SQL yields DOUBLE"
    assert (finding.subject, finding.column) == ("a.y", "y")
    assert finding.location == Location("x.yml", 3)


def test_a_contract_differs_from_sql() -> None:
    (finding,) = found_in(made(raw(x="integer"), a_model("text", "x", **CONTRACT)))
    assert finding.severity.value == "error"
    assert finding.message == "the contract of a says y is text, its SQL yields INTEGER"


def test_the_catalog_differs_from_sql() -> None:
    project = made(
        raw(x="integer"),
        a_model("", "x::text"),
        catalog={"model.shop.a": {"y": "INTEGER"}},
    )
    (finding,) = found_in(project)
    assert finding.message == "the catalog of a shows y is INTEGER, its SQL yields VARCHAR"


def test_the_yaml_of_a_source_differs_from_the_catalog() -> None:
    project = made(raw(x="integer"), catalog={RAW: {"x": "VARCHAR"}})
    (finding,) = found_in(project)
    assert finding.message == "the YAML of raw.t says x is integer, the catalog shows VARCHAR"


def test_types_are_inferred_only_where_they_can_differ() -> None:
    assert not typed.can_differ(made(source("t", "x"), model("a", "select x from raw.t", RAW)))
    assert typed.can_differ(made(raw(x="integer")))


def test_a_column_is_named_however_yaml_spells_it() -> None:
    entry = model("a", "select x as Y from raw.t", RAW)
    entry["columns"] = {"y": {"name": "y", "data_type": "date"}}
    (finding,) = found_in(made(raw(x="integer"), entry))
    assert finding.column == "y"


def test_refs_are_those_of_the_graph() -> None:
    project = made(raw(x="integer"), model("a", "select x from raw.t", RAW))
    graph = build_graph(project)
    found = infer_project_types(project, graph, Compiled(), "duckdb").columns
    assert set(found) == {
        ColumnRef(node, name) for node, lineage in graph.nodes.items() for name in lineage.names
    }
