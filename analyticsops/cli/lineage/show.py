"""lineage show: one column, both ways."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_workspace, project_options

if TYPE_CHECKING:
    from analyticsops.tracing import Step

_SCREEN = 60
"""Lines of each direction that a terminal shows by default."""

_UNMARKED = frozenset({"hook", "model", "seed", "snapshot", "source"})


@click.command()
@click.argument("column", metavar="MODEL.COLUMN")
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
    """Show where MODEL.COLUMN comes from and goes to.

    Each line is one step, indented by its distance. In brackets stands how it takes part:
    identity, rename, cast, transformation, masked, aggregation or count where its value
    flows; conditional, window, join, filter, group_by or sort where it decides; and how
    sure that is, unless it is exact. Columns of one table that end there share a line.

    \b
    Examples:
      analyticsops lineage show fct_orders.net_revenue
      analyticsops lineage shop_raw.orders.status --downstream --direct
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
    most = (_SCREEN if sys.stdout.isatty() else 0) if limit is None else limit
    if way != "downstream":
        _print("comes from", answer.upstream, most)
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
    below: dict[str, list[Step]] = {}
    names = {_name(step) for step in steps}
    for step in steps:
        below.setdefault(step.next if step.next in names else "", []).append(step)
    seen: set[str] = set()
    stack = [(group, 1) for group in reversed(_grouped(below.get("", []), below))]
    while stack:
        group, level = stack.pop()
        group = [step for step in group if _name(step) not in seen]
        if not group:
            continue
        seen.update(_name(step) for step in group)
        yield f"{'  ' * level}{_line(group)}"
        children = [child for step in group for child in below.get(_name(step), [])]
        stack.extend((part, level + 1) for part in reversed(_grouped(children, below)))


def _grouped(steps: Sequence[Step], below: dict[str, list[Step]]) -> list[list[Step]]:
    """Steps that share a line: leaves of one table, or ends of one kind, that take part
    in the same way."""
    groups: dict[tuple[object, ...], list[Step]] = {}
    for position, step in enumerate(steps):
        alone = position if _name(step) in below else -1
        owner = step.owner if step.node_kind == "exposure" else ""
        table = step.node if step.column else ""
        what = (step.node_kind, table, owner, step.kinds, step.sure, step.fields)
        key = (alone, *what)
        groups.setdefault(key, []).append(step)
    return list(groups.values())


def _line(group: Sequence[Step]) -> str:
    from analyticsops.report.encode import one_line

    first = group[0]
    kind = "" if first.node_kind in _UNMARKED else f"{first.node_kind} "
    if first.column:
        name = f"{first.name}.{', '.join(step.column for step in group)}"
    else:
        name = ", ".join(step.name for step in group)
        name += " (rows)" if first.node_kind in _UNMARKED else ""
    how = [", ".join(first.kinds)]
    how += [f"field {', '.join(first.fields)}"] if first.fields else []
    how += [first.sure] if first.sure != "exact" else []
    how += [f"owner {first.owner}"] if first.owner and first.node_kind == "exposure" else []
    return f"{kind}{one_line(name)}  [{one_line('; '.join(how))}]"


def _name(step: Step) -> str:
    return f"{step.name}.{step.column}" if step.column else step.name
