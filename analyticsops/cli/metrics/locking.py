"""metrics lock: what metrics mean, as a file that is committed."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.options import emit, open_workspace, project_options, report_options


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; report where the file is not right.")
@project_options
@report_options
def lock(
    check: bool,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str | None,
    output: tuple[str, ...],
    fail_on: str | None,
    baseline: Path | None,
) -> None:
    """Write down what each metric means: analyticsops/metrics.lock.yml.

    The file holds a fingerprint of every metric down to the columns of sources, and is
    committed: whoever reviews its changes reviews what numbers mean. With --check nothing is
    written, and a metric that does not mean what the file says is a finding, with the model
    that made it so.

    \b
    Examples:
      analyticsops metrics lock
      analyticsops metrics lock --check
      analyticsops metrics lock --check --output github=-
    """
    from analyticsops import api

    workspace = open_workspace(project_dir, target_path, config)
    if check:
        report = api.check_lock(workspace, fail_on=fail_on or "", baseline=baseline)
        emit(report, format_, output, project_dir=workspace.project_dir)
    from analyticsops.report.formats import make_folder, write

    answer = api.lock_metrics(workspace)
    make_folder(answer.path.parent)
    write(answer.path, answer.text)
    found = answer.difference
    told = [
        f"{len(names)} {what}"
        for names, what in (
            (found.changed, "of another meaning"),
            (found.added, "new"),
            (found.removed, "gone"),
        )
        if names
    ]
    count = len(workspace.registry.definitions)
    summary = ", ".join([f"{count} metric{'' if count == 1 else 's'}", *told])
    click.echo(f"wrote {answer.path}: {summary}", err=True)
