"""lineage verify: the graph judged by running the models."""

from __future__ import annotations

import sys
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
from analyticsops.cli.progress import progress_bar

if TYPE_CHECKING:
    from analyticsops.verify.report import ModelResult, VerifyReport


@click.command()
@selection_options
@click.option(
    "--database",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Take rows from this DuckDB file; it is read, never written.  [default: made up]",
)
@click.option(
    "--synthetic", is_flag=True, help="Make rows up; the database, if named, only tells types."
)
@click.option(
    "--rows",
    type=click.IntRange(min=1, max=100_000),
    default=100,
    show_default=True,
    help="Rows of each table, at most.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses rows and changes.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    help="For one model, at most.",
)
@click.option("-v", "--verbose", is_flag=True, help="Also list predicted edges that never showed.")
@project_options
@format_option
def verify(
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    database: Path | None,
    synthetic: bool,
    rows: int,
    seed: int,
    seconds: float,
    verbose: bool,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Judge lineage by running the models of a DuckDB project.

    Each column that a model reads is changed by itself: other values, NULLs, values
    permuted, all the same, all different. What then changes in the result must be what
    lineage predicts. A change that it does not predict is a defect of analyticsops: the
    command fails, and shows it. A predicted change that never shows is slack: the rows did
    not exercise it (-v lists them).

    Models run in a DuckDB in memory that can reach no file and no network. Rows come from
    --database, or are made up from the types and tests of columns.

    \b
    Examples:
      analyticsops lineage verify
      analyticsops lineage verify --select fct_orders+ --database shop.duckdb
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json

    workspace = open_workspace(project_dir, target_path, config)
    report = api.verify_lineage(
        workspace,
        select=select,
        exclude=exclude,
        database=database,
        synthetic=synthetic,
        rows=rows,
        seed=seed,
        seconds=seconds,
        progress=progress_bar("running models"),
    )
    if format_ == "json":
        print_json({"failed": report.failed, "counts": report.counts, "report": report})
    else:
        _print(report, verbose)
    sys.exit(1 if report.failed else 0)


def _print(report: VerifyReport, verbose: bool) -> None:
    """A line for each model, its evidence below it, and the totals."""
    from analyticsops.cli.tables import print_table
    from analyticsops.report.encode import one_line

    columns = ("model", "status", "edges", "slack", "queries", "why")
    print_table(columns, [_row(model) for model in report.models], empty="no model is selected")
    for model in report.models:
        for line in _evidence(model, verbose):
            click.echo(one_line(line))
    counts = report.counts
    click.echo(
        f"{counts['verified']} verified, {counts['violated']} violated, "
        f"{counts['not verified']} not verified; {counts['edges']} edges, "
        f"{counts['slack']} of them slack; {counts['queries']} queries over {report.data} rows",
        err=True,
    )


def _row(model: ModelResult) -> tuple[str, ...]:
    why = model.reason
    if not why and model.ignored:
        many = len(model.ignored)
        why = f"without {many} column{'s' if many > 1 else ''}: {model.ignored[0][1]}"
    tested = bool(model.queries)
    return (
        model.name,
        model.status.value,
        str(model.predicted) if tested else "-",
        str(len(model.slack)) if tested else "-",
        str(model.queries) if tested else "-",
        why or "-",
    )


def _evidence(model: ModelResult, verbose: bool) -> Iterator[str]:
    for found in model.violations:
        output = found.output or "its rows"
        yield f"{model.name}: {output} changed with {found.input} ({found.change})"
        yield f"  before only: {'; '.join(found.before) or 'nothing'}"
        yield f"  after only: {'; '.join(found.after) or 'nothing'}"
    for name in model.missing:
        yield f"{model.name}: DuckDB yields {name}, lineage does not have it"
    for name in model.surplus:
        yield f"{model.name}: lineage has {name}, DuckDB does not yield it"
    for edge in model.slack if verbose else ():
        yield f"{model.name}: never showed: {edge.output or 'rows'} <- {edge.input} ({edge.kind})"
