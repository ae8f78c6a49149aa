"""Expressions from a column down to sources, with the lines that they stand on."""

from __future__ import annotations

import pytest

from analyticsops.lineage import why
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.code import Code, Compiled, compiled
from analyticsops.lineage.graph import ColumnRef, Link
from analyticsops.lineage.why import Explanation, explain
from analyticsops.project.lines import line_in_raw
from analyticsops.project.model import Node, Project

from .small_projects import Entry, model, project, source

RAW = "source.shop.raw.t"
A, B = "model.shop.a", "model.shop.b"

ENTRIES = (
    source("t", "id", "x", "flag"),
    model("a", "with s as (\n  select * from raw.t\n)\nselect id, x + 1 as y from s", RAW),
    model("b", "select sum(y) as total, count(*) as n, id\nfrom main.a group by id", A),
)


def explained(node: str, column: str, *more: Entry, depth: int | None = None) -> Explanation:
    made = project(*({**entry} for entry in ENTRIES), *more)
    graph = build_graph(made)
    return explain(made, graph, compiled, "duckdb", ColumnRef(node, column), depth=depth)


def told(found: Explanation) -> dict[str, list[str]]:
    return {
        f"{c.ref.node.rpartition('.')[2]}.{c.ref.column}": [
            *(f"{s.query or '-'}: {s.sql} as {s.column}" for s in c.steps),
            *c.problems,
            *([c.note] if c.note else []),
        ]
        for c in found.columns
    }


def test_down_to_the_source() -> None:
    assert told(explained(B, "total")) == {
        "b.total": ["-: SUM(y) as total"],
        "a.y": ["-: x + 1 as y", "s: * as x"],
        "t.x": ["column of a source"],
    }
    assert told(explained(B, "n")) == {
        "b.n": ["-: COUNT(*) as n", "a constant, or a function without arguments"]
    }


def test_depth_counts_models() -> None:
    assert set(told(explained(B, "total", depth=0))) == {"b.total"}
    assert set(told(explained(B, "total", depth=1))) == {"b.total", "a.y"}
    first = explained(B, "total", depth=0).columns[0]
    assert first.sources == (ColumnRef(A, "y"),)


def test_what_has_no_steps_says_why() -> None:
    python = model("p", None, B, columns=["q"], language="python")
    assert told(explained("model.shop.p", "q", python))["p.q"] == [
        "python model: known at table level only"
    ]
    broken = model("p", "select from from", B, columns=["q"])
    assert told(explained("model.shop.p", "q", broken))["p.q"][0].startswith("cannot parse")
    snap = model("s", "select id from main.a", A, kind="snapshot")
    assert told(explained("snapshot.shop.s", "dbt_valid_to", snap)) == {
        "s.dbt_valid_to": ["dbt itself makes it"]
    }


def test_both_branches_of_an_incremental_model() -> None:
    entry = model("i", "select id, x from raw.t", RAW, materialized="incremental")
    made = project(source("t", "id", "x"), entry)
    other = "select id, coalesce(x, 0) as x from raw.t"

    class Both(Compiled):
        def __call__(self, node: Node) -> Code:
            return Code(node.compiled_code, (), (other,))

    code = Both()
    graph = build_graph(made, code=code)
    found = explain(made, graph, code, "duckdb", ColumnRef("model.shop.i", "x"))
    assert [(c.other, c.steps[0].sql) for c in found.columns if c.steps] == [
        (False, "x"),
        (True, "COALESCE(x, 0)"),
    ]
    same = explain(made, graph, code, "duckdb", ColumnRef("model.shop.i", "id"), depth=0)
    assert len(same.columns) == 1


def test_a_doubt_is_said() -> None:
    entry = model("d", "select q from raw.one, raw.two")
    (first, *_) = explained("model.shop.d", "q", entry).columns
    assert first.problems[0].startswith("ambiguous column")


def test_sources_are_what_the_graph_says() -> None:
    made = project(*({**entry} for entry in ENTRIES))
    graph = build_graph(made)
    for unique_id, lineage in graph.nodes.items():
        for name in lineage.names:
            ref = ColumnRef(unique_id, name)
            found = explain(made, graph, compiled, "duckdb", ref, depth=0)
            parents = {e.source for e in graph.parents(ref) if not isinstance(e.kind, Link)}
            assert set(found.columns[0].sources) == parents


def test_what_the_steps_do_not_show_is_said() -> None:
    """Both stars may hold the column, as far as the lineage knows; so do the steps."""
    entry = model("d", "select *, 1 as one from raw.one cross join raw.two", columns=["q"])
    (first, *_) = explained("model.shop.d", "q", entry, depth=0).columns
    assert {source.node for source in first.sources} == {"raw.one", "raw.two"}
    assert [problem.split(":")[0] for problem in first.problems] == ["ambiguous column"]


def test_a_bound_on_what_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(why, "MOST", 2)
    found = explained(B, "total")
    assert found.cut
    assert len(found.columns) == 2
    assert not explained(B, "n").cut


def test_lines_of_the_models_own_file() -> None:
    made: Project = project(*({**entry} for entry in ENTRIES))
    node = made.nodes[A]
    raw = "{{ config(x=1) }}\n\nwith s as (\n  select * from {{ source('raw', 't') }}\n)\n" + (
        "select id, x + 1 as y from s\n"
    )
    sql = node.compiled_code or ""
    assert line_in_raw(raw, sql, 4) == 6
    assert line_in_raw(raw, sql, 1) == 3
    assert line_in_raw(raw, sql, 2) == 0
    assert line_in_raw(raw, sql, 0) == 0
    assert line_in_raw(raw, sql, 99) == 0


@pytest.mark.parametrize(
    ("raw", "sql", "line", "expected"),
    [
        ("a\nb\na\n", "a\nb\na\n", 3, 3),
        ("a\nx\nb\na", "a\nb\n\na", 4, 4),
        ("a\nb", "a\na\nb", 2, 0),
        ("  a", "a  ", 1, 1),
        ("", "a", 1, 0),
        ("a\n\n", "a\n\n", 2, 0),
    ],
)
def test_a_line_is_the_same_if_it_stands_as_often(
    raw: str, sql: str, line: int, expected: int
) -> None:
    assert line_in_raw(raw, sql, line) == expected
