"""mcp: the same answers for agents."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.options import open_workspace, project_options


@click.command()
@click.option(
    "--base",
    type=click.Path(path_type=Path),
    help="Target folder or manifest that the tool `diff` compares with.",
)
@click.option(
    "--history",
    envvar="ANALYTICSOPS_HISTORY",
    help="History of runs that the tool `slo` looks at: a folder, or its address in object "
    "storage.  [default: .analyticsops/history in the project]",
)
@project_options
def mcp(
    base: Path | None,
    history: str | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
) -> None:
    """Serve agents over standard input and output (Model Context Protocol).

    Read-only tools: status, search, describe, lineage, impact, diff, metrics, metric_sql, slo,
    explain.
    The artifacts are read again when dbt writes others. Needs
    `pip install 'analyticsops[mcp]'`.

    \b
    Example:
      claude mcp add shop -- analyticsops mcp --project-dir ~/dbt/shop
    """
    from analyticsops.errors import UsageError

    try:
        from analyticsops.mcp.server import make_server
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"the package {missing.name!r} is not installed",
            hint="pip install 'analyticsops[mcp]'",
        ) from missing
    from analyticsops.mcp.desk import Desk

    desk = Desk(
        lambda: open_workspace(project_dir, target_path, config),
        (lambda: open_workspace(project_dir, target_path, config, head=base)) if base else None,
        history,
    )
    desk.workspace  # noqa: B018 - what is wrong with it is said before anybody asks
    make_server(desk).run()
