"""metrics export: definitions for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.options import format_option, open_workspace, project_options

_TARGETS = ("metricflow", "osi", "cube", "lookml", "snowflake", "databricks")


@click.command()
@click.option("--to", required=True, type=click.Choice(_TARGETS), help="The tool.")
@click.option(
    "--output-dir",
    "-o",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the files into this folder.  [default: print them]",
)
@project_options
@format_option
def export(
    to: str,
    output_dir: Path | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Write semantic models and metrics for another tool.

    What the tool does not hold is listed on standard error, metric by metric, with the reason;
    with --format json beside the files. Nothing is left out silently. Formats: dbt's YAML for
    MetricFlow (with the SQL metrics of analyticsops/metrics.yml), Apache Ossie 0.2 (OSI), Cube,
    LookML (needs `pip install 'analyticsops[lookml]'`), semantic views of Snowflake, metric
    views of Databricks.

    \b
    Examples:
      analyticsops metrics export --to osi
      analyticsops metrics export --to cube --output-dir model/cubes
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line
    from analyticsops.report.formats import make_folder, write

    found = api.export_metrics(open_workspace(project_dir, target_path, config), to)
    if output_dir is not None:
        make_folder(output_dir)
        for name, text in found.files.items():
            write(output_dir / name, text)
            click.echo(f"wrote {output_dir / name}", err=True)
    if format_ == "json":
        print_json(found)
        return
    if output_dir is None:
        for name, text in found.files.items():
            click.echo(f"# {name}\n{text}" if len(found.files) > 1 else text, nl=False)
    for loss in found.losses:
        how = "left out" if loss.whole else "without"
        click.echo(one_line(f"{loss.subject} {how}: {loss.what}"), err=True)
    whole = sum(1 for loss in found.losses if loss.whole)
    click.echo(f"{to}: {whole} left out, {len(found.losses) - whole} in part", err=True)
