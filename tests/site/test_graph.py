"""The graph in numbers says what the column graph says."""

from __future__ import annotations

from typing import Any

import pytest

import analyticsops as ao
from analyticsops.lineage.graph import Edge
from analyticsops.publishing import publish
from analyticsops.site.folder import Site
from tests.project_maker import project, workspace

from .reading import chunk


def shop() -> ao.Workspace:
    made = project(
        sources={"raw.orders": "id, amount, state, customer", "raw.people": "id, name"},
        models={
            "stg": {
                "sql": "select id, cast(amount as int) as amount, state, customer "
                "from @raw.orders where state <> 'test'",
                "columns": {"customer": {"tags": ["pii"]}},
            },
            "orders": "select s.id, p.name, sum(s.amount) as total, "
            "case when s.state = 'open' then s.amount end as open_amount, s.customer "
            "from @stg s left join @raw.people p on p.id = s.customer group by all",
            "wide": "select *, row_number() over (partition by name order by total) as n "
            "from @orders",
        },
        exposures={"board": "wide"},
        tests=["unique orders.id", "not_null stg.id"],
        metrics={"revenue": "sum(orders.total)"},
    )
    return workspace(made)


@pytest.fixture(scope="module")
def site() -> Site:
    return publish(shop(), sql=True)


def _edges(nodes: Any, edges: Any) -> set[tuple[str, str, str, str, str, str]]:
    names = [
        (node, column)
        for node, columns in zip(nodes["id"], nodes["columns"], strict=True)
        for column in ("", *columns)
    ]
    sure = ("exact", "inferred", "ambiguous", "partial")
    found = set()
    place = 0
    for target, count in enumerate(edges["counts"]):
        for _ in range(count):
            kind, how = divmod(edges["kinds"][place], 4)
            source = names[edges["sources"][place]]
            found.add((*source, *names[target], edges["names"][kind], sure[how]))
            place += 1
    return found


def _plain(edge: Edge) -> tuple[str, str, str, str, str, str]:
    return (*edge.source, *edge.target, edge.kind.value, edge.sure.value)


def test_every_edge_is_there_but_those_to_tests(site: Site) -> None:
    shop_ = shop()
    nodes = chunk(site, "nodes")
    shown = set(nodes["id"])
    assert not [name for name in shown if name.startswith("test.")]
    expected = {
        _plain(edge)
        for edge in shop_.graph.edges
        if edge.source.node in shown and edge.target.node in shown
    }
    assert _edges(nodes, chunk(site, "edges")) == expected
    assert len(expected) > 20


def test_nodes_stand_below_what_they_read(site: Site) -> None:
    nodes = chunk(site, "nodes")
    for place, parents in enumerate(nodes["parents"]):
        assert all(parent < place for parent in parents)


def test_tags_say_where_they_were_declared_and_where_they_arrived(site: Site) -> None:
    nodes = chunk(site, "nodes")
    slots = [
        f"{label}.{column}"
        for label, columns in zip(nodes["label"], nodes["columns"], strict=True)
        for column in ("", *columns)
    ]
    told = {slots[int(slot)]: tags for slot, tags in nodes["column_tags"].items()}
    pii = nodes["tag_names"].index("pii")
    assert told["stg.customer"] == [pii]
    assert told["orders.customer"] == [-pii - 1]
    assert told["wide.customer"] == [-pii - 1]


def test_a_column_tells_how_it_comes_about_and_what_tests_it(site: Site) -> None:
    nodes = chunk(site, "nodes")
    details = dict(zip(nodes["label"], chunk(site, "details/0"), strict=True))
    columns = {column["name"]: column for column in details["orders"]["columns"]}
    assert columns["total"]["steps"] == [["", "SUM(s.amount)"]]
    assert columns["id"]["tests"] == ["unique"]
    assert "CASE WHEN" in columns["open_amount"]["steps"][0][1]
    assert details["raw.orders"].get("sql", "") == ""
    assert "group by all" in details["orders"]["sql"]
