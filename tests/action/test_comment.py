"""One comment, updated in place, whatever else is written on a pull request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from action import comment
from action.comment import GitHub, GitHubError, keep_comment
from tests.action.runner import FakeGitHub, served

BOT = "github-actions[bot]"
OPENED = {"pull_request": {"number": 7}}
RUN = {
    "workflow_run": {
        "event": "pull_request",
        "head_sha": "a" * 40,
        "head_branch": "their/branch",
        "head_repository": {"owner": {"login": "stranger"}},
        "pull_requests": [],
    }
}
BODY = "<!-- analyticsops comment diff -->\nhello\n"


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with served(FakeGitHub()) as fake:
        yield fake


def _keep(github: FakeGitHub, body: str = BODY, event: Any = OPENED, **more: Any) -> str:
    client = GitHub(github.url, "shop/warehouse", "t0ken")
    return keep_comment(client, event, body, author=BOT, **more)


def test_written_then_updated_then_left_alone(github: FakeGitHub) -> None:
    github.say("somebody", "nice")
    assert _keep(github) == "wrote comment 2"
    assert _keep(github, BODY + "again") == "updated comment 2"
    assert _keep(github, BODY + "again\n") == "comment 2 says so already"
    assert [c["body"] for c in github.comments] == ["nice", BODY + "again"]


def test_a_copied_marker_is_not_ours(github: FakeGitHub) -> None:
    github.say("stranger", BODY)
    assert _keep(github) == "wrote comment 2"
    assert github.comments[0]["body"] == BODY


def test_another_key_is_another_comment(github: FakeGitHub) -> None:
    _keep(github)
    assert _keep(github, BODY.replace("diff", "finance")) == "wrote comment 2"


def test_ours_may_be_on_a_later_page(github: FakeGitHub) -> None:
    for number in range(250):
        github.say("somebody", f"{number}")
    _keep(github)
    assert _keep(github, BODY + "x") == "updated comment 251"
    assert len(github.comments) == 251


def test_no_new_comment_without_findings(github: FakeGitHub) -> None:
    assert "nothing to say" in _keep(github, only_update=True)
    assert github.comments == []
    _keep(github)
    assert _keep(github, BODY + "fine", only_update=True) == "updated comment 1"


def test_the_second_step_finds_the_pull_request_of_a_fork(github: FakeGitHub) -> None:
    assert _keep(github, event=RUN) == "wrote comment 1"
    github.sha = "b" * 40
    assert "newer commits" in _keep(github, event=RUN)
    other = {"workflow_run": {**RUN["workflow_run"], "event": "push"}}
    for event in (other, {"ref": "main"}):
        with pytest.raises(GitHubError, match="about no pull request"):
            _keep(github, event=event)


def test_a_server_that_hiccups(github: FakeGitHub) -> None:
    github.refuse = [502, 503]
    assert _keep(github) == "wrote comment 1"
    github.refuse = [500, 500, 500]
    with pytest.raises(GitHubError, match="GET issues/7/comments: 500"):
        _keep(github)


@pytest.mark.parametrize(("status", "code"), [(403, 0), (404, 2), (422, 2)])
def test_the_program(
    github: FakeGitHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
    code: int,
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(OPENED))
    (tmp_path / "comment.md").write_text("hello\n")
    for name, value in {
        "GITHUB_API_URL": github.url,
        "GITHUB_REPOSITORY": "shop/warehouse",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_TOKEN": "t0ken",
    }.items():
        monkeypatch.setenv(name, value)
    arguments = [str(tmp_path / "comment.md"), "--key", "a b-->c"]
    assert comment.main(arguments) == 0
    assert github.comments[0]["body"] == "<!-- analyticsops comment ab--c -->\nhello\n"
    github.refuse = [status]
    assert comment.main(arguments) == code
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("::warning" if code == 0 else "::error")
    assert str(status) in said
    (tmp_path / "comment.md").write_text("x" * comment.LIMIT)
    assert comment.main(arguments) == 2
    monkeypatch.delenv("GITHUB_TOKEN")
    assert comment.main(arguments) == 2
    assert "GITHUB_TOKEN is not set" in capsys.readouterr().out
