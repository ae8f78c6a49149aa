"""ingest: remember what dbt did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analyticsops.cli.options import format_option
from analyticsops.cli.progress import working

if TYPE_CHECKING:
    from analyticsops.history.ingest import Ingested

F = TypeVar("F", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)


def circumstance_options(command: F) -> F:
    """--environment, --job, --git-sha, --messages: what dbt's files do not say."""
    for decorator in (
        click.option(
            "--messages",
            type=click.Choice(["masked", "full", "none"]),
            envvar="ANALYTICSOPS_MESSAGES",
            default="masked",
            show_default=True,
            help="How to record dbt's messages, which can quote data.",
        ),
        click.option(
            "--git-sha",
            envvar="ANALYTICSOPS_GIT_SHA",
            help="Commit that ran.  [default: HEAD of the project]",
        ),
        click.option(
            "--job",
            envvar="ANALYTICSOPS_JOB",
            default="",
            help="Name of the job that this run belongs to.",
        ),
        click.option(
            "--environment",
            envvar="ANALYTICSOPS_ENVIRONMENT",
            default="",
            help="Name of the environment.  [default: dbt's target, where dbt says it]",
        ),
    ):
        command = decorator(command)
    return command


def history_option(command: F) -> F:
    """--history and --project-dir."""
    for decorator in (
        click.option(
            "--project-dir",
            type=_PATH,
            envvar="DBT_PROJECT_DIR",
            help="Root of the dbt project.  [default: the current folder]",
        ),
        click.option(
            "--history",
            envvar="ANALYTICSOPS_HISTORY",
            help="Folder of the history; to be read, also its address in object storage.  "
            "[default: .analyticsops/history in the project]",
        ),
    ):
        command = decorator(command)
    return command


@click.command()
@click.argument("target", type=_PATH, envvar="DBT_TARGET_PATH", required=False)
@history_option
@circumstance_options
@click.option("--exit-code", type=int, help="Exit code of the dbt that ran last.")
@click.option(
    "--log-path",
    type=_PATH,
    envvar="DBT_LOG_PATH",
    help="Folder of dbt.log.  [default: logs in the project]",
)
@format_option
def ingest(
    target: Path | None,
    history: str | None,
    project_dir: Path | None,
    environment: str,
    job: str,
    git_sha: str | None,
    messages: str,
    exit_code: int | None,
    log_path: Path | None,
    format_: str,
) -> None:
    """Remember what dbt did: TARGET is its target folder, by default target/.

    Call it after every dbt command, also after one that failed; it cannot harm the run.
    What is recorded already is recognised. Recorded are times, statuses and counts, never
    SQL, variables or data; messages are masked.

    \b
    Examples:
      analyticsops ingest
      analyticsops ingest target --environment prod --job nightly
      dbt build; s=$?; analyticsops ingest --exit-code $s; exit $s
    """
    from analyticsops import recording
    from analyticsops.cli.tables import print_json

    told = recording.circumstances(
        project_dir, environment, job, git_sha, messages, exit_code=exit_code
    )
    with working("recording what dbt did"):
        done = recording.ingest_target(
            target, history=history, project_dir=project_dir, log_path=log_path, told=told
        )
    if format_ == "json":
        print_json(done)
        return
    for one in done:
        click.echo(spoken(one))
    if not done:
        click.echo("nothing to record: the last dbt command ran nothing", err=True)


def spoken(one: Ingested) -> str:
    """One line about a recorded invocation."""
    from analyticsops.history.record import instant
    from analyticsops.report.encode import one_line

    run = one.invocation
    what = f"dbt {'retry (' + run.command + ')' if run.retries and run.command else run.command}"
    what = what if run.command else "an invocation of an unknown command"
    ended = "" if run.state == "finished" else f", {run.state}"
    counted = f"{run.results:,} result{'' if run.results == 1 else 's'}"
    prefix = "recorded" if one.new else "known already:"
    at = f"{instant(run.started_at):%Y-%m-%d %H:%M:%S} UTC"
    return f"{prefix} {one_line(what)} of {at}{ended}: {counted}"
