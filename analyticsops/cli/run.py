"""run: dbt, and a record of it."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.ingest import circumstance_options, history_option


@click.command(context_settings={"ignore_unknown_options": True})
@history_option
@circumstance_options
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    history: str | None,
    project_dir: Path | None,
    environment: str,
    job: str,
    git_sha: str | None,
    messages: str,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND, which is dbt with its arguments, and remember what it did.

    dbt has the terminal and every signal as without us, and its exit code is ours. Its
    start is recorded as well, so that a run that dies is known as crashed, with the nodes
    that were done until then. For that dbt writes its file log as JSON, unless
    DBT_LOG_FORMAT_FILE or an option says otherwise.

    \b
    Examples:
      analyticsops run -- dbt build
      analyticsops run --environment prod --job nightly -- dbt build --target prod
    """
    import os

    from analyticsops import recording, running
    from analyticsops.cli.ingest import spoken
    from analyticsops.report.encode import one_line

    root = project_dir or running.places_of(command, os.environ).project
    ended = running.run_and_record(
        command,
        recording.open_store(history, root),
        recording.circumstances(root, environment, job, git_sha, messages),
        tell=lambda line: click.echo(f"warning: {one_line(line)}", err=True),
    )
    for one in ended.recorded:
        click.echo(f"analyticsops: {spoken(one)}", err=True)
    running.leave_as(ended.code)
