"""How far a change gets: into which rows and columns below it, and where it is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analyticsops import api
from analyticsops.changes import cone
from analyticsops.changes.assumptions import promises_of
from analyticsops.changes.compare import Comparison, compare
from analyticsops.changes.following import arrivals, follow
from analyticsops.comparing import version_of
from analyticsops.lineage.graph import ColumnRef, Link
from tests.project_maker import NAME, project, workspace

SOURCES = {
    "raw.orders": "id, customer, status, amount",
    "raw.payments": "id, order_id, paid, state",
    "raw.customers": "id, name",
}
MODELS: dict[str, Any] = {
    "stg_orders": "select id, customer, status, amount from @raw.orders",
    "stg_payments": "select id, order_id, paid, state from @raw.payments",
    "stg_customers": "select id, name from @raw.customers",
    "int_pay": "select order_id, sum(paid) as paid, count(*) as n_pay from @stg_payments"
    " where order_id is not null group by order_id",
    "fct": "select o.id, o.customer, coalesce(o.amount, 0) as net, p.paid, p.n_pay"
    " from @stg_orders o left join @int_pay p on p.order_id = o.id",
    "dim": "select c.id, c.name, sum(f.net) as net_total, count(*) as orders"
    " from @fct f join @stg_customers c on c.id = f.customer group by c.id, c.name",
    "kpi": "select sum(net_total) as revenue, sum(orders) as orders from @dim",
}
TESTS = ("unique stg_orders.id", "not_null stg_orders.id", "unique stg_customers.id")


def compared(
    head: Mapping[str, Any],
    base: Mapping[str, Any] = MODELS,
    tests: Sequence[str] = TESTS,
    **more: Any,
) -> Comparison:
    both = (base, {**base, **head})
    made = [project(sources=SOURCES, models=models, tests=tests, **more) for models in both]
    return compare(*(version_of(workspace(one)) for one in made))


def differing(comparison: Comparison) -> dict[str, str]:
    """Model -> ``(rows)`` and the columns that may differ."""
    found = {}
    for unique_id, what in comparison.differing.items():
        words = [*(["(rows)"] if what.rows else []), *sorted(what.columns)]
        found[unique_id.removeprefix(f"model.{NAME}.")] = " ".join(words)
    return found


def step_by_step(comparison: Comparison, start: ColumnRef, *, spared: bool) -> list[object]:
    """What a change arrives at, nearest first, by looking at all ways of each column."""
    found, seen, todo = list[object](), {start}, [(start, 0)]
    for ref, distance in todo:
        for edge in arrivals(comparison, ref, spared=spared):
            inside = edge.kind is Link.ROWS and edge.target.node == start.node
            if edge.target not in seen and not inside:
                seen.add(edge.target)
                todo.append((edge.target, distance + 1))
                found.append((edge.target, edge, distance + 1))
    return found


@pytest.mark.parametrize("spared", [True, False])
@pytest.mark.parametrize(
    ("model", "old", "new"),
    [
        ("stg_payments", "from @raw.payments", "from @raw.payments where state = 'ok'"),
        ("stg_orders", "from @raw.orders", "from @raw.orders where amount > 0"),
        ("stg_orders", " status", " upper(status) as status"),
        ("fct", "coalesce(o.amount, 0)", "o.amount"),
        ("int_pay", "sum(paid)", "max(paid)"),
    ],
)
def test_ways_that_are_not_looked_at_lead_to_nothing_new(
    model: str, old: str, new: str, spared: bool
) -> None:
    twice = {"twice": "select net as a, net + 1 as b from @fct", "ab": "select a, b from @twice"}
    changed = {model: MODELS[model].replace(old, new)}
    comparison = compared(changed, {**MODELS, **twice})
    for unique_id, lineage in comparison.head.graph.nodes.items():
        for name in ("", *lineage.names):
            start = ColumnRef(unique_id, name)
            followed = follow(comparison, [start], spared=spared)
            assert list(map(tuple, followed)) == step_by_step(comparison, start, spared=spared)


def test_a_filter_reaches_aggregates_and_not_the_rows_that_look_them_up() -> None:
    filtered = f"{MODELS['stg_payments']} where state = 'ok'"
    assert differing(compared({"stg_payments": filtered})) == {
        "stg_payments": "(rows)",
        "int_pay": "(rows) n_pay paid",
        "fct": "n_pay paid",
    }


def test_a_default_reaches_the_sums_and_not_the_counts() -> None:
    changed = MODELS["fct"].replace("coalesce(o.amount, 0)", "o.amount")
    assert differing(compared({"fct": changed})) == {
        "fct": "net",
        "dim": "net_total",
        "kpi": "revenue",
    }


def test_what_nobody_reads_stays_where_it_is() -> None:
    changed = MODELS["stg_orders"].replace(" status", " upper(status) as status")
    assert differing(compared({"stg_orders": changed})) == {"stg_orders": "status"}


def test_logic_that_moves_to_the_parent_changes_the_parent_alone() -> None:
    head = {
        "stg_orders": "select id, customer, status, coalesce(amount, 0) as amount from @raw.orders",
        "fct": MODELS["fct"].replace("coalesce(o.amount, 0)", "o.amount"),
    }
    comparison = compared(head)
    assert differing(comparison) == {"stg_orders": "amount"}
    fct = comparison.nodes[f"model.{NAME}.fct"]
    assert (fct.verdict, fct.undone) == ("refactored", ("stg_orders",))


def test_the_finding_says_with_what_it_is_the_same() -> None:
    head = {
        "stg_orders": "select id, customer, status, coalesce(amount, 0) as amount from @raw.orders",
        "fct": MODELS["fct"].replace("coalesce(o.amount, 0)", "o.amount"),
    }
    made = [project(sources=SOURCES, models={**MODELS, **part}, tests=TESTS) for part in ({}, head)]
    report = api.diff(*map(workspace, made), strictness="strict")
    (told,) = (f.message for f in report.findings if f.name == "refactor-proved-equal")
    assert told == "fct was rewritten and, with what changed in stg_orders, yields the same"


def test_a_model_that_is_split_is_the_same() -> None:
    head = {"int_orders": MODELS["stg_orders"], "stg_orders": "select * from @int_orders"}
    comparison = compared(head)
    assert differing(comparison) == {}
    assert comparison.nodes[f"model.{NAME}.stg_orders"].verdict == "refactored"


@pytest.mark.parametrize(
    "spec", [{"materialized": "incremental"}, {"config": {"post-hook": ["delete from x"]}}]
)
def test_what_holds_more_than_its_query_yields_is_not_written_out(spec: dict[str, Any]) -> None:
    base = {
        **MODELS,
        "stg_orders": {"sql": MODELS["stg_orders"], **spec},
    }
    head = {
        "stg_orders": {
            "sql": MODELS["stg_orders"].replace("amount", "amount * 1 as amount"),
            **spec,
        },
        "fct": MODELS["fct"].replace("o.amount", "o.amount / 1"),
    }
    assert "net" in differing(compared(head, base))["fct"].split()


def test_a_seed_with_other_rows_reaches_whatever_reads_it() -> None:
    models = {"stg": "select id, code from @codes", "n": "select count(*) as n from @stg"}
    made = [
        project(
            seeds={"codes": {"columns": {"id": {}, "code": {}}, "checksum": text}}, models=models
        )
        for text in ("one", "two")
    ]
    comparison = compare(*(version_of(workspace(one)) for one in made))
    found = differing(comparison)
    assert (found["stg"], found["n"]) == ("(rows) code id", "n")


def test_a_proof_by_a_test_falls_with_the_test() -> None:
    base = {**MODELS, "dim": "select id, name from @stg_customers"}
    head = {"dim": "select distinct id, name from @stg_customers"}
    firm = ("unique stg_customers.id", "not_null stg_customers.id")
    comparison = compared(head, base, firm)
    dim = comparison.nodes[f"model.{NAME}.dim"]
    assert dim.verdict == "refactored"
    assert dim.assumed == {(f"model.{NAME}.stg_customers", ("id",))}
    assert compared(head, base, ()).nodes[f"model.{NAME}.dim"].verdict == "rows changed"


def test_a_key_that_is_handed_on_names_the_test_above() -> None:
    base = {
        **MODELS,
        "mid": "select id, upper(name) as name from @stg_customers",
        "dim": "select * from @mid",
    }
    tests = ("unique stg_customers.id", "not_null stg_customers.id")
    dim = compared({"dim": "select distinct * from @mid"}, base, tests).nodes[f"model.{NAME}.dim"]
    assert dim.verdict == "refactored"
    assert dim.assumed == {(f"model.{NAME}.stg_customers", ("id",))}


def test_what_a_test_promises_of_null_is_part_of_a_proof_and_falls_with_the_test() -> None:
    base = {**MODELS, "mid": "select id, id as code from @stg_customers where id is not null"}
    head = {"mid": "select id, coalesce(id, 0) as code from @stg_customers"}
    firm = ("not_null stg_customers.id",)
    comparison = compared(head, base, firm)
    mid = comparison.nodes[f"model.{NAME}.mid"]
    assert mid.verdict == "refactored"
    assert promises_of(comparison, mid) == ("id of stg_customers is never NULL",)
    assert compared(head, base, ()).nodes[f"model.{NAME}.mid"].verdict == "rows changed"
    made = [
        project(sources=SOURCES, models=models, tests=tests)
        for models, tests in ((base, firm), ({**base, **head}, ()))
    ]
    without = compare(*(version_of(workspace(one)) for one in made))
    assert without.nodes[f"model.{NAME}.mid"].verdict == "rows changed"


def test_a_promise_that_no_proof_needs_is_not_named() -> None:
    base = {**MODELS, "mid": "select id, count(id) as n from @stg_customers group by id"}
    mid = "with c as (select * from @stg_customers) select id, count(id) as n from c group by 1"
    head = {"mid": mid}
    comparison = compared(head, base, ("not_null stg_customers.id",))
    change = comparison.nodes[f"model.{NAME}.mid"]
    assert (change.verdict, change.filled) == ("refactored", frozenset())


def test_what_a_model_above_fills_is_part_of_a_proof() -> None:
    """`stg` is the same in both versions; what it says of NULL decides what `low` counts."""
    base = {
        "stg": "select id, status, coalesce(amount, 0) as amount from @raw.orders",
        "mid": "select status, sum(amount) over (partition by status order by id) as s from @stg",
        "low": "select status, count(s) as n, max(s) as top from @mid group by status",
    }
    head = {"mid": base["mid"].replace("order by id", "order by id desc")}
    assert differing(compared(head, base, ())) == {"mid": "s", "low": "top"}
    plain = {**base, "stg": "select id, status, amount from @raw.orders"}
    assert differing(compared(head, plain, ())) == {"mid": "s", "low": "n top"}


def test_beyond_the_budget_the_column_graph_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cone, "_MOST", 0)
    filtered = f"{MODELS['stg_payments']} where state = 'ok'"
    found = differing(compared({"stg_payments": filtered}))
    assert {"n_pay", "paid"} <= set(found["fct"].split())
    assert {"dim", "kpi"} <= found.keys()


def test_only_what_differs_is_built_again() -> None:
    filtered = f"{MODELS['stg_payments']} where state = 'ok'"
    made = [
        project(sources=SOURCES, models={**MODELS, **part}, tests=TESTS)
        for part in ({}, {"stg_payments": filtered})
    ]
    selected = {entry.name for entry in api.select_changed(*map(workspace, made))}
    assert selected == {"stg_payments", "int_pay", "fct"}


OVER = {
    "m": "select o.id, o.amount, c.id as cid, c.name from @raw.orders o"
    " join @raw.customers c on c.id = o.customer"
}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("select id, amount from @raw.orders", "{} where amount > 1", "(rows)"),
        (
            "select id, amount from @raw.orders",
            "select distinct id, amount from @raw.orders",
            "(rows)",
        ),
        (OVER["m"], OVER["m"].replace("o.customer", "o.id"), "(rows) amount cid id name"),
        (OVER["m"], "{} where c.name = 'a'", "(rows)"),
        (OVER["m"], OVER["m"].replace("join", "left join"), "(rows)"),
        (
            "select id, status from @raw.orders qualify"
            " row_number() over (partition by status order by amount, id) = 1",
            "select id, status from @raw.orders qualify"
            " row_number() over (partition by status order by id) = 1",
            "(rows) id",
        ),
        (
            "select status, sum(amount) as s from @raw.orders group by status",
            "select status, sum(amount) as s from @raw.orders where status <> 'x' group by status",
            "(rows)",
        ),
        (
            "select status, sum(amount) as s from @raw.orders group by status",
            "select status, sum(amount) as s from @raw.orders where amount <> 1 group by status",
            "(rows) s",
        ),
        (
            "select 'a' as k, id, amount from @raw.orders union all"
            " select 'b', id, paid from @raw.payments",
            "select 'a' as k, id, amount from @raw.orders",
            "(rows)",
        ),
        (
            "select 'a' as k, id, amount from @raw.orders union all"
            " select 'b', id, paid from @raw.payments",
            "select 'a' as k, id, amount from @raw.orders union all"
            " select 'b', id, paid from @raw.payments where paid > 1",
            "(rows)",
        ),
        (
            "select 'a' as k, id, amount from @raw.orders union all"
            " select 'b', id, paid from @raw.payments",
            "select 'a' as k, id, amount from @raw.orders where id > 1 union all"
            " select 'b', id, paid + 1 from @raw.payments",
            "(rows) amount",
        ),
        (
            "select id from @raw.orders order by id limit 3",
            "select id from @raw.orders order by id limit 5",
            "(rows)",
        ),
        (
            "select id, sum(amount) over (partition by status order by id) as s from @raw.orders",
            "{} where status in (select state from @raw.payments)",
            "(rows)",
        ),
        (
            "select id, sum(amount) over (partition by status order by id) as s from @raw.orders",
            "{} where lower(status) = 'paid'",  # which a collation may tell of one of two twins
            "(rows) s",
        ),
        (
            "select id from @raw.orders"
            " qualify row_number() over (partition by status order by amount, id) = 1",
            "select id from @raw.orders where status <> 'x'"
            " qualify row_number() over (partition by status order by amount, id) = 1",
            "(rows)",
        ),
        (
            "select status, count(distinct amount) as n, count(*) as c from @raw.orders"
            " where coalesce(amount, 0) <> 2 group by status",
            "select status, count(distinct amount) as n, count(*) as c from @raw.orders"
            " where amount <> 2 group by status",
            "(rows) c",
        ),
        (
            "select status, sum(case when customer > 1 then amount end) as s from @raw.orders"
            " group by status",
            "select status, sum(case when customer > 1 then amount end) as s from @raw.orders"
            " where customer is not null group by status",
            "(rows)",
        ),
        (
            "select id, coalesce(amount, 0) as a from @raw.orders",
            "select id, amount as a from @raw.orders where amount > 1",
            "(rows)",
        ),
        (
            "select o.id, max(o.amount) over (partition by o.customer) as top"
            " from @raw.orders o join @raw.customers c on c.id = o.customer",
            "{} where c.name = 'a'",  # of each customer there is one name
            "(rows)",
        ),
        (
            "select o.id, max(o.amount) over (partition by o.status) as top"
            " from @raw.orders o join @raw.customers c on c.id = o.customer",
            "{} where c.name = 'a'",
            "(rows) top",
        ),
        (
            "select o.id, max(o.amount) over (partition by o.customer) as top"
            " from @raw.orders o join @raw.customers c on c.id = o.customer",
            "select o.id, max(o.amount) over (partition by o.customer) as top from @raw.orders o",
            "(rows)",
        ),
        (
            "select id, customer * 2 as c, status from @raw.orders"
            " qualify row_number() over (partition by customer order by amount, id) = 1",
            "select id, customer * 2 as c, status from @raw.orders"
            " qualify row_number() over (partition by customer order by amount desc, id) = 1",
            "(rows) id status",
        ),
        (
            "select id, max(amount) over (partition by status order by amount) as top"
            " from @raw.orders where amount > 1",
            "select id, amount as top from @raw.orders where amount > 2",
            "(rows)",
        ),
        (
            "select id, max(amount) over (partition by status order by amount desc) as top"
            " from @raw.orders where amount > 1",
            "select id, amount as top from @raw.orders where amount > 2",
            "(rows) top",
        ),
        (
            "select o.id, p.name, p.name is null as none from @raw.orders o"
            " left join @raw.customers p on p.id = o.customer where p.id > 1",
            "select o.id, p.name, p.name is null as none from @raw.orders o"
            " left join @raw.customers p on p.id = o.customer and p.id <> 7 where p.id > 1",
            "(rows)",
        ),
        (
            "select id, amount from @raw.orders qualify row_number() over (order by id) = 1",
            "select id, amount from @raw.orders qualify row_number() over (order by id) < 1",
            "(rows)",  # none is left
        ),
    ],
)
def test_what_other_rows_do_to_the_values_of_a_row(before: str, after: str, expected: str) -> None:
    """A row is known by what tells the rows apart: other rows need not mean other values."""
    head = {"m": after.format(before)}
    tests = ("unique raw.customers.id",)
    assert differing(compared(head, {"m": before}, tests)) == {"m": expected}


def test_another_key_finds_another_partner_although_the_rows_are_the_same() -> None:
    look = "select o.id, c.name from @stg_orders o left join @stg_customers c on c.id = o.customer"
    head = MODELS["stg_orders"].replace(" customer,", " coalesce(customer, 0) as customer,")
    made = [
        project(sources=SOURCES, models={**MODELS, "look": look, **part}, tests=TESTS)
        for part in ({}, {"stg_orders": head})
    ]
    report = api.diff(*map(workspace, made))
    (found,) = (f for f in report.findings if f.subject == "stg_orders.customer")
    assert ("look", ("name",)) in [(hit.name, hit.columns) for hit in found.affected]
    selected = {entry.name for entry in api.select_changed(*map(workspace, made))}
    assert "look" in selected


def test_a_group_tells_its_rows_apart_better_than_a_test_that_lets_null_repeat() -> None:
    grouped = "select order_id, sum(paid) as paid from @stg_payments group by order_id"
    base = {**MODELS, "sums": grouped, "end": "select distinct order_id, paid from @sums"}
    head = {"end": "select order_id, paid from @sums"}
    assert differing(compared(head, base, [*TESTS, "unique sums.order_id"])) == {}


def test_what_the_same_parent_says_is_part_of_a_proof() -> None:
    stg = MODELS["stg_payments"].replace(" state ", " coalesce(state, 'none') as state ")
    base = {
        **MODELS,
        "stg_payments": stg,
        "sides": "select id, 'in' as side from @stg_payments union all "
        "select id, 'out' as side from @stg_orders",
        "end": "select p.id, coalesce(p.state, 'none') as state, coalesce(s.side, '') as side "
        "from @stg_payments p join @sides s on s.id = p.id",
    }
    head = {"end": "select p.id, p.state, s.side from @stg_payments p join @sides s on s.id = p.id"}
    assert differing(compared(head, base)) == {}
    base["sides"] = base["sides"].replace("'out'", "status")
    assert differing(compared(head, base)) == {"end": "side"}


def test_a_long_chain_is_not_written_out_and_counts_as_changed() -> None:
    chain: dict[str, Any] = {
        f"step_{n}": f"select id, amount from @{f'step_{n - 1}' if n else 'stg_orders'}"
        for n in range(cone._ABOVE + 3)
    }
    last = f"step_{cone._ABOVE + 2}"
    base = {**MODELS, **chain, "end": f"select id from @{last} where id > 3"}
    head = {"stg_orders": f"{MODELS['stg_orders']} where id > 3"}
    assert differing(compared(head, base))["end"] == "(rows)"
    base["end"] = "select id from @step_2 where id > 3"
    assert "end" not in differing(compared(head, base))


def test_what_is_kept_is_what_was_compared(tmp_path: Path) -> None:
    head = {"stg_payments": f"{MODELS['stg_payments']} where state = 'ok'"}
    made = [project(sources=SOURCES, models={**MODELS, **part}, tests=TESTS) for part in ({}, head)]
    versions = [
        msgspec.structs.replace(version_of(workspace(one)), cache=tmp_path / "kept.sqlite")
        for one in made
    ]
    first, second = (compare(*versions).differing for _ in range(2))
    assert first == second == compared(head).differing


def test_a_window_that_one_side_filters_by_leaves_values_alone() -> None:
    first = "row_number() over (partition by order_id order by paid, id) = 1"
    base = {**MODELS, "top": f"select id, order_id, paid from @stg_payments qualify {first}"}
    head = {"top": "select id, order_id, paid from @stg_payments"}
    assert differing(compared(head, base)) == {"top": "(rows)"}
    other = first.replace("paid, id", "paid desc, id")
    head = {"top": f"select id, order_id, paid from @stg_payments qualify {other}"}
    assert differing(compared(head, base)) == {"top": "(rows) id paid"}


def test_another_row_that_is_chosen_finds_another_partner() -> None:
    base = {
        "stg": "select id, customer, status, amount from @raw.orders where status = 'a'",
        "pick": "select id, customer from @stg"
        " qualify row_number() over (partition by customer order by amount, id) = 1",
        "fct": "select p.customer, s.status from @pick p join @stg s on s.id = p.id",
    }
    head = {"stg": base["stg"].replace("= 'a'", "<> 'a'")}
    found = differing(compared(head, base, ()))
    assert found == {"stg": "(rows)", "pick": "(rows) id", "fct": "(rows) status"}


def test_a_partner_that_is_compared_further_down_is_there() -> None:
    look = "select o.id, c.name from @stg_orders o left join @stg_customers c on c.id = o.customer"
    base = {**MODELS, "look": look, "named": "select id, name from @look where name <> 'x'"}
    head = {"look": f"{look} and c.id <> 7"}
    assert differing(compared(head, base)) == {"look": "name", "named": "(rows)"}


def test_a_join_that_keeps_whole_partitions_names_the_test_of_its_key() -> None:
    mid = (
        "select o.id, sum(o.amount) over (partition by o.customer) as s"
        " from @stg_orders o join @stg_customers c on c.id = o.customer"
    )
    head = {"mid": f"{mid} where c.name <> 'x'"}
    comparison = compared(head, {**MODELS, "mid": mid})
    assert differing(comparison) == {"mid": "(rows)"}
    found = comparison.nodes[f"model.{NAME}.mid"].assumed
    assert (f"model.{NAME}.stg_customers", ("id",)) in found
    assert differing(compared(head, {**MODELS, "mid": mid}, ())) == {"mid": "(rows) s"}
