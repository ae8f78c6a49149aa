"""slo suggest: objectives from the history."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.options import format_option, open_workspace, project_options
from analyticsops.cli.slo.opening import select_option


@click.command()
@project_options
@select_option
@click.option(
    "--history",
    envvar="ANALYTICSOPS_HISTORY",
    help="Folder of the history, or its address in object storage.",
)
@click.option("--environment", default="", help="Whose runs count.  [default: the only one]")
@click.option(
    "--quantile",
    type=click.FloatRange(0.5, 1.0),
    default=0.99,
    show_default=True,
    help="Of the ages that data had before newer data came: these are to be fresh.",
)
@click.option("--at", "at", default="", metavar="WHEN", help="As of that time.  [default: now]")
@format_option
def suggest(
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    select: tuple[str, ...],
    history: str | None,
    environment: str,
    quantile: float,
    at: str,
    format_: str,
) -> None:
    """Propose objectives from the last 28 days, as YAML to paste into `slos/`.

    For sources, for what nobody builds upon, for jobs and for tests, where nobody wrote an
    objective of that kind. Thresholds are quantiles of what was observed and a fifth more; each
    comment says which, of how many. Targets are the highest usual ones that were kept.

    \b
    Examples:
      analyticsops slo suggest
      analyticsops slo suggest --select source:shop_raw --quantile 0.95
    """
    from datetime import UTC, datetime
    from fractions import Fraction

    from analyticsops import looking_back, recording, suggesting
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line

    workspace = open_workspace(project_dir, target_path, config)
    store = recording.existing_store(history, project_dir or workspace.project_dir)
    found = suggesting.suggest_objectives(
        workspace,
        store,
        select=select,
        quantile=Fraction(str(quantile)),
        environment=environment,
        now=looking_back.moment(at, datetime.now(UTC), where="--at"),
    )
    if format_ == "json":
        print_json(found)
        return
    click.echo(found.text, nl=False)
    if not found.text:
        click.echo("nothing to propose", err=True)
    for one in found.nothing:
        click.echo(one_line(f"nothing for {one.subject}: {one.because}"), err=True)
