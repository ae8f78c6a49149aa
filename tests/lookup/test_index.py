"""What is found, in which order, and what becomes of the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import analyticsops as ao
from analyticsops import searching
from analyticsops.errors import UsageError
from analyticsops.lookup.index import Found
from analyticsops.workspace import Workspace
from tests.project_maker import project, workspace, write

PARTS: dict[str, Any] = {
    "sources": {"raw.orders": {"columns": {"id": {}, "net_amount": {}}}},
    "models": {
        "orders": {"sql": "select id, net_amount from @raw.orders"},
        "fct_orders": {
            "sql": "select id, net_amount as revenue from @orders",
            "description": "One row for each order. Naïve café.",
        },
        "orders_by_day": "select count(*) as n from @orders",
    },
    "metrics": {
        "net_revenue": {
            "label": "Net revenue",
            "type": "simple",
            "meta": {"analyticsops": {"synonyms": ["turnover"]}},
        },
    },
    "exposures": {"revenue_board": "fct_orders"},
}


@pytest.fixture(scope="module")
def shop() -> Workspace:
    return workspace(project(**PARTS))


def names(found: Found) -> list[str]:
    return [document.name for document in found.documents]


def test_a_name_goes_before_what_holds_it(shop: Workspace) -> None:
    found = names(ao.search(shop, "orders"))
    assert found[:2] == ["orders", "raw.orders"]
    assert {"fct_orders", "orders_by_day"} <= set(found)


def test_all_words_else_any(shop: Workspace) -> None:
    assert names(ao.search(shop, "net revenue"))[0] == "net_revenue"
    assert "fct_orders.revenue" in names(ao.search(shop, "revenue nonsense"))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("turnover", "net_revenue"),  # a synonym
        ("NET_REVENUE", "net_revenue"),
        ("cafe", "fct_orders"),  # a description, without its accent
        ("reven", "net_revenue"),  # the beginning of a word
        ("fct_orders.revenue", "fct_orders.revenue"),
        ("net_amount", "raw.orders.net_amount"),
    ],
)
def test_ways_to_ask(shop: Workspace, text: str, first: str) -> None:
    found = names(ao.search(shop, text))
    assert first in found[:3], found


def test_kinds_and_limit(shop: Workspace) -> None:
    found = ao.search(shop, "order", kinds=["model"], limit=1)
    assert (len(found.documents), found.total) == (1, 3)
    with pytest.raises(UsageError, match="no kind named 'table'"):
        ao.search(shop, "order", kinds=["table"])


@pytest.mark.parametrize(
    ("typed", "meant"), [("reveneu", "fct_orders.revenue"), ("net_amout", "net_amount")]
)
def test_did_you_mean(shop: Workspace, typed: str, meant: str) -> None:
    found = ao.search(shop, typed)
    assert found.documents == ()
    assert any(name.endswith(meant) for name in found.close)


@pytest.mark.parametrize(
    "text", ["", "  ", '"', "a AND", "x:(*", "NEAR(", "'; --", "\x00", "é", "_"]
)
def test_no_text_is_a_fault(shop: Workspace, text: str) -> None:
    assert ao.search(shop, text).total >= 0


# -- the file ----------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANALYTICSOPS_CACHE", raising=False)


def kept(folder: Path) -> Path:
    return folder / "target" / searching.FILE_NAME


def test_a_second_search_needs_no_lineage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = write(project(**PARTS), tmp_path) / "target"
    first = ao.search(ao.load(target), "orders")
    assert kept(tmp_path).is_file()
    monkeypatch.setattr(searching, "metric_cards", None)
    assert ao.search(ao.load(target), "orders") == first


def test_another_project_another_index(tmp_path: Path) -> None:
    target = write(project(**PARTS), tmp_path) / "target"
    assert ao.search(ao.load(target), "orders").total
    write(project(models={"other": "select 1 as a"}), tmp_path)
    assert ao.search(ao.load(target), "orders").total == 0
    assert names(ao.search(ao.load(target), "other"))[0] == "other"


@pytest.mark.parametrize("data", [b"", b"nonsense" * 1000])
def test_a_damaged_file_is_made_again(tmp_path: Path, data: bytes) -> None:
    target = write(project(**PARTS), tmp_path) / "target"
    kept(tmp_path).write_bytes(data)
    assert ao.search(ao.load(target), "orders").total
    with closing(sqlite3.connect(kept(tmp_path))) as database:
        assert database.execute("select count(*) from about").fetchone() == (1,)
    assert [path.name for path in target.iterdir() if path.name.startswith(".")] == []


def test_words_that_no_file_can_hold() -> None:
    made = project(models={"m": {"sql": "select 1 as a", "description": "half \ud83d a pair\x00"}})
    assert names(ao.search(workspace(made), "half pair"))[0] == "m"
