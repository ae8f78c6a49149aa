"""A change as the page shows it."""

from __future__ import annotations

from typing import Any

import pytest

import analyticsops as ao
from analyticsops.publishing import publish
from analyticsops.site.review import WORDS
from tests.project_maker import project, workspace

from .reading import chunk

SOURCES = {"raw.orders": "id, amount, state", "raw.people": "id, name"}


def version(**models: str) -> ao.Workspace:
    return workspace(project(sources=SOURCES, models=models, exposures={"board": "mart"}))


Nodes = dict[str, dict[str, Any]]

BASE = {
    "stg": "select id, amount, state from @raw.orders",
    "mart": "select id, amount, state from @stg",
    "people": "select id, name from @raw.people",
    "gone": "select id from @raw.people",
}


@pytest.fixture(scope="module")
def nodes() -> Nodes:
    base = version(**BASE)
    head = version(
        stg="select id, amount * 2 as amount from @raw.orders",
        mart="select id, amount, state from @stg",
        people="select p.id, p.name from @raw.people as p where true",
        added="select 1 as one",
    )
    review = chunk(publish(head, review=ao.diff(base, head), change="Twice"), "review")
    assert review["title"] == "Twice"
    assert {node["change"] for node in review["nodes"]} <= set(WORDS)
    return {node["label"]: node for node in review["nodes"]}


def _columns(node: dict[str, Any]) -> dict[str, tuple[str, bool]]:

    return {one["name"]: (one["change"], one["reached"]) for one in node["columns"]}


def test_a_removed_column_is_removed_and_breaks_who_reads_it(nodes: Nodes) -> None:
    assert nodes["stg"]["change"] in ("broken", "removed")
    assert _columns(nodes["stg"])["state"] == ("removed", False)
    assert _columns(nodes["mart"])["state"][0] == "broken"


def test_a_changed_value_reaches_its_readers(nodes: Nodes) -> None:
    assert _columns(nodes["stg"])["amount"] == ("changed", False)
    assert _columns(nodes["mart"])["amount"] == ("changed", True)
    assert nodes["board"]["reached"] is True


def test_what_is_proven_equal_says_so(nodes: Nodes) -> None:
    assert nodes["people"]["change"] == "proven equal"
    assert nodes["people"]["columns"] == []


def test_models_come_and_go(nodes: Nodes) -> None:
    assert (nodes["added"]["change"], nodes["added"]["verdict"]) == ("added", "added")
    assert (nodes["gone"]["change"], nodes["gone"]["place"]) == ("removed", -1)


def test_those_that_were_changed_stand_before_those_that_were_reached(nodes: Nodes) -> None:
    reached = [bool(node["reached"]) for node in nodes.values()]
    assert reached == sorted(reached)
