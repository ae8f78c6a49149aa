"""lineage export: for other programs, or as a picture."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from analyticsops.cli.options import open_workspace, project_options, selection_options

_FORMATS = ("json", "openlineage", "dot", "mermaid", "csv", "parquet")
"""A copy of the names in analyticsops.export.formats, so that --help loads nothing."""


@click.command()
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    default="json",
    show_default=True,
    help="What to write.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File.  [default: stdout]")
@click.option(
    "--namespace",
    metavar="URI",
    default="",
    help="OpenLineage's namespace of the warehouse, such as snowflake://myorg-myaccount.",
)
@click.option(
    "--events",
    type=click.Choice(["job", "run"]),
    default="job",
    show_default=True,
    help="OpenLineage's events: of what the project says, or of what the last run built.",
)
@click.option(
    "--sql",
    is_flag=True,
    help="OpenLineage's events with the compiled SQL, and the literals that are written there.",
)
@selection_options
@project_options
def export(
    format_: str,
    output: Path | None,
    namespace: str,
    events: str,
    sql: bool,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
) -> None:
    """Write the lineage for other programs, or as a picture.

    json is a document of nodes and edges; csv and parquet hold one row per edge;
    openlineage is one event per line, with the column lineage facet 1-2-0; dot is drawn by
    Graphviz, mermaid by GitHub and GitLab. With --select, only the edges into those nodes.

    \b
    Examples:
      analyticsops lineage export --format parquet --output lineage.parquet
      analyticsops lineage export --format mermaid --select fct_orders
      analyticsops lineage export --format openlineage --namespace duckdb://shop.duckdb
    """
    from analyticsops import api
    from analyticsops.errors import UsageError

    if output is None and format_ == "parquet" and sys.stdout.isatty():
        raise UsageError("parquet is nothing for a terminal", hint="name a file with --output")
    workspace = open_workspace(project_dir, target_path, config)
    data = api.export_lineage(
        workspace,
        format_,
        select=select,
        exclude=exclude,
        namespace=namespace,
        events=events,
        sql=sql,
    )
    note = api.namespace_note(workspace, namespace) if format_ == "openlineage" else ""
    if note:
        click.echo(f"note: {note}", err=True)
    if output is None:
        click.echo(data, nl=False)
        return
    from analyticsops.report.formats import write_bytes

    write_bytes(output, data)
