"""slo status and slo forecast."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from analyticsops.cli.options import format_option
from analyticsops.cli.slo.opening import (
    chosen,
    evaluation_options,
    open_evaluation,
    select_option,
)

if TYPE_CHECKING:
    from analyticsops.slo.evaluation import Evaluation
    from analyticsops.slo.standing import Standing


@click.command()
@evaluation_options
@select_option
@format_option
def status(format_: str, select: tuple[str, ...], **options: Any) -> None:
    """List the objectives of the project, the worst first.

    `sli` is the share of the window that was good, by what is known; `left` is what is left of
    the error budget. What is `unknown` was not measured: it is neither good nor bad. On a
    terminal, `burn` shows how much of each part of the window was bad.

    \b
    Examples:
      analyticsops slo status
      analyticsops slo status --select +fct_orders
      analyticsops slo status --format json
    """
    from analyticsops.cli.tables import heading, print_json, print_table, show_page
    from analyticsops.slo.facts import standing_facts
    from analyticsops.slo.shares import percent, whole_percent

    workspace, evaluation = open_evaluation(**options)
    standings = chosen(workspace, evaluation, select)
    if format_ == "json":
        print_json([standing_facts(one) for one in standings])
        return
    if standings and sys.stdout.isatty():
        from analyticsops.cli.slo.drawing import draw

        show_page(partial(draw, _title(evaluation), standings, list(map(_now, standings))))
        tell_invalid(evaluation)
        return
    heading(_title(evaluation))
    rows = [
        (
            one.slo.full_name,
            one.state,
            percent(one.sli),
            percent(one.slo.target),
            whole_percent(one.left),
            _now(one),
        )
        for one in standings
    ]
    columns = ("objective", "state", "sli", "target", "left", "now")
    print_table(columns, rows, empty="no objective is declared (see docs/slo.md)")
    tell_invalid(evaluation)


def _title(evaluation: Evaluation) -> str:
    from analyticsops.slo.alert import moment

    where = f" in {evaluation.environment}" if evaluation.environment else ""
    return f"Objectives of {evaluation.project}{where}, at {moment(evaluation.at)}"


def _now(standing: Standing) -> str:
    """``good``, ``bad for 2h 10m: raw.orders``."""
    from analyticsops.slo.durations import spoken

    said = standing.now
    if standing.since is not None and standing.now != "good":
        said += f" for {spoken(standing.at - standing.since)}"
    if standing.stays:
        said += f" (last looked at {spoken(standing.at - standing.known)} ago)"
    return f"{said}: {standing.because}" if standing.because else said


def tell_invalid(evaluation: Evaluation) -> None:
    """On standard error, what cannot be read: it is not evaluated."""
    for one in evaluation.declared.invalid:
        click.echo(f"not evaluated: {one.what}", err=True)


@click.command()
@evaluation_options
@select_option
@format_option
def forecast(format_: str, select: tuple[str, ...], **options: Any) -> None:
    """Say when error budgets will be used up if things go on as in the last quarter of a window.

    What burned long ago leaves a rolling window while new burn comes, so a budget may last for
    ever at a rate that would empty it in days. Of a calendar window the budget is that of its
    end; of events it is the probability that is told (a beta-binomial).

    \b
    Examples:
      analyticsops slo forecast
    """
    from analyticsops.cli.tables import heading, print_json, print_table
    from analyticsops.slo.facts import standing_facts
    from analyticsops.slo.shares import whole_percent

    workspace, evaluation = open_evaluation(**options)
    standings = chosen(workspace, evaluation, select)
    if format_ == "json":
        print_json([standing_facts(one) for one in standings])
        return
    heading(_title(evaluation))
    rows = [
        (
            one.slo.full_name,
            str(one.slo.window),
            whole_percent(one.left),
            _exhausts(one),
        )
        for one in sorted(standings, key=lambda one: (one.exhausts is None, one.exhausts or 0))
    ]
    columns = ("objective", "window", "left", "used up")
    print_table(columns, rows, empty="no objective is declared (see docs/slo.md)")
    tell_invalid(evaluation)


def _exhausts(standing: Standing) -> str:
    from analyticsops.slo.alert import moment
    from analyticsops.slo.durations import spoken

    if standing.is_exhausted:
        return "already"
    if standing.exhausts is not None:
        return f"{moment(standing.exhausts)} (in {spoken(standing.exhausts - standing.at)})"
    if standing.chance is not None:
        return f"with a probability of {standing.chance:.0%} by {moment(standing.window[1])}"
    return "lasts" if standing.measured.counted else "unknown: nothing counted"
