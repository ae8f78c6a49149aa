"""Lines of nodes and columns. The expected line is the one marked ``# <- name``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from analyticsops.findings import Location
from analyticsops.project.lines import YAML_LIMIT, Locator, named_last
from analyticsops.project.model import Node, SourceInfo, TestInfo

YAML = """\
version: 2
models:
  - name: orders  # <- orders
    description: >
      all of them
    data_tests:
      - utils.unique_combination:  # <- combination 1
          arguments: {columns: [a, b]}
      - utils.unique_combination:  # <- combination 2
          arguments: {columns: [a, c]}
      - name: my_own  # <- explicit
        test_name: expression
        arguments: {expression: "x > 1"}
    columns:
      - name: id  # <- orders.id
        tests:
          - unique  # <- unique
          - not_null:  # <- not_null
              config: {severity: warn}
          - accepted_values:  # <- values 1
              values: [a]
          - accepted_values:  # <- values 2
              values: [b, c]
      - {name: Amount, description: x}  # <- orders.amount
  - name: dim
    latest_version: 2
    columns:
      - name: id  # <- dim.id
        data_tests: [not_null]  # <- dim.not_null
    versions:
      - v: 1  # <- dim.v1
        columns:
          - include: all
          - name: extra  # <- dim.v1.extra
      - v: 2  # <- dim.v2
    metrics:
      - name: inner_metric  # <- inner_metric
sources:
  - name: raw
    tables:
      - name: payments  # <- payments
        columns:
          - name: id  # <- payments.id
            data_tests:
              - not_null  # <- payments.not_null
  - name: raw
    tables:
      - name: refunds  # <- refunds
exposures:
  - name: board  # <- board
metrics:
  - name: revenue  # <- revenue
    label: Revenue  # <- label
semantic_models:
  - name: sem  # <- sem
    entities:
      - name: order  # <- entity
    measures:
      - name: total  # <- measure
    dimensions:
      - name: day  # <- dimension
saved_queries:
  - name: saved  # <- saved
    exports:
      - name: export  # <- export
unit_tests:
  - name: works  # <- works
seeds:
  - name: codes  # <- codes
snapshots:
  - name: history  # <- history
analyses:
  - name: study  # <- study
data_tests:
  - name: assert_it  # <- assert_it
functions:
  - name: twice  # <- twice
"""
SQL = """\
-- amount
with a as (select cents as amount from x)
select
    id,
    amount / 100 as amount,
    "Quoted Name" as "quoted name",
    total_amount
from a
"""
FILE = "models/schema.yml"


def line(mark: str) -> int:
    found = [i for i, text in enumerate(YAML.splitlines(), 1) if text.endswith(f"# <- {mark}")]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "project"
    (inside / "models").mkdir(parents=True)
    (inside / FILE).write_text(YAML, encoding="utf-8")
    (inside / "models" / "orders.sql").write_text(SQL, encoding="utf-8")
    return inside


def model(name: str = "orders", **more: Any) -> Node:
    given = {"path": "models/orders.sql", "patch_path": FILE, "package": "shop", **more}
    return Node(unique_id=f"model.shop.{name}", kind="model", name=name, **given)


def entry(kind: str, name: str, **more: Any) -> Node:
    return Node(
        unique_id=f"{kind}.shop.{name}", kind=kind, name=name, path=FILE, package="shop", **more
    )


def source(name: str) -> Node:
    return entry("source", name, patch_path=FILE, source=SourceInfo(source_name="raw"))


def generic(name: str, tested: str, column: str = "", **more: Any) -> Node:
    info = TestInfo(name=name, tested=tested, column=column, **more)
    return entry("test", f"{name}_x", test=info)


ORDERS = "model.shop.orders"
PLACES = [
    (model(), None, None, "orders"),
    (model(), "id", None, "orders.id"),
    (model(), "amount", None, "orders.amount"),
    (model(), "ID", None, "orders.id"),
    (model("dim", version="1"), None, None, "dim.v1"),
    (model("dim", version="2"), None, None, "dim.v2"),
    (model("dim", version="1"), "extra", None, "dim.v1.extra"),
    (model("dim", version="2"), "id", None, "dim.id"),
    (source("payments"), None, None, "payments"),
    (source("payments"), "id", None, "payments.id"),
    (source("refunds"), None, None, "refunds"),
    (entry("exposure", "board"), None, None, "board"),
    (entry("metric", "revenue"), None, None, "revenue"),
    (entry("metric", "revenue"), None, "label", "label"),
    (entry("metric", "inner_metric"), None, None, "inner_metric"),
    (entry("semantic_model", "sem"), None, None, "sem"),
    (entry("semantic_model", "sem"), None, "total", "measure"),
    (entry("semantic_model", "sem"), None, "day", "dimension"),
    (entry("semantic_model", "sem"), None, "order", "entity"),
    (entry("semantic_model", "sem"), None, "absent", "sem"),
    (entry("saved_query", "saved"), None, None, "saved"),
    (entry("saved_query", "saved"), None, "export", "export"),
    (entry("unit_test", "works"), None, None, "works"),
    (entry("seed", "codes"), None, None, "codes"),
    (entry("snapshot", "history"), None, None, "history"),
    (entry("analysis", "study"), None, None, "study"),
    (entry("function", "twice"), None, None, "twice"),
    (entry("test", "assert_it", patch_path=FILE), None, None, "assert_it"),
    (generic("unique", ORDERS, "id"), None, None, "unique"),
    (generic("not_null", ORDERS, "id"), None, None, "not_null"),
    (generic("accepted_values", ORDERS, "id", kwargs={"values": ["a"]}), None, None, "values 1"),
    (
        generic("accepted_values", ORDERS, "id", kwargs={"values": ["b", "c"]}),
        None,
        None,
        "values 2",
    ),
    (
        generic("unique_combination", ORDERS, namespace="utils", kwargs={"columns": ["a", "b"]}),
        None,
        None,
        "combination 1",
    ),
    (
        generic("unique_combination", ORDERS, namespace="utils", kwargs={"columns": ["a", "c"]}),
        None,
        None,
        "combination 2",
    ),
    (generic("expression", ORDERS, kwargs={"expression": "x > 1"}), None, None, "explicit"),
    (generic("not_null", "source.shop.raw.payments", "id"), None, None, "payments.not_null"),
    (generic("not_null", "model.shop.dim.v2", "id"), None, None, "dim.not_null"),
    (generic("unique", "", "id"), None, None, "unique"),
]


@pytest.mark.parametrize(("node", "column", "part", "mark"), PLACES, ids=[p[3] for p in PLACES])
def test_place_in_yaml(
    folder: Path, node: Node, column: str | None, part: str | None, mark: str
) -> None:
    assert Locator(folder).locate(node, column, part) == Location(FILE, line(mark))


def test_a_model_without_yaml(folder: Path) -> None:
    found = Locator(folder).locate(model(patch_path=""))
    assert found == Location("models/orders.sql", 1)


def test_a_column_that_yaml_does_not_name(folder: Path) -> None:
    locator = Locator(folder)
    assert locator.locate(model(), "total_amount") == Location("models/orders.sql", 7)
    assert locator.locate(model(patch_path=""), "amount") == Location("models/orders.sql", 5)
    assert locator.locate(model(), "absent") == Location("models/orders.sql", 1)


@pytest.mark.parametrize(
    ("sql", "column", "expected"),
    [
        (SQL, "amount", 5),
        (SQL, "quoted name", 6),
        (SQL, "id", 4),
        (SQL, "ID", 4),
        (SQL, "unit", 1),
        ("select a\n  AS   [x y]", "x y", 2),
        ("select a.b\n, c", "b", 1),
        ("select 1\n as x.y", "x.y", 2),
        ("", "a", 1),
        ("select (\n", "(", 1),
    ],
)
def test_named_last(sql: str, column: str, expected: int) -> None:
    assert named_last(sql, column) == expected


def test_a_node_that_its_yaml_does_not_hold(folder: Path) -> None:
    locator = Locator(folder)
    assert locator.locate(model("gone")) == Location(FILE)
    assert locator.locate(entry("metric", "gone")) == Location(FILE)
    assert locator.locate(generic("gone", ORDERS, "id")) == Location(FILE)


def test_a_node_without_a_file(folder: Path) -> None:
    assert Locator(folder).locate(Node(unique_id="x", kind="model", name="x")) is None


def test_without_a_folder_there_are_paths_only() -> None:
    locator = Locator(None)
    assert locator.locate(model()) == Location(FILE)
    assert locator.locate(model(), "id") == Location("models/orders.sql")
    assert locator.locate(model(patch_path="")) == Location("models/orders.sql")


def test_missing_files(folder: Path) -> None:
    (folder / FILE).unlink()
    (folder / "models" / "orders.sql").unlink()
    locator = Locator(folder)
    assert locator.locate(model()) == Location(FILE)
    assert locator.locate(model(), "id") == Location("models/orders.sql")


def test_packages_stand_in_their_folder(folder: Path) -> None:
    inside = folder / "dbt_packages" / "utils" / "models"
    inside.mkdir(parents=True)
    (inside / "schema.yml").write_text(YAML, encoding="utf-8")
    found = Locator(folder, root="shop").locate(model(package="utils"))
    assert found == Location(f"dbt_packages/utils/{FILE}", line("orders"))
    assert Locator(folder, root="shop").locate(model()) == Location(FILE, line("orders"))


@pytest.mark.parametrize(
    "text",
    [
        "models: [",
        "\t",
        "",
        "1",
        "- a",
        "models: 1",
        "models: [1, a, {name: [x]}]",
        "models: {name: orders}",
        "a: &a {b: *a}",
        "[" * 100_000,
        "models:\n- name: !!python/object:os.system orders",
        "a: 1\n---\nb: 2",
        "models: " + "x" * YAML_LIMIT,
        "\x00",
    ],
)
def test_odd_yaml_is_a_path(folder: Path, text: str) -> None:
    (folder / FILE).write_text(text, encoding="utf-8")
    found = Locator(folder).locate(model())
    assert found is not None
    assert found.path == FILE
    assert found.line in (None, 2)


def test_yaml_that_is_not_utf8(folder: Path) -> None:
    (folder / FILE).write_bytes(b"\xff\nmodels:\n- name: orders")
    assert Locator(folder).locate(model()) is not None


def test_nothing_outside_is_read(folder: Path) -> None:
    (folder.parent / "secret.yml").write_text(YAML, encoding="utf-8")
    (folder / "models" / "link.yml").symlink_to(folder.parent / "secret.yml")
    locator = Locator(folder)
    for path in ("../secret.yml", "models/link.yml", str(folder.parent / "secret.yml")):
        assert locator.locate(model(patch_path=path)) == Location(path)


def test_files_are_read_once(folder: Path) -> None:
    locator = Locator(folder)
    first = locator.locate(model(), "id")
    (folder / FILE).unlink()
    assert locator.locate(model(), "id") == first


def test_every_mark_is_tested() -> None:
    marks = set(re.findall(r"# <- (.*)$", YAML, re.MULTILINE))
    assert marks == {place[3] for place in PLACES}
