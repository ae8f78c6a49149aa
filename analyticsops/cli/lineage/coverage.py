"""lineage coverage: how much is proven, and why the rest is not."""

from __future__ import annotations

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
    from analyticsops.lineage.coverage import HookCounts, Share


@click.command()
@click.option(
    "--by",
    type=click.Choice(["folder", "model", "reason"]),
    default="folder",
    show_default=True,
    help="One line per folder, per model, or per reason why something is not proven.",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 if fewer of the columns are proven.",
)
@selection_options
@project_options
@format_option
def coverage(
    by: str,
    fail_under: float | None,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Say how much of the lineage is proven, and why the rest is not.

    Counts the columns of models and snapshots. Proven: every input is known. Partial:
    something on the way is not understood. Unknown: the model is not understood at all. A
    model whose columns are not all known counts one more. Hooks, operations and analyses are
    counted below: what they read and write is part of the lineage. An objective can be set in
    analyticsops.yml (`lineage: {coverage: 98}`); `check` then holds it (LIN107).

    \b
    Examples:
      analyticsops lineage coverage
      analyticsops lineage coverage --by reason
      analyticsops lineage coverage --select path:models/marts --fail-under 95
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json, print_table

    workspace = open_workspace(project_dir, target_path, config)
    answer = api.measure_coverage(workspace, by=by, select=select, exclude=exclude)
    if format_ == "json":
        print_json(answer)
    else:
        rows = [_row(share) for share in answer.shares]
        if by != "reason":
            rows.append(_row(answer.total))
        columns = (by, "models", "columns", "proven", "partial", "unknown", "share", "why not")
        print_table(columns, rows, empty="everything is proven")
        if told := _told(answer.hooks):
            click.echo(f"hooks, operations and analyses: {told}", err=True)
    if fail_under is not None and answer.total.percent < fail_under:
        click.echo(f"{answer.total.percent:.1f} % are proven, not {fail_under:g} %", err=True)
        raise SystemExit(1)


def _told(hooks: HookCounts) -> str:
    counts = (
        (hooks.proven, "proven"),
        (hooks.partial, "partial"),
        (hooks.unknown, "unknown"),
        (hooks.silent, "without columns"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _row(share: Share) -> tuple[str, ...]:
    why = ", ".join(f"{reason}: {count}" for reason, count in share.reasons[:3])
    more = f", {len(share.reasons) - 3} more" if len(share.reasons) > 3 else ""
    counts = (share.models, share.columns, share.proven, share.partial, share.unknown)
    return (share.name, *map(str, counts), f"{share.percent:.1f} %", f"{why}{more}" or "-")
