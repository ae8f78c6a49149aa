"""lineage unused: columns that nobody reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import (
    format_option,
    open_workspace,
    project_options,
    selection_options,
)

if TYPE_CHECKING:
    from analyticsops.lineage.unused import IdleNode


@click.command()
@selection_options
@project_options
@format_option
def unused(
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """List columns that nobody reads.

    A reader is whoever uses a column for a value, a condition, a filter, a join, a
    grouping, a metric, a test or an exposure; an exposure that names no columns reads all
    of its models. Columns that only tests read are said so; where somebody may read a
    column without our knowing it says "not known" and why. Models that nothing depends on
    are one line each: their readers are outside of the project, or they have none.

    \b
    Examples:
      analyticsops lineage unused
      analyticsops lineage unused --select path:models/staging --format json
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json, print_table

    workspace = open_workspace(project_dir, target_path, config)
    answer = api.find_unused(workspace, select=select, exclude=exclude)
    if format_ == "json":
        print_json(answer)
        return
    rows = [row for node in answer for row in _rows(node)]
    columns = ("node", "columns", "readers", "why", "owner")
    print_table(columns, rows, empty="every column is read by somebody")
    counts = Counter(
        "of models without readers" if node.final else column.use.value
        for node in answer
        for column in node.columns
    )
    if counts:
        told = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
        click.echo(f"columns: {told}", err=True)


def _rows(node: IdleNode) -> Iterator[tuple[str, ...]]:
    """One line per kind of answer; a node that nothing reads has one in all."""
    if node.final:
        why = f"nothing depends on this {node.kind}"
        doubt = node.columns[0].reason
        why += f" ({doubt})" if doubt else ""
        yield node.name, f"all {len(node.columns)}", "none", why, node.owner or "-"
        return
    grouped: dict[tuple[str, str], list[str]] = {}
    for column in node.columns:
        grouped.setdefault((column.use.value, column.reason), []).append(column.name)
    for (use, reason), names in grouped.items():
        yield node.name, ", ".join(names), use, reason or "-", node.owner or "-"
