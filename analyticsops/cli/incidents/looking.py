"""incidents list, show and timeline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analyticsops.cli.incidents.options import folder_options, incidents_in
from analyticsops.cli.options import format_option

if TYPE_CHECKING:
    from analyticsops.on_call import Details, Listed
    from analyticsops.telling.message import ToldIncident


@click.command("list")
@click.option("--all", "all_", is_flag=True, help="Those that ended as well.")
@folder_options
@format_option
def list_(all_: bool, format_: str, **options: Any) -> None:
    """List what is wrong now, by what caused it.

    As of the last `analyticsops slo evaluate`, which says how long ago that was.

    \b
    Examples:
      analyticsops incidents list
      analyticsops incidents list --all --format json
    """
    from analyticsops import on_call
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.report.encode import one_line

    found = on_call.list_incidents(incidents_in(**options), all_=all_)
    _complain(found)
    if format_ == "json":
        print_json(found)
        return
    # The owner is in the JSON and in `show`: beside what is wrong it would not fit a terminal.
    rows = [_row(one, found) for one in found.incidents]
    print_table(("id", "", "state", "for", "what"), rows, empty=_empty(found))
    for one in found.silences:
        said = f"silence {one.id} until {_minute(one.until)}: {one.match} ({one.reason})"
        click.echo(one_line(said))


def _row(one: ToldIncident, listed: Listed) -> tuple[str, ...]:
    from analyticsops.slo.durations import spoken

    state = "silenced" if one.id in listed.silenced else one.state
    age = spoken((one.closed or datetime.now(UTC)) - one.since)
    return (one.id, one.severity, state, age, one.title)


def _empty(found: Listed) -> str:
    if found.evaluated is None:
        return "nothing was ever evaluated here: run `analyticsops slo evaluate`"
    return f"no incidents, as of {_minute(found.evaluated)} UTC"


def _complain(found: Listed) -> None:
    from analyticsops.report.encode import one_line

    for one in found.damaged:
        click.echo(f"not read: {one_line(one)}", err=True)


@click.command()
@click.argument("name", metavar="INCIDENT")
@folder_options
@format_option
def show(name: str, format_: str, **options: Any) -> None:
    """Show one incident: INCIDENT is its id, the beginning of it, or `latest`.

    \b
    Examples:
      analyticsops incidents show latest
      analyticsops incidents show latest --format json
    """
    from analyticsops import on_call
    from analyticsops.cli.tables import heading, print_facts, print_json

    found = on_call.show_incident(incidents_in(**options), name)
    if format_ == "json":
        print_json(found)
        return
    heading(f"{found.incident.severity.capitalize()}: {found.incident.title}")
    print_facts(_facts(found))
    click.echo()
    heading("Timeline (UTC)")
    print_facts((_minute(_time(one.at)), [one.text]) for one in found.timeline)


def _facts(found: Details) -> Iterator[tuple[str, list[str]]]:
    from analyticsops.telling.message import reach

    one, root = found.incident, found.incident.root
    yield "incident", [one.id]
    yield "state", [_state(one)]
    yield "since", [f"{_minute(one.since)} UTC"]
    yield "cause", [f"{'probably ' if root.suspected else ''}{root.label} ({root.kind})"]
    yield "owner", [one.owner or "nobody"]
    if one.next_data is not None:
        yield "next data", [f"{_minute(one.next_data)} UTC"]
    if one.runbook:
        yield "runbook", [one.runbook]
    yield "reaches", [reach(one.affected) or "nothing else"]
    yield "alerts", [f"{alert.severity}: {alert.sentence}" for alert in one.alerts]
    yield "told", [f"{name} ({phase})" for name, phase in found.receivers.items()] or ["nobody"]
    if found.failing:
        yield "not told", [f"{name}: {error}" for name, error in found.failing.items()]
    for silence in found.silences:
        yield "silenced", [f"until {_minute(silence.until)} UTC: {silence.reason} ({silence.id})"]


def _state(one: ToldIncident) -> str:
    if one.acknowledged is not None and one.closed is None:
        note = f": {one.acknowledged.note}" if one.acknowledged.note else ""
        return f"acknowledged by {one.acknowledged.by}{note}"
    if one.closed is None:
        return "open"
    into = f" into {one.merged_into}" if one.merged_into else ""
    return f"{one.state}{into} at {_minute(one.closed)} UTC"


@click.command()
@click.argument("name", metavar="INCIDENT")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Write it there, if nothing is there."
)
@folder_options
def timeline(name: str, output: Path | None, **options: Any) -> None:
    """Write an incident as the beginning of a post-mortem, in Markdown.

    What is known is filled in: impact, error budgets, timeline, alerts, who was told what. What
    people have to think about is asked.

    \b
    Examples:
      analyticsops incidents timeline latest
      analyticsops incidents timeline latest -o post-mortem.md
    """
    from analyticsops import on_call
    from analyticsops.errors import UsageError

    text = on_call.write_timeline(incidents_in(**options), name)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as file:  # what people wrote into it must stay
            file.write(text)
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise UsageError(what, where=str(output), hint="name another file") from error
    click.echo(f"wrote {output}", err=True)


def _time(instant: int) -> Any:
    from analyticsops.slo.spans import time_of

    return time_of(instant)


def _minute(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
