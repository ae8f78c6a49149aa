"""Run dbt in every situation that the history must understand, and keep what it wrote.

``python -m tests.history.make_fixtures [NAME ...]`` writes ``fixtures/<name>/<step>/`` with
run_results.json, sources.json, manifest.json and dbt.log, trimmed to what is read and
without paths. Each step is what a target folder held after one command. ``DBT`` names
another dbt than the one beside this Python.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROJECT = HERE / "project"
FIXTURES = HERE / "fixtures"
ARTIFACTS = ("run_results.json", "sources.json", "manifest.json")


class Play:
    """One copy of the project, and the steps played on it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp()) / "shop"
        self.steps = 0
        self.command = os.environ.get("DBT") or str(Path(sys.executable).parent / "dbt")
        shutil.copytree(PROJECT, self.folder)
        shutil.rmtree(FIXTURES / name, ignore_errors=True)

    def dbt(
        self,
        *words: str,
        keep: bool = True,
        kill: signal.Signals | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> int:
        """Run dbt; with ``kill`` send it that signal once a model is being built."""
        settings = {**os.environ, "DBT_PROFILES_DIR": str(self.folder), **(environ or {})}
        command = [self.command, *words]
        process = subprocess.Popen(
            command, cwd=self.folder, env=settings, stdout=subprocess.PIPE, text=True
        )
        if kill is not None:
            assert process.stdout is not None
            for line in process.stdout:
                if "START sql view model" in line:
                    time.sleep(1)
                    process.send_signal(kill)
                    break
        process.communicate(timeout=120)
        if keep:
            self.keep(process.returncode)
        return process.returncode

    def keep(self, code: int) -> None:
        """What lies in the target folder now, as the next step."""
        self.steps += 1
        folder = FIXTURES / self.name / str(self.steps)
        folder.mkdir(parents=True)
        target = self.folder / "target"
        for name in ARTIFACTS:
            if (target / name).is_file():
                trimmed = TRIM[name](json.loads((target / name).read_text()))
                text = json.dumps(trimmed, indent=1, sort_keys=True)
                (folder / name).write_text(self.scrubbed(text) + "\n")
        log = self.folder / "logs" / "dbt.log"
        if log.is_file():
            kept = [trim_log_line(line) for line in log.read_text().splitlines()]
            (folder / "dbt.log").write_text(self.scrubbed("\n".join(filter(None, kept))) + "\n")
        (folder / "exit_code").write_text(f"{code}\n")

    def scrubbed(self, text: str) -> str:
        """Without folders of this machine."""
        return text.replace(str(self.folder.resolve()), "/shop").replace(str(self.folder), "/shop")

    def sql(self, text: str) -> None:
        """Run SQL in the development database, with the DuckDB that this dbt has."""
        code = "import duckdb, sys; duckdb.connect('dev.duckdb').execute(sys.argv[1])"
        python = Path(self.command).parent / "python"
        subprocess.run([str(python), "-c", code, text], cwd=self.folder, check=True)


def _picked(value: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value[key] for key in keys if key in value}


def trim_manifest(data: dict[str, Any]) -> dict[str, Any]:
    """The fields of which the history reads any, of every node."""
    keys = ["unique_id", "name", "resource_type", "package_name", "database", "schema"]
    keys += ["checksum", "attached_node", "freshness", "depends_on", "config"]
    trimmed: dict[str, Any] = {"metadata": data["metadata"]}
    for part in ("nodes", "sources"):
        trimmed[part] = {name: _picked(node, *keys) for name, node in data[part].items()}
        for node in trimmed[part].values():
            node["config"] = _picked(node["config"], "materialized", "severity", "enabled")
            if "depends_on" in node:
                node["depends_on"] = _picked(node["depends_on"], "nodes")
    return trimmed


def trim_results(data: dict[str, Any]) -> dict[str, Any]:
    """Without SQL, and without flags that have nothing to do with what ran."""
    data["args"] = {key: value for key, value in data["args"].items() if key in _ARGS}
    for result in data["results"]:
        for key in ("compiled_code", "relation_name"):
            result.pop(key, None)
    return data


_ARGS = {
    *("which", "invocation_command", "target", "vars", "empty", "sample", "full_refresh", "defer"),
    *("select", "exclude", "selector", "models", "resource_types", "exclude_resource_types"),
    *("event_time_start", "event_time_end", "favor_state", "state"),
}

TRIM: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "run_results.json": trim_results,
    "sources.json": lambda data: data,
    "manifest.json": trim_manifest,
}

_KEPT = re.compile(
    r"^={10,}|running dbt with arguments|Concurrency:|Command `|eyboard|Encountered an error"
    r"|CANCEL"
)
_EVENTS = (
    "MainReportVersion",
    "MainReportArgs",
    "ConcurrencyLine",
    "NodeFinished",
    "EndOfRunSummary",
    "CommandCompleted",
    "MainKeyboardInterrupt",
    "MainEncounteredError",
)


def trim_log_line(line: str) -> str:
    """The line if it says how an invocation began, went or ended; else nothing."""
    if not line.startswith("{"):
        return line[:3000] if _KEPT.search(line) else ""
    return line if json.loads(line)["info"]["name"] in _EVENTS else ""


# -- situations ----------------------------------------------------------------

BATCHES = {"BATCHES": "yes"}
BROKEN = {"BREAK_MODEL": "1"}
JSON_LOG = {"DBT_LOG_FORMAT_FILE": "json"}
LOADED = (
    "create schema raw; create table raw.fresh as select now() at time zone 'utc' as loaded_at; "
    "create table raw.stale as select timestamp '2026-01-01' as loaded_at; "
    "create table raw.unwatched as select 1 as x"
)


def success(play: Play) -> None:
    play.dbt("build")


def failing_test(play: Play) -> None:
    play.dbt("build", environ={"LIMIT": "15"})


def skipped_children(play: Play) -> None:
    play.dbt("build", environ=BROKEN)


def retry(play: Play) -> None:
    play.dbt("build", environ=BROKEN)
    play.dbt("retry")


def second_retry(play: Play) -> None:
    play.dbt("seed", keep=False)
    play.dbt("run", environ=BROKEN)
    play.dbt("retry", environ=BROKEN)
    play.dbt("retry")


def empty_retry(play: Play) -> None:
    play.dbt("build")
    play.dbt("retry")


def retry_of_a_test(play: Play) -> None:
    play.dbt("build", environ={"LIMIT": "15"})
    play.dbt("retry")


def fail_fast(play: Play) -> None:
    play.dbt("build", "--fail-fast", environ=BROKEN)


def empty(play: Play) -> None:
    play.dbt("build", "--empty")


def sample(play: Play) -> None:
    play.dbt("seed", keep=False)
    play.dbt("run", "--sample", "{'start': '2026-01-02', 'end': '2026-01-04'}", environ=BATCHES)


def docs_after_build(play: Play) -> None:
    play.dbt("build")
    play.dbt("docs", "generate")


def compile_after_build(play: Play) -> None:
    play.dbt("build")
    play.dbt("compile")


def source_freshness(play: Play) -> None:
    play.sql(LOADED)
    play.dbt("source", "freshness")


def freshness_of_some(play: Play) -> None:
    play.sql(LOADED)
    play.dbt("source", "freshness", "--select", "source:raw.fresh")


def freshness_after_build(play: Play) -> None:
    play.sql(LOADED)
    play.dbt("build")
    play.dbt("source", "freshness")


def microbatch_partial(play: Play) -> None:
    window = ("--event-time-start", "2026-01-01", "--event-time-end", "2026-01-04")
    play.dbt("build", *window, environ={"BREAK_BATCH": "1", **BATCHES})
    play.dbt("retry", environ=BATCHES)


def snapshot(play: Play) -> None:
    play.dbt("build", keep=False)
    play.dbt("snapshot")


def unit_test_failure(play: Play) -> None:
    play.dbt("build", environ={"EXPECTED": "4"})


def tests_alone(play: Play) -> None:
    play.dbt("build", keep=False)
    play.dbt("test")


def seeds(play: Play) -> None:
    play.dbt("seed")


def hook_fails_at_end(play: Play) -> None:
    play.dbt("run", environ={"BREAK_END": "sql"}, keep=False)
    play.dbt("build", environ={"BREAK_END": "sql"})


def hook_raises_at_end(play: Play) -> None:
    play.dbt("build", environ={"BREAK_END": "jinja"})


def hook_fails_at_start(play: Play) -> None:
    play.dbt("build")
    play.dbt("build", environ={"BREAK_START": "sql"})


def hook_raises_at_start(play: Play) -> None:
    play.dbt("build")
    play.dbt("build", environ={"BREAK_START": "jinja"})


def interrupted(play: Play) -> None:
    play.dbt("build", kill=signal.SIGINT, environ={"SLOW": "1"})


def terminated(play: Play) -> None:
    play.dbt("build")
    play.dbt("build", kill=signal.SIGTERM, environ={"SLOW": "1"})


def killed(play: Play) -> None:
    play.dbt("build", kill=signal.SIGKILL, environ={"SLOW": "1"})


def killed_json_log(play: Play) -> None:
    play.dbt("build", kill=signal.SIGKILL, environ={"SLOW": "1", **JSON_LOG})


def interrupted_json_log(play: Play) -> None:
    play.dbt("build", kill=signal.SIGINT, environ={"SLOW": "1", **JSON_LOG})


def partial_parse(play: Play) -> None:
    play.dbt("build")
    time.sleep(1)
    play.dbt("build")


def two_targets(play: Play) -> None:
    play.dbt("build", "--target", "dev")
    play.dbt("build", "--target", "prod")


def deferred(play: Play) -> None:
    play.dbt("build", keep=False)
    shutil.copytree(play.folder / "target", play.folder / "state")
    profiles = play.folder / "profiles.yml"
    profiles.write_text(profiles.read_text().replace("schema: main", "schema: other"))
    play.dbt("run", "--select", "orders", "--defer", "--state", "state")


def cloned(play: Play) -> None:
    play.dbt("build", keep=False)
    shutil.copytree(play.folder / "target", play.folder / "state")
    profiles = play.folder / "profiles.yml"
    profiles.write_text(profiles.read_text().replace("schema: main", "schema: other"))
    play.dbt("clone", "--state", "state")


def full_refresh(play: Play) -> None:
    play.dbt("build", "--full-refresh")


def selected(play: Play) -> None:
    play.dbt("seed", keep=False)
    play.dbt("build", "--select", "orders", "--exclude", "assert_positive")


def run_operation(play: Play) -> None:
    play.dbt("run-operation", "greet")


def parsed(play: Play) -> None:
    play.dbt("parse")


def listed_after_build(play: Play) -> None:
    play.dbt("build")
    play.dbt("ls")


def no_profile(play: Play) -> None:
    play.dbt("build")
    play.dbt("build", "--target", "nowhere")


def project_broken(play: Play) -> None:
    play.dbt("build")
    (play.folder / "models" / "wrong.sql").write_text("select {{ ref('nobody') }}")
    play.dbt("build")


SITUATIONS = {
    name: play
    for name, play in list(globals().items())
    if callable(play) and getattr(play, "__annotations__", {}).get("play") == "Play"
}


def main(names: list[str]) -> None:
    """Make the fixtures called ``names``, or all."""
    suffix = os.environ.get("SUFFIX", "")
    for name in names or SITUATIONS:
        play = Play(name + suffix)
        SITUATIONS[name](play)
        print(name, play.steps, flush=True)
        shutil.rmtree(play.folder.parent)


if __name__ == "__main__":
    main(sys.argv[1:])
