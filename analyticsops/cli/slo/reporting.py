"""slo report: a window as Markdown or JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from analyticsops.cli.slo.opening import (
    chosen,
    evaluation_options,
    open_evaluation,
    select_option,
)


@click.command()
@evaluation_options
@select_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="How to write it.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; standard output otherwise.",
)
def report(format_: str, output: Path | None, select: tuple[str, ...], **options: Any) -> None:
    """Write a report: budgets, what is wrong, what burned by day, with the releases beside it.

    \b
    Examples:
      analyticsops slo report
      analyticsops slo report --at 2026-11-01 -o october.md
    """
    from analyticsops.report.objectives import objectives_report

    workspace, evaluation = open_evaluation(**options)
    standings = chosen(workspace, evaluation, select)
    if format_ == "json":
        import msgspec

        from analyticsops.report.encode import json_document
        from analyticsops.slo.facts import facts_of

        kept = msgspec.structs.replace(evaluation, standings=standings)
        text = json_document(msgspec.to_builtins(facts_of(kept)))
    else:
        text = objectives_report(evaluation, standings)
    if output is None:
        click.echo(text, nl=False)
    else:
        from analyticsops.report.formats import write

        write(output, text)
