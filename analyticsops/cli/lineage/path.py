"""lineage path: the ways from one column to another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_workspace, project_options

if TYPE_CHECKING:
    from analyticsops.tracing import WayStep


@click.command()
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--direct/--all", default=False, help="Only steps along which values flow.")
@click.option("--shortest", is_flag=True, help="Only the ways with the fewest steps.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="At most so many ways.",
)
@project_options
@format_option
def path(
    start: str,
    end: str,
    direct: bool,
    shortest: bool,
    limit: int,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Show the ways from one column to another.

    FROM is a column, TO a column further down, or metric:NAME, exposure:NAME or test:NAME.
    Every way without a column twice is shown, shortest first; in brackets stands how a step
    takes part. Filters and join keys lead to the rows of a model: if a column is not
    reached itself, the ways to the rows of its model are shown.

    \b
    Examples:
      analyticsops lineage path shop_raw.payments.amount_cents fct_orders.net_revenue
      analyticsops lineage path stg_orders.order_status metric:revenue --shortest
    """
    from analyticsops import api
    from analyticsops.cli.tables import heading, print_json
    from analyticsops.report.encode import one_line

    workspace = open_workspace(project_dir, target_path, config)
    answer = api.find_ways(workspace, start, end, direct=direct, shortest=shortest, limit=limit)
    if format_ == "json":
        print_json(answer)
        return
    if not answer.ways:
        told = "there is no way" + (" along which values flow" if direct else "")
        if ":" not in end and api.find_ways(workspace, end, start, direct=direct).ways:
            told += ", but there is one from TO to FROM"
        click.echo(told, err=True)
        return
    for number, way in enumerate(answer.ways, 1):
        heading(f"{number}  {len(way)} step{'s' if len(way) > 1 else ''}")
        click.echo(f"  {one_line(answer.start)}")
        for line in _lines(way):
            click.echo(f"  {line}")
    if answer.rows:
        click.echo(f"(to the rows of {one_line(answer.ways[0][-1].target)})", err=True)
    if answer.cut:
        click.echo("(there may be more ways: --limit)", err=True)


def _lines(way: Sequence[WayStep]) -> list[str]:
    from analyticsops.report.encode import one_line

    lines = []
    for step in way:
        how = [", ".join(step.kinds)]
        how += [f"field {', '.join(step.fields)}"] if step.fields else []
        how += [step.sure] if step.sure != "exact" else []
        lines.append(f"> {one_line(step.target)}  [{one_line('; '.join(how))}]")
    return lines
