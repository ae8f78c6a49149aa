"""gameday: break things on paper, and see what is told."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analyticsops.cli.options import (
    format_option,
    from_environment,
    open_workspace,
    progress_bar,
    project_options,
)

if TYPE_CHECKING:
    from analyticsops.playing import GameDay
    from analyticsops.slo.gameday.play import Played, Raised
    from analyticsops.workspace import Workspace


@click.command()
@project_options
@click.option(
    "--history",
    envvar="ANALYTICSOPS_HISTORY",
    help="Play on this history: its last hours again, with a fault in them.  [default: rehearse "
    "an hourly job that goes well]",
)
@click.option("--environment", default="", help="Whose runs count.  [default: the only one]")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND[:TARGET]",
    help="Such as source-late:raw.orders or job-crashes; may be repeated.  [default: one of each "
    "kind where it hurts most]",
)
@click.option(
    "--execute",
    is_flag=True,
    help="Run dbt for real, on a copy of a DuckDB project, with the faults in it.",
)
@click.option(
    "--database",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --execute: DuckDB file of the project; it is copied, never written.  [default: "
    "as the profile says]",
)
@click.option("--random", "random", type=click.IntRange(0), default=0, help="So many random ones.")
@click.option("--seed", default=0, show_default=True, help="Of the random ones.")
@click.option(
    "--hours",
    type=click.IntRange(1, 168),
    default=8,
    show_default=True,
    help="That each game goes on.",
)
@click.option(
    "--every", default="15m", show_default=True, metavar="DURATION", help="Between evaluations."
)
@format_option
def gameday(
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    history: str | None,
    execute: bool,
    database: Path | None,
    every: str,
    faults: tuple[str, ...],
    format_: str,
    **options: Any,
) -> None:
    """Break things on paper, and see which incidents are raised, how late, and for which cause.

    Nothing is run and nothing written: faults are put into what was observed, as they would have
    shown in dbt's files, and the objectives are evaluated again and again. Exits with 1 if a
    fault stays silent or is blamed on something else. With --execute project and database are
    copied, and dbt is run there.

    \b
    Examples:
      analyticsops gameday
      analyticsops gameday --fault source-late --fault job-crashes --hours 12
      analyticsops gameday --random 20 --seed 7
      analyticsops gameday --execute --fault column-dropped:raw.orders
    """
    from analyticsops.cli.tables import print_json

    workspace = open_workspace(project_dir, target_path, config)
    if execute:
        day = _for_real(workspace, database, history, every, faults=faults, **options)
    else:
        day = _on_paper(workspace, history, every, faults=faults, **options)
    if format_ == "json":
        print_json(day)
    else:
        _show(day)
    if not day.went_well:
        raise click.exceptions.Exit(1)


def _on_paper(workspace: Workspace, history: str | None, every: str, **options: Any) -> GameDay:
    from analyticsops import playing, recording

    store = recording.existing_store(history, workspace.project_dir) if history else None
    return playing.game_day(workspace, store, every=_length(every), tell=progress_bar(), **options)


def _for_real(
    workspace: Workspace, database: Path | None, history: str | None, every: str, **options: Any
) -> GameDay:
    from analyticsops import playing_for_real
    from analyticsops.errors import UsageError

    if history and not from_environment("history"):
        raise UsageError(
            "a recorded history is played on paper, and --execute makes one of its own",
            where="--history",
            hint="leave one of the two out",
        )
    return playing_for_real.execute_game_day(
        workspace, database, every=_length(every), tell=progress_bar(), **options
    )


def _length(every: str) -> int:
    from analyticsops.errors import UsageError
    from analyticsops.slo.durations import duration, microseconds

    length = duration(every)
    if not length:
        raise UsageError(f"{every!r} is no duration", where="--every", hint="write 15m or 1h")
    return microseconds(length)


def _show(day: GameDay) -> None:
    from analyticsops.cli.tables import heading, print_table
    from analyticsops.slo.durations import spoken
    from analyticsops.slo.gameday.play import summed

    where = "the recorded history" if day.recorded else "rehearsed hourly runs"
    whose = "its own objectives" if day.own else "usual objectives, since it declares none"
    how = f"{where}, {whose}, {day.hours} h each"
    if day.executed:
        how = f"a copy of the project, run by dbt, {whose}"
    heading(f"{len(day.played)} faults on {how}")
    rows = [
        (
            one.fault.kind.value,
            one.label,
            one.verdict,
            spoken(one.raised[0].after) if one.raised else "-",
            "; ".join(_raised(one, incident) for incident in one.raised) or "-",
            str(one.hit),
        )
        for one in day.played
    ]
    columns = ("fault", "on", "verdict", "after", "told", "nodes")
    print_table(columns, rows)
    for one in day.left_out:
        click.echo(f"not played: {one.fault.kind.value} on {one.label}: {one.why}", err=True)
    figures = dict(summed(day.played))
    click.echo(
        f"{figures['right']:.0%} right, {figures['silent']:.0%} silent; "
        f"{figures['notifications']:.0f} notifications instead of "
        f"{figures['one for each node in trouble']:.0f}, one for each node in trouble",
        err=True,
    )


def _raised(played: Played, incident: Raised) -> str:
    """Who is called, and for what; the root by name where it is not what was broken."""
    root = "" if incident.label == played.label else f" {incident.label}"
    return f"{'page' if incident.page else 'ticket'}{root} ({incident.rules[0]})"
