"""lineage: one column, both ways."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_workspace, project_options

if TYPE_CHECKING:
    from analyticsops.api import Step


@click.command()
@click.argument("column", metavar="MODEL.COLUMN")
@click.option("--upstream/--no-upstream", default=True, help="Show where it comes from.")
@click.option("--downstream/--no-downstream", default=True, help="Show where it goes to.")
@click.option("--depth", type=click.IntRange(min=1), help="At most so many steps each way.")
@click.option(
    "--direct",
    is_flag=True,
    help="Only where values flow; leave out filters, joins, grouping, sorting, conditions.",
)
@project_options
@format_option
def lineage(
    column: str,
    upstream: bool,
    downstream: bool,
    depth: int | None,
    direct: bool,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Show where MODEL.COLUMN comes from and goes to.

    Each line is one column, indented by its distance, with how it takes part: identity,
    transformation or aggregation where its value flows; filter, join, group_by, sort,
    conditional or window where it decides.

    \b
    Examples:
      analyticsops lineage fct_orders.net_revenue
      analyticsops lineage shop_raw.orders.status --no-upstream --direct
    """
    from analyticsops import api
    from analyticsops.cli.tables import heading, print_json
    from analyticsops.report.encode import one_line

    workspace = open_workspace(project_dir, target_path, config)
    answer = api.trace(workspace, column, depth=depth, direct=direct)
    if format_ == "json":
        print_json(answer)
        return
    heading(f"{one_line(answer.column)}  ({answer.status})")
    for problem in answer.problems:
        click.echo(f"  {one_line(problem)}")
    if upstream:
        _print("comes from", answer.upstream)
    if downstream:
        _print("goes to", answer.downstream)


def _print(title: str, steps: Sequence[Step]) -> None:
    """A tree in text: every column below the one that it is next to."""
    from analyticsops.report.encode import one_line

    click.echo(f"{title}:" if steps else f"{title}: nothing")
    below: dict[str, list[Step]] = {}
    names = {_name(step) for step in steps}
    for step in steps:
        below.setdefault(step.next if step.next in names else "", []).append(step)
    seen: set[str] = set()
    stack = [(step, 1) for step in reversed(below.get("", []))]
    while stack:
        step, level = stack.pop()
        name = _name(step)
        if name in seen:
            continue
        seen.add(name)
        kind = "" if step.node_kind in ("model", "source") else f"{step.node_kind} "
        owner = f", owner {step.owner}" if step.owner and step.node_kind == "exposure" else ""
        click.echo(f"{'  ' * level}{kind}{one_line(name)}  [{step.kind}{one_line(owner)}]")
        stack.extend((child, level + 1) for child in reversed(below.get(name, [])))


def _name(step: Step) -> str:
    return f"{step.name}.{step.column}" if step.column else step.name
