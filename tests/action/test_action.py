"""action.yml, run step by step in a git repository, with a GitHub on this machine."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from analyticsops.report.json import schema
from tests.action.runner import ACTION, REPO, FakeGitHub, Run, run_action, served
from tests.action.test_comment import OPENED, RUN
from tests.commits.repository import HEAD, commit, fake_dbt, git, make_repository
from tests.project_maker import project, write
from tests.report.test_hostile import MARKDOWN
from tests.report.workflow import run_log


class Job:
    """A checked-out pull request, compiled, and what runs the action on it."""

    def __init__(self, folder: Path, github: FakeGitHub) -> None:
        self.folder, self.github = folder, github
        self.root = folder / "repository"
        self.root.mkdir()
        make_repository(self.root)
        git(self.root, "update-ref", "refs/remotes/origin/main", "main")
        self.log = fake_dbt(folder / "bin")
        command = folder / "bin" / "analyticsops"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m analyticsops "$@"\n')
        command.chmod(0o755)
        self.compile_head()

    def compile_head(self) -> None:
        write(project(**json.loads(HEAD)), self.root / "warehouse")

    def run(self, event: Any = OPENED, **inputs: str) -> Run:
        (self.folder / "event.json").write_text(json.dumps(event))
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        environ = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "PYTHONPATH": str(REPO),
            "PYTHONUTF8": "1",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_REPOSITORY": "shop/warehouse",
            "GITHUB_BASE_REF": "main",
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
        }
        inputs = {"install": "false", "project_dir": "warehouse", **inputs}
        return run_action(self.root, scratch, environ, **inputs)


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Job]:
    with served(FakeGitHub()) as github:
        yield Job(tmp_path, github)


def test_a_pull_request_of_the_repository(job: Job) -> None:
    done = job.run(fail_on="warning")
    assert done.code == 1, done.log
    assert done.outputs["exit-code"] == "1"
    (said,) = job.github.comments
    assert said["body"].startswith("<!-- analyticsops comment diff -->\n<!-- analyticsops:diff -->")
    assert "`stg.amount`" in said["body"]
    assert "`stg.amount`" in done.summary
    report = json.loads(Path(done.outputs["report"]).read_bytes())
    jsonschema.validate(report, schema())
    assert report["base"]["commit"] == git(job.root, "merge-base", "main", "pr")
    assert json.loads(Path(done.outputs["sarif"]).read_bytes())["version"] == "2.1.0"
    annotations = [c for c in run_log(done.log).commands if c.name in ("warning", "error")]
    assert [c.properties["file"] for c in annotations] == ["warehouse/models/stg.sql"]
    # A second push: the same comment, and dbt does not run again for the same base.
    calls = job.log.read_text()
    assert job.run(fail_on="never").code == 0
    assert len(job.github.comments) == 1
    assert job.log.read_text() == calls


def test_strictness_and_perspective(job: Job) -> None:
    """The same pull request: a filter, which breaks nothing in its schema."""
    assert job.run(fail_on="info", strictness="data").code == 1
    assert job.run(fail_on="info", strictness="relation").code == 0
    assert job.run(fail_on="error", perspective="producer").code == 0


def test_both_versions_are_executed(job: Job) -> None:
    done = job.run(execute="true")
    report = json.loads(Path(done.outputs["report"]).read_bytes())
    assert any(finding["counterexample"] for finding in report["findings"]), done.log
    assert not any(
        finding["counterexample"]
        for finding in json.loads(Path(job.run().outputs["report"]).read_bytes())["findings"]
    )


def test_without_findings_there_is_no_comment(job: Job) -> None:
    done = job.run(base_ref="HEAD")
    assert done.code == 0, done.log
    assert job.github.comments == []
    assert "No findings" in done.summary


def test_what_cannot_run_is_an_annotation(job: Job) -> None:
    done = job.run(base_command="dbt compile --fail\ndbt parse --fail")
    assert (done.code, job.github.comments) == (2, [])
    (said,) = run_log(done.log).commands
    assert said.name == "error"
    assert "Model 'a' is wrong" in said.message
    assert job.run(base_command="dbt compile --fail\ndbt parse").code == 0
    assert job.run(base="nowhere").code == 2


def test_a_token_that_may_not_comment_does_not_fail_the_job(job: Job) -> None:
    job.github.refuse = [403]
    done = job.run()
    assert done.code == 0
    assert "no comment: GET issues/7/comments: 403" in done.log
    assert "pull-requests: write" in done.log


HOSTILE = ["$(touch hacked)", "`touch hacked`", '"; touch hacked; "', "a\n::error::x", "' || true"]


@pytest.mark.parametrize(
    "name",
    [
        "base",
        "base_ref",
        "base_command",
        "config",
        "select",
        "fail_on",
        "strictness",
        "perspective",
        "database",
        "target",
    ],
)
@pytest.mark.parametrize("value", HOSTILE)
def test_inputs_are_never_code(job: Job, name: str, value: str) -> None:
    done = job.run(comment="false", **{name: value})
    assert done.code == 2 or (name, done.code) == ("select", 0), done.log  # no such nodes
    assert not [*job.folder.rglob("hacked")]


# -- forks: found without rights, shown by whoever has some -----------------------------


def test_the_two_steps(job: Job) -> None:
    first = job.run(comment="false", fail_on="warning")
    assert (first.code, job.github.calls) == (1, [])
    report = job.folder / "report.json"
    report.write_bytes(Path(first.outputs["report"]).read_bytes())
    (job.folder / "elsewhere").mkdir()
    second = job.run(RUN, report=str(report), project_dir=".")
    assert second.code == 0, second.log  # the first step failed already
    (said,) = job.github.comments
    assert "`stg.amount`" in said["body"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "{" * 100_000, '{"schema": "analyticsops/report/v2"}', "\xff", "null"],
)
def test_a_report_that_is_none_is_not_shown(job: Job, text: str) -> None:
    report = job.folder / "report.json"
    report.write_text(text, encoding="latin-1")
    done = job.run(RUN, report=str(report))
    assert done.code == 2, done.log
    assert job.github.calls == []
    assert "this is not a report of version 1" in done.log


def test_words_of_a_foreign_report_stay_words(job: Job) -> None:
    report = json.loads(Path(job.run(comment="false").outputs["report"]).read_bytes())
    (finding,) = report["findings"]
    evil = "<img src=x> @everyone [click](http://evil) `x` ```\n::error::x"
    finding |= {
        "subject": evil,
        "message": evil,
        "evidence": [evil],
        "owner": "@admins",
        "fix": evil,
    }
    finding["location"]["path"] = "::set-output name=x::y"
    report["notes"] = [evil]
    report["project"]["name"] = evil
    file = job.folder / "report.json"
    file.write_text(json.dumps(report))
    done = job.run(RUN, report=str(file))
    assert done.code == 0, done.log
    body = job.github.comments[0]["body"]
    page = MARKDOWN.render(body)
    assert not re.search(r"<(img|a)\b", page)
    assert "@everyone" not in re.sub(r"(?s)<(code|pre)\b.*?</\1>", "", page)
    assert not [line for line in body.splitlines() if line.startswith("cc ")]
    assert {c.name for c in run_log(done.log).commands} <= {"warning", "notice", "error"}


# -- what stands in the files -----------------------------------------------------------


def test_no_expression_stands_in_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"], step
        assert step["shell"] == "bash"
    assert ACTION["runs"]["using"] == "composite"
    assert all({"description", "default"} <= set(spec) for spec in ACTION["inputs"].values())
    assert all({"description", "value"} == set(spec) for spec in ACTION["outputs"].values())


def test_every_input_is_read() -> None:
    scripts = "".join(path.read_text() for path in (REPO / "action").iterdir() if path.is_file())
    wired = json.dumps(ACTION["runs"])
    for name in ACTION["inputs"]:
        assert f"inputs.{name}" in wired, name
    for step in ACTION["runs"]["steps"]:
        for variable in step["env"]:
            assert variable in scripts + step["run"], variable


def test_archives_hold_what_the_action_needs() -> None:
    ignored = git(REPO, "check-attr", "export-ignore", "action.yml", "action/", "pyproject.toml")
    assert ": set" not in ignored


def test_pre_commit_hooks() -> None:
    hooks = yaml.safe_load((REPO / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["analyticsops-check", "analyticsops-diff"]
    for hook in hooks:
        assert {"id", "name", "entry", "language", "description"} <= set(hook)
        assert hook["language"] == "python"
        assert not hook["pass_filenames"]


def test_the_hooks_run(job: Job) -> None:
    hooks = yaml.safe_load((REPO / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (job.root / "warehouse" / "analyticsops.yml").write_text("version: 1\nfail_on: never\n")
    from tests.cli.shell import run

    environ = {"PATH": f"{job.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(job.folder)}
    for hook in hooks:
        words = [*hook["entry"].split()[1:], *hook.get("args", [])]
        assert run(*words, cwd=job.root / "warehouse", **environ).code == 0


def test_commits_of_the_repository_maker(job: Job) -> None:
    """The merge commit that GitHub checks out is compared with its first parent."""
    git(job.root, "switch", "--quiet", "--create", "merged", "main")
    git(job.root, "merge", "--quiet", "--strategy-option", "theirs", "--no-edit", "pr")
    done = job.run(comment="false")
    assert done.code == 0, done.log
    report = json.loads(Path(done.outputs["report"]).read_bytes())
    assert report["base"]["commit"] == git(job.root, "rev-parse", "main")
    assert commit(job.root, other__txt="x")
