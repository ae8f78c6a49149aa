"""lineage show: one column, the rows of a model or an end, both ways."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_workspace, project_options

if TYPE_CHECKING:
    from analyticsops.tracing import Step

_SCREEN = 60
"""Lines of each direction that a terminal shows by default."""


@click.command()
@click.argument("column", metavar="NAME")
@click.option("--upstream", "way", flag_value="upstream", help="Only where it comes from.")
@click.option("--downstream", "way", flag_value="downstream", help="Only where it goes to.")
@click.option("--both", "way", flag_value="both", default=True, help="Both ways.  [default]")
@click.option("--no-downstream", "way", flag_value="upstream", hidden=True, help="--upstream")
@click.option("--no-upstream", "way", flag_value="downstream", hidden=True, help="--downstream")
@click.option("--depth", type=click.IntRange(min=1), help="At most so many steps each way.")
@click.option(
    "--direct/--all",
    default=False,
    help="Only where values flow, or also filters, joins, grouping, sorting, conditions.  "
    "[default: all]",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    help=f"At most so many lines each way, 0 for all.  [default: {_SCREEN} on a terminal]",
)
@project_options
@format_option
def show(
    column: str,
    way: str,
    depth: int | None,
    direct: bool,
    limit: int | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Show where a column, the rows of a model or an end come from and go to.

    NAME is model.column; a model alone for its rows; or metric:NAME, exposure:NAME,
    saved_query:NAME, test:NAME, unit_test:NAME.

    Each line is one step, indented by its distance. In brackets stands how it takes part:
    identity, rename, cast, transformation, masked, aggregation or count where its value
    flows; conditional, window, join, filter, group_by or sort where it decides; and how
    sure that is, unless it is exact. Columns of one table that end there share a line.
    What decides which rows a column's model has follows once for the model, without where
    those columns come from; --direct leaves it out.

    \b
    Examples:
      analyticsops lineage show fct_orders.net_revenue
      analyticsops lineage shop_raw.orders.status --downstream --direct
      analyticsops lineage fct_orders --upstream
      analyticsops lineage metric:revenue --upstream --depth 3
    """
    from analyticsops import api
    from analyticsops.cli.lineage.steps import title_of
    from analyticsops.cli.tables import print_json, show_page
    from analyticsops.report.encode import one_line

    workspace = open_workspace(project_dir, target_path, config)
    answer = api.trace(workspace, column, depth=depth, direct=direct)
    if format_ == "json":
        print_json(answer)
        return
    on_terminal = sys.stdout.isatty()
    most = (_SCREEN if on_terminal else 0) if limit is None else limit
    if on_terminal:
        from analyticsops.cli.lineage.drawing import draw

        show_page(partial(draw, answer, way, most=most))
        return
    click.echo(f"{one_line(title_of(answer))}  ({answer.status})")
    for problem in answer.problems:
        click.echo(f"  {one_line(problem)}")
    if way != "downstream":
        _print("comes from", answer.upstream, most)
        if answer.rows:
            _print("its rows depend on", answer.rows, most)
    if way != "upstream":
        _print("goes to", answer.downstream, most)


def _print(title: str, steps: Sequence[Step], most: int) -> None:
    click.echo(f"{title}:" if steps else f"{title}: nothing")
    lines = list(_lines(steps))
    shown = lines if not most or len(lines) <= most else lines[: most - 1]
    for line in shown:
        click.echo(line)
    if len(shown) < len(lines):
        rest = len(lines) - len(shown)
        click.echo(f"  ... {rest} more lines (--limit 0 for all; --depth and --direct for fewer)")


def _lines(steps: Sequence[Step]) -> Iterator[str]:
    """A tree in text: every column below the one that it is next to, once."""
    from analyticsops.cli.lineage.steps import below_each, grouped, name_of

    below = below_each(steps)
    seen: set[str] = set()
    stack = [(group, 1) for group in reversed(grouped(below.get("", []), below))]
    while stack:
        group, level = stack.pop()
        group = [step for step in group if name_of(step) not in seen]
        if not group:
            continue
        seen.update(name_of(step) for step in group)
        yield f"{'  ' * level}{_line(group)}"
        children = [child for step in group for child in below.get(name_of(step), [])]
        stack.extend((part, level + 1) for part in reversed(grouped(children, below)))


def _line(group: Sequence[Step]) -> str:
    from analyticsops.cli.lineage.steps import UNMARKED, how
    from analyticsops.report.encode import one_line

    first = group[0]
    kind = "" if first.node_kind in UNMARKED else f"{first.node_kind} "
    if first.column:
        name = f"{first.name}.{', '.join(step.column for step in group)}"
    else:
        name = ", ".join(step.name for step in group)
        name += " (rows)" if first.node_kind in UNMARKED else ""
    return f"{kind}{one_line(name)}  [{how(first)}]"
