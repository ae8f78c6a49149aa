"""slo evaluate: what cron or CI runs when dbt does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analyticsops.cli.incidents.telling import show_told
from analyticsops.cli.options import format_option
from analyticsops.cli.slo.looking import tell_invalid
from analyticsops.cli.slo.opening import evaluation_options, open_evaluation

if TYPE_CHECKING:
    from analyticsops.slo.evaluation import Evaluation
    from analyticsops.slo.incident import Incident


@click.command()
@evaluation_options
@format_option
@click.option(
    "--incidents",
    "folder",
    type=click.Path(path_type=Path),
    envvar="ANALYTICSOPS_INCIDENTS",
    help="Folder of the incidents.  [default: .analyticsops/incidents beside the history]",
)
@click.option("--dry-run", is_flag=True, help="Remember nothing and tell nobody; implied by --at.")
@click.option(
    "--fail-on",
    type=click.Choice(["page", "ticket", "never"]),
    default="page",
    show_default=True,
    help="Least severity of an open incident that exits with 1.",
)
def evaluate(
    format_: str, fail_on: str, folder: Path | None, dry_run: bool, **options: Any
) -> None:
    """Find what is wrong and what caused it, and tell who must know.

    Runs that are missing, crashed or slow, sources that nobody measured, budgets that burn,
    breaches that are certain, failures that retries hide, and its own silence. What has one
    cause is one incident, with all that it reaches; incidents are remembered, and told by the
    routes in slos/*.yml when they open, grow worse and are over.

    \b
    Examples:
      analyticsops slo evaluate
      analyticsops slo evaluate --dry-run --format json --fail-on never
    """
    import os

    from analyticsops import responding
    from analyticsops.cli.tables import print_json
    from analyticsops.slo.facts import facts_of

    dry = dry_run or bool(options["at"])
    workspace, evaluation = open_evaluation(**options, incidents=folder, alone=dry)
    if not dry:
        where = folder or responding.incidents_folder(
            options["history"], options["project_dir"] or workspace.project_dir
        )
        done = responding.respond(evaluation, where, environ=os.environ)
        show_told(done.told, done.failed, done.problems)
    if format_ == "json":
        print_json(facts_of(evaluation))
    else:
        show_incidents(evaluation)
        tell_invalid(evaluation)
    told = [one.severity for one in evaluation.incidents]
    if "page" in told or (fail_on == "ticket" and told):
        raise click.exceptions.Exit(0 if fail_on == "never" else 1)


def show_incidents(evaluation: Evaluation) -> None:
    """All incidents, each with its alerts and what it reaches."""
    from analyticsops.cli.tables import heading
    from analyticsops.slo.alert import moment

    count = len(evaluation.incidents)
    states = [one.state for one in evaluation.standings]
    met = states.count("met")
    click.echo(
        f"{len(states)} objectives at {moment(evaluation.at)}: {met} met, "
        f"{states.count('burning')} burning, {states.count('breached')} breached, "
        f"{states.count('exhausted')} used up, {states.count('unknown')} unknown"
    )
    if not count:
        click.echo("nothing to tell")
    for incident in evaluation.silent:
        click.echo(f"in maintenance, told to nobody: {headline(incident)}", err=True)
    for incident in evaluation.incidents:
        click.echo()
        heading(f"{incident.severity.upper()} {headline(incident)}  [{incident.id}]")
        show_incident(incident, evaluation.at)


def headline(incident: Incident) -> str:
    """What is wrong with what, in one line."""
    label, title = incident.root.label, incident.title
    likely = " (suspected)" if incident.root.suspected else ""
    return title if title.startswith(label) and not likely else f"{label}{likely}: {title}"


def show_incident(incident: Incident, now: int) -> None:
    """The alerts of an incident and what it reaches, wrapped on a terminal."""
    from analyticsops.cli.tables import print_facts

    facts = [
        (f"  {'page' if alert.page else 'ticket'}", [f"{alert.rule}: {alert.sentence(now)}"])
        for alert in incident.alerts
    ]
    reach = incident.affected
    for label, names in (
        ("marts", reach.marts),
        ("metrics", reach.metrics),
        ("exposures", reach.exposures),
        ("owners", reach.owners),
    ):
        if names:
            shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
            facts.append((f"  {label}", [shown]))
    print_facts(facts)
