"""lineage tags: where tags of columns arrive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import emit, open_workspace, project_options, report_options

if TYPE_CHECKING:
    from analyticsops.surveying import TaggedColumn


@click.command()
@click.option(
    "--tag",
    multiple=True,
    metavar="TAG",
    help="Follow this tag; may be repeated.  [default: those of analyticsops.yml, else all]",
)
@click.option("--check", is_flag=True, help="Find columns without the tag, and exposed ones.")
@project_options
@report_options
def tags(
    tag: tuple[str, ...],
    check: bool,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str | None,
    output: tuple[str, ...],
    fail_on: str | None,
    baseline: Path | None,
) -> None:
    """Follow tags of columns, and find where they are missing or exposed.

    A column has a tag by its `tags`, or by a key of that name in its `meta` (`pii: true`).
    Whatever derives from it by value carries the tag too, until it is masked, or until a
    column's meta says `analyticsops: {declassified: [pii], reason: ...}`. With --check,
    columns that carry a tag and do not declare it (LIN108), and those that arrive at an
    exposure or a public model (LIN109), are findings, in the formats of `check`.

    \b
    Examples:
      analyticsops lineage tags --tag pii
      analyticsops lineage tags --tag pii --check --fail-on warning
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.errors import UsageError

    workspace = open_workspace(project_dir, target_path, config)
    if check:
        report = api.check_tags(workspace, tag, fail_on=fail_on or "", baseline=baseline)
        emit(report, format_, output, project_dir=workspace.project_dir)
    if format_ not in (None, "text", "json") or output:
        raise UsageError("a list of columns is text or json", hint="--check has the other formats")
    answer = api.follow_tags(workspace, tag)
    if format_ == "json":
        print_json(answer)
        return
    columns = ("tag", "column", "by", "owner", "way")
    print_table(columns, [_row(column) for column in answer.columns], empty="no column has a tag")
    stops = [(name, column, reason) for column, name, reason in answer.declassified]
    if stops:
        print_table(
            ("tag", "ends at", "by", "", "reason"),
            [(name, column, "declassified", "", reason) for name, column, reason in stops],
        )


def _row(column: TaggedColumn) -> tuple[str, ...]:
    by = "yaml" if column.declared else "lineage"
    doubt = f" ({column.sure})" if column.sure != "exact" else ""
    kind = "" if column.node_kind in ("model", "source") else f"{column.node_kind} "
    way = " > ".join(column.way) if len(column.way) > 1 else "-"
    return column.tag, f"{kind}{column.column}", f"{by}{doubt}", column.owner or "-", way
