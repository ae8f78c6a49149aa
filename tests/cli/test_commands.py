"""Each command: its exit codes, what it prints in a pipe, as JSON and on a terminal."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
import pytest

from analyticsops import __version__
from analyticsops.cli import _COMMANDS, cli
from tests.cli.shell import make, run, run_on_terminal, run_process
from tests.project_maker import project, write

ESCAPE = "\x1b"
PLAIN = {"NO_COLOR": "1"}


# -- exit codes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["check"], 0),
        (["check", "--fail-on", "info"], 0),
        (["doctor"], 0),
        (["lineage", "fct.total"], 0),
        (["metrics", "list"], 0),
        (["metrics", "show", "revenue"], 0),
        (["freshness"], 0),
        (["select", "-s", "fct+"], 0),
        (["select", "-s", "nothing_like_it"], 0),
        (["explain"], 0),
        (["explain", "SCH201"], 0),
        (["completion", "bash"], 0),
        (["--version"], 0),
        (["--help"], 0),
    ],
)
def test_without_findings(good: Path, args: list[str], code: int) -> None:
    done = run(*args, cwd=good)
    assert done.code == code, done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["check"], 1),
        (["check", "--fail-on", "never"], 0),
        (["check", "--exclude", "fct"], 0),
        (["check", "--select", "fct"], 1),
        (["doctor"], 0),
    ],
)
def test_with_findings(bad: Path, args: list[str], code: int) -> None:
    assert run(*args, cwd=bad).code == code


def test_diff(good: Path, bad: Path) -> None:
    done = run("diff", "--base", good / "target", cwd=bad)
    assert done.code == 1
    assert done.out.splitlines()[0] == (
        "models/stg.sql:1 SCH202 error column stg.amount was renamed to cents; hits exposure "
        "board; metric revenue; 1 model [model.shop.stg.amount]"
    )
    assert "failed: 1 error" in done.out
    assert run("diff", "--base", bad / "target", "--fail-on", "never", cwd=good).code == 0
    assert run("diff", "--state", good / "target", "--select", "fct", cwd=bad).code == 0


def test_diff_of_two_folders_from_anywhere(good: Path, bad: Path, tmp_path: Path) -> None:
    args = ["diff", "--base", str(good / "target"), "--head", str(bad / "target")]
    assert "models/stg.sql:1 SCH202" in run(*args, cwd=tmp_path).out
    files = [f"{arg}/manifest.json" if "/" in arg else arg for arg in args]
    assert run(*files, cwd=tmp_path).code == 1
    # From inside another project the head is still in its own.
    assert run(*args, cwd=good).out == run(*args, cwd=tmp_path).out


def test_head_is_relative_to_where_one_is_and_the_target_to_the_project(
    tmp_path: Path,
) -> None:
    make(tmp_path / "a")
    make(tmp_path / "b", broken=True)
    both = ["--base", "a/target", "--project-dir", "b"]
    assert run_process("diff", *both, cwd=tmp_path).code == 1
    assert run("diff", *both, "--head", "b/target", cwd=tmp_path).code == 1
    assert run("diff", *both, "--target-path", "target", cwd=tmp_path).code == 1
    assert run("diff", *both, cwd=tmp_path).code == 1
    env = {"DBT_STATE": "a/target", "DBT_PROJECT_DIR": "b", "DBT_TARGET_PATH": "target"}
    assert run("diff", cwd=tmp_path, **env).code == 1
    assert run("diff", cwd=tmp_path, **env, ANALYTICSOPS_FAIL_ON="never").code == 0


# -- settings from the environment -------------------------------------------------


def test_environment_names_settings_and_baseline(bad: Path, tmp_path: Path) -> None:
    config = tmp_path / "quiet.yml"
    config.write_text("version: 1\nrules: {LIN103: off}\n", encoding="utf-8")
    assert run("check", cwd=bad, ANALYTICSOPS_CONFIG=str(config)).code == 0
    written = run("baseline", "write", "--to", tmp_path / "known.json", cwd=bad)
    assert (written.code, written.out) == (0, "")
    assert re.search(r"wrote .*known.json: \d findings?\n$", written.err)
    assert run("check", cwd=bad, ANALYTICSOPS_BASELINE=str(tmp_path / "known.json")).code == 0
    assert run("check", "--baseline", tmp_path / "known.json", cwd=bad).code == 0


def test_the_format_of_a_runner(bad: Path) -> None:
    assert run("check", cwd=bad, GITHUB_ACTIONS="true").out.startswith(
        "::error file=models/fct.sql,line=1,"
    )
    assert run("check", "--format", "text", cwd=bad, GITHUB_ACTIONS="true").out.startswith(
        "models/"
    )


def test_paths_count_from_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = make(tmp_path / "warehouse" / "dbt", broken=True)
    shown = run("check", "--format", "github", cwd=root).out
    assert "file=warehouse/dbt/models/fct.sql" in shown
    assert run("check", cwd=root).out.startswith("models/fct.sql:1 ")


# -- outputs -----------------------------------------------------------------------


def test_several_outputs_at_once(bad: Path, tmp_path: Path) -> None:
    names = ("json", "sarif", "gitlab", "junit", "markdown", "github")
    wanted = [arg for name in names for arg in ("--output", f"{name}={tmp_path / name}")]
    done = run("check", *wanted, "-o", "text=-", cwd=bad)
    assert done.code == 1
    assert done.out.splitlines()[-1].startswith("lineage: ")
    for name in ("json", "sarif", "gitlab"):
        json.loads((tmp_path / name).read_text(encoding="utf-8"))
    assert (tmp_path / "junit").read_text(encoding="utf-8").startswith("<?xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize(
    "args",
    [
        ["check", "--format", "json"],
        ["doctor", "--format", "json"],
        ["lineage", "fct.total", "--format", "json"],
        ["metrics", "list", "--format", "json"],
        ["metrics", "show", "sales", "--format", "json"],
        ["freshness", "--format", "json"],
        ["select", "-s", "fct", "--format", "json"],
        ["explain", "--format", "json"],
        ["explain", "column-removed", "--format", "json"],
    ],
)
def test_json_parses(stale: Path, args: list[str]) -> None:
    done = run(*args, cwd=stale)
    assert done.err == ""
    assert json.loads(done.out)
    again = run(*args, cwd=stale)
    if "freshness" not in args and "doctor" not in args:  # they tell the time
        assert done.out == again.out


def test_json_of_freshness(stale: Path) -> None:
    answer = json.loads(run("freshness", "--format", "json", cwd=stale).out)
    (source,) = answer["sources"]
    assert (source["name"], source["status"], source["age"]) == ("raw.orders", "warn", "PT25200S")
    assert answer["objectives"][0]["state"] == "breached"
    assert answer["measured"] is True


PIPED = {
    "metrics list": "revenue\tsimple\t-\t-\tFinance\tsum(total)\n",
    "select -s stg": "model.shop.stg\n",
    "lineage stg.amount --no-downstream": (
        "stg.amount  (proven)\ncomes from:\n  raw.orders.amount  [identity]\n"
    ),
    "lineage fct.total --direct --no-upstream": (
        "fct.total  (proven)\ngoes to:\n  semantic_model fct_s.total  [aggregation]\n"
        "    metric revenue  [aggregation]\n"
    ),
    "lineage fct.id --depth 1 --no-upstream": ("fct.id  (proven)\ngoes to: nothing\n"),
    "check": "passed: no findings (fail-on error)\nlineage: 2 of 2 models proven\n",
}


@pytest.mark.parametrize("command", PIPED)
def test_in_a_pipe(good: Path, command: str) -> None:
    assert run(*command.split(), cwd=good).out == PIPED[command]


def test_freshness_in_a_pipe(stale: Path) -> None:
    lines = run("freshness", cwd=stale).out.splitlines()
    assert lines[0] == "Sources, as measured 2026-11-20 08:00 UTC"
    assert lines[1] == "raw.orders\twarn\t7h\t1h\t-\t-"
    assert lines[4].split("\t")[:3] == ["fresh", "raw.orders", "breached"]


def test_freshness_that_was_not_measured(good: Path) -> None:
    done = run("freshness", cwd=good)
    assert (done.code, done.out) == (0, "")
    assert "run `dbt source freshness`" in done.err


def test_a_finding_is_one_line_in_a_pipe_however_narrow(bad: Path) -> None:
    done = run("check", cwd=bad, COLUMNS="20")
    assert ESCAPE not in done.out
    (finding,) = [line for line in done.out.splitlines() if " LIN103 " in line]
    assert finding.startswith(
        "models/fct.sql:1 LIN103 error fct reads a column that is not there: "
    )
    assert finding.endswith(" [model.shop.fct]")


# -- on a terminal -----------------------------------------------------------------


def test_on_a_terminal(good: Path, bad: Path) -> None:
    done = run_on_terminal("diff", "--base", good / "target", cwd=bad)
    assert done.code == 1
    assert f"{ESCAPE}[1;31m" in done.out
    assert "hits" in done.out
    plain = run_on_terminal("diff", "--base", good / "target", cwd=bad, env=PLAIN)
    assert ESCAPE not in plain.out
    assert plain.out == re.sub(r"\x1b\[[0-9;]*m", "", done.out)


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
@pytest.mark.parametrize("args", [["metrics", "list"], ["freshness"], ["lineage", "fct.total"]])
def test_colours_can_be_switched_off(stale: Path, args: list[str], env: dict[str, str]) -> None:
    assert ESCAPE in run_on_terminal(*args, cwd=stale).out
    assert ESCAPE not in run_on_terminal(*args, cwd=stale, env=env).out


def test_tables_are_aligned_on_a_terminal(good: Path) -> None:
    out = run_on_terminal("explain", cwd=good, env=PLAIN, columns=140).out.splitlines()
    starts = {line.index(re.split(r"  +", line)[1]) for line in out[1:] if not line.startswith(" ")}
    assert len(starts) == 1
    assert out[0].split() == ["code", "name", "severity", "claim"]
    assert all(line == line.rstrip() for line in out)


def test_long_values_are_wrapped_beside_their_label(tmp_path: Path) -> None:
    metric = {
        "type_params": {"measure": "total"},
        "config": {"meta": {"analyticsops": {"why": "many words " * 20}}},
    }
    root = make(tmp_path, metrics={"revenue": metric})
    plain = {"NO_COLOR": "1"}
    done = run_on_terminal("metrics", "show", "revenue", cwd=root, columns=60, env=plain)
    out = done.out.splitlines()
    assert all(len(line) <= 60 for line in out)
    assert sum(line.startswith("            ") for line in out) >= 3


# -- help --------------------------------------------------------------------------

COMMANDS = [
    ["init"],
    ["doctor"],
    ["check"],
    ["diff"],
    ["baseline"],
    ["baseline", "write"],
    ["lineage"],
    ["lineage", "show"],
    ["lineage", "why"],
    ["lineage", "path"],
    ["lineage", "impact"],
    ["lineage", "unused"],
    ["lineage", "tags"],
    ["lineage", "coverage"],
    ["lineage", "export"],
    ["metrics"],
    ["metrics", "list"],
    ["metrics", "show"],
    ["metrics", "lock"],
    ["freshness"],
    ["select"],
    ["explain"],
    ["completion"],
]


def _commands(group: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found[(*path, name)] = command
        if isinstance(command, click.Group):
            found |= _commands(command, (*path, name))
    return found


def test_every_command_and_option_is_described() -> None:
    commands = _commands(cli)
    for path, command in commands.items():
        assert command.help, path
        described = [option for option in command.params if isinstance(option, click.Option)]
        missing = [option.name for option in described if not option.help]
        assert not missing, (path, missing)
        if not hasattr(command, "list_commands"):
            assert "Example" in command.help, path
    assert {tuple(path) for path in COMMANDS} <= set(commands)


def test_the_overview_says_what_the_commands_say() -> None:
    """It holds a copy of each summary, so that it need not import them."""
    for (name, *rest), command in _commands(cli).items():
        if not rest:
            assert _COMMANDS[name][1].split()[0] == command.help.split()[0], name


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_help_fits_its_screen(good: Path, args: list[str]) -> None:
    done = run(*args, "--help", cwd=good)
    assert done.code == 0
    assert done.out.startswith("Usage: analyticsops ")
    assert max(map(len, done.out.splitlines())) <= 100
    assert run(*args, "-h", cwd=good).out == done.out


def test_version(good: Path) -> None:
    assert run_process("--version", cwd=good).out == f"analyticsops {__version__}\n"


# -- getting started -----------------------------------------------------------------


def test_init_writes_settings_that_can_be_read(tmp_path: Path) -> None:
    root = make(tmp_path)
    done = run("init", cwd=root)
    assert done.code == 0
    assert "packages:" in done.out
    assert "wrote analyticsops.yml" in done.err
    assert run("check", cwd=root).code == 0
    written = (root / "analyticsops.yml").read_bytes()
    again = run("init", cwd=root)
    assert "was left alone" in again.err
    assert (root / "analyticsops.yml").read_bytes() == written


def test_doctor_says_what_it_found(good: Path) -> None:
    lines = run("doctor", cwd=good).out.splitlines()
    assert all(line.split("\t")[0] in ("ok", "missing", "warning") for line in lines)
    assert "ok\tcompiled SQL\tof all 2 SQL models\t" in lines


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(good: Path, shell: str) -> None:
    out = run("completion", shell, cwd=good).out
    assert "_ANALYTICSOPS_COMPLETE" in out
    assert "_AOPS_COMPLETE" in out


def test_completion_completes(good: Path) -> None:
    env = {"_ANALYTICSOPS_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    assert run_process(cwd=good, **env, COMP_WORDS="analyticsops di").out == "plain,diff\n"
    env["COMP_CWORD"] = "2"
    words = run_process(cwd=good, **env, COMP_WORDS="analyticsops diff --fail").out
    assert words == "plain,--fail-on\n"


def test_explain(good: Path) -> None:
    out = run("explain", "column-removed", cwd=good).out
    assert out.startswith("## SCH201 column-removed\n\n")
    assert out == run("explain", "sch201", cwd=good).out


# -- how much is told --------------------------------------------------------------


def _versions(folder: Path) -> tuple[Path, Path]:
    """A base, and a head with another filter, one column more and a description."""
    sources = {"raw.orders": "id, amount"}
    before = project(sources=sources, models={"stg": "select id from @raw.orders"})
    after = project(
        sources=sources,
        models={"stg": {"sql": "select id, amount from @raw.orders where amount > 0"}},
        seeds={"codes": "id"},
    )
    return write(before, folder / "base"), write(after, folder / "head")


@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("relation", []),
        ("schema", ["SCH210"]),
        ("data", ["ROW301", "SCH210"]),
        ("kpi", ["ROW301", "SCH210"]),
        ("strict", ["ROW301", "SCH107", "SCH210"]),
    ],
)
def test_levels_are_nested(level: str, told: list[str], tmp_path: Path) -> None:
    base, head = _versions(tmp_path)
    options = ("--format", "json", "--strictness", level)
    done = run("diff", "--base", base / "target", *options, cwd=head)
    assert [finding["rule"] for finding in json.loads(done.out)["findings"]] == told
    by_variable = run(
        "diff", "--base", base / "target", *options[:2], cwd=head, ANALYTICSOPS_STRICTNESS=level
    )
    assert by_variable.out == done.out


def test_the_setting_chooses_and_the_option_outweighs_it(tmp_path: Path) -> None:
    base, head = _versions(tmp_path)
    (head / "analyticsops.yml").write_text("version: 1\nstrictness: relation\n", encoding="utf-8")
    command = ("diff", "--base", base / "target", "--format", "json")
    assert json.loads(run(*command, cwd=head).out)["findings"] == []
    more = run(*command, "--strictness", "schema", cwd=head)
    assert len(json.loads(more.out)["findings"]) == 1


def test_a_finding_says_what_it_rests_on(tmp_path: Path) -> None:
    base, head = _versions(tmp_path)
    done = run("diff", "--base", base / "target", "--format", "json", cwd=head)
    found = {finding["rule"]: finding for finding in json.loads(done.out)["findings"]}
    assert found["ROW301"]["proof"] == "proved"
    assert found["ROW301"]["direction"] == "both"
    assert found["ROW301"]["stability"] == "protected"
    assert found["SCH210"]["direction"] == "tightens"


def test_an_unknown_level(tmp_path: Path) -> None:
    base, head = _versions(tmp_path)
    (head / "analyticsops.yml").write_text("version: 1\nstrictness: much\n", encoding="utf-8")
    done = run("diff", "--base", base / "target", cwd=head)
    assert done.code == 2
    assert "relation, schema, data, kpi or strict" in done.err
