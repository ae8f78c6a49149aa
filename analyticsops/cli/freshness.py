"""freshness: sources as measured, objectives as they stand now."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.options import format_option, open_workspace, project_options


@click.command()
@project_options
@format_option
def freshness(
    project_dir: Path | None, target_path: Path | None, config: Path | None, format_: str
) -> None:
    """Show how fresh sources are, and how the freshness objectives stand now.

    Reads what `dbt source freshness` measured. Sources with a criterion that dbt did not
    measure are listed as such; objectives stand in `config.meta.analyticsops.slo`.
    """
    from analyticsops import api
    from analyticsops.cli.tables import heading, print_json, print_table
    from analyticsops.slo.rules import spoken

    answer = api.freshness(open_workspace(project_dir, target_path, config))
    if format_ == "json":
        print_json(answer)
        return
    if not answer.measured:
        click.echo("not measured: run `dbt source freshness`", err=True)
    if answer.sources:
        heading("Sources, as measured")
    rows = [
        (
            source.name,
            source.status,
            spoken(source.age) if source.age is not None else "-",
            spoken(source.warn_after) if source.warn_after else "-",
            spoken(source.error_after) if source.error_after else "-",
            f"{source.measured_at:%Y-%m-%d %H:%M} UTC" if source.measured_at else "-",
            source.owner or "-",
        )
        for source in answer.sources
    ]
    columns = ("source", "status", "age", "warn after", "error after", "measured", "owner")
    print_table(columns, rows, empty="no source has a freshness criterion")
    if answer.objectives:
        heading("\nObjectives, now")
    held = [
        (
            objective.name,
            objective.subject,
            objective.state,
            spoken(objective.age) if objective.age is not None else "-",
            spoken(objective.threshold) if objective.threshold else "-",
            objective.target or "-",
            objective.because or "-",
            objective.owner or "-",
        )
        for objective in answer.objectives
    ]
    names = ("objective", "of", "state", "age", "allowed", "target", "decided by", "owner")
    print_table(names, held, empty="no freshness objective is declared")
