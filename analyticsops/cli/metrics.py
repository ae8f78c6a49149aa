"""metrics: list them, show one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.options import (
    emit,
    format_option,
    open_workspace,
    project_options,
    report_options,
)

if TYPE_CHECKING:
    from analyticsops.metrics.entries import MetricEntry


@click.group()
def metrics() -> None:
    """List the metrics, show one, or write down what they mean."""


@metrics.command("list")
@click.option("--tier", help="Only metrics of this tier: draft, reviewed, certified, deprecated.")
@click.option("--owner", help="Only metrics whose owner's name contains this.")
@project_options
@format_option
def list_(
    tier: str | None,
    owner: str | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """List the metrics with type, tier, owner and formula.

    \b
    Examples:
      analyticsops metrics list --tier certified
      analyticsops metrics list --owner finance --format json
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json, print_table

    entries = tuple(
        entry
        for entry in api.list_metrics(open_workspace(project_dir, target_path, config))
        if tier in (None, entry.tier) and (owner or "").lower() in entry.owner.lower()
    )
    if format_ == "json":
        print_json(entries)
        return
    rows = [
        (e.name, e.type, e.tier or "-", e.unit or "-", e.owner or "-", e.formula) for e in entries
    ]
    columns = ("metric", "type", "tier", "unit", "owner", "formula")
    print_table(columns, rows, empty="no such metrics")


@metrics.command()
@click.option("--check", is_flag=True, help="Write nothing; report where the file is not right.")
@project_options
@report_options
def lock(
    check: bool,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str | None,
    output: tuple[str, ...],
    fail_on: str | None,
    baseline: Path | None,
) -> None:
    """Write down what each metric means: analyticsops/metrics.lock.yml.

    The file holds a fingerprint of every metric down to the columns of sources, and is
    committed: whoever reviews its changes reviews what numbers mean. With --check nothing is
    written, and a metric that does not mean what the file says is a finding, with the model
    that made it so.

    \b
    Examples:
      analyticsops metrics lock
      analyticsops metrics lock --check
      analyticsops metrics lock --check --output github=-
    """
    from analyticsops import api

    workspace = open_workspace(project_dir, target_path, config)
    if check:
        report = api.check_lock(workspace, fail_on=fail_on or "", baseline=baseline)
        emit(report, format_, output, project_dir=workspace.project_dir)
    from analyticsops.report.formats import write

    answer = api.lock_metrics(workspace)
    answer.path.parent.mkdir(parents=True, exist_ok=True)
    write(answer.path, answer.text)
    found = answer.difference
    told = [
        f"{len(names)} {what}"
        for names, what in (
            (found.changed, "of another meaning"),
            (found.added, "new"),
            (found.removed, "gone"),
        )
        if names
    ]
    count = len(workspace.registry.definitions)
    summary = ", ".join([f"{count} metric{'' if count == 1 else 's'}", *told])
    click.echo(f"wrote {answer.path}: {summary}", err=True)


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


def _listed(texts: tuple[str, ...]) -> list[str]:
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


@metrics.command()
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
        by=_listed(by),
        where=where,
        order=_listed(order),
        limit=limit or 0,
        dialect=dialect or "",
    )
    click.echo(text)


@metrics.command()
@_question
@click.option(
    "--database",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="DuckDB file of the project; it is read, never written.",
)
@project_options
@format_option
def query(
    names: tuple[str, ...],
    by: tuple[str, ...],
    where: tuple[str, ...],
    order: tuple[str, ...],
    limit: int | None,
    database: Path,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Compute METRIC on the project's DuckDB file.

    \b
    Examples:
      analyticsops metrics query revenue --by metric_time__month --database shop.duckdb
      analyticsops metrics query average_order_value --by customer__country_code \\
        --order -average_order_value --limit 5 --database shop.duckdb
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_json, print_table

    found = api.query_metrics(
        open_workspace(project_dir, target_path, config),
        names,
        database,
        by=_listed(by),
        where=where,
        order=_listed(order),
        limit=limit or 0,
    )
    if format_ == "json":
        print_json([dict(zip(found.columns, row, strict=True)) for row in found.rows])
        return
    rows = [[_shown(value) for value in row] for row in found.rows]
    print_table(found.columns, rows, empty="no rows")


@metrics.command()
@click.argument("name")
@project_options
@format_option
def show(
    name: str,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    format_: str,
) -> None:
    """Show everything about one metric: NAME, label or synonym.

    \b
    Examples:
      analyticsops metrics show revenue
      analyticsops metrics show "net revenue" --format json
    """
    from analyticsops import api
    from analyticsops.cli.tables import print_facts, print_json

    entry = api.find_metric(open_workspace(project_dir, target_path, config), name)
    if format_ == "json":
        print_json(entry)
        return
    print_facts(_lines(entry))


def _lines(entry: MetricEntry) -> Iterator[tuple[str, list[str]]]:
    """(label, values) of what there is to say."""
    about = {
        "metric": [f"{entry.name} ({entry.label})" if entry.label else entry.name],
        "": [entry.description],
        "owner": [entry.owner or "nobody"],
        "tier": [f"{entry.tier}, version {entry.version}" if entry.version else entry.tier],
        "type": [entry.type],
        "formula": [entry.formula],
        "filter": list(entry.filters),
        "unit": [entry.unit],
        "good is": [entry.direction if entry.direction in ("up", "down") else ""],
        "why": [entry.why],
        "also called": [", ".join(entry.synonyms)],
        "metrics": [", ".join(entry.metrics)],
        "columns": list(entry.columns),
        "sources": list(entry.sources),
        "decided by": list(entry.decided_by),
        "used by": list(entry.used_by),
        "defined in": [entry.path],
    }
    for label, values in about.items():
        found = [value for value in values if value]
        if found:
            yield label, found
