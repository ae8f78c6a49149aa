"""Definitions that dbt refuses; what the others mean is in cases/selectors.txt."""

from __future__ import annotations

from typing import Any

import pytest

from analyticsops.errors import SelectionError
from analyticsops.project.model import Project
from analyticsops.project.selection import (
    Context,
    parse_selection,
    read_definitions,
    select_nodes,
)


def written(*definitions: Any) -> dict[str, Any]:
    entries = [{"name": f"s{n}", "definition": one} for n, one in enumerate(definitions, 1)]
    return {"selectors": entries}


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (["tag:x"], "expected text or a mapping"),
        ({"union": "tag:x"}, "s1 > union: expected a list"),
        ({"union": [], "method": "tag"}, "union or intersection stands alone"),
        ({"union": [{"exclude": []}, {"exclude": ["a"]}]}, None),
        ({"union": [{"exclude": ["b"]}, {"exclude": ["a"]}]}, "s1 > union 2: only one exclude"),
        ({"intersection": ["a", {"union": [3]}]}, "s1 > intersection 2 > union 1: expected text"),
        ({"method": "tag", "parents": True}, "expected method and value, found method, parents"),
        ({"method": "tga", "value": "x"}, "'tga' is not a selection method .did you mean 'tag'"),
        ({"tag": "x", 3: "y"}, "expected text or a mapping"),
        ({"method": "tag", "value": "x", "indirect_selection": "lazy"}, "'lazy' is not a mode"),
        ({"method": "tag", "value": "x", "parents_depth": "many"}, "'many' is not a number"),
        ({"method": "selector", "value": "s2"}, "there is no selector 's2' before this one"),
        ("@x+", 's1, .@x.*: the prefix "@"'),
    ],
)
def test_refused(definition: Any, message: str | None) -> None:
    if message is None:
        assert read_definitions(written(definition))
        return
    with pytest.raises(SelectionError, match=message):
        read_definitions(written(definition))


def test_only_one_default() -> None:
    entries = [{"name": name, "definition": "x", "default": True} for name in ("a", "b")]
    with pytest.raises(SelectionError, match="only one selector can be the default, found a and b"):
        read_definitions({"selectors": entries})


def test_entry_without_definition() -> None:
    with pytest.raises(SelectionError, match="a selector has a name and a definition"):
        read_definitions({"selectors": [{"name": "a"}]})


def test_values_that_are_not_text(project: Project) -> None:
    context = Context(selectors=written({"method": "tag", "value": 3}))
    with pytest.raises(SelectionError, match="expected text after 'tag', found 3"):
        select_nodes(project, parse_selection(selector="s1"), context)


def test_a_broken_definition_spoils_only_selectors(project: Project) -> None:
    context = Context(selectors=written(["broken"]))
    assert select_nodes(project, parse_selection("regions"), context)
    with pytest.raises(SelectionError, match="expected text or a mapping"):
        select_nodes(project, parse_selection("selector:s1"), context)


def test_going_round_in_circles(project: Project) -> None:
    context = Context(selectors=written("selector:s2", "selector:s1"))
    with pytest.raises(SelectionError, match="selector 's1' leads back to itself"):
        select_nodes(project, parse_selection("selector:s1"), context)


def test_operators_on_a_reference_are_those_of_dbt_1_12(project: Project) -> None:
    reference = {"method": "selector", "value": "s1", "children": True}
    context = Context(selectors=written("countries", reference))
    selection = parse_selection(selector="s2", indirect="empty", resource_types=["model", "seed"])
    found = select_nodes(project, selection, context)
    assert found == {"model.alpha.by_country", "seed.alpha.countries"}
