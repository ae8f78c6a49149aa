"""Each format, read back by a reader that is not ours, with names of all kinds."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

import analyticsops as ao
from analyticsops.errors import UsageError
from analyticsops.export.formats import FORMATS
from analyticsops.export.json import schema
from analyticsops.export.table import EdgeRow
from analyticsops.schemas import generate
from analyticsops.workspace import Workspace
from tests.hostile import READABLE as NAMES
from tests.project_maker import project, workspace

from .shop import shop

TEXT = ("json", "openlineage", "dot", "mermaid", "csv")


def hostile(name: str) -> Workspace:
    """A project whose models and columns have this name."""
    manifest = project(
        sources={"raw.t": {"columns": {"id": {}}}},
        models={
            "stg": {"sql": "select id from @raw.t", "columns": {"id": {}}},
            "fct": {"sql": "select from", "columns": {"id": {}}},
        },
        exposures={"board": "fct, stg"},
    ).manifest
    for node in [*manifest["nodes"].values(), *manifest["sources"].values()]:
        node["name"] = name
        node["columns"] = {name: {"name": name, "description": name, "data_type": name}}
    for node in manifest["exposures"].values():
        node["name"] = name
    return workspace(type(project())(manifest=manifest))


def edges(made: Workspace) -> list[tuple[str, str, str, str, str]]:
    return [(*edge.source, *edge.target, edge.kind.value) for edge in made.graph.edges]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_bytes_each_time(name: str) -> None:
    assert ao.export_lineage(shop(), name) == ao.export_lineage(shop(), name)


def test_an_unknown_format() -> None:
    with pytest.raises(UsageError, match="no format named 'xml'"):
        ao.export_lineage(shop(), "xml")


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize("name", TEXT)
def test_names_of_all_kinds_are_written_as_text(name: str, text: str) -> None:
    written = ao.export_lineage(hostile(text), name).decode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]", written)


# -- json ----------------------------------------------------------------------------


def test_json_holds_every_edge_and_keeps_its_schema() -> None:
    made = shop()
    document = json.loads(ao.export_lineage(made, "json"))
    jsonschema.validate(document, schema())
    found = [
        (*edge["source"].values(), *edge["target"].values(), edge["kind"])
        for edge in document["edges"]
    ]
    assert found == edges(made)
    assert {node["kind"] for node in document["nodes"]} >= {"external", "exposure", "test"}
    (doubt,) = [node for node in document["nodes"] if node["name"] == "doubt"]
    (column,) = doubt["columns"]
    assert (doubt["status"], column["status"]) == ("partial", "partial")
    assert column["problems"][0].startswith("ambiguous column")
    assert {e["sure"] for e in document["edges"] if e["target"]["node"] == doubt["id"]} >= {
        "ambiguous"
    }


def test_the_schema_is_published() -> None:
    published = dict(generate())["lineage-v1.schema.json"]
    path = Path(ao.__file__).parent / "schemas" / "lineage-v1.schema.json"
    assert path.read_text(encoding="utf-8") == published


# -- csv and parquet -------------------------------------------------------------------


def test_csv_and_parquet_hold_the_same_rows(tmp_path: Path) -> None:
    made = shop()
    lines = list(csv.reader(StringIO(ao.export_lineage(made, "csv").decode())))
    path = tmp_path / "lineage.parquet"
    path.write_bytes(ao.export_lineage(made, "parquet"))
    table = duckdb.read_parquet(str(path))
    assert tuple(lines[0]) == EdgeRow._fields == tuple(table.columns)
    rows = [tuple(str(v).lower() if v in (True, False) else v for v in r) for r in table.fetchall()]
    assert rows == [tuple(line) for line in lines[1:]]
    assert [(r[0], r[3], r[5], r[8], r[9]) for r in rows] == edges(made)


def test_rows_say_what_openlineage_calls_it() -> None:
    lines = csv.DictReader(StringIO(ao.export_lineage(shop(), "csv").decode()))
    found = {
        (r["target_column"], r["kind"]): r for r in lines if r["target_name"] in ("stg", "fct")
    }
    masked = found["email_hash", "masked"]
    assert (masked["type"], masked["subtype"], masked["masking"]) == (
        "DIRECT",
        "TRANSFORMATION",
        "true",
    )
    assert found["cents", "rename"]["subtype"] == "IDENTITY"
    join = found["", "join"]
    assert (join["type"], join["subtype"], join["masking"]) == ("INDIRECT", "JOIN", "false")
    assert found["", "rows"]["type"] == ""


@pytest.mark.parametrize("text", NAMES)
def test_parquet_takes_every_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(ao.export_lineage(hostile(text), "parquet"))
    assert len(duckdb.read_parquet(str(path)).fetchall()) == len(hostile(text).graph.edges)


def test_an_empty_selection(tmp_path: Path) -> None:
    for name in FORMATS:
        data = ao.export_lineage(shop(), name, select="raw.orders", exclude="raw.orders")
        assert isinstance(data, bytes)
    path = tmp_path / "x.parquet"
    path.write_bytes(ao.export_lineage(shop(), "parquet", select="source:raw.orders"))
    assert duckdb.read_parquet(str(path)).fetchall() == []


def test_a_selection_holds_the_edges_into_it() -> None:
    document = json.loads(ao.export_lineage(shop(), "json", select="stg"))
    assert {edge["target"]["node"] for edge in document["edges"]} == {"model.shop.stg"}
    assert [node["name"] for node in document["nodes"]] == ["stg", "raw.orders"]


# -- pictures ----------------------------------------------------------------------------

DOT = shutil.which("dot")


def drawn(data: bytes) -> Any:
    """What Graphviz reads, as its own JSON."""
    assert DOT
    done = subprocess.run([DOT, "-Tjson0"], input=data, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


@pytest.mark.skipif(DOT is None, reason="Graphviz is not installed")
def test_dot_is_what_graphviz_reads() -> None:
    made = shop()
    picture = drawn(ao.export_lineage(made, "dot"))
    pairs = {(edge.source, edge.target) for edge in made.graph.edges}
    assert len(picture["edges"]) == len(pairs)
    assert len(picture["objects"]) == len({ref.node for pair in pairs for ref in pair})
    assert {edge["style"] for edge in picture["edges"]} == {"solid", "dashed", "dotted"}
    assert all(edge.get("tailport") and edge.get("headport") for edge in picture["edges"])


@pytest.mark.skipif(DOT is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("text", NAMES)
def test_dot_takes_every_name(text: str) -> None:
    assert len(drawn(ao.export_lineage(hostile(text), "dot"))["objects"]) == len(
        {edge.source.node for edge in hostile(text).graph.edges}
        | {edge.target.node for edge in hostile(text).graph.edges}
    )


_MERMAID = re.compile(
    r"flowchart LR"
    r'|  n\d+\["[\w .:#;-]*"\]'
    r'|  subgraph n\d+\["[\w .:#;-]*"\]'
    r'|    n\d+c\d+\["[\w .:#;-]*"\]'
    r"|  end"
    r'|  n\d+(c\d+)? (-->|-\.->)\|"[\w #;]+"\| n\d+(c\d+)?'
)
"""The lines that we write of Mermaid's grammar, with nothing that could end a label."""


@pytest.mark.parametrize("text", ["plain", *NAMES])
def test_mermaid_stays_within_its_grammar(text: str) -> None:
    lines = ao.export_lineage(hostile(text), "mermaid").decode().split("\n")
    assert lines.pop() == ""
    for line in lines:
        label = re.sub(r'"[^"]*"', lambda m: m[0] if m[0].isascii() else '"x"', line)
        assert _MERMAID.fullmatch(label), line
    opened = [line for line in lines if line.startswith("  subgraph")]
    assert len(opened) == lines.count("  end")


def test_mermaid_draws_every_pair_once() -> None:
    made = shop()
    lines = ao.export_lineage(made, "mermaid").decode().splitlines()
    pairs = {(edge.source, edge.target) for edge in made.graph.edges}
    assert sum("->" in line for line in lines) == len(pairs)
