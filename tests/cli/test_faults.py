"""A user's mistake is one line on standard error and exit code 2, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.shell import REPOSITORY, Done, environment, make, run, run_process

RUN_RESULTS = "https://schemas.getdbt.com/dbt/run-results/v6.json"


def _refused(done: Done, *words: str) -> None:
    assert done.code == 2, done
    assert done.err.count("\n") == 1, done.err
    assert done.err.startswith("error: "), done.err
    assert done.out == ""
    for word in words:
        assert word in done.err, done.err


# -- the command line itself ---------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["chekc"], ["No such command 'chekc'", "Did you mean 'check'?"]),
        (["check", "--fial-on", "x"], ["No such option '--fial-on'", "--fail-on"]),
        (["check", "--fail-on", "fatal"], ["'fatal' is not one of", "'error'"]),
        (["diff"], ["--base: no version to compare with", "with --base-ref"]),
        (["lineage"], ["Missing argument 'MODEL.COLUMN'"]),
        (["lineage", "a.b", "--depth", "0"], ["0 is not in the range"]),
        (["metrics", "show"], ["Missing argument 'NAME'"]),
        (["completion", "tcsh"], ["'tcsh' is not one of"]),
        (["check", "extra"], ["unexpected extra argument (extra)"]),
        (["check", "--format", "jsn"], ["no format named 'jsn'", "did you mean 'json'?"]),
        (["check", "-o", "jsn=x"], ["no format named 'jsn'", "did you mean 'json'?"]),
        (["check", "-o", "json"], ["does not say where to", "json=PATH"]),
        (["check", "-o", "json=a", "-o", "sarif=./a"], ["would both be written to"]),
        (["check", "-o", "json=-", "-o", "text=-"], ["standard output"]),
        (["check", "-o", "json=-", "--format", "text"], ["two formats for standard output"]),
        (["check", "-o", "json=nowhere/a.json"], ["the folder 'nowhere' does not exist"]),
        (["check", "-o", "json=target"], ["cannot write"]),
        (["baseline", "write", "--to", "nowhere/b.json"], ["the folder 'nowhere' does not exist"]),
        (["check", "--baseline", "none.json"], ["none.json: cannot read the baseline"]),
        (["check", "--baseline", "target/manifest.json"], ["this is not a baseline"]),
        (["check", "--config", "none.yml"], ["none.yml"]),
        (["check", "--select", "nosuch:thing"], ["nosuch"]),
        (["check", "--select", "@stg+"], ["@stg+"]),
        (["select", "-s", "column:stg.amuont+"], ["no column named 'amuont'", "'amount'"]),
        (["lineage", "stg.amuont"], ["stg: no column named 'amuont' (did you mean 'amount'?)"]),
        (["lineage", "sgt.amount"], ["no model named 'sgt' (did you mean 'stg'"]),
        (["lineage", "why", "stg"], ["stg: no column is named (its columns: id, amount)"]),
        (["metrics", "show", "revenu"], ["no metric named 'revenu' (did you mean 'revenue'?)"]),
        (["explain", "column-remove"], ["no rule named 'column-remove' (did you mean 'column-re"]),
        (["check", "--project-dir", "elsewhere"], ["there is no dbt_project.yml here"]),
        (["check", "--target-path", "elsewhere"], ["elsewhere/manifest.json", "no manifest"]),
        (["init", "--project-dir", "elsewhere"], ["'elsewhere' does not exist"]),
        (["init", "--project-dir", "models"], ["models: there is no dbt_project.yml here"]),
        (["diff", "--base", "target"], ["base and head are the same folder"]),
        (["diff", "--base", "target", "--head", "target"], ["base and head are the same folder"]),
        (["diff", "--base", "nowhere"], ["nowhere/manifest.json", "there is no manifest file"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_arguments(good: Path, args: list[str], words: list[str]) -> None:
    _refused(run(*args, cwd=good), *words)


def test_outside_of_a_project(tmp_path: Path) -> None:
    _refused(run_process("check", cwd=tmp_path), "target/manifest.json", "run dbt first")
    _refused(run("check", cwd=tmp_path), "target/manifest.json", "run dbt first")
    _refused(run("init", cwd=tmp_path), "no dbt_project.yml")


# -- files that dbt wrote, or did not ------------------------------------------------


def _as_utf16(path: Path) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))


def _as(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text, encoding="utf-8")


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-500])


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _schema(schema: str) -> str:
    return json.dumps({"metadata": {"dbt_schema_version": schema}, "results": [], "nodes": {}})


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (Path.unlink, ["manifest.json: there is no manifest file here"]),
        (_truncated, ["manifest.json [", "the file ends too early"]),
        (_as_utf16, ["UTF-16, expected UTF-8"]),
        (_as(""), ["manifest is not valid JSON"]),
        (_as("[1, 2]"), ["not a dbt manifest"]),
        (_as("<html>"), ["not valid JSON"]),
        (_as(_schema(RUN_RESULTS)), ["expected a dbt manifest, found", "run-results"]),
        (_as(_schema(RUN_RESULTS.replace("run-results/v6", "manifest/v1"))), ["v1 is not supp"]),
        (_as(_schema(RUN_RESULTS.replace("run-results/v6", "manifest/v99"))), ["v99 is not supp"]),
        (_a_folder, ["expected a manifest file, found a folder"]),
        (_as('{"a": ' * 100_000), ["manifest"]),
    ],
)
@pytest.mark.parametrize("command", ["check", "diff", "doctor"])
def test_manifests(
    tmp_path: Path, good: Path, command: str, spoil: Callable[[Path], object], words: list[str]
) -> None:
    root = make(tmp_path)
    manifest = root / "target" / "manifest.json"
    spoil(manifest)
    if manifest.is_file():
        os.utime(manifest, (1, 1))  # not being written right now
    args = [command, "--base", str(good / "target")] if command == "diff" else [command]
    _refused(run(*args, cwd=root), *words)
    if command == "diff":
        _refused(run("diff", "--base", root / "target", cwd=good), *words)


@pytest.mark.parametrize("name", ["catalog.json", "run_results.json", "sources.json"])
def test_neighbours_of_the_manifest(tmp_path: Path, name: str) -> None:
    root = make(tmp_path)
    (root / "target" / name).write_text("{", encoding="utf-8")
    os.utime(root / "target" / name, (1, 1))
    _refused(run("check", cwd=root), name, "the file ends too early")


# -- settings --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["analyticsops.yml: the file is empty"]),
        (
            "version: 1\nfail_on: sometimes\n",
            ["analyticsops.yml:2", "error, warning, info or never"],
        ),
        ("version: 1\nfial_on: error\n", ["analyticsops.yml:2", "did you mean 'fail_on'?"]),
        ("version: 2\n", ["analyticsops.yml:1"]),
        ("version: 1\nrules:\n  no-such: off\n", ["analyticsops.yml:3", "no rule named 'no-such'"]),
        ("version: 1\nallow:\n  - rule: SCH201\n", ["analyticsops.yml:3", "'reason' is missing"]),
        ("version: 1\n  bad: [\n", ["analyticsops.yml:2"]),
        ("- 1\n", ["expected a mapping, got a list"]),
        ("version: 1\nbaseline: gone.json\n", ["gone.json: cannot read the baseline"]),
        ("version: 1\ndialect: duckdbb\n", ["analyticsops.yml:2", "did you mean 'duckdb'?"]),
        ("a: &a [*a]\n", ["analyticsops.yml"]),
        ("version: 1\x07\n", ["analyticsops.yml"]),
    ],
)
def test_settings(tmp_path: Path, text: str, words: list[str]) -> None:
    root = make(tmp_path)
    (root / "analyticsops.yml").write_text(text, encoding="utf-8")
    _refused(run("check", cwd=root), *words)


def test_acceptances_in_a_model(tmp_path: Path) -> None:
    meta = {"analyticsops": {"allow": [{"rule": "x\nerror: fake", "reason": "r", "until": "soon"}]}}
    stg = {"sql": "select id, amount from @raw.orders", "meta": meta}
    root = make(tmp_path, models={"stg": stg, "fct": "select id, 1 as total from @stg"})
    _refused(run("check", cwd=root), "models/_models.yml", "not of the expected form")


# -- places that cannot be written to ----------------------------------------------------


def test_a_folder_that_must_not_be_written_to(bad: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        done = run("check", "-o", "json=/proc/report.json", cwd=bad)
    else:
        tmp_path.chmod(0o500)
        done = run("check", "-o", f"json={tmp_path / 'report.json'}", cwd=bad)
    _refused(done, "cannot write")


def test_a_full_disk_is_no_traceback(bad: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "analyticsops", "check"],
            cwd=bad,
            env=environment({}),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "error: cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize(
    ("args", "code"),
    [(["explain"], 0), (["check"], 1), (["check", "--format", "json"], 1), (["--help"], 0)],
)
def test_a_reader_that_went_away(bad: Path, args: list[str], code: int) -> None:
    """As ``analyticsops check | head -1``; the verdict still counts."""
    with subprocess.Popen(
        [sys.executable, "-m", "analyticsops", *args],
        cwd=bad,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == code


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_of_the_last_century(tmp_path: Path, encoding: str) -> None:
    root = make(tmp_path, models={"größe→": "select 1 as id", "fct": "select 1 as total"})
    done = run("check", "--format", "markdown", cwd=root, PYTHONIOENCODING=encoding)
    assert (done.code, done.err) == (0, "")


# -- what is imported ----------------------------------------------------------------------

HEAVY = ("sqlglot", "msgspec", "yaml", "rich", "duckdb", "jinja2")


def _loaded(*args: str, cwd: Path) -> set[str]:
    code = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('\\n'.join(sys.modules), file=sys.stderr))\n"
        f"sys.argv = ['analyticsops', *{args!r}]\n"
        "from analyticsops.cli import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env={**environment({}), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    names = done.stderr.split()
    return {*names, *(name.partition(".")[0] for name in names)}


@pytest.mark.parametrize(
    "args",
    [
        ["--version"],
        ["--help"],
        ["check", "--help"],
        ["diff", "--help"],
        ["lineage", "--help"],
        ["metrics", "list", "--help"],
        ["freshness", "--help"],
        ["select", "--help"],
        ["completion", "bash"],
        ["chekc"],
    ],
    ids=" ".join,
)
def test_quick_answers_load_nothing_heavy(good: Path, args: list[str]) -> None:
    loaded = _loaded(*args, cwd=good)
    assert "analyticsops" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_a_pipe_needs_no_terminal(good: Path) -> None:
    loaded = _loaded("check", cwd=good)
    assert "analyticsops.lineage.build" in loaded
    assert loaded.isdisjoint({"rich", "duckdb", "sqlglot"})  # workers have it


def test_types_are_inferred_by_workers_alone(tmp_path: Path) -> None:
    sql = "select id, sum(amount) as total from @stg group by id"
    fct = {"sql": sql, "columns": {"total": "varchar"}}
    root = make(tmp_path, models={"stg": "select id, amount from @raw.orders", "fct": fct})
    assert "the YAML of fct says total is varchar, its SQL yields HUGEINT" in run(
        "check", cwd=root
    ).out.replace("\n", " ")
    loaded = _loaded("check", cwd=root)
    assert "analyticsops.lineage.types" in loaded
    assert "sqlglot" not in loaded


def test_commands_need_no_dbt(good: Path) -> None:
    for args in (["check"], ["doctor"], ["select", "-s", "+fct"]):
        assert not {name for name in _loaded(*args, cwd=good) if name.startswith("dbt")}
