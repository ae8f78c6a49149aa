"""slo gate: the error budget policy as an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from analyticsops.cli.options import format_option
from analyticsops.cli.slo.looking import tell_invalid
from analyticsops.cli.slo.opening import (
    evaluation_options,
    open_evaluation,
    select_option,
)

if TYPE_CHECKING:
    from analyticsops.slo.gate import Gate


@click.command()
@evaluation_options
@select_option
@format_option
@click.option(
    "--branch",
    envvar=["GITHUB_HEAD_REF", "CI_COMMIT_REF_NAME"],
    default="",
    help="Branch that wants to pass; those of `policy.allow_branches` always may.",
)
@click.option(
    "--label",
    "labels",
    multiple=True,
    help="Label of the pull request; one of `policy.allow_labels` lets it pass.",
)
def gate(
    format_: str,
    select: tuple[str, ...],
    branch: str,
    labels: tuple[str, ...],
    **options: Any,
) -> None:
    """Let a change pass or not, by the error budget policy.

    Closed (exit code 1) while the budget of an objective is used up whose tier is in
    `policy.tiers` of slos/*.yml: then only fixes may merge. Whatever is selected decides: name
    what a change reaches, to leave other teams' budgets out of it.

    \b
    Examples:
      analyticsops slo gate
      analyticsops slo gate --branch "$GITHUB_HEAD_REF" --select state:modified+
    """
    from analyticsops.cli.slo.opening import chosen
    from analyticsops.cli.tables import print_json
    from analyticsops.slo.gate import decide

    workspace, evaluation = open_evaluation(**options)
    standings = chosen(workspace, evaluation, select)
    found = decide(
        standings,
        evaluation.declared.shared.policy,
        evaluation.observed.deployed,
        branch=branch,
        labels=labels,
    )
    if format_ == "json":
        print_json(found)
    else:
        _show(found)
        tell_invalid(evaluation)
    if not found.is_open:
        raise click.exceptions.Exit(1)


def _show(found: Gate) -> None:
    from analyticsops.cli.tables import heading, print_table
    from analyticsops.slo.shares import whole_percent

    heading(f"The gate is {'open' if found.is_open else 'closed'}: {found.because}")
    rows = [
        (
            f"{one.day:%Y-%m-%d}",
            line.objective,
            whole_percent(one.left),
            "; ".join(one.because) or "-",
            ", ".join(sha[:12] for sha in one.releases) or "-",
        )
        for line in found.lines
        for one in line.days
    ]
    if rows:
        click.echo()
        print_table(("day", "objective", "left", "burned", "releases"), rows)
