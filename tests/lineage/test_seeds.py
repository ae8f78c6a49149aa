"""Seeds: the first line of a seed's file names the columns of its table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analyticsops.code_finder import CodeFinder
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import ColumnGraph, ColumnRef, Status
from analyticsops.project.stale import file_checksum

from .small_projects import Entry, model, project, source

SEED = "seed.shop.codes"
RAW = "source.shop.raw.orders"
MART = "model.shop.mart"
JOINED = "select amount, label from main.codes join raw.orders on orders.code = codes.code"


def graph_of(
    root: Path | None,
    *entries: Entry,
    file: bytes = b"code,label\n1,a\n",
    adapter: str = "duckdb",
    config: dict[str, Any] | None = None,
    columns: tuple[str, ...] = (),
    checksum: str = "",
) -> ColumnGraph:
    if root is not None:
        (root / "codes.csv").write_bytes(file)
        (root / "dbt_project.yml").write_text("name: shop\n")
    seed = model("codes", None, kind="seed", columns=columns, original_file_path="codes.csv")
    seed["config"] = {"materialized": "seed", **(config or {})}
    seed["checksum"] = {"name": "sha256", "checksum": checksum or file_checksum(file)}
    made = project(seed, *entries, adapter=adapter)
    return build_graph(made, code=CodeFinder(made, Path(), root, {}))


def test_a_name_that_a_seed_has_not_is_of_the_other_table(tmp_path: Path) -> None:
    joined = model("mart", JOINED, SEED, RAW)
    graph = graph_of(tmp_path, source("orders"), joined)
    assert graph.nodes[MART].columns["amount"].status is Status.PROVEN
    assert {e.source.node for e in graph.parents(ColumnRef(MART, "amount"))} == {RAW}

    unknown = graph_of(None, source("orders"), model("mart", JOINED, SEED, RAW))
    assert unknown.nodes[MART].columns["amount"].status is Status.PARTIAL


def test_all_columns_of_a_seed_come_through_a_star(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, model("mart", "select * from main.codes", SEED), columns=("Label",))
    assert (graph.nodes[MART].names, graph.nodes[MART].complete) == (("code", "Label"), True)


@pytest.mark.parametrize(
    ("file", "config", "names"),
    [
        (b'\xef\xbb\xbfcode;"a;b"\n1;2', {"delimiter": ";"}, ("code", "a;b")),
        (b'"two\nlines",b\n', {}, ("two\nlines", "b")),
        (b"code,CODE\n", {}, None),
        (b"code,\n", {}, None),
        (b"code, label\n", {}, None),
        (b"", {}, None),
        (b"\xff\xfe\n", {}, None),
        (b"code\n", {"quote_columns": "no"}, None),
    ],
)
def test_the_first_line(
    tmp_path: Path, file: bytes, config: dict[str, Any], names: tuple[str, ...] | None
) -> None:
    graph = graph_of(tmp_path, file=file, config=config)
    node = graph.nodes[SEED]
    assert (node.names if node.complete else None) == names


def test_a_project_that_makes_seeds_in_its_own_way_is_not_guessed_at(tmp_path: Path) -> None:
    macro = {
        "section": "macros",
        "unique_id": "macro.shop.duckdb__create_csv_table",
        "name": "duckdb__create_csv_table",
        "package_name": "shop",
        "macro_sql": "{% macro duckdb__create_csv_table(model, table) %}{% endmacro %}",
    }
    assert not graph_of(tmp_path, macro).nodes[SEED].complete


@pytest.mark.parametrize(("adapter", "spelled"), [("postgres", '"Code"'), ("snowflake", '"CODE"')])
def test_macros_see_a_seed_behind_a_source_as_the_warehouse_spells_it(
    tmp_path: Path, adapter: str, spelled: str
) -> None:
    star: Entry = {
        "section": "macros",
        "unique_id": "macro.shop.lower",
        "name": "lower",
        "package_name": "shop",
        "macro_sql": "{% macro lower(relation) %}{% for c in"
        " adapter.get_columns_in_relation(relation) %}"
        '"{{ c.name }}" as {{ c.name | lower }}{% endfor %}{% endmacro %}',
    }
    text = "select {{ lower(source('raw', 'codes')) }} from {{ source('raw', 'codes') }}"
    same = source("codes", schema="main")
    mart = model("mart", 'select from "main"."codes"', "source.shop.raw.codes", raw_code=text)
    graph = graph_of(tmp_path, same, mart, star, file=b"Code\n1\n", adapter=adapter)
    assert (graph.nodes[MART].status, graph.nodes[MART].names) == (Status.PROVEN, ("code",))
    (edge,) = graph.parents(ColumnRef(MART, "code"))
    assert edge.source == ColumnRef("source.shop.raw.codes", spelled.strip('"'))


def test_a_file_of_another_commit_says_nothing(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, checksum=file_checksum(b"code,label,more\n"))
    assert not graph.nodes[SEED].complete


@pytest.mark.parametrize(
    ("other", "known"), [(b"code,label\n1,a\n", ("code", "label")), (b"code\n", None)]
)
def test_two_versions_know_the_same_of_a_seed(
    tmp_path: Path, other: bytes, known: tuple[str, ...] | None
) -> None:
    """Of the base there is often only its manifest."""
    file = b"code,label\n1,a\n"
    (tmp_path / "codes.csv").write_bytes(file)
    made = []
    for contents in (other, file):
        seed = model("codes", None, kind="seed", original_file_path="codes.csv")
        seed["checksum"] = {"name": "sha256", "checksum": file_checksum(contents)}
        made.append(project(seed))
    base, head = CodeFinder(made[0], Path(), None, {}), CodeFinder(made[1], Path(), tmp_path, {})
    assert base.seeded(made[0].nodes[SEED]) is None
    base.stand_beside(head)
    found = base.seeded(made[0].nodes[SEED]), head.seeded(made[1].nodes[SEED])
    assert found == (known, known)
