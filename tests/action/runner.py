"""Runs a composite action as a GitHub runner does: expressions into the environment, files
for outputs, one bash a step. And a GitHub that keeps comments."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

REPO = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((REPO / "action.yml").read_text(encoding="utf-8"))


class Run:
    """What became of a run of the action."""

    def __init__(self, code: int, log: str, summary: str, outputs: dict[str, str]) -> None:
        self.code, self.log, self.summary, self.outputs = code, log, summary, outputs


def run_action(cwd: Path, scratch: Path, env: dict[str, str], **inputs: str) -> Run:
    """Run action.yml; stops at the first step that fails, as a runner does."""
    unknown = {name.replace("_", "-") for name in inputs} - ACTION["inputs"].keys()
    assert not unknown, unknown
    values = {name: spec.get("default", "") for name, spec in ACTION["inputs"].items()}
    values["token"] = "t0ken"
    values |= {name.replace("_", "-"): value for name, value in inputs.items()}
    names = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")
    files = {name: scratch / name for name in names}
    for file in files.values():
        file.write_text("")
    environ = {
        **env,
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(REPO),
        "RUNNER_TEMP": str(scratch),
        **{name: str(file) for name, file in files.items()},
    }
    outputs: dict[str, dict[str, str]] = {}
    log, code = "", 0
    for step in ACTION["runs"]["steps"]:
        if not _condition(step.get("if", ""), values, outputs):
            continue
        more = {key: _fill(text, values, outputs) for key, text in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=cwd,
            env={**environ, **_pairs(files["GITHUB_ENV"]), **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        log += done.stdout
        outputs[step.get("id", "")] = _pairs(files["GITHUB_OUTPUT"])
        code = done.returncode
        if code:
            break
    found = {
        name: _fill(spec["value"], values, outputs) for name, spec in ACTION["outputs"].items()
    }
    return Run(code, log, files["GITHUB_STEP_SUMMARY"].read_text(), found)


def _pairs(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def _fill(text: str, inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> str:
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: _value(match[1], inputs, outputs), text)


def _value(name: str, inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> str:
    kind, _, rest = name.partition(".")
    if kind == "inputs":
        return inputs[rest]
    assert kind == "steps", name
    step, _, key = rest.partition(".outputs.")
    return outputs.get(step, {}).get(key, "")


def _condition(text: str, inputs: dict[str, str], outputs: dict[str, dict[str, str]]) -> bool:
    """``a == 'x' && b != 'y' || c == 'z'``; an empty one holds."""

    def holds(part: str) -> bool:
        name, operator, wanted = re.split(r"\s*(==|!=)\s*", part.strip())
        return (_value(name, inputs, outputs) == wanted.strip("'")) == (operator == "==")

    if not text:
        return True
    return any(all(map(holds, either.split("&&"))) for either in text.split("||"))


class FakeGitHub:
    """Comments of one pull request, number 7, whose head is ``sha``."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.calls: list[tuple[str, str]] = []
        self.refuse: list[int] = []
        self.sha = "a" * 40
        self.url = ""

    def say(self, login: str, body: str) -> None:
        """Somebody comments."""
        number = len(self.comments) + 1
        self.comments.append({"id": number, "user": {"login": login}, "body": body})

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """What GitHub would say."""
        address = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(address.query).items()}
        self.calls.append((method, path))
        if self.refuse:
            return self.refuse.pop(0), {"message": "Resource not accessible by integration"}
        where = address.path.removeprefix("/repos/shop/warehouse/")
        if (method, where) == ("GET", "pulls"):
            ours = query["head"] == "stranger:their/branch"
            return 200, [{"number": 7, "head": {"sha": self.sha}}] if ours else []
        if (method, where) == ("GET", "issues/7/comments"):
            page, size = int(query["page"]), int(query["per_page"])
            return 200, self.comments[(page - 1) * size : page * size]
        if (method, where) == ("POST", "issues/7/comments"):
            self.say("github-actions[bot]", body["body"])
            return 201, self.comments[-1]
        if method == "PATCH" and where.startswith("issues/comments/"):
            comment = self.comments[int(where.rpartition("/")[2]) - 1]
            comment["body"] = body["body"]
            return 200, comment
        return 404, {"message": "Not Found"}


@contextmanager
def served(github: FakeGitHub) -> Iterator[FakeGitHub]:
    """Put it on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            assert self.headers["Authorization"] == "Bearer t0ken"
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, answer = github.answer(self.command, self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    github.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield github
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
