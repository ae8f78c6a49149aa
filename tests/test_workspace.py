"""Where the SQL of a model comes from when the manifest has none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from analyticsops import api
from analyticsops.lineage.code import Code
from analyticsops.workspace import Workspace, cache_of
from tests.project_maker import Made, project, write

ON_DISK = "select 1 as from_disk"


def _parsed(**more: Any) -> Made:
    """As ``dbt parse`` leaves it."""
    models = {"stg": {"sql": "select id, {{ 1 + 1 }} as two from @raw.orders", **more}}
    return project(sources={"raw.orders": "id"}, models=models, compiled=False)


def _compile(root: Path, path: str = "shop/models/stg.sql", *, age: float = -10) -> Path:
    """A file as ``dbt compile`` leaves it, so many seconds older than the model."""
    file = root / "target" / "compiled" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(ON_DISK, encoding="utf-8")
    model = (root / "models" / "stg.sql").stat().st_mtime
    os.utime(file, (model - age, model - age))
    return file


def _code(root: Path) -> Code:
    loaded = api.load(root / "target")
    return loaded.code(loaded.project.nodes["model.shop.stg"])


def test_what_dbt_compiled_goes_first(tmp_path: Path) -> None:
    made = project(models={"stg": "select 1 as compiled"})
    _compile(write(made, tmp_path))
    assert _code(tmp_path) == Code("select 1 as compiled")


def test_a_newer_file_in_target_is_used(tmp_path: Path) -> None:
    _compile(write(_parsed(), tmp_path))
    assert _code(tmp_path) == Code(ON_DISK)


def test_an_older_file_in_target_is_not_used(tmp_path: Path) -> None:
    _compile(write(_parsed(), tmp_path), age=10)
    code = _code(tmp_path)
    assert code.sql is not None
    assert "2 as two" in code.sql


def test_without_the_model_nobody_knows_how_old_it_is(tmp_path: Path) -> None:
    root = write(_parsed(), tmp_path)
    _compile(root)
    (root / "models" / "stg.sql").unlink()
    assert "2 as two" in (_code(tmp_path).sql or "")


def test_files_of_packages_are_compared_with_the_package(tmp_path: Path) -> None:
    made = _parsed()
    node = made.manifest["nodes"]["model.shop.stg"]
    node["package_name"] = "pack"
    root = write(made, tmp_path)
    _compile(root, "pack/models/stg.sql")
    assert "2 as two" in (_code(tmp_path).sql or "")  # dbt_packages/pack has no such file
    model = root / "dbt_packages" / "pack" / "models" / "stg.sql"
    model.parent.mkdir(parents=True)
    model.write_text("x", encoding="utf-8")
    os.utime(model, (1, 1))
    assert _code(tmp_path) == Code(ON_DISK)


@pytest.mark.parametrize("fault", ["not text", "a folder", "a link outside"])
def test_files_that_cannot_be_used(tmp_path: Path, fault: str) -> None:
    file = _compile(write(_parsed(), tmp_path))
    if fault == "not text":
        file.write_bytes(b"\xff\xfe\x00")
    else:
        file.unlink()
        if fault == "a folder":
            file.mkdir()
        else:
            outside = tmp_path.parent / f"{tmp_path.name}.sql"
            outside.write_text(ON_DISK, encoding="utf-8")
            file.symlink_to(outside)
    assert "2 as two" in (_code(tmp_path).sql or "")


@pytest.mark.parametrize(
    ("package", "path"),
    [
        ("shop", "../../../secret.sql"),
        ("../..", "secret.sql"),
        ("shop", "/etc/secret.sql"),
        ("shop", "models/\x00.sql"),
    ],
)
def test_a_path_does_not_lead_out(tmp_path: Path, package: str, path: str) -> None:
    made = _parsed()
    node = made.manifest["nodes"]["model.shop.stg"]
    node |= {"package_name": package, "original_file_path": path}
    root = write(made, tmp_path, files=False)
    (root / "secret.sql").write_text("select 'secret' as it", encoding="utf-8")
    assert "secret" not in (_code(tmp_path).sql or "")


def test_rendered_without_dbt(tmp_path: Path) -> None:
    root = write(_parsed(), tmp_path)
    loaded = api.load(root / "target")
    assert list(loaded.graph.nodes["model.shop.stg"].columns) == ["id", "two"]
    assert api.trace(loaded, "stg.id").upstream[0].name == "raw.orders"


def test_what_cannot_be_rendered_is_unknown(tmp_path: Path) -> None:
    root = write(_parsed(raw="select {{ nobody_knows() }} as x"), tmp_path)
    loaded = api.load(root / "target")
    lineage = loaded.graph.nodes["model.shop.stg"]
    assert lineage.status.value != "proven"
    assert lineage.problems


def test_each_model_is_looked_up_once(tmp_path: Path) -> None:
    loaded = api.load(write(_parsed(), tmp_path) / "target")
    node = loaded.project.nodes["model.shop.stg"]
    assert loaded.code(node) is loaded.code(node)


SECRETS = ("DBT_TOKEN", "DBT_ENV_SECRET_X", "DBT_PASSWORD", "DBT_API_KEY", "HOME", "PATH")


@pytest.mark.parametrize("name", SECRETS)
def test_templates_do_not_read_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "very-secret")
    monkeypatch.setenv("DBT_SCHEMA_NAME", "visible")
    read = [f"'{{{{ env_var('{var}', 'hidden') }}}}'" for var in (name, "DBT_SCHEMA_NAME")]
    raw = f"select {read[0]} as a, {read[1]} as b"
    loaded = api.load(write(_parsed(raw=raw), tmp_path) / "target")
    code = loaded.code(loaded.project.nodes["model.shop.stg"])
    assert "very-secret" not in str(code)
    assert "visible" in str(code.sql) or "no secrets" in str(code.problems)


def test_a_lone_manifest_has_no_project(tmp_path: Path) -> None:
    root = write(_parsed(), tmp_path)
    (root / "dbt_project.yml").unlink()
    loaded: Workspace = api.load(root / "target" / "manifest.json")
    assert loaded.project_dir is None
    assert any("--project-dir" in note for note in loaded.notes)
    assert loaded.config.path is None


def test_a_folder_for_what_is_kept_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYTICSOPS_CACHE", str(tmp_path / "not" / "there"))
    kept = cache_of(tmp_path)
    assert kept is not None
    assert kept.parent == tmp_path / "not" / "there"
    assert kept.parent.is_dir()
    (tmp_path / "file").touch()
    monkeypatch.setenv("ANALYTICSOPS_CACHE", str(tmp_path / "file" / "below"))
    assert cache_of(tmp_path) is None
