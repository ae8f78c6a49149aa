"""slo evaluate: what cron or CI runs when dbt does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

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
    "--fail-on",
    type=click.Choice(["page", "ticket", "never"]),
    default="page",
    show_default=True,
    help="Least severity of an open incident that exits with 1.",
)
def evaluate(format_: str, fail_on: str, **options: Any) -> None:
    """Find what is wrong and what caused it.

    Runs that are missing, crashed or slow, sources that nobody measured, budgets that burn,
    breaches that are certain, failures that retries hide, and its own silence. What has one
    cause is one incident, with all that it reaches.

    \b
    Examples:
      analyticsops slo evaluate
      analyticsops slo evaluate --format json --fail-on never
    """
    from analyticsops.cli.tables import print_json
    from analyticsops.slo.facts import facts_of

    _, evaluation = open_evaluation(**options)
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
    for incident in evaluation.incidents:
        click.echo()
        likely = " (suspected)" if incident.root.suspected else ""
        root = f"{incident.root.label}{likely}"
        heading(f"{incident.severity.upper()} {root}: {incident.title}  [{incident.id}]")
        show_incident(incident, evaluation.at)


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
