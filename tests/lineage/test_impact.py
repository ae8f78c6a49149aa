"""Who is hit, how, and by which way."""

from __future__ import annotations

from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnRef
from analyticsops.lineage.impact import Hit, find_impact

from .small_projects import data_test, end, model, project, source

RAW = "source.shop.raw.t"


def impact(*columns: str) -> dict[str, Hit]:
    made = project(
        source("t", "id", "x", "flag"),
        model("a", "select id, x from raw.t where flag", RAW),
        model("b", "select id, sum(x) as total from main.a group by id", "model.shop.a"),
        model("p", None, "model.shop.b", columns=["q"], language="python"),
        data_test("nn", None, "model.shop.b", attached_node="model.shop.b", column_name="total"),
        end(
            "semantic_models",
            "semantic_model",
            "sm",
            "model.shop.b",
            model="ref('b')",
            measures=[{"name": "total", "agg": "sum", "expr": "total"}],
        ),
        end("metrics", "metric", "m", type="simple", type_params={"measure": {"name": "total"}}),
        end(
            "exposures",
            "exposure",
            "board",
            "model.shop.b",
            owner={"name": "CFO"},
        ),
    )
    refs = [ColumnRef(RAW, column) for column in columns]
    hits = find_impact(made, build_graph(made), refs)
    assert [hit.kind for hit in hits] == sorted(
        (hit.kind for hit in hits),
        key=["exposure", "metric", "semantic_model", "model", "test"].index,
    )
    return {hit.name: hit for hit in hits}


def test_a_value_is_followed_to_its_ends() -> None:
    found = impact("x")
    assert {name: hit.via for name, hit in found.items()} == {
        "board": "depends",
        "m": "values",
        "sm": "values",
        "a": "values",
        "b": "values",
        "p": "depends",
        "nn": "tests",
    }
    assert found["m"].path == ("raw.t.x", "a.x", "b.total", "sm.total", "m")
    assert found["b"].columns == ("total",)
    assert found["board"].owner == "CFO"


def test_a_filter_changes_rows() -> None:
    found = impact("flag")
    assert {name: found[name].via for name in ("a", "b", "m")} == {
        "a": "rows",
        "b": "rows",
        "m": "values",
    }
    assert found["b"].path == ("raw.t.flag", "a", "b")


def test_of_several_columns_the_worst_way_counts() -> None:
    assert impact("flag", "x")["b"].via == "values"
    assert impact("id")["m"].path == ("raw.t.id", "a.id", "b", "sm.total", "m")
