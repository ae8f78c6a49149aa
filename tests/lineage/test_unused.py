"""Columns that nobody reads, and those of which nobody can say so."""

from __future__ import annotations

import pytest

from analyticsops.lineage.build import build_graph
from analyticsops.lineage.unused import IdleNode, find_unused

from .small_projects import Entry, data_test, end, model, project, source

RAW = "source.shop.raw.t"
A = "model.shop.a"
COLUMNS = "id, x, y, z"


def idle(*more: Entry, a: Entry | None = None) -> dict[str, IdleNode]:
    """Of a model with four columns and whatever reads it."""
    first = a or model("a", f"select {COLUMNS} from raw.t", RAW)
    made = project(source("t"), first, *more, catalog={RAW: COLUMNS.split(", ")})
    graph = build_graph(made)
    return {node.node: node for node in find_unused(made, graph, list(made.nodes))}


def uses(*more: Entry, a: Entry | None = None) -> dict[str, str]:
    """Column -> use, of the model ``a``."""
    found = idle(*more, a=a).get(A)
    return {c.name: f"{c.use.value} {c.reason}".strip() for c in found.columns} if found else {}


def test_values_conditions_and_rows_are_reads() -> None:
    reader = model(
        "b",
        "select case when x > 0 then 1 end as b, count(*) over (order by id) as n "
        "from main.a where y > 1",
        A,
    )
    assert uses(reader) == {"z": "unused"}


def test_a_column_that_a_star_passes_on_is_read() -> None:
    assert uses(model("b", "select * from main.a", A)) == {}


def test_tests_alone() -> None:
    reader = model("b", "select id, x, y from main.a", A)
    tested = data_test("t", None, A, attached_node=A, column_name="z")
    assert uses(reader, tested) == {"z": "only tested"}
    whole = end("unit_tests", "unit_test", "ut", A, model="a")
    assert uses(reader, whole) == {"z": "only tested"}


def test_an_exposure_reads_the_whole_model_unless_it_names_columns() -> None:
    assert uses(end("exposures", "exposure", "board", A)) == {}
    meta = {"analyticsops": {"columns": {"a": ["id", "x"]}}}
    found = uses(end("exposures", "exposure", "board", A, meta=meta))
    assert found == {"y": "unused", "z": "unused"}


def test_metrics_read_what_they_measure() -> None:
    semantic = end(
        "semantic_models",
        "semantic_model",
        "sm",
        A,
        model="ref('a')",
        measures=[{"name": "total", "agg": "sum", "expr": "x + y"}],
        entities=[{"name": "order", "type": "primary", "expr": "id"}],
    )
    assert uses(semantic) == {"z": "unused"}


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        (
            model("b", None, A, columns=["q"], language="python"),
            "the lineage of b, which reads it, is unknown",
        ),
        (model("b", "select from from", A), "the lineage of b, which reads it, is unknown"),
        (
            model("b", "select id, x, y, q from main.a", A),
            "b, which reads it, is only partly understood (unknown column)",
        ),
    ],
)
def test_a_reader_that_is_not_understood_may_read_anything(reader: Entry, reason: str) -> None:
    assert uses(reader)["z"] == f"not known {reason}"


def test_a_reader_whose_doubt_hides_nothing() -> None:
    """An ambiguous name has all its candidates as inputs."""
    reader = model("b", "select a.id, q, w from main.a as a, raw.u as u, raw.v as v", A)
    assert uses(reader) == {"x": "unused", "y": "unused", "z": "unused"}


def test_a_public_model_may_be_read_elsewhere() -> None:
    first = model("a", f"select {COLUMNS} from raw.t", RAW, access="public")
    reader = model("b", "select id, x, y from main.a", A)
    assert uses(reader, a=first) == {"z": "not known public: other projects may read it"}


def test_columns_of_a_node_that_is_not_complete() -> None:
    first = model("a", "select * from raw.unknown", columns=["id", "x"])
    reader = model("b", "select id from main.a", A)
    assert uses(reader, a=first) == {"x": "not known the columns of a are not all known"}


def test_a_model_that_nothing_depends_on_is_final() -> None:
    found = idle(data_test("t", None, A, attached_node=A, column_name="id"))
    assert found[A].final
    assert [column.name for column in found[A].columns] == COLUMNS.split(", ")
    assert not idle(model("b", "select id from main.a", A))[A].final


def test_dbts_own_columns_of_a_snapshot() -> None:
    snap = model("s", "select id, x from raw.t", RAW, kind="snapshot")
    found = idle(snap, model("b", "select id from main.s", "snapshot.shop.s"))
    assert [column.name for column in found["snapshot.shop.s"].columns] == ["x"]


def test_a_seed_that_is_read_as_a_source() -> None:
    seed = model("t", None, kind="seed", schema="raw", columns=["id", "x", "q"])
    made = project(source("t", "id", "x", "q"), seed, model("b", "select id from raw.t", RAW))
    (found,) = [n for n in find_unused(made, build_graph(made), list(made.nodes)) if n.name == "t"]
    assert [column.name for column in found.columns] == ["x", "q"]
    assert not found.final
