"""incidents acknowledge, silence and unsilence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from analyticsops.cli.incidents.options import by_option, folder_options, incidents_in
from analyticsops.cli.incidents.telling import show_told
from analyticsops.cli.options import format_option


@click.command()
@click.argument("name", metavar="INCIDENT")
@by_option
@click.option("--note", default="", help="For others: what is known, when it will be well.")
@click.option("--no-send", is_flag=True, help="Leave it to the next evaluation to tell others.")
@folder_options
@format_option
def acknowledge(
    name: str,
    by: str,
    note: str,
    no_send: bool,
    format_: str,
    project_dir: Path | None,
    **options: Any,
) -> None:
    """Say that you look after INCIDENT, so that others need not.

    Its receivers are told at once; PagerDuty stops calling the next person.

    \b
    Examples:
      analyticsops incidents acknowledge latest --by ana
      analyticsops incidents acknowledge latest --by ana --note "asked the vendor"
    """
    from analyticsops import on_call
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line

    incident, telling = on_call.acknowledge(
        incidents_in(project_dir=project_dir, **options),
        name,
        by=by,
        note=note,
        project_dir=project_dir,
        environ=os.environ,
        send=not no_send,
    )
    if format_ == "json":
        print_json({"incident": incident, "telling": telling})
    else:
        click.echo(one_line(f"{incident.id} acknowledged by {by}: {incident.title}"))
    show_told(telling.told, telling.failed, telling.problems)


@click.command()
@click.argument("name", metavar="INCIDENT", required=False, default="")
@click.option("--root", default="", help="Incidents with this root, by name or unique_id.")
@click.option("--owner", default="", help="Alerts of this owner.")
@click.option("--rule", default="", help="Alerts of this rule.")
@click.option("--node", default="", help="Alerts about this node or job.")
@click.option("--reason", required=True, help="Why.")
@click.option(
    "--until", required=True, metavar="WHEN", help="When it ends: 12h, 3d, 2026-12-01T08:00Z."
)
@by_option
@folder_options
@format_option
def silence(
    name: str,
    root: str,
    owner: str,
    rule: str,
    node: str,
    reason: str,
    until: str,
    by: str,
    format_: str,
    **options: Any,
) -> None:
    """Tell nobody of INCIDENT, or of all that match, for a while.

    `*` and `?` match as in file names; what is said must all match. An incident is silent only
    if each of its alerts is covered, so that a new trouble is told. That something is over is told
    to those who know that it is open. Error budgets burn as before.

    \b
    Examples:
      analyticsops incidents silence latest --by ana --reason "vendor is down" --until 12h
      analyticsops incidents silence --root "stripe*" --by ana --reason migration --until 2d
    """
    from analyticsops import on_call
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line
    from analyticsops.slo.log.events import SilenceMatch

    match = SilenceMatch(incident=name, root=root, owner=owner, rule=rule, node=node)
    made, covered = on_call.silence(
        incidents_in(**options), match, reason=reason, until=until, by=by
    )
    if format_ == "json":
        print_json({"silence": made, "covered": covered})
        return
    end = f"{made.until:%Y-%m-%d %H:%M} UTC"
    click.echo(one_line(f"silence {made.id} until {end}: {made.match}"))
    click.echo(f"covers {', '.join(covered) or 'no incident that is open now'}")


@click.command()
@click.argument("name", metavar="SILENCE")
@by_option
@folder_options
@format_option
def unsilence(name: str, by: str, format_: str, **options: Any) -> None:
    """End a silence before its time; SILENCE is its id, or the beginning of it.

    What it covered and is still open is told after the next evaluation. `incidents list` shows
    the silences that hold.

    \b
    Example:
      analyticsops incidents unsilence 5e0c9f1d --by ana
    """
    from analyticsops import on_call
    from analyticsops.cli.tables import print_json
    from analyticsops.report.encode import one_line

    ended = on_call.unsilence(incidents_in(**options), name, by=by)
    if format_ == "json":
        print_json(ended)
        return
    click.echo(one_line(f"silence {ended.id} ended: {ended.match}"))
