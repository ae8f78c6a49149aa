"""select: dbt's selection syntax, without dbt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import (
    format_option,
    open_versions,
    open_workspace,
    project_options,
    selection_options,
    version_options,
)
from analyticsops.cli.progress import tell, working

if TYPE_CHECKING:
    from analyticsops.changes.rebuild import Rebuild


@click.command()
@click.option(
    "--changed",
    is_flag=True,
    help="What must be built or tested again after a change from --state or --base-ref, as "
    "selectors for dbt.",
)
@version_options
@selection_options
@project_options
@format_option
def select(
    changed: bool,
    base: Path | None,
    base_ref: str | None,
    base_command: tuple[str, ...],
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

    With --changed: the models, seeds, snapshots and tests whose meaning changed, and
    those below that read a column or rows which changed, one selector a line for
    `dbt build --select`. Formatting, comments, refactorings that are proven equal and
    what reads none of the changed columns are not among them; what cannot be judged is.

    \b
    Examples:
      analyticsops select -s "tag:finance,+exposure:*"
      analyticsops select -s column:stg_payments.amount+
      analyticsops select --changed --state main/target
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line

    if changed:
        old, new = open_versions(base, base_ref, base_command, project_dir, target_path, config)
        with working("comparing both versions"):
            found_changed = api.select_changed(old, new, select=select, exclude=exclude)
        _print_changed(found_changed, format_)
        return
    workspace = open_workspace(project_dir, target_path, config)
    previous = api.load(base) if base else None
    if base is None and base_ref and any("state:" in text for text in (*select, *exclude)):
        previous = api.load_ref(base_ref, workspace, commands=base_command, tell=tell)
    found = sorted(api.selected_nodes(workspace, select, exclude, previous=previous))
    if format_ == "json":
        print_json(found)
        return
    for unique_id in found:
        click.echo(one_line(unique_id))
    if not found:
        click.echo("nothing is selected", err=True)


def _print_changed(found: tuple[Rebuild, ...], format_: str) -> None:
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line

    if format_ == "json":
        import msgspec

        print_json(msgspec.to_builtins(found))
        return
    for entry in found:
        click.echo(one_line(entry.selector))
    if not found:
        click.echo("nothing must be built or tested again", err=True)
