"""Keeps one comment on a pull request: found by a hidden marker, updated in place.

    python action/comment.py comment.md --key diff

Reads what the runner sets (``GITHUB_EVENT_PATH``, ``GITHUB_REPOSITORY``,
``GITHUB_API_URL``) and ``GITHUB_TOKEN``. Needs nothing but Python. The number of the pull
request comes from the event alone: what other jobs left behind is not asked for it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

LIMIT = 65_536
"""GitHub refuses a longer comment."""

_PAGES = 30
_ATTEMPTS = 3


class GitHubError(Exception):
    """One clear line about what GitHub said.

    Attributes:
        status: of the HTTP answer; 0 if there was none.
    """

    def __init__(self, what: str, status: int = 0) -> None:
        super().__init__(what)
        self.status = status


def main(arguments: list[str] | None = None) -> int:
    """Write the comment; 0 if that is done or not possible for this event, else 2."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="Markdown of the comment")
    parser.add_argument("--key", default="diff", help="tells several comments apart")
    parser.add_argument("--author", default="github-actions[bot]", help="whose comment it is")
    parser.add_argument(
        "--only-update", action="store_true", help="change a comment, but write no new one"
    )
    options = parser.parse_args(arguments)
    try:
        told = keep_comment(
            GitHub.from_environment(),
            json.loads(Path(_environ("GITHUB_EVENT_PATH")).read_bytes()),
            _body(options.file, options.key),
            author=options.author,
            only_update=options.only_update,
        )
    except GitHubError as error:
        if error.status == 403:  # a pull request from a fork: the review itself is no less valid
            print(f"::warning title=analyticsops::no comment: {_line(error)}")
            return 0
        print(f"::error title=analyticsops::no comment: {_line(error)}")
        return 2
    print(told)
    return 0


class GitHub:
    """The few calls of the REST interface that a comment needs."""

    def __init__(self, url: str, repository: str, token: str) -> None:
        self.repository = repository
        self._url = url.rstrip("/")
        self._token = token

    @classmethod
    def from_environment(cls) -> GitHub:
        """As the runner says.

        Raises:
            GitHubError: something is not set.
        """
        return cls(
            os.environ.get("GITHUB_API_URL") or "https://api.github.com",
            _environ("GITHUB_REPOSITORY"),
            _environ("GITHUB_TOKEN"),
        )

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The answer of ``/repos/OWNER/NAME/<path>`` as plain data.

        Raises:
            GitHubError: GitHub refuses, or is not there after three attempts.
        """
        url = f"{self._url}/repos/{self.repository}/{path}"
        if query:
            url += f"?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(  # noqa: S310 - the address is the runner's
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": "analyticsops",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                if error.code < 500 or attempt == _ATTEMPTS:
                    raise GitHubError(_refusal(method, path, error), error.code) from error
            except (OSError, ValueError) as error:
                # A comment that was perhaps written must not be written twice.
                if method == "POST" or attempt == _ATTEMPTS:
                    raise GitHubError(f"{method} {path}: {error}") from error
            time.sleep(attempt)
        raise AssertionError("the last attempt returns or raises")


def keep_comment(
    github: GitHub, event: dict[str, Any], body: str, *, author: str, only_update: bool = False
) -> str:
    """Write or update the comment of the pull request that an event is about.

    Args:
        body: its first line is the marker.
        author: only a comment of this login is updated: anyone can copy a marker.

    Returns:
        what was done, in a line.

    Raises:
        GitHubError: of whatever GitHub refuses.
    """
    number = pull_request(github, event)
    if number is None:
        return "no comment: the pull request is closed, or has newer commits"
    marker = body.partition("\n")[0]
    for page in range(1, _PAGES + 1):
        path = f"issues/{number}/comments"
        comments = github.call("GET", path, per_page="100", page=str(page))
        for comment in comments:
            ours = (comment.get("user") or {}).get("login") == author
            if ours and (comment.get("body") or "").startswith(marker):
                if comment["body"].replace("\r\n", "\n").strip() == body.strip():
                    return f"comment {comment['id']} says so already"
                github.call("PATCH", f"issues/comments/{int(comment['id'])}", {"body": body})
                return f"updated comment {comment['id']}"
        if len(comments) < 100:
            break
    if only_update:
        return "no comment: there is nothing to say"
    made = github.call("POST", f"issues/{number}/comments", {"body": body})
    return f"wrote comment {made['id']}"


def pull_request(github: GitHub, event: dict[str, Any]) -> int | None:
    """The number of the pull request; None if its head is no longer what was reviewed.

    Raises:
        GitHubError: the event is about no pull request.
    """
    if "pull_request" in event:
        return int(event["pull_request"]["number"])
    run = event.get("workflow_run")
    if not run or run.get("event") != "pull_request":
        raise GitHubError("this event is about no pull request")
    # `workflow_run.pull_requests` is empty for forks. The branch's name is foreign: it
    # travels as a query, and the commit decides.
    owner = run["head_repository"]["owner"]["login"]
    head = f"{owner}:{run['head_branch']}"
    found = github.call("GET", "pulls", state="open", head=head, per_page="100")
    numbers = [int(pull["number"]) for pull in found if pull["head"]["sha"] == run["head_sha"]]
    return numbers[0] if numbers else None


def _body(file: Path, key: str) -> str:
    marker = f"<!-- analyticsops comment {re.sub('[^A-Za-z0-9_.-]', '', key)} -->"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GitHubError(f"{file}: {error}") from error
    body = f"{marker}\n{text}"
    if len(body) > LIMIT:
        raise GitHubError(f"{file} has {len(body):,} characters, GitHub takes {LIMIT:,}")
    return body


def _environ(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise GitHubError(f"{name} is not set")
    return value


def _refusal(method: str, path: str, error: urllib.error.HTTPError) -> str:
    try:
        said = str(json.loads(error.read()).get("message", ""))
    except (OSError, ValueError, AttributeError):
        said = error.reason or ""
    advice = " (needs `permissions: pull-requests: write`)" if error.code == 403 else ""
    return f"{method} {path}: {error.code} {said}{advice}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split()).replace("%", "%25")


if __name__ == "__main__":
    sys.exit(main())
