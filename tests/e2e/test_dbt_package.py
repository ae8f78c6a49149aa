"""The repository as a dbt package: installed into a project, it must not get in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from analyticsops import __version__

REPO = Path(__file__).resolve().parents[2]
DBT = Path(sys.executable).parent / "dbt"


def test_installs_and_adds_nothing_but_macros(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.sql").write_text(
        "select '{{ analyticsops.analyticsops_version() }}' as version\n"
    )
    (tmp_path / "dbt_project.yml").write_text("name: scratch\nprofile: scratch\nversion: '1.0'\n")
    (tmp_path / "packages.yml").write_text(f"packages:\n  - local: {REPO}\n")
    (tmp_path / "profiles.yml").write_text(
        "scratch:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: scratch.duckdb}\n"
    )
    _dbt(tmp_path, "deps")
    said = _dbt(tmp_path, "--warn-error", "compile")
    manifest = json.loads((tmp_path / "target" / "manifest.json").read_text())
    ours = {
        unique_id
        for part in ("nodes", "sources", "exposures", "metrics", "unit_tests", "semantic_models")
        for unique_id, node in manifest[part].items()
        if node["package_name"] == "analyticsops"
    }
    assert ours == set(), said
    assert "macro.analyticsops.analyticsops_version" in manifest["macros"]
    assert f"'{__version__}'" in manifest["nodes"]["model.scratch.one"]["compiled_code"]


def test_versions_agree() -> None:
    for package in (REPO, REPO / "warehouse"):
        assert f'version: "{__version__}"' in (package / "dbt_project.yml").read_text()
    assert f'return("{__version__}")' in (REPO / "macros" / "analyticsops_version.sql").read_text()


def test_archives_leave_out_what_users_do_not_run() -> None:
    tracked = subprocess.run(
        ["git", "check-attr", "export-ignore", "tests", "tests/", "dbt_project_example/", "macros"],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "tests/: export-ignore: set" in tracked
    assert "dbt_project_example/: export-ignore: set" in tracked
    assert "macros: export-ignore: unspecified" in tracked


def _dbt(folder: Path, *arguments: str) -> str:
    environ = {
        **os.environ,
        "DBT_PROFILES_DIR": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(
        [str(DBT), *arguments], cwd=folder, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
