"""Options of `diff --execute` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import run
from tests.project_maker import project, write

SOURCES = {"raw.orders": {"columns": {"id": "integer", "status": "varchar"}}}


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """The new version, beside `base`."""
    for name, status in (("base", "cancelled"), ("head", "canceled")):
        sql = f"select id from @raw.orders where status <> '{status}'"
        write(project(sources=SOURCES, models={"fct": sql}), tmp_path / name)
    return tmp_path / "head"


def test_a_terminal_and_json_say_what_was_executed(versions: Path) -> None:
    done = run("diff", "--base", "../base/target", "--execute", "--seconds", "9", cwd=versions)
    assert done.code == 0, done.err
    assert "executed: 1 differs" in done.out
    done = run("diff", "--base", "../base/target", "--format", "json", cwd=versions,
               ANALYTICSOPS_EXECUTE="1")  # fmt: skip
    report = json.loads(done.out)
    (execution,) = report["executions"]
    assert (execution["name"], execution["data"], execution["outcome"]) == (
        "fct", "generated", "differs",
    )  # fmt: skip
    (finding,) = [found for found in report["findings"] if found["rule"] == "ROW301"]
    assert finding["proof"] == "counterexample"
    assert len(finding["counterexample"]["inputs"][0]["rows"]) == 1


def test_nothing_is_executed_unasked(versions: Path) -> None:
    done = run("diff", "--base", "../base/target", "--format", "json", cwd=versions)
    report = json.loads(done.out)
    assert report["executions"] == []
    assert all(finding["counterexample"] is None for finding in report["findings"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--seconds", "1"], "--seconds: belongs to --execute"),
        (["--target", "dev"], "--target: belongs to --execute"),
        (["--execute", "--sample", "10"], "--sample: belongs to --database"),
    ],
)
def test_options_that_make_no_sense(versions: Path, options: list[str], said: str) -> None:
    done = run("diff", "--base", "../base/target", *options, cwd=versions)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_dbt_that_fails_is_unknown(versions: Path, tmp_path: Path) -> None:
    """The target is only asked for what it can tell; the rest of the report stands."""
    (tmp_path / "bin").mkdir()
    dbt = tmp_path / "bin" / "dbt"
    dbt.write_text("#!/bin/sh\necho 'Encountered an error:'\necho 'no such target'\nexit 2\n")
    dbt.chmod(0o755)
    options = ("--execute", "--target", "nowhere", "--format", "json")
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    done = run("diff", "--base", "../base/target", *options, cwd=versions, PATH=path)
    assert done.code == 0, done.err
    found = {e["data"]: e for e in json.loads(done.out)["executions"]}
    assert found["generated"]["outcome"] == "differs"
    assert found["target"]["outcome"] == "unknown"
    assert "no such target" in found["target"]["reason"]
