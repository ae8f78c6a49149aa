"""metrics: list them, show one."""

from __future__ import annotations

from collections.abc import Iterator
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
