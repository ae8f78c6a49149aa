"""select: dbt's selection syntax, without dbt."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.options import (
    format_option,
    open_workspace,
    project_options,
    selection_options,
)


@click.command()
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    envvar="DBT_STATE",
    help="Target folder of another version, for state: methods.",
)
@selection_options
@project_options
@format_option
def select(
    state: Path | None,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """List the nodes that a selection means, as `dbt ls` does, in milliseconds.

    Knows dbt's whole grammar, and `column:MODEL.COLUMN`: with `+` in front everything
    that feeds the column, with `+` behind everything that it feeds.

    \b
    Examples:
      analyticsops select -s "tag:finance,+exposure:*"
      analyticsops select -s column:stg_payments.amount+
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line

    workspace = open_workspace(project_dir, target_path, config)
    previous = api.load(state) if state else None
    found = sorted(api.selected_nodes(workspace, select, exclude, previous=previous))
    if format_ == "json":
        print_json(found)
        return
    for unique_id in found:
        click.echo(one_line(unique_id))
    if not found:
        click.echo("nothing is selected", err=True)
