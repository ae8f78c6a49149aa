"""The hooks of the example project, as dbt ran them."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

import analyticsops as ao
from analyticsops.lineage.graph import ColumnRef
from analyticsops.project.hooks import held_statements

SNAPSHOT = "snapshot.shop.customers_snapshot"
_MOMENT = re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d'")


def words(sql: str) -> str:
    """A text without layout and without the moment of the run."""
    return " ".join(_MOMENT.sub("'now'", sql).split())


def test_what_is_rendered_is_what_dbt_ran(shop: Path) -> None:
    found = ao.load(shop / "base" / "target")
    ran = words((shop / "base" / "logs" / "dbt.log").read_text(encoding="utf-8"))
    held = list(held_statements(found.project))
    (ours,) = [hook for hook in held if "analyticsops.record_run" in hook.raw_code]
    assert found.code(ours).sql == ""  # it writes the history, and no table of the project
    hooks = [hook for hook in held if hook is not ours]
    assert len(hooks) == 7
    for hook in hooks:
        code = found.code(hook)
        assert code.sql, hook.name
        assert not code.problems
        assert words(code.sql) in ran, hook.name


def test_the_columns_that_a_hook_empties_are_those_that_it_is_said_to_write(shop: Path) -> None:
    found = ao.load(shop / "base" / "target")
    written = {
        name
        for name in found.graph.nodes[SNAPSHOT].names
        if any("#" in e.source.node for e in found.graph.parents(ColumnRef(SNAPSHOT, name)))
    }
    with duckdb.connect(shop / "base" / "shop.duckdb", read_only=True) as database:
        versions = database.sql(
            "select s.* from snapshots.customers_snapshot as s "
            "semi join (from staging.stg_customers where email is null) using (customer_id)"
        )
        rows = versions.fetchall()
        empty = {
            name
            for place, name in enumerate(versions.columns)
            if all(row[place] is None for row in rows)
        }
    assert rows
    assert written == empty - {"dbt_valid_to"}


def test_commands_show_the_hook(shop: Path) -> None:
    found = ao.load(shop / "base" / "target")
    answer = ao.trace(found, "customers_snapshot.phone")
    steps = {(step.name, step.column): step for step in answer.upstream}
    assert steps["customers_snapshot post-hook", "phone"].node_kind == "hook"
    assert steps["stg_customers", "email"].kind == "filter"
    hit = {hit.name: hit for hit in ao.find_impact(found, "stg_customers.email").hits}
    assert set(hit["customers_snapshot"].columns) == {"email", "first_name", "last_name", "phone"}
    assert hit["customers_snapshot post-hook"].kind == "hook"
    hooks = ao.measure_coverage(found).hooks
    assert (hooks.proven, hooks.silent) == (7, 1)
    expressions = [
        step.sql
        for column in ao.explain_column(found, "customers_snapshot.phone").columns
        for step in column.steps
        if column.column == "customers_snapshot post-hook.phone"
    ]
    assert expressions == ["NULL"]
