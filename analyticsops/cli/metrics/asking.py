"""metrics sql, metrics query: questions to metrics, as a query and as its rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from analyticsops.cli.options import data_options, format_option, open_workspace, project_options


def _question(function: Callable[..., None]) -> Callable[..., None]:
    """What is asked of metrics: which, by what, of which rows."""
    for option in (
        click.option("--limit", type=click.IntRange(min=1), help="At most so many rows."),
        click.option(
            "--order",
            multiple=True,
            metavar="COLUMN",
            help="Sort by a column of the result; -COLUMN for the largest first.",
        ),
        click.option(
            "--where",
            multiple=True,
            metavar="CONDITION",
            help="Only these rows: a filter as metrics have it; several must all hold.",
        ),
        click.option(
            "--by",
            multiple=True,
            metavar="NAME[,NAME]",
            help="A row for each: metric_time__month, customer__country, ...",
        ),
        click.argument("names", nargs=-1, required=True, metavar="METRIC..."),
    ):
        function = option(function)
    return function


def listed(texts: tuple[str, ...]) -> list[str]:
    """Names apart that are written with commas between them; calls have commas of their own."""
    return [
        part.strip()
        for text in texts
        for part in (text.split(",") if "(" not in text else [text])
        if part.strip()
    ]


def _shown(value: object) -> str:
    """A value in a table: midnight is left out, and a fraction has six places at the most."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.6f}".rstrip("0").rstrip(".")
    return str(value).removesuffix(" 00:00:00")


@click.command()
@_question
@click.option("--dialect", metavar="NAME", help="Of another engine than the project's.")
@project_options
def sql(
    names: tuple[str, ...],
    by: tuple[str, ...],
    where: tuple[str, ...],
    order: tuple[str, ...],
    limit: int | None,
    dialect: str | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
) -> None:
    """Print the query that computes METRIC, a step for each metric that it is made of.

    The rows are those of MetricFlow. A question whose answer is not surely the same is
    refused, with the reason.

    \b
    Examples:
      analyticsops metrics sql revenue --by metric_time__month
      analyticsops metrics sql revenue orders --by customer__country_code --dialect snowflake
    """
    from analyticsops import api

    workspace = open_workspace(project_dir, target_path, config)
    text = api.metric_sql(
        workspace,
        names,
        by=listed(by),
        where=where,
        order=listed(order),
        limit=limit or 0,
        dialect=dialect or "",
    )
    click.echo(text)


@click.command()
@_question
@data_options
@project_options
@format_option
def query(
    names: tuple[str, ...],
    by: tuple[str, ...],
    where: tuple[str, ...],
    order: tuple[str, ...],
    limit: int | None,
    database: Path | None,
    target: str | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Compute METRIC on the project's DuckDB file, or in its warehouse through dbt.

    \b
    Examples:
      analyticsops metrics query revenue --by metric_time__month --database shop.duckdb
      analyticsops metrics query average_order_value --by customer__country_code \\
        --order -average_order_value --limit 5 --database shop.duckdb
      analyticsops metrics query revenue --by metric_time__month --target prod
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json, print_table

    found = api.query_metrics(
        open_workspace(project_dir, target_path, config),
        names,
        database,
        target=target,
        by=listed(by),
        where=where,
        order=listed(order),
        limit=limit or 0,
    )
    if format_ == "json":
        print_json([dict(zip(found.columns, row, strict=True)) for row in found.rows])
        return
    rows = [[_shown(value) for value in row] for row in found.rows]
    print_table(found.columns, rows, empty="no rows")
