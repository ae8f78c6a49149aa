"""Whatever is wrong with the history, the run and the user's own hooks go on.

PostgreSQL lets us keep that promise; where a warehouse does not, docs/history.md says so, and
the last test here holds what it says.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.engines.play import Played, Step, install_package, play

PROJECT = """
name: shop
profile: shop
version: "1.0"
flags: {{send_anonymous_usage_stats: false}}
on-run-end:
  - "{{{{ log('the first hook ran', info=true) }}}} select 1{{{{ env_var('BREAK', '') }}}}"
  - "{{{{ analyticsops.record_run(results) }}}}"
  - "{{{{ analyticsops.record_run(results) if env_var('TWICE', '') }}}}"
  - "{{{{ log('the last hook ran', info=true) }}}} select 1"
vars: {{analyticsops_targets: {targets}}}
"""
MODEL = "select 1 as x {{ env_var('MODEL', '') }}"
RUN = ("run", "--select", "one")


class Fault(NamedTuple):
    """What is wrong.

    Attributes:
        name: in a few words.
        before: SQL of somebody who may do everything.
        after: SQL that mends it.
        words: what is said; empty if the run is recorded.
        environ: for the run.
        code: dbt's exit code without us.
    """

    name: str
    before: str = ""
    after: str = ""
    words: str = ""
    environ: dict[str, str] = {}  # noqa: RUF012 - nobody changes it
    code: int = 0


_TRIGGER = (
    "create or replace function analyticsops.fails() returns trigger language plpgsql as "
    "$f$ begin {body} return new; end $f$; create or replace trigger fails before insert on "
    "analyticsops.{table} for each row execute function analyticsops.fails()"
)
_NO_TRIGGER = "drop trigger fails on analyticsops.{table}"


def _trigger(name: str, table: str, body: str, words: str, more: str = "", less: str = "") -> Fault:
    before = _TRIGGER.format(body=body, table=table) + more
    return Fault(name, before, _NO_TRIGGER.format(table=table) + less, words)


_EVIL = "it's \\ \" $$ {{ 1/0 }} {% raw %} \U0001f600 %s"
_SAYS_MUCH = (
    "create function public.says_much() returns int language plpgsql as "
    f"$f$ begin raise exception '%', $e${_EVIL}\n$e$ || repeat($e${_EVIL}$e$, 150000); end $f$"
)

FAULTS = [
    Fault("nothing is wrong"),
    Fault(
        "one table is missing",
        "alter table analyticsops.node_results rename to elsewhere",
        "alter table analyticsops.elsewhere rename to node_results",
        'there is no "faults"."analyticsops"."node_results"',
    ),
    Fault(
        "the schema is missing",
        "alter schema analyticsops rename to elsewhere",
        "alter schema elsewhere rename to analyticsops",
        "there is no",
    ),
    Fault(
        "no right to look into the schema",
        "revoke usage on schema analyticsops from dbt_user",
        "grant usage on schema analyticsops to dbt_user",
        "permission denied for schema analyticsops",
    ),
    Fault(
        "no right to insert",
        "revoke insert on analyticsops.node_results from dbt_user",
        "grant insert on analyticsops.node_results to dbt_user",
        "permission denied for table node_results",
    ),
    Fault(
        "no right to read",
        "revoke select on analyticsops.invocations from dbt_user",
        "grant select on analyticsops.invocations to dbt_user",
        "permission denied for table invocations",
    ),
    Fault(
        "somebody holds a lock",
        "lock table analyticsops.node_results in access exclusive mode",
        "unlock",
        "canceling statement due to lock timeout",
    ),
    Fault(
        "a column has another type",
        "alter table analyticsops.node_results alter column status type int using null",
        "alter table analyticsops.node_results alter column status type text",
        "column \"status\" is of type integer",
    ),
    Fault(
        "a view stands where the table was",
        "alter table analyticsops.invocations rename to elsewhere; "
        "create view analyticsops.invocations as select distinct * from analyticsops.elsewhere; "
        "grant all on analyticsops.invocations to dbt_user",
        "drop view analyticsops.invocations; "
        "alter table analyticsops.elsewhere rename to invocations",
        'cannot insert into view "invocations"',
    ),
    Fault(
        "a constraint is violated",
        "alter table analyticsops.node_results add constraint never check (false) not valid",
        "alter table analyticsops.node_results drop constraint never",
        'violates check constraint "never"',
    ),
    Fault(
        "an earlier version made the tables",
        "alter table analyticsops.invocations drop column door",
        "alter table analyticsops.invocations add column door text",
    ),
    _trigger(
        "the disk is full",
        "invocations",
        "raise exception 'could not extend file: No space left on device' using errcode = '53100';",
        "No space left on device",
    ),
    _trigger(
        "a statement takes too long",
        "invocations",
        "perform pg_sleep(9);",
        "canceling statement due to statement timeout",
        "; alter role dbt_user set statement_timeout = '1s'",
        "; alter role dbt_user reset statement_timeout",
    ),
    Fault("the hook is there twice", environ={"TWICE": "yes"}),
    Fault("the user's own hook fails", words="-", environ={"BREAK": " / 0"}, code=1),
    Fault("a model fails", environ={"MODEL": "from nowhere"}, code=1),
    Fault(
        "its message has five megabytes",
        environ={"MODEL": "where public.says_much() = 1"},
        before=f"drop function if exists public.says_much; {_SAYS_MUCH}",
        code=1,
    ),
]  # fmt: skip


def _project(folder: Path, output: str, targets: str) -> Path:
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(PROJECT.format(targets=targets))
    (folder / "models" / "one.sql").write_text("{{ config(materialized='table') }} " + MODEL)
    (folder / "profiles.yml").write_text(f"shop: {{target: prod, outputs: {{prod: {output}}}}}\n")
    install_package(folder)
    (folder / "dbt_packages" / "analyticsops_warehouse").unlink()
    return folder


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, server: Path) -> list[Played]:
    """For each fault, the run."""
    output = (
        f"{{type: postgres, host: '{server}', port: 5432, user: dbt_user, password: x, "
        "dbname: faults, schema: shop, threads: 1}"
    )
    project = _project(tmp_path_factory.mktemp("faults") / "shop", output, "[prod]")
    uri = f"host={server} user=postgres dbname="
    steps = [
        Step(["psql", f"{uri}postgres", "create role dbt_user login"]),
        Step(["psql", f"{uri}postgres", "create database faults"]),
        Step(["psql", f"{uri}faults", "grant all on database faults to dbt_user"]),
        Step(["run-operation", "analyticsops.install"]),
        # From now on they are somebody else's.
        Step(["psql", f"{uri}faults", _OWNED]),
    ]
    first = len(steps)
    for fault in FAULTS:
        steps += [
            Step(["psql", f"{uri}faults", fault.before or "select 1"]),
            Step(RUN, fault.environ),
            Step(["psql", f"{uri}faults", fault.after or "select 1"]),
        ]
    steps.append(Step(["run-operation", "analyticsops.print_history"]))
    done = play(project, steps)
    return [*done[first + 1 : -1 : 3], done[-1]]


_OWNED = (
    "alter schema analyticsops owner to postgres; "
    "alter table analyticsops.invocations owner to postgres; "
    "alter table analyticsops.node_results owner to postgres; "
    "grant usage on schema analyticsops to dbt_user; "
    "grant select, insert on all tables in schema analyticsops to dbt_user"
)


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[fault.name for fault in FAULTS])
def test_the_run_goes_on(number: int, played: list[Played]) -> None:
    fault, run = FAULTS[number], played[number]
    assert run.code == fault.code, run.output[-3000:]
    assert "the first hook ran" in run.output
    if fault.environ.get("BREAK"):  # dbt skips all others then, ours as well
        assert "the last hook ran" not in run.output
        return
    assert "the last hook ran" in run.output
    said = "analyticsops: this run is not recorded: "
    if fault.words:
        assert said in run.output
        assert fault.words in run.output.partition(said)[2]
    else:
        assert said not in run.output


def test_what_is_recorded_is_whole(played: list[Played]) -> None:
    from analyticsops.history.pulled import read_heads

    heads = read_heads(played[-1].output)
    recorded = [fault for fault in FAULTS if not fault.words]
    assert len(heads.invocations) == len(recorded)
    assert played[-1].output.count('"finished"') == len(recorded)


def test_where_dbt_does_not_let_us(tmp_path: Path) -> None:
    """On DuckDB a statement that fails is a hook that fails: later hooks are left out."""
    output = "{type: duckdb, path: dev.duckdb, threads: 1}"
    project = _project(tmp_path / "shop", output, "[prod]")
    wrong = (
        "create schema analyticsops; "
        "create table analyticsops.invocations (invocation_id int, state text); "
        "create table analyticsops.node_results (unique_id text)"
    )
    (project / "macros").mkdir()
    (project / "macros" / "wrong.sql").write_text(
        "{% macro wrong() %}{% call statement('x', auto_begin=true) %}"
        f"{wrong}{{% endcall %}}{{% do analyticsops.history_commit() %}}{{% endmacro %}}"
    )
    missing, _, run = play(project, [Step(RUN), Step(["run-operation", "wrong"]), Step(RUN)])
    assert (missing.code, run.code) == (0, 1)
    assert "the last hook ran" in missing.output
    assert "the first hook ran" in run.output
    assert "Conversion Error" in run.output or "Could not convert" in run.output
    assert (run.folder / "run_results.json").is_file()
