"""Vars and dispatch order of dbt_project.yml, by dbt's precedence."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyticsops.errors import ConfigError
from analyticsops.project.render import project_dispatch, project_vars

ROOT = """
name: shop
vars:
  everywhere: root
  mine: "{{ target.type }}"
  shop: {scoped: of shop}
  addon: {scoped: of root for addon}
dispatch:
  - {macro_namespace: utils, search_order: [shop, addon, utils]}
"""
ADDON = """
name: addon
vars:
  everywhere: addon
  own: addon
  addon: {scoped: of addon, inner: addon}
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "dbt_packages" / "folder_name", ADDON)
    return write(tmp_path, ROOT)


def test_precedence(folder: Path) -> None:
    found = project_vars(folder)
    assert found["everywhere"] == "root"
    assert found["mine"] == "{{ target.type }}"  # rendered when it is used
    assert found["shop"]["scoped"] == "of shop"
    assert found["addon"] == {
        "everywhere": "root",
        "mine": "{{ target.type }}",
        "own": "addon",
        "inner": "addon",
        "scoped": "of root for addon",
        "addon": {"scoped": "of root for addon"},
        "shop": {"scoped": "of shop"},
    }


def test_the_command_line_wins(folder: Path) -> None:
    found = project_vars(folder, {"scoped": "cli", "new": 1})
    assert found["scoped"] == found["shop"]["scoped"] == found["addon"]["scoped"] == "cli"
    assert found["new"] == found["shop"]["new"] == 1


def test_packages_may_be_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "x", ADDON)
    write(tmp_path, "name: shop\npackages-install-path: elsewhere\n")
    assert project_vars(tmp_path)["addon"]["own"] == "addon"


def test_dispatch(folder: Path) -> None:
    assert project_dispatch(folder) == {"utils": ("shop", "addon", "utils")}


@pytest.mark.parametrize("text", ["", "name: shop", "vars: 1\ndispatch: x", "- 1", "dispatch: [1]"])
def test_odd_files_hold_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert all(value == {} for value in project_vars(tmp_path).values())
    assert project_dispatch(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "where"),
    [("vars: [", ":1"), ("a: 1\n\tb: 2", ":2"), ("x: \x00", ""), ("a: b\n" * 300_000, "")],
)
def test_broken_files_are_told(tmp_path: Path, text: str, where: str) -> None:
    write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        project_vars(tmp_path)
    assert f"dbt_project.yml{where}" in caught.value.where


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        project_vars(tmp_path)


def test_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(ConfigError):
        project_vars(tmp_path)
