"""The public face: arguments, and what a command may lack."""

from __future__ import annotations

import pytest

from analyticsops.errors import SelectionError
from analyticsops.project.model import Node, Project
from analyticsops.project.selection import (
    METHOD_NAMES,
    Context,
    parse_selection,
    select_nodes,
)


def test_text_and_words_are_the_same() -> None:
    assert parse_selection("a b,c", "d") == parse_selection(["a", "b,c"], ["d"])


def test_nothing_said_is_everything(project: Project) -> None:
    listed = select_nodes(project, parse_selection())
    assert {project.nodes[unique_id].kind for unique_id in listed} >= {"model", "source", "metric"}
    assert select_nodes(project, parse_selection("")) == frozenset()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("state:new", "there is no earlier manifest"),
        ("result:error", "there are no run results"),
        ("source_status:fresher", "there is no present sources.json"),
        ("a\nb", "cannot span lines"),
    ],
)
def test_missing_context(project: Project, text: str, message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        select_nodes(project, parse_selection(text))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"indirect": "keen"}, "'keen' is not a mode of indirect selection .known are eager"),
        ({"resource_types": ["table"]}, "'table' is not a resource type that can be listed"),
        ({"exclude_resource_types": ["operation"]}, "--exclude-resource-type: 'operation'"),
        ({"select": "9" * 5000 + "+x"}, "is not a number of steps"),
    ],
)
def test_bad_arguments(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(SelectionError, match=message):
        parse_selection(**arguments)


def test_this_package_and_files_can_be_given(project: Project) -> None:
    seeds = parse_selection("package:this", resource_types=["seed"])
    assert select_nodes(project, seeds, Context(this_package="beta")) == {"seed.beta.stock_levels"}
    other = parse_selection("models/other", resource_types=["model"])
    assert select_nodes(project, other) == frozenset()
    on_disk = Context(files=frozenset({"models/other/.gitkeep"}))
    assert select_nodes(project, other, on_disk) == {"model.beta.extra"}


def test_method_names_are_sorted() -> None:
    assert list(METHOD_NAMES) == sorted(METHOD_NAMES)


def test_long_chains_do_not_recurse() -> None:
    size = 20_000
    nodes = {
        f"model.p.m{n}": Node(
            unique_id=f"model.p.m{n}",
            kind="model",
            name=f"m{n}",
            fqn=("p", f"m{n}"),
            depends_on=(f"model.p.m{n - 1}",) if n else (),
        )
        for n in range(size)
    }
    project = Project(
        name="p",
        dbt_version="",
        adapter="",
        generated_at="",
        invocation_id="",
        nodes=nodes,
        macros={},
        groups={},
    )
    assert len(select_nodes(project, parse_selection(f"+m{size - 1}"))) == size
    assert len(select_nodes(project, parse_selection("@m0"))) == size
