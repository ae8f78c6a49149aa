"""runs: look back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analyticsops.cli.ingest import history_option
from analyticsops.cli.options import format_option

if TYPE_CHECKING:
    from analyticsops.history.store import Store
    from analyticsops.history.timeline import Run
    from analyticsops.looking_back import Scope

F = TypeVar("F", bound=Callable[..., Any])


def scope_options(command: F) -> F:
    """--since, --until, --environment, --project, --job."""
    for decorator in (
        click.option("--job", default="", help="Only runs of this job."),
        click.option("--project", default="", help="Only runs of this dbt project."),
        click.option("--environment", default="", help="Only runs in this environment."),
        click.option("--until", default="", metavar="WHEN", help="Only runs before that."),
        click.option(
            "--since", default="", metavar="WHEN", help="30d, 12h, 2026-11-01; UTC.  [default: all]"
        ),
        history_option,
    ):
        command = decorator(command)
    return command


def _opened(
    history: str | None,
    project_dir: Path | None,
    since: str,
    until: str,
    environment: str,
    project: str,
    job: str,
) -> tuple[Store, Scope]:
    from analyticsops import looking_back, recording

    scope = looking_back.scope_of(since, until, environment=environment, project=project, job=job)
    return recording.existing_store(history, project_dir), scope


@click.group(invoke_without_command=True)
@click.option("--last", default=20, show_default=True, help="So many runs, the latest.")
@scope_options
@format_option
@click.pass_context
def runs(ctx: click.Context, /, last: int, format_: str, **options: Any) -> None:
    """Look back: what ran, when, and how it went.

    `built` counts models, seeds and snapshots, with how many failed after a slash; `tests`
    counts data tests in the same way. A run that was interrupted or died is not ok, whatever its
    results say; `unknown` is one whose end nobody saw.

    \b
    Examples:
      analyticsops runs
      analyticsops runs --since 7d --environment prod --last 100
      analyticsops runs --format json
    """
    if ctx.invoked_subcommand is not None:
        return
    from analyticsops import looking_back
    from analyticsops.cli.tables import print_json, print_table

    found = looking_back.list_runs(*_opened(**options), last=last)
    if format_ == "json":
        print_json(found)
        return
    # Job and commit are in the JSON and in `show`: more columns would not fit a terminal.
    columns = ("started (UTC)", "command", "verdict", "built", "tests", "took", "where", "id")
    print_table(columns, [_row(run) for run in found], empty="no runs")


def _row(run: Run) -> tuple[str, ...]:
    return (
        _minute(run.started_at),
        command_of(run),
        run.verdict,
        _of(run.failed, run.built + run.failed),
        _of(run.tests_failed, run.tests),
        _seconds(run.seconds),
        run.environment or "-",
        run.invocation_id[:8],
    )


def command_of(run: Run) -> str:
    """``build``, or ``retry (build)``."""
    command = run.command or "?"
    return f"retry ({command})" if run.retry and command != "retry" else command


def _of(bad: int, all_: int) -> str:
    return "-" if not all_ else f"{all_}/{bad}" if bad else str(all_)


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    if value < 60:
        return f"{value:.1f}s"
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{seconds:02d}s"


@runs.command()
@click.argument("name", metavar="RUN")
@scope_options
@format_option
def show(name: str, format_: str, **options: Any) -> None:
    """Show one run: RUN is its id, the beginning of it, or `latest`.

    \b
    Examples:
      analyticsops runs show latest
      analyticsops runs show latest --format json
    """
    from analyticsops import looking_back
    from analyticsops.cli.tables import print_facts, print_json, print_table

    store, scope = _opened(**options)
    found = looking_back.show_run(store, name, scope)
    if format_ == "json":
        print_json(found)
        return
    run = found.run
    counts = f"{run.built} built, {run.failed} failed, {run.skipped} skipped, {run.loads} loaded"
    checks = f"{run.tests}, {run.tests_failed} failed, {run.tests_warned} warned"
    facts = {
        "run": run.invocation_id,
        "command": command_of(run),
        "started": f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC",
        "took": _seconds(run.seconds),
        "state": run.state if run.state == run.verdict else f"{run.state}, {run.verdict}",
        "environment": run.environment or "not known",
        "job": run.job or "",
        "commit": run.git_sha or "",
        "nodes": counts,
        "tests": checks,
    }
    print_facts((label, [value]) for label, value in facts.items() if value)
    click.echo()
    rows = [
        (one.unique_id, one.kind, one.status, _seconds(one.seconds), one.message or "-")
        for one in found.results
    ]
    print_table(("node", "kind", "status", "took", "message"), rows, empty="nothing ran")


@runs.command()
@click.option("--at-least", default=3, show_default=True, help="So many changes.")
@scope_options
@format_option
def flapping(at_least: int, format_: str, **options: Any) -> None:
    """List nodes that go from good to bad and back.

    \b
    Examples:
      analyticsops runs flapping --since 30d
    """
    from analyticsops import looking_back
    from analyticsops.cli.tables import print_json, print_table

    store, scope = _opened(**options)
    found = looking_back.find_flapping(store, scope, at_least=at_least)
    if format_ == "json":
        print_json(found)
        return
    rows = [
        (
            one.unique_id,
            one.environment or "-",
            str(one.changes),
            f"{one.failures} of {one.runs}",
            one.last,
            _minute(one.last_change),
        )
        for one in found
    ]
    columns = ("node", "where", "changes", "failed", "now", "since (UTC)")
    print_table(columns, rows, empty=f"no node changed {at_least} times")


@runs.command()
@click.option("--limit", default=20, show_default=True, help="So many nodes.")
@scope_options
@format_option
def slow(limit: int, format_: str, **options: Any) -> None:
    """List nodes by the time that they take.

    `change` compares the median of the second half of the runs with that of the first.

    \b
    Examples:
      analyticsops runs slow --since 30d --limit 10
    """
    from analyticsops import looking_back
    from analyticsops.cli.tables import print_json, print_table

    store, scope = _opened(**options)
    found = looking_back.find_slow(store, scope)[:limit]
    if format_ == "json":
        print_json(found)
        return
    rows = [
        (
            one.unique_id,
            str(one.runs),
            _seconds(one.total),
            f"{one.share:.0%}",
            _seconds(one.p50),
            _seconds(one.p95),
            "-" if one.change is None else f"{one.change:+.0%}",
        )
        for one in found
    ]
    print_table(
        ("node", "runs", "total", "share", "p50", "p95", "change"), rows, empty="no node ran"
    )


@runs.command()
@click.option(
    "--by",
    type=click.Choice(["node", "job", "environment", "day"]),
    default="node",
    show_default=True,
    help="Sum by this.",
)
@click.option("--price-hour", type=float, default=0.0, help="Of an hour of a node's time.")
@click.option("--price-terabyte", type=float, default=0.0, help="Of 10^12 bytes processed.")
@click.option("--price-slot-hour", type=float, default=0.0, help="Of a BigQuery slot hour.")
@click.option("--limit", default=20, show_default=True, help="So many rows.")
@scope_options
@format_option
def cost(
    by: str,
    price_hour: float,
    price_terabyte: float,
    price_slot_hour: float,
    limit: int,
    format_: str,
    **options: Any,
) -> None:
    """Sum what was used: time, and what the warehouse says about bytes and slots.

    \b
    Examples:
      analyticsops runs cost --since 30d --price-hour 3
      analyticsops runs cost --by day --format json
    """
    from analyticsops import looking_back
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.history.nodes import Prices

    store, scope = _opened(**options)
    prices = Prices(hour=price_hour, terabyte=price_terabyte, slot_hour=price_slot_hour)
    found = looking_back.sum_cost(store, scope, by=by, prices=prices)[:limit]
    if format_ == "json":
        print_json(found)
        return
    rows = [
        (
            one.name,
            str(one.runs),
            _seconds(one.seconds),
            "-" if one.bytes is None else f"{one.bytes:,}",
            "-" if one.slot_ms is None else f"{one.slot_ms / 3.6e6:,.1f}",
            "-" if one.price is None else f"{one.price:,.2f}",
        )
        for one in found
    ]
    print_table((by, "runs", "time", "bytes", "slot hours", "price"), rows, empty="nothing ran")


@runs.command()
@scope_options
@format_option
def retries(format_: str, **options: Any) -> None:
    """Compare first tries with final results: retries mask real issues.

    A run and its retries count as one. A node is listed if its first try failed and a
    retry saved it.

    \b
    Examples:
      analyticsops runs retries --since 30d
    """
    from analyticsops import looking_back
    from analyticsops.cli.tables import print_facts, print_json, print_table

    store, scope = _opened(**options)
    found = looking_back.find_retries(store, scope)
    if format_ == "json":
        print_json(found)
        return
    all_ = found.chains
    facts = [
        ("runs, with retries", str(all_)),
        ("good at the first try", _share(found.first_ok, all_)),
        ("good in the end", _share(found.final_ok, all_)),
        ("masked by a retry", _share(found.masked, all_)),
    ]
    print_facts((label, [value]) for label, value in facts)
    if found.nodes:
        click.echo()
        rows = [
            (one.unique_id, str(one.runs), str(one.failed_first), str(one.recovered))
            for one in found.nodes
        ]
        print_table(("node", "runs", "failed first", "saved by a retry"), rows)


def _share(count: int, of: int) -> str:
    return f"{count} ({count / of:.0%})" if of else "0"


@runs.command()
@scope_options
@format_option
def deployments(format_: str, project_dir: Path | None, **options: Any) -> None:
    """List the commits that arrived in an environment, and how long that took.

    A deployment is the first good `dbt build` or `dbt run` of a commit; its lead time is
    counted from the commit, whose time git knows.

    \b
    Examples:
      analyticsops runs deployments --environment prod --since 90d
    """
    from analyticsops import looking_back
    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.wording import quantity

    store, scope = _opened(project_dir=project_dir, **options)
    found = looking_back.find_deployments(store, scope, project_dir=project_dir)
    if format_ == "json":
        print_json(found)
        return
    rows = [
        (
            _minute(one.deployed_at),
            one.environment or "-",
            one.git_sha[:12],
            "-" if one.lead_time is None else _seconds(one.lead_time.total_seconds()),
            str(one.failed_runs),
        )
        for one in found.deployments
    ]
    columns = ("deployed (UTC)", "where", "commit", "lead time", "failed before")
    print_table(columns, rows, empty="no deployment")
    told = [quantity(len(rows), "deployment")]
    if found.per_week is not None:
        told.append(f"{found.per_week:.1f} a week")
    if found.lead_time is not None:
        told.append(f"median lead time {_seconds(found.lead_time)}")
    if found.without_commit:
        told.append(f"{quantity(found.without_commit, 'run')} without a commit not counted")
    click.echo("; ".join(told), err=True)


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
