"""Mutated artifacts end in a value or one AnalyticsOpsError, through the whole pipeline."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analyticsops.artifacts import files
from analyticsops.artifacts.target import read_target
from analyticsops.errors import AnalyticsOpsError
from analyticsops.lineage.build import build_graph
from analyticsops.project.build import build_project

from . import shapes

JAFFLE = Path(__file__).parent / "fixtures" / "jaffle"

HOSTILE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    10**30,
    "",
    "x" * 5_000,
    "\x00\x1b[31m\ud800\u202e",
    "../../etc/passwd",
    "{{ ref('x') }}",
    "select ((((",
    [],
    [None],
    [[[]]],
    ["a", 1],
    {},
    {"a": None},
    {"name": {"name": []}},
)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PAUSES", ())


def survives(folder: Path) -> bool:
    """True if the folder was read to the end; False if it was refused in one line."""
    try:
        artifacts = read_target(folder)
        project = build_project(artifacts.manifest, artifacts.catalog)
        graph = build_graph(project)
    except AnalyticsOpsError as error:
        lines = str(error).splitlines()
        if len(lines) == 1:
            return False
        raise
    assert project.topological
    assert graph.counts()
    assert project.children is not None
    for node in project.nodes.values():
        assert isinstance(node.label + node.path + node.group, str)
    return True


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON document."""
    yield at
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield from paths(inner, (*at, key))


def replaced(document: Any, at: tuple[Any, ...], new: Any) -> Any:
    """A copy with another value at one place."""
    if not at:
        return new
    result = copy.deepcopy(document)
    inner = result
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = new
    return result


def semantic_manifest() -> Any:
    """Everything that the shapes have, in one manifest."""
    content = shapes.dbt_1_11()
    content["metrics"]["metric.shop.new"] = shapes.dbt_1_12()["metrics"]["metric.shop.n"] | {
        "unique_id": "metric.shop.new", "name": "new",
        "filter": {"where_filters": [{"where_sql_template": "{{ Dimension('order__id') }} > 1"}]},
    }  # fmt: skip
    content["exposures"]["exposure.shop.d"] = {
        "unique_id": "exposure.shop.d", "name": "d", "resource_type": "exposure",
        "type": "dashboard", "owner": {"name": "ann", "email": "a@x"},
        "depends_on": {"nodes": ["model.shop.orders"]},
        "meta": {"analyticsops": {"columns": {"orders": ["id"]}, "owner": {"name": "x"}}},
    }  # fmt: skip
    content["nodes"]["test.shop.t"] = {
        "unique_id": "test.shop.t", "name": "t", "resource_type": "test",
        "attached_node": "model.shop.orders", "column_name": "id",
        "test_metadata": {"name": "relationships", "namespace": None, "kwargs": {"field": "id"}},
        "config": {"severity": "warn"}, "depends_on": {"nodes": ["model.shop.orders", "x"]},
    }  # fmt: skip
    return content


DOCUMENTS = {
    "manifest.json": semantic_manifest(),
    "catalog.json": shapes.catalog(),
    "run_results.json": shapes.run_results(),
    "sources.json": shapes.freshness(),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in DOCUMENTS.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_the_documents_are_sound(folder: Path) -> None:
    assert survives(folder)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_hostile_values_at_every_place(name: str, folder: Path) -> None:
    """Each place four times, with others of the hostile values."""
    document = DOCUMENTS[name]
    chance = Random(name)
    survived = 0
    places = list(paths(document)) * 4
    for at in places:
        new = chance.choice(HOSTILE)
        (folder / name).write_text(json.dumps(replaced(document, at, new)), encoding="utf-8")
        survived += survives(folder)
    assert 0 < survived < len(places)


@pytest.mark.parametrize("seed", range(5))
def test_several_hostile_values_at_once(seed: int, folder: Path) -> None:
    chance = Random(seed)
    document = DOCUMENTS["manifest.json"]
    places = [at for at in paths(document) if len(at) > 2]
    for _ in range(60):
        mutated = document
        for _ in range(chance.randrange(2, 6)):
            try:
                mutated = replaced(mutated, chance.choice(places), chance.choice(HOSTILE))
            except (KeyError, IndexError, TypeError):
                continue  # an earlier mutation took the place away
        (folder / "manifest.json").write_text(json.dumps(mutated), encoding="utf-8")
        survives(folder)


@pytest.mark.parametrize(
    "name", ["manifest.json", "catalog.json", "run_results.json", "sources.json"]
)
def test_mutated_bytes(name: str, folder: Path) -> None:
    """Flips, deletions, insertions and swaps in a real artifact."""
    data = (JAFFLE / name).read_bytes()
    for other in DOCUMENTS:
        (folder / other).write_bytes((JAFFLE / other).read_bytes())
    chance = Random(name)
    for _ in range(200):
        (folder / name).write_bytes(mutated_bytes(data, chance))
        survives(folder)


def mutated_bytes(data: bytes, chance: Random) -> bytes:
    mutated = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 3, 10))):
        at = chance.randrange(len(mutated))
        how = chance.randrange(5)
        if how == 0:
            mutated[at] = chance.randrange(256)
        elif how == 1:
            del mutated[at : at + chance.choice((1, 2, 50))]
        elif how == 2:
            mutated[at:at] = chance.choice(
                (b'"', b"{", b"]", b",", b"null", b"\xff", b"\\u0000", b"1e999")
            )
        elif how == 3:
            mutated[at] ^= 1 << chance.randrange(8)
        else:
            end = at + chance.choice((10, 100))
            mutated[at:at] = mutated[at:end]
    return bytes(mutated)
