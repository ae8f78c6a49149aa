"""freshness: sources as measured, objectives as they stand now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_workspace, project_options

if TYPE_CHECKING:
    from analyticsops.slo.freshness import SourceFreshness


@click.command()
@project_options
@format_option
def freshness(
    project_dir: Path | None, target_path: Path | None, config: Path | None, format_: str
) -> None:
    """Show how fresh sources are, and how the freshness objectives stand now.

    Reads what `dbt source freshness` measured. Sources with a criterion that dbt did not
    measure are listed as such; objectives stand in `config.meta.analyticsops.slo`.

    \b
    Examples:
      analyticsops freshness
      analyticsops freshness --format json
    """
    from analyticsops import api
    from analyticsops.cli.tables import heading, print_json, print_table
    from analyticsops.slo.durations import spoken

    answer = api.read_freshness(open_workspace(project_dir, target_path, config))
    if format_ == "json":
        print_json(answer)
        return
    if not answer.measured:
        click.echo("not measured: run `dbt source freshness`", err=True)
    if answer.sources:
        heading(f"Sources, as measured{_when(answer.sources)}")
    rows = [
        (
            source.name,
            "ahead of the clock" if source.is_ahead else source.status,
            "no rows" if source.is_empty else spoken(source.age) if source.age else "-",
            spoken(source.warn_after) if source.warn_after else "-",
            spoken(source.error_after) if source.error_after else "-",
            source.owner or "-",
        )
        for source in answer.sources
    ]
    columns = ("source", "status", "age", "warn after", "error after", "owner")
    print_table(columns, rows, empty="no source has a freshness criterion")
    if answer.objectives:
        click.echo()
        heading(f"Objectives, at {answer.now:%Y-%m-%d %H:%M} UTC")
    held = [
        (
            objective.name,
            objective.subject,
            objective.state,
            spoken(objective.age) if objective.age is not None else "-",
            spoken(objective.threshold) if objective.threshold else "-",
            "-" if objective.because == objective.subject else objective.because or "-",
        )
        for objective in answer.objectives
    ]
    # Owner, target and runbook are in the JSON: more columns would not fit a terminal.
    names = ("objective", "of", "state", "age", "allowed", "because of")
    print_table(names, held, empty="no freshness objective is declared")


def _when(sources: Sequence[SourceFreshness]) -> str:
    """`` 2026-11-20 07:37 UTC``; dbt measures all sources within seconds of each other."""
    moments = [source.measured_at for source in sources if source.measured_at]
    return f" {max(moments):%Y-%m-%d %H:%M} UTC" if moments else ""
