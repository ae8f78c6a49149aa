"""Where columns end: tests, exposures, the semantic layer."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnGraph, ColumnRef

from .small_projects import Entry, data_test, end, model, project, source

RAW = "source.shop.raw.orders"
ORDERS = "model.shop.orders"
SEMANTIC = "semantic_model.shop.sm"


def graph_of(*more: Entry, columns: str = "id, amount, status, ts") -> ColumnGraph:
    return build_graph(
        project(
            source("orders"),
            model("orders", f"select {columns} from raw.orders", RAW),
            *more,
        )
    )


def into(graph: ColumnGraph, node: str, column: str = "") -> set[tuple[str, str, str]]:
    return {
        (edge.source.node, edge.source.column, str(edge.kind))
        for edge in graph.parents(ColumnRef(node, column))
    }


# -- tests --------------------------------------------------------------------


def test_a_generic_test_reads_its_column() -> None:
    graph = graph_of(
        data_test("nn", None, ORDERS, attached_node=ORDERS, column_name="id"),
    )
    assert into(graph, "test.shop.nn") == {(ORDERS, "id", "tests")}


def test_a_relationships_test_reads_both_sides() -> None:
    graph = graph_of(
        model("users", "select uid from raw.users"),
        data_test(
            "rel",
            None,
            "model.shop.users",
            ORDERS,
            attached_node=ORDERS,
            column_name="id",
            test_metadata={"name": "relationships", "kwargs": {"field": "uid"}},
        ),
    )
    assert into(graph, "test.shop.rel") == {
        (ORDERS, "id", "tests"),
        ("model.shop.users", "uid", "tests"),
    }


def test_a_singular_test_reads_what_its_sql_reads() -> None:
    graph = graph_of(data_test("single", "select id from main.orders where amount < 0", ORDERS))
    assert into(graph, "test.shop.single") == {(ORDERS, "id", "tests"), (ORDERS, "amount", "tests")}


@pytest.mark.parametrize(
    "sql", [None, "select from from", "select (" * 400, "select " + "(" * 200 + "1" + ")" * 200]
)
def test_a_singular_test_that_is_not_understood_reads_whole_nodes(sql: str | None) -> None:
    graph = graph_of(data_test("odd", sql, ORDERS))
    assert into(graph, "test.shop.odd") == {(ORDERS, "", "tests")}


def test_a_unit_test_reads_a_whole_model() -> None:
    graph = graph_of(end("unit_tests", "unit_test", "ut", ORDERS, model="orders"))
    assert into(graph, "unit_test.shop.ut") == {(ORDERS, "", "tests")}


def unit_test(given: list[Any], expected: Any) -> Entry:
    return end("unit_tests", "unit_test", "ut", ORDERS, given=given, expect={"rows": expected})


def test_a_unit_test_reads_the_columns_that_its_rows_name() -> None:
    given = {"input": "source('raw', 'orders')", "rows": [{"ID": 1}, {"ID": 2, "amount": None}]}
    graph = graph_of(unit_test([given], [{"id": 1}]))
    assert into(graph, "unit_test.shop.ut") == {
        (ORDERS, "id", "tests"),
        (RAW, "id", "tests"),
        (RAW, "amount", "tests"),
    }
    reached = {step.ref.node for step in graph.impact([ColumnRef(RAW, "amount")])}
    assert "unit_test.shop.ut" in reached


def test_a_unit_test_whose_rows_are_a_query_reads_whole_tables() -> None:
    given = {"input": "source('raw', 'orders')", "rows": "select 1 as id", "format": "sql"}
    assert into(graph_of(unit_test([given], "select 1 as id")), "unit_test.shop.ut") == {
        (ORDERS, "", "tests"),
        (RAW, "", "tests"),
    }
    lost = {"input": "ref('nowhere')", "rows": [{"id": 1}]}
    assert into(graph_of(unit_test([lost], [{"id": 1}])), "unit_test.shop.ut") == {
        (ORDERS, "", "tests"),
        (ORDERS, "id", "tests"),
    }


def test_the_inputs_of_a_unit_test_by_their_names() -> None:
    two, one = "model.shop.a.v2", "model.shop.a.v1"
    versions = [
        model("a", "select 1 as x", unique_id=name, version=number, schema=f"s{number}")
        for name, number in ((one, 1), (two, 2))
    ]
    test = end("unit_tests", "unit_test", "ut", "model.shop.b")
    rows = [{"x": 1}]
    test["given"] = [
        {"input": "ref('shop', 'a', v=2)", "rows": rows},
        {"input": "this", "rows": rows},
    ]
    graph = graph_of(*versions, model("b", "select 1 as x", one, two), test)
    assert into(graph, "unit_test.shop.ut") == {
        (two, "x", "tests"),
        ("model.shop.b", "x", "tests"),
        ("model.shop.b", "", "tests"),
    }


# -- exposures and saved queries ----------------------------------------------


def test_an_exposure_depends_on_whole_models() -> None:
    graph = graph_of(end("exposures", "exposure", "dash", ORDERS, type="dashboard"))
    assert into(graph, "exposure.shop.dash") == {(ORDERS, "", "depends")}
    reached = {step.ref.node for step in graph.impact([ColumnRef(RAW, "ts")])}
    assert "exposure.shop.dash" in reached


def test_an_exposure_may_name_its_columns() -> None:
    meta = {"analyticsops": {"columns": {"orders": ["id", "amount"]}}}
    graph = graph_of(end("exposures", "exposure", "dash", ORDERS, meta=meta))
    assert into(graph, "exposure.shop.dash") == {
        (ORDERS, "id", "identity"),
        (ORDERS, "amount", "identity"),
    }
    reached = {step.ref.node for step in graph.impact([ColumnRef(RAW, "ts")])}
    assert "exposure.shop.dash" not in reached


@pytest.mark.parametrize("columns", ["x", 1, None, [], {"orders": "id"}, {"orders": {"id": 1}}])
def test_an_exposures_meta_of_another_shape_means_the_whole_model(columns: Any) -> None:
    meta = {"analyticsops": {"columns": columns}}
    graph = graph_of(end("exposures", "exposure", "dash", ORDERS, meta=meta))
    assert into(graph, "exposure.shop.dash") == {(ORDERS, "", "depends")}


# -- the semantic layer ---------------------------------------------------------


def semantic_model(**more: Any) -> Entry:
    return end(
        "semantic_models",
        "semantic_model",
        "sm",
        ORDERS,
        model="ref('orders')",
        measures=[
            {"name": "revenue", "agg": "sum", "expr": "amount * 2"},
            {"name": "orders_n", "agg": "count", "expr": "1"},
            {"name": "amount", "agg": "max"},
            {"name": "broken", "agg": "sum", "expr": "amount +* ("},
        ],
        dimensions=[
            {"name": "state", "type": "categorical", "expr": "upper(status)"},
            {"name": "ts", "type": "time"},
        ],
        entities=[{"name": "order", "type": "primary", "expr": "id"}],
        **more,
    )


def metric(name: str, kind: str, params: dict[str, Any], **more: Any) -> Entry:
    return end("metrics", "metric", name, type=kind, type_params=params, **more)


def test_parts_of_a_semantic_model_come_from_columns() -> None:
    graph = graph_of(semantic_model())
    assert into(graph, SEMANTIC, "revenue") == {
        (ORDERS, "amount", "aggregation"),
        (ORDERS, "", "rows"),
    }
    assert into(graph, SEMANTIC, "orders_n") == {(ORDERS, "", "rows")}
    assert into(graph, SEMANTIC, "amount") >= {(ORDERS, "amount", "aggregation")}
    assert into(graph, SEMANTIC, "state") == {(ORDERS, "status", "transformation")}
    assert into(graph, SEMANTIC, "order") == {(ORDERS, "id", "transformation")}


def test_an_expression_that_cannot_be_read_uses_every_column() -> None:
    columns = {column for _, column, _ in into(graph_of(semantic_model()), SEMANTIC, "broken")}
    assert columns == {"", "id", "amount", "status", "ts"}


def test_a_simple_metric_with_a_filter() -> None:
    where = {"where_filters": [{"where_sql_template": "{{ Dimension('order__state') }} = 'A'"}]}
    params = {"measure": {"name": "revenue", "filter": where}}
    graph = graph_of(semantic_model(), metric("m", "simple", params))
    assert into(graph, "metric.shop.m") == {
        (SEMANTIC, "revenue", "aggregation"),
        (SEMANTIC, "state", "filter"),
    }


def test_filters_by_time_and_entity() -> None:
    text = "{{ TimeDimension('order__ts', 'day') }} > '2024' and {{ Entity('order') }} is not null"
    params = {"measure": {"name": "revenue"}}
    graph = graph_of(
        semantic_model(),
        metric("m", "simple", params, filter={"where_filters": [{"where_sql_template": text}]}),
    )
    assert into(graph, "metric.shop.m") == {
        (SEMANTIC, "revenue", "aggregation"),
        (SEMANTIC, "ts", "filter"),
        (SEMANTIC, "order", "filter"),
    }


def test_the_five_types_of_metrics() -> None:
    simple = {"measure": {"name": "revenue"}}
    graph = graph_of(
        semantic_model(),
        metric("simple", "simple", simple),
        metric("count", "simple", {"measure": "orders_n"}),
        metric(
            "ratio", "ratio", {"numerator": {"name": "simple"}, "denominator": {"name": "count"}}
        ),
        metric(
            "derived",
            "derived",
            {
                "expr": "simple - c",
                "metrics": [{"name": "simple"}, {"name": "count", "alias": "c"}],
            },
        ),
        metric(
            "cumulative", "cumulative", {"measure": {"name": "revenue"}, "window": {"count": 7}}
        ),
        metric(
            "conversion",
            "conversion",
            {
                "conversion_type_params": {
                    "base_measure": {"name": "orders_n"},
                    "conversion_measure": {"name": "revenue"},
                    "entity": "order",
                }
            },
        ),
        metric("over", "cumulative", {"cumulative_type_params": {"metric": {"name": "simple"}}}),
    )
    simple_id, count_id = "metric.shop.simple", "metric.shop.count"
    assert into(graph, "metric.shop.ratio") == {
        (simple_id, "", "transformation"),
        (count_id, "", "transformation"),
    }
    assert into(graph, "metric.shop.derived") == into(graph, "metric.shop.ratio")
    assert into(graph, "metric.shop.cumulative") == {(SEMANTIC, "revenue", "aggregation")}
    assert into(graph, "metric.shop.conversion") == {
        (SEMANTIC, "revenue", "aggregation"),
        (SEMANTIC, "orders_n", "aggregation"),
    }
    assert into(graph, "metric.shop.over") == {(simple_id, "", "transformation")}


def test_a_metric_of_the_newer_spec_aggregates_columns_itself() -> None:
    params = {
        "metric_aggregation_params": {"semantic_model": "sm", "agg": "sum", "expr": "amount - 1"}
    }
    graph = graph_of(semantic_model(), metric("m", "simple", params))
    assert into(graph, "metric.shop.m") == {(ORDERS, "amount", "aggregation"), (ORDERS, "", "rows")}


def saved_query(**params: Any) -> Entry:
    return end("saved_queries", "saved_query", "sq", "metric.shop.m", query_params=params)


def test_a_saved_query_shows_and_filters_by_columns() -> None:
    where = {"where_filters": [{"where_sql_template": "{{ Entity('order') }} > 7"}]}
    graph = graph_of(
        semantic_model(defaults={"agg_time_dimension": "ts"}),
        metric("m", "simple", {"measure": {"name": "revenue"}}),
        metric("d", "derived", {"metrics": [{"name": "m"}]}),
        saved_query(
            metrics=["d"],
            group_by=["Dimension('order__state')", "TimeDimension('metric_time', 'week')"],
            where=where,
        ),
    )
    assert into(graph, "saved_query.shop.sq") == {
        ("metric.shop.m", "", "depends"),
        (SEMANTIC, "state", "identity"),
        (SEMANTIC, "state", "group_by"),
        (SEMANTIC, "ts", "identity"),
        (SEMANTIC, "ts", "group_by"),
        (SEMANTIC, "order", "filter"),
    }
    reached = {step.ref.node for step in graph.impact([ColumnRef(RAW, "status")])}
    assert "saved_query.shop.sq" in reached


def test_an_element_is_that_of_the_entity_before_it() -> None:
    found = {}
    for text in ("order__state", "Dimension('state')"):
        other = end(
            "semantic_models",
            "semantic_model",
            "visits",
            ORDERS,
            dimensions=[{"name": "state", "type": "categorical", "expr": "amount"}],
            entities=[{"name": "order", "type": "foreign", "expr": "id"}],
        )
        graph = graph_of(semantic_model(), other, saved_query(group_by=[text]))
        edges = graph.parents(ColumnRef("saved_query.shop.sq"))
        found[text] = {(edge.source.node, str(edge.sure)) for edge in edges if edge.source.column}
    assert found == {
        "order__state": {(SEMANTIC, "exact")},
        "Dimension('state')": {
            (SEMANTIC, "ambiguous"),
            ("semantic_model.shop.visits", "ambiguous"),
        },
    }


@pytest.mark.parametrize("params", [{"group_by": "x"}, {"group_by": [1, None]}, {"where": 5}])
def test_query_params_of_other_shapes_are_survived(params: dict[str, Any]) -> None:
    assert into(graph_of(saved_query(**params)), "saved_query.shop.sq")


def test_a_source_column_reaches_the_metric() -> None:
    graph = graph_of(
        semantic_model(),
        metric("m", "simple", {"measure": {"name": "revenue"}}),
        metric("d", "derived", {"metrics": [{"name": "m"}]}),
        end("saved_queries", "saved_query", "sq", "metric.shop.d"),
    )
    reached = graph.impact([ColumnRef(RAW, "amount")])
    nodes = [step.ref.node for step in reached]
    assert {"metric.shop.m", "metric.shop.d", "saved_query.shop.sq"} <= set(nodes)
    way = graph.path(reached, ColumnRef("metric.shop.d"))
    assert way == [
        ColumnRef(RAW, "amount"),
        ColumnRef(ORDERS, "amount"),
        ColumnRef(SEMANTIC, "revenue"),
        ColumnRef("metric.shop.m"),
        ColumnRef("metric.shop.d"),
    ]


def test_a_metric_of_itself_ends() -> None:
    graph = graph_of(semantic_model(), metric("m", "derived", {"metrics": [{"name": "m"}]}))
    assert into(graph, "metric.shop.m") == set()


@pytest.mark.parametrize(
    "params",
    [
        {"measure": 5},
        {"measure": [1, None, "revenue"]},
        {"metrics": {"name": ["m"]}},
        {"input_measures": [{"name": None}]},
        {"metric_aggregation_params": []},
        {"metric_aggregation_params": {"semantic_model": ["sm"], "expr": {}}},
        {"conversion_type_params": "x", "cumulative_type_params": 7},
        {"measure": {"name": "revenue", "filter": {"where_filters": "x"}}},
        {"measure": {"name": "revenue", "filter": {"where_filters": [1, {}]}}},
    ],
)
def test_type_params_of_other_shapes_are_survived(params: dict[str, Any]) -> None:
    graph_of(semantic_model(), metric("m", "simple", params))
