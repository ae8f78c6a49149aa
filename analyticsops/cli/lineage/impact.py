"""lineage impact: who is hit when columns change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import format_option, open_workspace, project_options

if TYPE_CHECKING:
    from analyticsops.lineage.impact import Hit

_VIA = {
    "values": "values change",
    "rows": "rows change",
    "depends": "depends on it",
    "tests": "tests it",
}


@click.command()
@click.argument("columns", metavar="MODEL.COLUMN...", nargs=-1, required=True)
@click.option("--ways", is_flag=True, help="Show the whole way to each, not its last step alone.")
@project_options
@format_option
def impact(
    columns: tuple[str, ...],
    ways: bool,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Say who is hit when any of these columns changes.

    One line per exposure, metric, saved query, model and test downstream, with how it is
    hit, its owner, and the last step of the shortest way there. "Depends on it" means that
    the node uses another as a whole, as far as anyone knows. A way of which a step is not
    exact says so.

    \b
    Examples:
      analyticsops lineage impact stg_payments.amount
      analyticsops lineage impact shop_raw.orders.status shop_raw.orders.is_test --ways
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.report.encode import one_line

    answer = api.find_impact(open_workspace(project_dir, target_path, config), columns)
    if format_ == "json":
        print_json(answer)
        return
    headings = ("kind", "name", "columns", "how", "owner", "way" if ways else "through")
    print_table(headings, [_row(hit, ways) for hit in answer.hits], empty="nobody reads them")
    if answer.owners:
        told = ", ".join(f"{one_line(name)} ({count})" for name, count in answer.owners)
        click.echo(f"owners: {told}", err=True)


def _row(hit: Hit, ways: bool) -> tuple[str, ...]:
    how = _VIA[hit.via] + (f" ({hit.sure})" if hit.sure != "exact" else "")
    columns = ", ".join(hit.columns) or "-"
    way = " > ".join(hit.path) if ways else hit.path[-2]
    return hit.kind, hit.name, columns, how, hit.owner or "-", way
