"""slo measure: what no artifact says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from analyticsops.cli.options import (
    data_options,
    format_option,
    open_workspace,
    project_options,
)
from analyticsops.cli.slo.opening import select_option


@click.command()
@project_options
@select_option
@data_options
@click.option(
    "--history", envvar="ANALYTICSOPS_HISTORY", help="Folder of the history to record into."
)
@click.option(
    "--environment",
    envvar="ANALYTICSOPS_ENVIRONMENT",
    default="",
    help="Whose data it is.  [default: that of slos/*.yml]",
)
@click.option("--job", default="", help="Name of the job that measures.")
@format_option
def measure(
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    select: tuple[str, ...],
    history: str | None,
    format_: str,
    **options: Any,
) -> None:
    """Ask the data what no artifact says, and record the answers.

    For objectives of the types custom_sql and null_rate queries are run, on a DuckDB file or
    through `dbt show`; schema_stability looks at the catalog, lineage_coverage at the column
    lineage. A query that fails is unknown; the others go on, and the exit code is 1.

    \b
    Examples:
      analyticsops slo measure --database shop.duckdb
      analyticsops slo measure --target prod --environment prod
    """
    from analyticsops import recording, slo_measuring
    from analyticsops.cli.tables import print_json, print_table

    workspace = open_workspace(project_dir, target_path, config)
    store = recording.open_store(history, project_dir or workspace.project_dir)
    taken = slo_measuring.measure_objectives(workspace, store, select=select, **options)
    if format_ == "json":
        print_json(taken)
    else:
        rows = [
            (
                one.objective,
                "unknown" if one.failed else "measured",
                one.failed
                or f"{sum(answer.good for answer in one.answers):,} good of "
                f"{sum(answer.total for answer in one.answers):,}",
            )
            for one in taken
        ]
        empty = "no objective has to be measured"
        print_table(("objective", "state", "found"), rows, empty=empty)
    if any(one.failed for one in taken):
        raise click.exceptions.Exit(1)
