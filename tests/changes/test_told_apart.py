"""Windows and groups that a change of other rows does not reach, and those that it does."""

from __future__ import annotations

import pytest

from tests.changes.test_cone import compared, differing

SHOP = "select 'shop' as channel, id, customer, amount from @raw.orders"
WEB = "select 'web' as channel, id, order_id as customer, paid as amount from @raw.payments"


def reached(base: str, head: str, below: str) -> str:
    """What differs in the model `below`, which reads the model `all`."""
    models = {"all": base, "below": below}
    return differing(compared({"all": head}, models, tests=())).get("below", "")


@pytest.mark.parametrize(
    ("below", "columns"),
    [
        ("sum(amount) over (partition by channel)", ""),
        ("sum(amount) over (partition by channel, customer order by id)", ""),
        ("sum(amount) over (partition by customer)", "v"),
        ("sum(amount) over ()", "v"),
        ("sum(amount) over (partition by upper(channel))", "v"),
        ("row_number() over (partition by channel order by amount, id)", ""),
        ("(select max(b.amount) from @all b)", "v"),
        ("(select max(b.amount) from @all b where b.channel = a.channel)", "v"),
    ],
)
def test_a_window_over_one_branch_of_a_union(below: str, columns: str) -> None:
    query = f"select channel, id, {below} as v from @all a"
    assert reached(f"{SHOP} union all {WEB}", SHOP, query) == f"(rows) {columns}".strip()


@pytest.mark.parametrize(
    ("base", "head"),
    [
        # A collation may call these constants equal.
        (f"{SHOP} union all {WEB.replace('web', 'SHOP')}", SHOP),
        # A constant that two branches have.
        (f"{SHOP} union all {WEB.replace('web', 'shop')}", SHOP),
        # A branch that has it somewhere.
        (f"{SHOP} union all {WEB.replace(chr(39) + 'web' + chr(39), 'state')}", SHOP),
        # Other rows of the same branch.
        (f"{SHOP} union all {WEB}", f"{SHOP} where amount > 1"),
    ],
)
def test_a_window_over_rows_that_are_not_told_apart(base: str, head: str) -> None:
    query = "select channel, id, sum(amount) over (partition by channel) as v from @all"
    assert "v" in reached(base, head, query).split()


def test_groups_of_one_branch_of_a_union() -> None:
    query = "select channel, sum(amount) as v, count(*) as n from @all group by channel"
    assert reached(f"{SHOP} union all {WEB}", SHOP, query) == "(rows)"
    by_customer = query.replace("channel", "customer")
    assert reached(f"{SHOP} union all {WEB}", SHOP, by_customer) == "(rows) n v"


def test_columns_of_a_union_within_a_union_are_not_mixed_up() -> None:
    inner = "(select id, customer from @raw.orders union all select id, {} from @raw.payments)"
    limited = f"select 'one' as k, id, customer from (select * from {inner} order by id limit 9)"
    whole = f"{limited} union all select 'two', id, name from @raw.customers"
    query = "select id, customer, row_number() over (partition by k order by id) as n from @all"
    found = reached(whole.format("order_id"), whole.format("paid"), query)
    assert "customer" in found.split()


@pytest.mark.parametrize(
    ("order", "differs"),
    [
        ("sum(amount) over (partition by customer), id", False),
        ("case when count(*) over (partition by customer) > 2 then 1 else 0 end, id", False),
        ("sum(amount) over (partition by customer order by id), id", True),
        ("sum(amount) over (partition by status), id", True),
        ("random(), id", True),
    ],
)
def test_an_order_by_what_a_partition_has_in_common(order: str, differs: bool) -> None:
    text = "select id, row_number() over (partition by customer order by {}) as v from @raw.orders"
    assert (
        "v" in reached(text.format(order), text.format("id"), "select id, v from @all")
    ) == differs


def test_one_value_for_all_rows_is_that_whichever_row_is_chosen() -> None:
    text = (
        "select o.customer, (select max(name) from @raw.customers) as top, (select max(p.paid)"
        " from @raw.payments p where p.order_id = o.id) as own from @raw.orders o"
        " qualify row_number() over (partition by o.customer order by o.amount{}, o.id) = 1"
    )
    query = "select customer, top, own from @all"
    assert reached(text.format(""), text.format(" desc"), query) == "(rows) own"
