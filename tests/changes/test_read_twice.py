"""Tables that are read twice for one row, and what types and orders say of rows that differ."""

from __future__ import annotations

import pytest

import analyticsops as ao
from analyticsops.changes.compare import compare
from analyticsops.comparing import version_of
from analyticsops.workspace import Workspace
from tests.changes.test_cone import differing
from tests.project_maker import project, workspace

ORDERS = {"id": "integer", "customer": "integer", "status": "varchar", "amount": "integer"}
ITEMS = {"id": "integer", "order_id": "integer", "price": "integer"}
KEYS = ("unique raw.orders.id", "not_null raw.orders.id", "unique raw.items.id")


def versions(base: str, head: str, below: str, tests: tuple[str, ...]) -> list[Workspace]:
    sources = {
        f"raw.{name}": {"columns": columns, "known": True}
        for name, columns in (("orders", ORDERS), ("items", ITEMS))
    }
    return [
        workspace(project(sources=sources, models={"all": text, "below": below}, tests=tests))
        for text in (base, head)
    ]


def reached(base: str, head: str, below: str, tests: tuple[str, ...] = KEYS) -> str:
    """What differs in the model `below`, which reads the model `all`."""
    found = compare(*map(version_of, versions(base, head, below, tests)))
    return differing(found).get("below", "")


RANKED = "select id, customer, status, row_number() over (partition by customer order by id) as n"
FILTERED = (f"{RANKED} from @raw.orders", f"{RANKED} from @raw.orders where amount > 1")


@pytest.mark.parametrize(
    ("join", "columns"),
    [
        # The order that is there already.
        ("select a.id, b.status as v from @all a join @all b on b.id = a.id", ""),
        ("select a.id, b.status as v from @all a left join @all b on b.id = a.id", ""),
        ("select a.id, b.n as v from @all a left join @all b on b.id = a.id", "v"),
        (
            "select i.id, b.status as v from @raw.items i join @all a on a.id = i.order_id"
            " left join @all b on b.id = i.order_id",
            "",
        ),
        # Of a row that may not be there, or is another one.
        (
            "select a.id, b.status as v from @raw.orders a left join @all b on b.id = a.id",
            "v",
        ),
        ("select a.id, b.status as v from @all a left join @all b on b.id = a.customer", "v"),
        ("select a.id, b.status as v from @all a left join @all b on b.customer = a.customer", "v"),
    ],
)
def test_a_row_that_is_read_twice(join: str, columns: str) -> None:
    assert reached(*FILTERED, join).removeprefix("(rows)").strip() == columns


def test_a_proof_names_the_test_that_tells_rows_apart() -> None:
    base = "select a.id, b.status as v from @raw.orders a left join @raw.orders b on b.id = a.id"
    head = "select id, status as v from @raw.orders"
    for tests, verdict in ((KEYS, "refactored"), ((), "rows changed")):
        report = ao.diff(*versions(base, head, "select id from @all", tests))
        assert [one.verdict for one in report.verdicts] == [verdict]
        if tests:
            assert "id of raw.orders is unique" in report.verdicts[0].reason


def test_a_left_join_with_some_of_the_rows_is_a_case() -> None:
    """`b` is the row itself where its amount is large: which rows there are matters no more."""
    join = (
        "select a.id, b.status as v from @all a"
        " left join (select * from @all where customer > 2) b on b.id = a.id"
    )
    assert reached(*FILTERED, join) == "(rows)"


@pytest.mark.parametrize(
    ("order", "same"),
    [
        ("amount * 2", True),
        ("amount + 1", True),
        ("amount - 7", True),
        ("amount * -1", False),
        ("7 - amount", False),
        ("amount * 0", False),
        ("amount * id", False),
        ("price * 2", False),
    ],
)
def test_an_order_by_what_grows_with_an_integer(order: str, same: bool) -> None:
    text = (
        "select o.customer, o.id, i.price from @raw.orders o join (select order_id, avg(price) as"
        " price from @raw.items group by 1) i on i.order_id = o.id"
        " qualify row_number() over (partition by o.customer order by {}, o.id) = 1"
    )
    base, head = (
        text.format(f"o.{order}".replace("o.price", "i.price")),
        text.format("i.price" if "price" in order else "o.amount"),
    )
    found = reached(
        base.replace("o.7 - amount", "7 - o.amount"), head, "select customer, id from @all"
    )
    assert (found == "") == same


@pytest.mark.parametrize(
    ("keys", "columns"),
    [("customer", ""), ("status", "v")],
)
def test_a_function_of_an_integer_keeps_partitions_whole(keys: str, columns: str) -> None:
    text = f"select id, sum(amount) over (partition by {keys}) as v from @raw.orders"
    head = f"{text} where concat({keys}, 'x') <> '2x'"
    found = reached(text, head, "select id, v from @all")
    assert found == f"(rows) {columns}".strip()


@pytest.mark.parametrize(
    ("condition", "columns"),
    [("amount is not null", ""), ("customer is not null", "v"), ("true", "v")],
)
def test_the_largest_so_far_is_the_own_value_where_that_is_not_null(
    condition: str, columns: str
) -> None:
    text = (
        "select id, amount, customer, max(amount) over ({} order by amount) as v from @raw.orders"
    )
    below = f"select id, v from @all where {condition}"
    assert reached(text.format("partition by customer"), text.format(""), below) == columns


def test_a_join_behind_which_exists_compares_finds_its_partner() -> None:
    text = "select i.id, o.status from @raw.items i left join @raw.orders o on o.id = i.order_id"
    below = "select id, status from @all a where exists (select 1 from @raw.orders s where {})"
    head = f"{text} and i.price > 1"
    assert reached(text, head, below.format("s.status = a.status")) == "(rows)"
    assert (
        reached(text, head, below.format("s.status = 'a' or a.status is null")) == "(rows) status"
    )


def test_a_column_that_a_filter_says_is_reached_by_other_rows() -> None:
    """Only the head's filter says what `amount` is; another row is chosen."""
    text = (
        "select 'one' as origin, id, price as amount from @raw.items union all"
        " select 'two', id, amount from @raw.orders where coalesce(amount, 0) {} 2"
    )
    below = "select * from @all qualify row_number() over (partition by origin order by id) = 1"
    report = ao.diff(*versions(text.format("<>"), text.format("="), below, KEYS))
    affected = {hit.name: set(hit.columns) for one in report.findings for hit in one.affected}
    assert {"id", "amount"} <= affected["below"]


@pytest.mark.parametrize(
    "step",
    [
        "select id, x + x as x, b from {0}",
        "select id, b, case when b then x else x + x end as x from {0}",
        "select a.id, a.x + a.x + c.x as x, a.b from {0} a left join {0} c on a.id = c.id",
    ],
)
def test_what_is_read_twice_does_not_double(step: str) -> None:
    """Twenty times a CTE that uses the one before it twice. Beyond its budget a comparison would
    say that the values may differ, too."""
    ctes = ["c0 as (select id, amount as x, amount > 1 as b from @all)"]
    ctes += [f"c{n} as ({step.format(f'c{n - 1}')})" for n in range(1, 21)]
    below = f"with {', '.join(ctes)} select id, x from c20"
    orders = "select * from @raw.orders"
    assert reached(orders, f"{orders} where status = 'a'", below) == "(rows)"
