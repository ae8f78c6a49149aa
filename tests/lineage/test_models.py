"""Models of every sort in one graph: what feeds what, and how much is known."""

from __future__ import annotations

from hashlib import sha256

from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Link, Status
from analyticsops.project.model import Project
from analyticsops.sql.facts import Kind

from .small_projects import Entry, model, project, source

RAW = "source.shop.raw.orders"


def graph_of(*entries: Entry, **more: object) -> ColumnGraph:
    return build_graph(project(*entries, **more))  # type: ignore[arg-type]


def shop() -> Project:
    """Source -> staging -> mart, the columns of the source unknown."""
    return project(
        source("orders"),
        model("stg_orders", "select id, amount / 100 as usd, status from raw.orders", RAW),
        model(
            "fct_orders",
            "with o as (select * from main.stg_orders where status <> 'x') select id, usd from o",
            "model.shop.stg_orders",
        ),
        model(
            "revenue",
            "select sum(usd) as total from main.fct_orders",
            "model.shop.fct_orders",
        ),
    )


def edges_into(graph: ColumnGraph, node: str, column: str = "") -> set[tuple[str, str, str]]:
    return {
        (edge.source.node.split(".", 2)[2], edge.source.column, str(edge.kind))
        for edge in graph.parents(ColumnRef(node, column))
    }


def test_values_flow_from_source_to_mart() -> None:
    graph = build_graph(shop())
    assert edges_into(graph, "model.shop.revenue", "total") == {
        ("fct_orders", "usd", "aggregation")
    }
    assert edges_into(graph, "model.shop.fct_orders", "usd") == {("stg_orders", "usd", "identity")}
    assert edges_into(graph, "model.shop.stg_orders", "usd") == {
        ("raw.orders", "amount", "transformation")
    }
    assert edges_into(graph, "model.shop.fct_orders") == {
        ("stg_orders", "", "rows"),
        ("stg_orders", "status", "filter"),
    }


def test_columns_of_an_unknown_source_are_inferred_from_use() -> None:
    found = build_graph(shop()).nodes[RAW]
    assert sorted(found.columns) == ["amount", "id", "status"]
    assert all(column.inferred for column in found.columns.values())
    assert not found.complete


def test_everything_here_is_proven() -> None:
    graph = build_graph(shop())
    assert {node.status for node in graph.nodes.values()} == {Status.PROVEN}
    assert graph.counts()[Status.PARTIAL] == 0


def test_an_ephemeral_model_is_a_node_of_its_own() -> None:
    graph = graph_of(
        source("orders", "id", "x"),
        model("eph", "select id, x * 2 as y from raw.orders", RAW, materialized="ephemeral"),
        model(
            "mart",
            "with __dbt__cte__eph as (select id, x * 2 as y from raw.orders) "
            "select y as z from __dbt__cte__eph",
            "model.shop.eph",
        ),
    )
    assert edges_into(graph, "model.shop.mart", "z") == {("eph", "y", "rename")}
    assert edges_into(graph, "model.shop.eph", "y") == {("raw.orders", "x", "transformation")}


def test_a_snapshot_has_dbts_columns_too() -> None:
    graph = graph_of(
        source("orders", "id", "x"),
        model("snap", "select * from raw.orders", RAW, kind="snapshot"),
        model("mart", "select id, dbt_valid_from from main.snap", "snapshot.shop.snap"),
        catalog={RAW: ["id", "x"]},
    )
    names = list(graph.nodes["snapshot.shop.snap"].columns)
    assert names == ["id", "x", "dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"]
    assert graph.nodes["model.shop.mart"].status is Status.PROVEN
    assert edges_into(graph, "model.shop.mart", "dbt_valid_from") == {
        ("snap", "dbt_valid_from", "identity")
    }


def test_an_incremental_model_reads_itself() -> None:
    sql = "select id, ts from raw.orders where ts > (select max(ts) from main.inc)"
    graph = graph_of(source("orders"), model("inc", sql, RAW, materialized="incremental"))
    assert ("inc", "ts", "filter") in edges_into(graph, "model.shop.inc")
    assert graph.nodes["model.shop.inc"].status is Status.PROVEN
    # It never feeds itself by whole rows: a cycle would be everybody's parent.
    assert ("inc", "", "rows") not in edges_into(graph, "model.shop.inc")


def test_a_python_model_is_unknown_and_its_parents_are_known_whole() -> None:
    graph = graph_of(
        source("orders", "id"),
        model("py", "def model(dbt, session): ...", RAW, columns=["score"], language="python"),
        model("mart", "select score, extra from main.py", "model.shop.py"),
    )
    found = graph.nodes["model.shop.py"]
    assert found.status is Status.UNKNOWN
    assert found.problems[0].reason == "python model"
    assert found.columns["score"].status is Status.UNKNOWN
    assert found.columns["extra"].status is Status.UNKNOWN
    assert edges_into(graph, "model.shop.py") == {("raw.orders", "", "depends")}
    assert edges_into(graph, "model.shop.mart", "score") == {("py", "score", "identity")}
    reached = graph.impact([ColumnRef(RAW, "id")])
    assert ColumnRef("model.shop.mart", "score") in {step.ref for step in reached}


def test_a_model_that_was_not_compiled_is_unknown() -> None:
    graph = graph_of(model("later", None, columns=["a"]))
    found = graph.nodes["model.shop.later"]
    assert (found.status, found.problems[0].reason) == (Status.UNKNOWN, "not compiled")


def test_a_model_without_a_text_needs_no_compiling() -> None:
    checksum = {"name": "sha256", "checksum": sha256(b"").hexdigest()}
    graph = graph_of(model("later", None, checksum=checksum))
    found = graph.nodes["model.shop.later"]
    assert (found.status, found.problems[0].reason) == (Status.UNKNOWN, "empty SQL")


def test_sql_that_cannot_be_parsed_is_unknown_and_says_where() -> None:
    graph = graph_of(model("broken", "select a\nfrom t where )"), model("fine", "select 1 as one"))
    (problem,) = graph.nodes["model.shop.broken"].problems
    assert (problem.reason, problem.line) == ("cannot parse", 2)
    assert graph.nodes["model.shop.fine"].status is Status.PROVEN


def test_versions_of_a_model_are_two_nodes() -> None:
    entries = []
    for version in (1, 2):
        entry = model("users", f"select id as id{version} from raw.users")
        entry |= {"unique_id": f"model.shop.users.v{version}", "alias": f"users_v{version}"}
        entries.append(entry | {"version": version, "latest_version": 2})
    reader = model(
        "mart",
        "select id1 from main.users_v1 union all select id2 from main.users_v2",
        "model.shop.users.v1",
        "model.shop.users.v2",
    )
    graph = graph_of(source("users"), *entries, reader)
    assert edges_into(graph, "model.shop.mart", "id1") == {
        ("users.v1", "id1", "identity"),
        ("users.v2", "id2", "rename"),
    }


def test_one_table_name_in_two_schemas() -> None:
    graph = graph_of(
        source("orders", "id", source_name="eu", schema="eu"),
        source("orders", "id", source_name="us", schema="us"),
        model(
            "both",
            "select id from eu.orders union all select id from us.orders",
            "source.shop.eu.orders",
            "source.shop.us.orders",
        ),
        model("one", "select id from us.orders", "source.shop.us.orders"),
    )
    assert edges_into(graph, "model.shop.both", "id") == {
        ("eu.orders", "id", "identity"),
        ("us.orders", "id", "identity"),
    }
    assert edges_into(graph, "model.shop.one", "id") == {("us.orders", "id", "identity")}


def test_a_schema_that_the_sql_spells_otherwise() -> None:
    """A macro rewrote the schema: what the model depends on decides."""
    graph = graph_of(source("orders", "id"), model("mart", "select id from prod_raw.orders", RAW))
    assert edges_into(graph, "model.shop.mart", "id") == {("raw.orders", "id", "identity")}


def test_a_table_outside_the_project_keeps_its_name() -> None:
    graph = graph_of(model("mart", "select x from elsewhere.things"))
    (edge,) = [e for e in graph.edges if e.source.column == "x"]
    assert edge.source == ColumnRef("elsewhere.things", "x")


def test_demand_travels_up_through_several_open_stars() -> None:
    graph = graph_of(
        source("orders"),
        model("a", "select * from raw.orders", RAW),
        model("b", "select *, x + 1 as y from main.a", "model.shop.a"),
        model("c", "select b.z as last from main.b b", "model.shop.b"),
    )
    for node in ("model.shop.b", "model.shop.a", RAW):
        column = graph.nodes[node].columns["z"]
        assert (column.inferred, column.status) == (True, Status.PROVEN)
    assert sorted(graph.nodes["model.shop.a"].columns) == ["x", "z"]
    upstream = graph.upstream(ColumnRef("model.shop.c", "last"))
    assert [step.ref.node for step in upstream] == ["model.shop.b", "model.shop.a", RAW]
    assert graph.nodes["model.shop.a"].status is Status.PARTIAL
    assert graph.nodes["model.shop.a"].problems[0].reason == "star over unknown columns"


def test_columns_in_yaml_come_through_an_open_star() -> None:
    graph = graph_of(
        source("orders"), model("a", "select * from raw.orders", RAW, columns=["id", "x"])
    )
    assert edges_into(graph, "model.shop.a", "id") == {("raw.orders", "id", "identity")}


def test_the_catalog_closes_stars() -> None:
    graph = graph_of(
        source("orders"),
        model("a", "select * from raw.orders", RAW),
        catalog={RAW: ["id", "x"]},
    )
    found = graph.nodes["model.shop.a"]
    assert (list(found.columns), found.complete, found.status) == (["id", "x"], True, Status.PROVEN)


def test_names_of_the_catalog_win_over_those_of_the_sql() -> None:
    graph = graph_of(
        source("orders"),
        model("a", 'select ID, "AMOUNT" as amount from raw.orders', RAW),
        model("b", "select Id, Amount from main.a", "model.shop.a"),
        catalog={RAW: ["ID", "AMOUNT"]},
        adapter="snowflake",
    )
    assert edges_into(graph, "model.shop.a", "ID") == {("raw.orders", "ID", "identity")}
    assert edges_into(graph, "model.shop.b", "Amount") == {("a", "amount", "identity")}


def test_a_cycle_in_a_damaged_manifest_ends() -> None:
    graph = graph_of(
        model("a", "select x from main.b", "model.shop.b"),
        model("b", "select x from main.a", "model.shop.a"),
        model("self", "select x from main.self", "model.shop.self"),
    )
    assert len(graph.upstream(ColumnRef("model.shop.a", "x"))) <= 2


def test_a_subquerys_table_feeds_the_rows() -> None:
    """`where exists (select ... from b)`: rows that b gains or loses change the answer."""
    graph = graph_of(
        source("a", "id"),
        source("b", "id"),
        model("m", "select id from raw.a where exists (select 1 from raw.b where b.id = a.id)"),
    )
    assert ("raw.b", "", "rows") in edges_into(graph, "model.shop.m")


def test_duplicate_names_do_not_hide_a_source() -> None:
    graph = graph_of(
        source("a", "id"), source("b", "id"), model("m", "select a.id, b.id from raw.a, raw.b")
    )
    assert edges_into(graph, "model.shop.m", "id") == {
        ("raw.a", "id", "identity"),
        ("raw.b", "id", "identity"),
    }


def test_kinds_and_links_are_told_apart() -> None:
    kinds = {edge.kind for edge in build_graph(shop()).edges}
    assert kinds == {Kind.IDENTITY, Kind.TRANSFORMATION, Kind.AGGREGATION, Kind.FILTER, Link.ROWS}


def test_a_table_of_the_same_name_in_another_schema_is_not_the_model_itself() -> None:
    graph = graph_of(model("orders", "select code as id from landing.orders"))
    assert edges_into_outside(graph, "model.shop.orders", "id") == {("landing.orders", "code")}
    assert graph.nodes["model.shop.orders"].status is Status.PROVEN


def test_a_table_read_without_ref_does_not_lend_its_name_to_another_schema() -> None:
    graph = graph_of(
        model("kinds", "select code from raw.kinds", schema="shared"),
        model(
            "mart",
            "select t.year, k.code from landing.kinds t join shared.kinds k on t.code = k.code",
        ),
    )
    assert edges_into_outside(graph, "model.shop.mart", "year") == {("landing.kinds", "year")}
    assert edges_into_outside(graph, "model.shop.mart", "code") == {("model.shop.kinds", "code")}
    assert graph.nodes["model.shop.mart"].status is Status.PROVEN


def edges_into_outside(graph: ColumnGraph, node: str, column: str) -> set[tuple[str, str]]:
    return {(e.source.node, e.source.column) for e in graph.parents(ColumnRef(node, column))}
