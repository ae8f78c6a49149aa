"""Broken, foreign and half-written files: each is one clear line, never a traceback."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analyticsops.artifacts import files
from analyticsops.artifacts.catalog import read_catalog
from analyticsops.artifacts.files import read_artifact
from analyticsops.artifacts.freshness import read_freshness
from analyticsops.artifacts.manifest import VERSIONS, Manifest, read_manifest
from analyticsops.artifacts.run_results import read_run_results
from analyticsops.artifacts.target import read_target
from analyticsops.errors import ArtifactError

from . import shapes

TEXT = json.dumps(shapes.dbt_1_8())


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PAUSES", ())


def refused(
    path: Path, read: Callable[[Path], object] = read_manifest, *, offset: bool = False
) -> ArtifactError:
    """The error, after a look at what every one of them must have."""
    with pytest.raises(ArtifactError) as caught:
        read(path)
    error = caught.value
    assert str(path) in str(error)
    assert "\n" not in str(error)
    assert len(str(error)) < 500 + len(str(path))
    assert error.__cause__ is None
    if path.is_file():
        assert error.size == path.stat().st_size
    if offset:
        assert error.offset is not None
        assert error.size is not None
        assert 0 <= error.offset <= error.size
    return error


def file(folder: Path, content: bytes | str | Any, name: str = "manifest.json") -> Path:
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
    return path


# -- re-encoded ------------------------------------------------------------------


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = file(tmp_path, b"\xef\xbb\xbf" + TEXT.encode())
    assert "model.shop.orders" in read_manifest(path).nodes


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str, tmp_path: Path) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    error = refused(file(tmp_path, mark + TEXT.encode(encoding)), offset=True)
    assert "UTF-16" in error.what
    assert "PowerShell" in error.hint


def test_latin_1_is_named_with_its_place(tmp_path: Path) -> None:
    data = TEXT.replace("nightly", "nächtlich", 1).encode("latin-1")
    error = refused(file(tmp_path, data), offset=True)
    assert "UTF-8" in error.what
    assert error.offset == data.index(b"\xe4")


# -- truncated, empty, absent ------------------------------------------------------


@pytest.mark.parametrize("part", range(1, 20))
def test_truncated_files(part: int, tmp_path: Path) -> None:
    data = TEXT.encode()
    cut = len(data) * part // 20
    error = refused(file(tmp_path, data[:cut]), offset=True)
    assert "ends too early" in error.what or "not valid JSON" in error.what
    assert error.offset == cut or error.offset is not None
    assert "still writing" in error.hint


def test_an_empty_file(tmp_path: Path) -> None:
    error = refused(file(tmp_path, b""))
    assert "empty" in error.what
    assert error.size == 0


def test_a_missing_file(tmp_path: Path) -> None:
    error = refused(tmp_path / "manifest.json")
    assert "no manifest" in error.what
    assert "run dbt" in error.hint


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    assert "folder" in refused(tmp_path / "manifest.json").what


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = file(tmp_path, TEXT)
    path.chmod(0)
    assert "cannot read" in refused(path).what


def test_a_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SIZE_LIMIT", 100)
    assert "larger" in refused(file(tmp_path, TEXT)).what


# -- JSON that is not JSON -------------------------------------------------------------


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_what_python_writes_is_read(word: str, tmp_path: Path) -> None:
    text = TEXT.replace('"meta": {}', f'"meta": {{"x": {word}}}')
    assert word in text
    assert "model.shop.orders" in read_manifest(file(tmp_path, text)).nodes
    results = json.dumps(shapes.run_results()).replace("0.5", word)
    assert read_run_results(file(tmp_path, results, "r.json")).results[0].execution_time != 0.5


def test_lone_surrogates_are_read(tmp_path: Path) -> None:
    text = TEXT.replace('"description": ""', r'"description": "\ud800 lone"', 1)
    model = read_manifest(file(tmp_path, text)).nodes["model.shop.orders"]
    assert model.description == "\ufffd lone"  # no output format could carry the original


def test_null_among_dependencies_is_read(tmp_path: Path) -> None:
    """dbt 1.11 writes null for the macro of a test that it does not find."""
    content = shapes.dbt_1_8()
    content["nodes"]["model.shop.orders"]["depends_on"] = {"nodes": [], "macros": [None, "m"]}
    model = read_manifest(file(tmp_path, content)).nodes["model.shop.orders"]
    assert model.depends_on.macros == ("m",)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, '{"nodes": ' + "[" * 100_000])
def test_deep_nesting_is_one_error(text: str, tmp_path: Path) -> None:
    assert "nested too deeply" in refused(file(tmp_path, text)).what


def test_deep_nesting_in_a_field_that_is_skipped(tmp_path: Path) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    refused(file(tmp_path, TEXT[:-1] + f', "novel": {deep}}}'))


@pytest.mark.parametrize(
    "text",
    [
        *("null", "[]", "1", '"text"', "{}", "true", "{]", '{"a" 1}', "{'a': 1}", "<html>"),
        *("metadata:\n", '{"metadata": null}', '{"metadata": []}', '{"metadata": {}}'),
        '{"metadata": {"dbt_schema_version": 1}}',
        "9" * 10_000,
        '{"metadata": ' + "9" * 10_000 + "}",
        *("\x00", "}", "{}{}"),
    ],
)
def test_text_that_is_no_artifact(text: str, tmp_path: Path) -> None:
    refused(file(tmp_path, text))


def test_twice_the_same_file(tmp_path: Path) -> None:
    error = refused(file(tmp_path, TEXT + TEXT), offset=True)
    assert error.offset == len(TEXT.encode())


# -- other files -------------------------------------------------------------------


def test_a_package_json_is_no_manifest(tmp_path: Path) -> None:
    error = refused(file(tmp_path, {"name": "left-pad", "version": "1.0.0"}))
    assert "not a dbt manifest" in error.what


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (shapes.run_results(), "run-results/v6"),
        (shapes.catalog(), "catalog/v1"),
        (shapes.freshness(), "sources/v3"),
    ],
)
def test_another_artifact_is_named(content: Any, found: str, tmp_path: Path) -> None:
    error = refused(file(tmp_path, content))
    assert "expected a dbt manifest" in error.what
    assert found in error.what


@pytest.mark.parametrize("read", [read_run_results, read_catalog, read_freshness])
def test_a_manifest_in_the_place_of_another(read: Callable[[Path], object], tmp_path: Path) -> None:
    error = refused(file(tmp_path, TEXT), read)
    assert "manifest/v12" in error.what


@pytest.mark.parametrize("version", [1, 7, 8, 13, 20, 999])
def test_versions_that_cannot_be_read(version: int, tmp_path: Path) -> None:
    content = shapes.dbt_1_8()
    content["metadata"]["dbt_schema_version"] = f"{shapes.SCHEMAS}/manifest/v{version}.json"
    error = refused(file(tmp_path, content))
    assert f"manifest v{version} is not supported" in error.what
    assert f"v{VERSIONS.start} to v{VERSIONS.stop - 1}" in error.what


def test_an_old_version_of_another_shape_says_that_it_is_old(tmp_path: Path) -> None:
    content = shapes.dbt_1_5()
    content["metadata"]["dbt_schema_version"] = f"{shapes.SCHEMAS}/manifest/v4.json"
    content["nodes"]["model.shop.orders"]["depends_on"] = ["not", "an", "object"]
    assert "manifest v4 is not supported" in refused(file(tmp_path, content)).what


@pytest.mark.parametrize("version", [1, 3, 7])
def test_run_results_that_cannot_be_read(version: int, tmp_path: Path) -> None:
    error = refused(file(tmp_path, shapes.run_results(version)), read_run_results)
    assert f"run-results v{version}" in error.what


@pytest.mark.parametrize(
    "schema", ["", "x\ny\x1b[31m" * 500, "/manifest/v" + "9" * 5_000, "https://x/manifest/v12"]
)
def test_strange_schema_names(schema: str, tmp_path: Path) -> None:
    content = shapes.dbt_1_8()
    content["metadata"]["dbt_schema_version"] = schema
    path = file(tmp_path, content)
    if schema.endswith("/v12"):
        read_manifest(path)
    else:
        assert "\x1b" not in str(refused(path))


def test_a_wrong_type_is_named_with_its_place(tmp_path: Path) -> None:
    content = shapes.dbt_1_8()
    content["nodes"]["model.shop.orders"]["columns"] = [1]
    error = refused(file(tmp_path, content))
    assert "$.nodes[...].columns" in error.what


def test_a_broken_neighbour_is_named(tmp_path: Path) -> None:
    file(tmp_path, TEXT)
    path = file(tmp_path, "{", "catalog.json")
    error = refused(path, lambda _: read_target(tmp_path))
    assert "catalog" in error.what


# -- half-written --------------------------------------------------------------------


def test_a_file_that_is_being_written_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PAUSES", (0.1, 0.4, 1.5))
    path = file(tmp_path, TEXT[:1_000])
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            file(tmp_path, TEXT)

    manifest = read_artifact(path, Manifest, kind="manifest", versions=VERSIONS, sleep=sleep)
    assert "model.shop.orders" in manifest.nodes
    assert waited == [0.1, 0.4]


def test_a_broken_file_that_nobody_writes_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PAUSES", (0.1, 0.4, 1.5))
    path = file(tmp_path, TEXT[:1_000])
    os.utime(path, (0, 0))
    waited: list[float] = []
    with pytest.raises(ArtifactError):
        read_artifact(path, Manifest, kind="manifest", sleep=waited.append)
    assert waited == []


def test_a_file_that_never_gets_whole_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PAUSES", (0.1, 0.4, 1.5))
    path = file(tmp_path, TEXT[:1_000])
    waited: list[float] = []
    with pytest.raises(ArtifactError, match="ends too early"):
        read_artifact(path, Manifest, kind="manifest", sleep=waited.append)
    assert waited == [0.1, 0.4, 1.5]


def test_reading_beside_a_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt opens with "w" and dumps in pieces; the reader gets the whole or one line."""
    monkeypatch.setattr(files, "_PAUSES", (0.001,) * 200)
    path = file(tmp_path, TEXT)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with path.open("w", encoding="utf-8") as out:
                for start in range(0, len(TEXT), 512):
                    out.write(TEXT[start : start + 512])
                    out.flush()
            stop.wait(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(50):
            assert "model.shop.orders" in read_manifest(path).nodes
    finally:
        stop.set()
        writer.join()
