"""slo lint: objectives that are impossible, or mean nothing."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.options import (
    emit,
    open_workspace,
    project_options,
    report_options,
    selection_options,
)


@click.command()
@project_options
@click.option(
    "--history",
    envvar="ANALYTICSOPS_HISTORY",
    help="Folder of the history, or its address in object storage.  "
    "[default: .analyticsops/history in the project, if there is one]",
)
@click.option(
    "--environment",
    envvar="ANALYTICSOPS_ENVIRONMENT",
    default="",
    help="Whose runs count.  [default: that of slos/*.yml, or the only one]",
)
@selection_options
@report_options
def lint(
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    history: str | None,
    environment: str,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    format_: str | None,
    output: tuple[str, ...],
    fail_on: str | None,
    baseline: Path | None,
) -> None:
    """Find objectives that are impossible, or mean nothing.

    A budget that one failure uses up, data that is too old before the next run is due, a
    schedule that never fires, a source that is never measured, a route to nobody. Where there
    is a history, also what it makes impossible: loads that are further apart than data may be
    old, rows that the adapter never tells. `analyticsops check` finds the same, without a history.

    \b
    Examples:
      analyticsops slo lint
      analyticsops slo lint --fail-on warning
    """
    from analyticsops import linting, recording
    from analyticsops.errors import UsageError

    workspace = open_workspace(project_dir, target_path, config)
    try:
        store = recording.existing_store(history, project_dir or workspace.project_dir)
    except UsageError:
        if history:
            raise
        store = None
    report = linting.lint_objectives(
        workspace,
        store,
        select=select,
        exclude=exclude,
        environment=environment,
        fail_on=fail_on or "",
        baseline=baseline,
    )
    emit(report, format_, output, project_dir=workspace.project_dir)
