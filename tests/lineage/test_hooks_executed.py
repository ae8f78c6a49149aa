"""DuckDB judges the edges of hooks: a project is built as dbt builds it, hooks included, again
and again with one source column changed. Whatever changes in any table must be downstream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import duckdb
import pytest

from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.project.hooks import HOLDERS, find_node, hooks_of
from analyticsops.project.model import Node
from analyticsops.workspace import Workspace

from ..project_maker import project, workspace
from ..sql.case_files import Table, parse_schema
from ..sql.databases import Database, Rows, connect, load, multiset, mutations, random_database

SCHEMA = "orders: id, amount, status, note\ngone: id, day, why"
SOURCES = {"raw.orders": "id, amount, status, note", "raw.gone": "id, day, why"}
STG = "select id, amount, status, note from @raw.orders"
FCT = "select id, amount, status from @stg"
MART = "select status, sum(amount) as total, count(*) as n from @fct group by status"
AUDIT = (
    "create schema if not exists audit; create or replace table audit.log (n bigint, top bigint)"
)
MACROS = {
    "forget": "{% macro forget(columns, where) %}update {{ this }} set "
    "{% for column in columns %}{{ column }} = null{{ ', ' if not loop.last }}{% endfor %} "
    "where {{ where }}{% endmacro %}"
}

PROJECTS: Mapping[str, Mapping[str, Any]] = {
    "an update from another table": {
        "post_hook": "update {{ this }} set status = g.why from @raw.gone g where g.id = fct.id"
    },
    "an update of itself": {"post_hook": "update {{ this }} set amount = amount + id"},
    "an update by a subquery": {
        "post_hook": "update {{ this }} set status = "
        "(select max(why) from @raw.gone g where g.id = fct.id) where amount > 2"
    },
    "a delete": {
        "post_hook": "delete from {{ this }} where id in (select id from @raw.gone where day > 2)"
    },
    "a macro that forgets": {
        "post_hook": "{{ forget(['amount', 'status'], 'id in (select id from lake.raw.gone)') }}"
    },
    "an insert": {
        "post_hook": "insert into {{ this }} select id, day, why from @raw.gone where why > 1"
    },
    "an insert by name": {
        "post_hook": "insert into {{ this }} by name select day as amount, id from @raw.gone"
    },
    "a merge": {
        "post_hook": "merge into {{ this }} t using (select id, max(day) as day, min(why) as why "
        "from @raw.gone group by id) g on t.id = g.id "
        "when matched and g.day > 2 then update set status = g.why "
        "when not matched then insert (id, amount) values (g.id, g.day)"
    },
    "two hooks, one through a table of its own": {
        "post_hook": [
            "create or replace table audit.away as select id as key from @raw.gone where day > 1",
            "delete from {{ this }} where id in (select key from audit.away)",
        ]
    },
    "two statements in one hook": {
        "post_hook": "delete from {{ this }} where status = 1; "
        "insert into audit.log (n, top) select count(*), max(amount) from {{ this }}"
    },
    "a hook on another model": {
        "post_hook": 'update "db"."dev"."stg" set note = (select max(day) from @raw.gone)'
    },
    "a pre-hook that changes what is read": {
        "pre_hook": "update @stg set amount = note where id > 2",
    },
    "an operation": {
        "operations": {
            "on-run-end": "insert into audit.log (n, top) "
            "select n, total from @mart where status > 1"
        }
    },
    "an operation that writes a source": {
        "operations": {
            "on-run-end": "update @raw.gone set why = (select max(total) from @mart) where day > 1"
        }
    },
}


def made(name: str) -> Workspace:
    spec = PROJECTS[name]
    hooks = {key: value for key, value in spec.items() if key != "operations"}
    models: dict[str, Any] = {"stg": STG, "fct": {"sql": FCT, **hooks}, "mart": MART}
    operations = {"on-run-start": AUDIT, **spec.get("operations", {})}
    return workspace(project(sources=SOURCES, models=models, operations=operations, macros=MACROS))


def built(
    database: duckdb.DuckDBPyConnection, found: Workspace, data: Database, tables: list[Table]
) -> dict[str, tuple[list[str], Rows]]:
    """Columns and rows of every table after a run."""
    database.execute("use memory; detach database if exists lake; detach database if exists db")
    database.execute("attach ':memory:' as lake; attach ':memory:' as db")
    database.execute("create schema lake.raw; create schema db.dev")
    load(database, tables, data)
    for table in tables:
        database.execute(f"create table lake.raw.{table.name} as from {table.name}")
    database.execute("use db.dev")
    operations = {node.name: node for node in found.project.of_kind("operation")}
    run(database, found, operations["shop-on-run-start-0"])
    for unique_id in found.project.topological:
        node = found.project.nodes[unique_id]
        if node.kind == "model":
            hooks = hooks_of(node)
            for hook in hooks:
                if "pre-hook" in hook.unique_id:
                    run(database, found, hook)
            database.execute(f"create table {node.relation_name} as {found.code(node).sql}")
            for hook in hooks:
                if "post-hook" in hook.unique_id:
                    run(database, found, hook)
    if "shop-on-run-end-0" in operations:
        run(database, found, operations["shop-on-run-end-0"])
    return dict(left(database, found))


def run(database: duckdb.DuckDBPyConnection, found: Workspace, hook: Node) -> None:
    sql = found.code(hook).sql
    assert sql
    database.execute(sql)


def left(
    database: duckdb.DuckDBPyConnection, found: Workspace
) -> Iterator[tuple[str, tuple[list[str], Rows]]]:
    names = {str(n.relation): n.unique_id for n in found.project.nodes.values() if n.has_columns}
    listed = database.sql(
        "select table_catalog, table_schema, table_name from information_schema.tables "
        "where table_catalog in ('lake', 'db')"
    ).fetchall()
    for catalog, schema, name in listed:
        table = database.sql(f"from {catalog}.{schema}.{name}")
        unique_id = names.get(f"{catalog}.{schema}.{name}", f"{schema}.{name}")
        yield unique_id, (table.columns, table.fetchall())


def changes(name: str) -> dict[ColumnRef, set[ColumnRef]]:
    """By changed column of a source, what was other after the run."""
    found, tables = made(name), parse_schema(SCHEMA)
    seen: dict[ColumnRef, set[ColumnRef]] = {}
    database = connect()
    for seed in range(2):
        chance = Random(seed)
        data = random_database(tables, chance, nulls=0.1 * seed)
        before = built(database, found, data, tables)
        for table in tables:
            for position, (column, kind) in enumerate(table.columns):
                ref = ColumnRef(f"source.shop.raw.{table.name}", column)
                for changed in list(mutations(data[table.name], position, kind, chance))[:2]:
                    after = built(database, found, {**data, table.name: changed}, tables)
                    seen.setdefault(ref, set()).update(different(before, after))
    return seen


def different(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[ColumnRef]:
    for node, (names, rows) in before.items():
        others = after[node][1]
        if len(rows) != len(others):
            yield ColumnRef(node)
        for position, name in enumerate(names):
            values = [multiset([row[position] for row in side]) for side in (rows, others)]
            if values[0] != values[1]:
                yield ColumnRef(node, name)


def unpredicted(
    graph: ColumnGraph, seen: Mapping[ColumnRef, set[ColumnRef]]
) -> set[tuple[ColumnRef, ColumnRef]]:
    missed = set()
    for ref, changed in seen.items():
        reached = {ref, *(step.ref for step in graph.downstream(ref))}
        rows = {step.node for step in reached if not step.column}
        missed |= {(ref, c) for c in changed if c not in reached and c.node not in rows}
    return missed


def without_hooks(found: Workspace) -> ColumnGraph:
    graph = found.graph

    def holds(unique_id: str) -> bool:
        node = find_node(found.project, unique_id)
        return node is not None and node.kind in HOLDERS

    queries = {name: facts for name, facts in graph.queries.items() if not holds(name)}
    edges = tuple(edge for edge in graph.made if not holds(edge.source.node))
    readers = {t: [r for r in found if not holds(r)] for t, found in graph.read_by.items()}
    return ColumnGraph(graph.nodes, edges, queries, readers)


@pytest.mark.parametrize("name", PROJECTS)
def test_what_hooks_change_was_predicted(name: str) -> None:
    found, seen = made(name), changes(name)
    assert not unpredicted(found.graph, seen)
    if name != "an update of itself":
        # And DuckDB saw something that only the hooks explain.
        assert unpredicted(without_hooks(found), seen)
