"""The workflows in docs/ci.md: what they may do, and that their commands run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.action.runner import ACTION, REPO, FakeGitHub
from tests.action.test_action import Job
from tests.commits.repository import git

PAGE = (REPO / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS: list[Any] = [
    yaml.load(text, Loader=yaml.BaseLoader)
    for text in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
]
WORKFLOWS = {block["name"]: block for block in BLOCKS if "jobs" in block}
GITLAB = next(block["analyticsops"] for block in BLOCKS if "analyticsops" in block)


def _steps(workflow: Any) -> list[Any]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_they_are_all_there() -> None:
    assert sorted(WORKFLOWS) == ["analyticsops", "comment", "review"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert "permissions" in workflow, "what it may do is written down"
    assert "pull_request_target" not in str(workflow["on"])
    for step in _steps(workflow):
        assert "${{" not in step.get("run", ""), "an expression in a script"
        assert ("run" in step) != ("uses" in step)
        assert re.fullmatch(r"[\w./-]+@(v\d+|COMMIT)", step.get("uses", "a/b@v1"))
        if step.get("uses", "").startswith("OWNER/analyticsops@"):
            assert set(step.get("with", {})) <= ACTION["inputs"].keys()
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"] == {"fetch-depth": "0", "persist-credentials": "false"}


def test_where_foreign_code_runs_there_are_no_rights() -> None:
    assert WORKFLOWS["review"]["permissions"] == {"contents": "read"}
    assert "secrets." not in str(WORKFLOWS["review"])
    assert "github.token" not in str(WORKFLOWS["review"])


def test_where_there_are_rights_no_foreign_code_runs() -> None:
    workflow = WORKFLOWS["comment"]
    assert workflow["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert workflow["on"]["workflow_run"]["workflows"] == [WORKFLOWS["review"]["name"]]
    uses = [step["uses"].partition("@")[0] for step in _steps(workflow)]
    assert uses == ["actions/download-artifact", "OWNER/analyticsops"]
    assert all("run" not in step for step in _steps(workflow))


def test_the_artifact_is_the_report() -> None:
    upload = _steps(WORKFLOWS["review"])[-1]["with"]
    download, show = (step["with"] for step in _steps(WORKFLOWS["comment"]))
    assert upload["name"] == download["name"]
    assert show["report"] == f"{download['path']}/report.json"
    assert 'report="$out/report.json"' in (REPO / "action" / "review.sh").read_text()


def test_the_script_for_gitlab_runs(tmp_path: Path) -> None:
    job = Job(tmp_path, FakeGitHub())
    assert GITLAB["variables"]["GIT_DEPTH"] == "0"
    environ = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(REPO),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": git(job.root, "merge-base", "main", "pr"),
        "GITLAB_CI": "true",
    }
    (command,) = (line for line in GITLAB["script"] if line.startswith("analyticsops "))
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=job.root / "warehouse",
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "VAL401" in done.stdout
    (issue,) = json.loads((job.root / "warehouse" / "codequality.json").read_bytes())
    assert issue["location"]["path"] == "warehouse/models/stg.sql"
    reports = GITLAB["artifacts"]["reports"]
    assert {f"gitlab={reports['codequality']}", f"junit={reports['junit']}"} <= {
        *shlex.split(command)
    }


def test_the_script_that_builds_what_changed(tmp_path: Path) -> None:
    job = Job(tmp_path, FakeGitHub())
    (script,) = re.findall(r"^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    environ = {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(REPO),
    }
    for ref, built in (("pr", False), ("main", True)):
        git(job.root, "update-ref", "refs/remotes/origin/main", ref)
        job.log.write_text("")
        command = ["bash", "-euc", script]
        subprocess.run(command, cwd=job.root / "warehouse", env=environ, capture_output=True)
        calls = [line.partition(" ")[2] for line in job.log.read_text().splitlines()]
        wanted = ["build --select fqn:shop.stg fqn:shop.fct"] if built else []
        assert [call for call in calls if call.startswith("build")] == wanted


def test_settings_on_the_page_are_settings() -> None:
    from analyticsops.config import ConfigFile

    settings = [block for block in BLOCKS if "version" in block]
    assert len(settings) >= 2
    for block in settings:
        assert set(block) <= set(ConfigFile.__struct_fields__)
