"""With dbt itself: a commit is compiled, and what must be built again is what dbt builds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import selection
from scripts import demo
from tests.commits.repository import commit_all, git

AOPS = Path(sys.executable).parent / "analyticsops"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example in a subfolder; on `harmful`, compiled as its owner would."""
    top = tmp_path_factory.mktemp("repository")
    project = top / "warehouse"
    demo.copy_example(project)
    git(top, "init", "--quiet", "--initial-branch", "main")
    commit_all(top)
    git(top, "switch", "--quiet", "--create", "harmful")
    patch = demo.EXAMPLE / "pull_requests" / "harmful.patch"
    git(top, "apply", "--directory=warehouse", "-p1", str(patch))
    commit_all(top)
    demo.dbt(project, "deps")
    demo.dbt(project, "compile", "--full-refresh", "--vars", "{session_timeout_minutes: 20}")
    return project


def _run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {key: text for key, text in os.environ.items() if key != "ANALYTICSOPS_CACHE"}
    return subprocess.run(
        [str(AOPS), *arguments], cwd=project, env=environ, capture_output=True, text=True
    )


def test_diff_compiles_the_base_as_the_head_was(repository: Path) -> None:
    done = _run(repository, "diff", "--base-ref", "main", "--format", "json")
    assert done.returncode == 1, done.stderr
    assert "--vars '{\"session_timeout_minutes\":20}' --full-refresh`" in done.stderr
    report = json.loads(done.stdout)
    # Were the vars others, the sessions would have changed, too.
    assert {v["name"] for v in report["verdicts"]} == {
        "int_money_movements",
        "int_orders_placed",
        "stg_payments",
    }
    assert {f["rule"] for f in report["findings"]} >= {"CON612", "ROW301", "SCH202"}
    again = _run(repository, "diff", "--base-ref", "main", "--format", "json")
    assert (again.stdout, again.stderr) == (done.stdout, "")
    assert git(repository, "status", "--porcelain") == ""


def test_dbt_understands_the_selectors(repository: Path) -> None:
    chosen = _run(repository, "select", "--changed", "--base-ref", "main").stdout.split()
    command = [str(demo.BIN / "dbt"), "--quiet", "ls", "--indirect-selection", "empty"]
    command += ["--target-path", "target_ls", "--output", "json", "--output-keys", "unique_id"]
    done = subprocess.run(
        [*command, "--select", *chosen], cwd=repository, capture_output=True, text=True
    )
    listed = [json.loads(line)["unique_id"] for line in done.stdout.splitlines() if line[0] == "{"]
    found = json.loads(
        _run(repository, "select", "--changed", "--base-ref", "main", "--format", "json").stdout
    )
    assert sorted(listed) == sorted(entry["node"] for entry in found)
    assert len(listed) == len(chosen) > 5


def test_fewer_models_than_state_modified(shop: Path, tmp_path: Path) -> None:
    """Three of the ten changes of the bench, without building them."""
    (tmp_path / "base").symlink_to(shop / "base")
    titles = ("a comment in", "`stg_web_events.page_path`", "`int_customer_activity` becomes")
    changes = tuple(c for c in selection.CHANGES if c.title.startswith(titles))
    rows = list(selection.measure(tmp_path, changes, build=False))
    assert [(len(row.dbt), len(row.ours)) for row in rows] == [(7, 0), (6, 1), (2, 1)]
    assert all(row.ours <= row.dbt for row in rows)


def test_the_table_in_the_docs_is_that_of_the_bench() -> None:
    page = (demo.REPO / "docs" / "ci.md").read_text(encoding="utf-8")
    for change in selection.CHANGES:
        assert f"\n| {change.title} |" in page
