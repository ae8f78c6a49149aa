"""Hooks, operations and analyses in the column graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from analyticsops import tracing
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Link, Status
from analyticsops.lineage.rules import doubts
from analyticsops.lineage.unused import find_unused
from analyticsops.project.hooks import find_node, held_statements
from analyticsops.sql.facts import Kind
from analyticsops.workspace import Workspace

from ..project_maker import project, workspace

SOURCES = {"raw.orders": "id, amount, status, note", "raw.gone": "id, at"}
STG = "select id, amount, status, note from @raw.orders"
HOOK = "model.shop.fct#post-hook.0"


def shop(post: str | Sequence[str] = (), **more: Any) -> Workspace:
    """``fct`` over ``stg`` over a source, with hooks on ``fct``."""
    models = {
        "stg": STG,
        "gone": "select id, at from @raw.gone",
        "fct": {"sql": "select id, amount, status from @stg", "post_hook": post},
        "mart": "select id, amount from @fct",
        **more.pop("models", {}),
    }
    return workspace(project(sources=SOURCES, models=models, **more))


def label(ref: ColumnRef) -> str:
    return f"{ref.node.partition('.shop.')[2] or ref.node}.{ref.column}".rstrip(".")


def into(graph: ColumnGraph, node: str, column: str = "") -> set[tuple[str, str]]:
    """(source, kind) of the edges into a column."""
    return {(label(e.source), e.kind.value) for e in graph.parents(ColumnRef(node, column))}


def reached(graph: ColumnGraph, node: str, column: str) -> set[str]:
    return {label(step.ref) for step in graph.downstream(ColumnRef(node, column))}


def test_what_an_update_writes_derives_from_what_it_reads() -> None:
    graph = shop("update {{ this }} set status = s.note from @stg s where s.id = fct.id").graph
    assert into(graph, "model.shop.fct", "status") == {
        ("stg.status", "identity"),
        ("fct#post-hook.0.status", "identity"),
        ("fct#post-hook.0", "conditional"),
    }
    assert into(graph, HOOK, "status") == {("stg.note", "rename")}
    assert into(graph, HOOK) == {("stg.id", "filter"), ("fct.id", "filter"), ("stg", "rows")}
    assert into(graph, "model.shop.fct", "amount") == {("stg.amount", "identity")}
    assert into(graph, "model.shop.fct") == {("stg", "rows")}
    assert {"fct.status"} <= reached(graph, "source.shop.raw.orders", "note")
    assert "mart.amount" not in reached(graph, "source.shop.raw.orders", "note")


def test_a_delete_decides_about_rows() -> None:
    where = "id in (select id from @gone where at > '2024')"
    graph = shop(f"delete from {{{{ this }}}} where {where}").graph
    assert into(graph, "model.shop.fct") == {("stg", "rows"), ("fct#post-hook.0", "filter")}
    filters = {(name, "filter") for name in ("fct.id", "gone.id", "gone.at")}
    assert into(graph, HOOK) == {*filters, ("gone", "rows")}
    assert {"fct", "mart"} <= reached(graph, "source.shop.raw.gone", "at")


def test_a_merge_inserts_and_updates() -> None:
    graph = shop(
        "merge into {{ this }} t using @gone g on t.id = g.id "
        "when matched then update set status = 'gone' "
        "when not matched then insert (id, amount) values (g.id, 0)"
    ).graph
    assert ("fct#post-hook.0", "rows") in into(graph, "model.shop.fct")
    assert ("fct#post-hook.0", "conditional") in into(graph, "model.shop.fct", "status")
    assert ("fct#post-hook.0", "conditional") not in into(graph, "model.shop.fct", "amount")
    assert into(graph, HOOK, "id") == {("gone.id", "identity")}


def test_a_hook_reads_and_writes_its_own_table_and_traversals_end() -> None:
    made = shop("update {{ this }} set amount = amount * 2 where status = 'x'")
    graph, order = made.graph, made.project.topological
    amount = ColumnRef("model.shop.fct", "amount")
    assert ColumnRef(HOOK, "amount") in {step.ref for step in graph.upstream(amount)}
    assert ColumnRef(HOOK, "amount") in {step.ref for step in graph.downstream(amount)}
    assert order.index("model.shop.stg") < order.index("model.shop.fct")
    answer = tracing.find_ways(made, "stg.amount", "mart.amount")
    assert [len(way) for way in answer.ways] == [2]
    assert len(tracing.explain_column(made, "mart.amount").columns) == 5


def test_an_operation_reads_a_mart_and_writes_a_source_and_a_table_of_its_own() -> None:
    made = shop(
        operations={
            "on-run-end": "insert into @raw.gone (id) select id from @mart;\n"
            "insert into audit.log (n, total) select count(*), sum(amount) from @mart"
        }
    )
    graph = made.graph
    gone = ColumnRef("source.shop.raw.gone", "id")
    first = ColumnRef("operation.shop.shop-on-run-end-0#1", "id")
    assert [(e.source, e.kind) for e in graph.parents(gone)] == [(first, Kind.IDENTITY)]
    # A cycle through the whole project.
    assert gone in {s.ref for s in graph.downstream(ColumnRef("source.shop.raw.orders", "id"))}
    assert ColumnRef("audit.log", "total") in {
        step.ref for step in graph.downstream(ColumnRef("model.shop.fct", "amount"))
    }
    hits = tracing.find_impact(made, "stg.amount").hits
    assert ("operation", "shop-on-run-end-0 statement 2") in {(h.kind, h.name) for h in hits}
    assert all(hit.node != "audit.log" for hit in hits)
    assert graph.impact([ColumnRef("model.shop.fct", "amount")])


def test_an_analysis_reads() -> None:
    graph = shop(analyses={"check": "select sum(note) as n from @stg"}).graph
    readers = graph.readers(ColumnRef("model.shop.stg", "note"))
    assert [edge.target for edge in readers] == [ColumnRef("analysis.shop.check", "n")]


def test_a_table_that_dbt_does_not_know_to_be_read() -> None:
    graph = shop('delete from {{ this }} where id in (select id from "db"."dev"."gone")').graph
    assert ("gone.id", "filter") in into(graph, HOOK)


def test_columns_that_only_a_hook_shows() -> None:
    made = workspace(
        project(
            sources={"raw.open": {}},
            models={
                "fct": {
                    "sql": "select 1 as id, 2 as n",
                    "post_hook": "update {{ this }} set n = (select max(seen) from @raw.open)",
                }
            },
            operations={"on-run-end": "update @raw.open set done = true where seen > 3"},
        )
    )
    node = made.graph.nodes["source.shop.raw.open"]
    assert (node.names, node.inferred) == (("done", "seen"), frozenset({"done", "seen"}))
    assert into(made.graph, "source.shop.raw.open", "done") == {
        ("shop-on-run-end-0.done", "identity"),
        ("shop-on-run-end-0", "conditional"),
    }


@pytest.mark.parametrize(
    "hook",
    [
        "grant select on {{ this }} to reader",
        "analyze {{ this }}",
        "vacuum",
        "call refresh()",
        "{{ none }}",
        "comment on table {{ this }} is 'update me; delete from here'",
        "create index on {{ this }} (id) where id > 0",
        "begin",
        "copy {{ this }} from 's3://bucket/file'",
    ],
)
def test_statements_without_columns_are_no_fault(hook: str) -> None:
    graph = shop(hook).graph
    assert all((h.status, h.statements) == (Status.PROVEN, ()) for h in graph.hooks)
    assert graph.made == shop().graph.made
    assert graph.nodes == shop().graph.nodes


def test_statements_beside_one_that_is_not_understood() -> None:
    graph = shop(
        "update {{ this }} set status = 'x' where; delete from {{ this }} where id = 3"
    ).graph
    (hook,) = graph.hooks
    assert (hook.status, hook.statements) == (Status.PARTIAL, (f"{HOOK}#2",))
    node = graph.nodes["model.shop.fct"]
    assert node.status is Status.PARTIAL
    assert {column.status for column in node.columns.values()} == {Status.PARTIAL}
    assert node.problems[0].reason == "hook not understood"


def test_a_script_is_not_understood() -> None:
    (hook,) = shop("begin update {{ this }} set id = 1; end").graph.hooks
    assert (hook.status, hook.problems[0].reason) == (Status.UNKNOWN, "unsupported statement")


def test_a_hook_with_a_guess_in_it_is_partial() -> None:
    hook = "update {{ this }} set status = '{{ run_query('select 1') }}'"
    graph = shop(hook, macros={"dbt.run_query": MACROS["dbt.run_query"]}).graph
    (found,) = graph.hooks
    assert found.status is Status.PARTIAL
    status = graph.nodes["model.shop.fct"].columns["status"]
    assert (status.status, status.problems[0].reason) == (Status.PARTIAL, "hook partly understood")
    assert graph.nodes["model.shop.fct"].columns["amount"].status is Status.PROVEN
    edge = next(
        e for e in graph.parents(ColumnRef("model.shop.fct", "status")) if "#" in e.source.node
    )
    assert edge.sure.value == "partial"


MACROS = {
    "dbt.run_query": "{% macro run_query(sql) %}never run{% endmacro %}",
    "forget": "{% macro forget(column) %}update {{ this }} set {{ column }} = null "
    "where id in (select id from {{ ref('gone') }}){% endmacro %}",
    "quiet": "{% macro quiet() %}alter table {{ this }} set owner to x{% endmacro %}",
    "runs": "{% macro runs() %}{% do run_query('delete from ' ~ this ~ ' where status is null') %}"
    "{% endmacro %}",
}


def test_macros_are_rendered_and_what_they_run_is_seen() -> None:
    hooks = ["{{ forget('status') }}", "{{ quiet() }}", "{{ runs() }}"]
    fct = {"sql": "select id, status from @stg", "post_hook": hooks, "reads": ["gone"]}
    graph = shop(models={"fct": fct, "mart": "select id from @fct"}, macros=MACROS).graph
    assert into(graph, HOOK) == {("gone.id", "filter"), ("fct.id", "filter"), ("gone", "rows")}
    assert into(graph, "model.shop.fct#post-hook.2") == {("fct.status", "filter")}
    assert [(hook.node[-1], len(hook.statements)) for hook in graph.hooks] == [
        ("0", 1),
        ("1", 0),
        ("2", 1),
    ]


def test_a_macro_that_may_write_what_nobody_sees() -> None:
    """It reads, and then writes as the answer says."""
    macros = {
        "dbt.run_query": MACROS["dbt.run_query"],
        "sync": "{% macro sync() %}{% for row in run_query('select id from ' ~ this) %}"
        "{% do run_query('delete from ' ~ this ~ ' where id = ' ~ row[0]) %}{% endfor %}"
        "{% endmacro %}",
    }
    graph = shop("{{ sync() }}", macros=macros).graph
    (hook,) = graph.hooks
    assert (hook.status, len(hook.statements)) == (Status.PARTIAL, 1)
    columns = graph.nodes["model.shop.fct"].columns.values()
    assert {problem.reason for c in columns for problem in c.problems} == {"hook not understood"}


def test_ephemeral_models_run_no_hooks() -> None:
    fct = {"sql": STG, "materialized": "ephemeral", "post_hook": "delete from {{ this }}"}
    assert shop(models={"fct": fct}).graph.hooks == ()


def test_hooks_of_seeds_and_of_models_before_they_are_built() -> None:
    made = workspace(
        project(
            seeds={
                "rates": {"columns": "day, rate", "catalog": "day, rate"}
                | {"post_hook": "update {{ this }} set rate = rate / 100"}
            },
            models={
                "fct": {
                    "sql": "select rate from @rates",
                    "pre_hook": "insert into audit.starts select max(rate) as top from @rates",
                }
            },
        )
    )
    ids = [node.unique_id for node in held_statements(made.project)]
    assert ids == ["seed.shop.rates#post-hook.0", "model.shop.fct#pre-hook.0"]
    names = [node.name for node in held_statements(made.project)]
    assert names == ["rates post-hook", "fct pre-hook"]
    assert into(made.graph, ids[0], "rate") == {("rates.rate", "transformation")}
    second = find_node(made.project, f"{ids[0]}#2")
    assert second is not None
    assert second.name == "rates post-hook statement 2"
    assert find_node(made.project, "nowhere#post-hook.0") is None


# -- unused --------------------------------------------------------------------------------


def idle(made: Workspace, node: str) -> dict[str, str]:
    (found,) = find_unused(made.project, made.graph, [node]) or (None,)
    return {c.name: f"{c.use.value} {c.reason}".strip() for c in found.columns} if found else {}


def test_what_only_a_hook_reads_is_read() -> None:
    assert idle(shop(), "model.shop.stg") == {"note": "unused"}
    read = shop("update {{ this }} set status = s.note from @stg s where s.id = fct.id")
    assert idle(read, "model.shop.stg") == {}
    # Written is not read.
    assert idle(read, "model.shop.fct") == {"status": "unused"}


def test_a_hook_that_is_not_understood_may_read() -> None:
    made = shop("update @stg set where", models={"mart": "select id from @fct"})
    why = "not known fct post-hook, which may read it, is not fully understood"
    assert idle(made, "model.shop.stg") == {"note": why}
    assert idle(made, "model.shop.fct") == {"amount": why, "status": why}


def test_rows_of_an_insert_come_from_what_it_reads() -> None:
    graph = shop(
        "insert into {{ this }} select id, amount, status from @stg where note is null"
    ).graph
    assert ("fct#post-hook.0", Link.ROWS.value) in into(graph, "model.shop.fct")
    assert into(graph, HOOK) == {("stg.note", "filter"), ("stg", "rows")}
    assert into(graph, HOOK, "amount") == {("stg.amount", "identity")}


def rules_of(made: Workspace) -> list[tuple[str, str, str]]:
    found = doubts.findings(made.project, made.graph, lambda _node, _column: None)
    return [(f.rule, f.severity.value, f.subject) for f in found]


def test_a_hook_that_names_what_is_not_there_fails_and_an_analysis_never_runs() -> None:
    assert rules_of(shop("update {{ this }} set gone = 1")) == [
        ("LIN103", "error", "fct post-hook")
    ]
    assert rules_of(shop("delete from {{ this }} where gone = 1")) == [
        ("LIN103", "error", "fct post-hook")
    ]
    assert rules_of(shop(analyses={"look": "select gone from @stg"})) == [
        ("LIN102", "info", "look")
    ]
    assert rules_of(shop("begin delete from {{ this }}; end")) == [("LIN102", "info", "fct")]
