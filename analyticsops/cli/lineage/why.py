"""lineage why: the expressions by which a column comes about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_workspace, project_options

if TYPE_CHECKING:
    from analyticsops.lineage.why import WhyStep
    from analyticsops.tracing import WhyColumn


@click.command()
@click.argument("column", metavar="MODEL.COLUMN")
@click.option(
    "--depth",
    type=click.IntRange(min=0),
    help="At most so many models upwards; 0 for its own alone.  [default: all]",
)
@project_options
@format_option
def why(
    column: str,
    depth: int | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Show the expressions by which a column comes about, down to sources.

    For each model on the way: its file, and from the final SELECT inwards the expression
    in each CTE, with its line in the file (or in the compiled SQL, marked c, where Jinja
    made the line). "Through *" means that a star passes the column on as it is.

    \b
    Examples:
      analyticsops lineage why fct_orders.net_revenue
      analyticsops lineage why fct_orders.net_revenue --depth 0
    """
    from analyticsops import api
    from analyticsops.cli.tables import heading, print_json
    from analyticsops.report.encode import one_line

    workspace = open_workspace(project_dir, target_path, config)
    answer = api.explain_column(workspace, column, depth=depth)
    if format_ == "json":
        print_json(answer)
        return
    for found in answer.columns:
        branch = "  the other branch of is_incremental()" if found.other else ""
        heading(f"{one_line(found.column)}  {one_line(found.path)}{branch}".rstrip())
        for line in _lines(found):
            click.echo(f"  {one_line(line)}")
    if answer.cut:
        click.echo("(there is more: --depth)", err=True)


def _lines(found: WhyColumn) -> Iterator[str]:
    places = [_place(step) for step in found.steps]
    width = max(map(len, places), default=0)
    for place, step in zip(places, found.steps, strict=True):
        query = f"{step.query}: " if step.query else ""
        yield f"{place:>{width}}  {'  ' * step.depth}{query}{_text(step)}"
    yield from (f"! {problem}" for problem in found.problems)
    if found.note:
        yield found.note
    if found.sources:
        yield f"from {', '.join(found.sources)}"


def _place(step: WhyStep) -> str:
    if step.line:
        return str(step.line)
    return f"c{step.compiled_line}" if step.compiled_line else ""


def _text(step: WhyStep) -> str:
    if step.sql == "*":
        return f"{step.column}, through *"
    return f"{step.sql} as {step.column}" if step.column not in ("", step.sql) else step.sql
