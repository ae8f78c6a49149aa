"""check, diff, baseline: commands that end in findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from analyticsops.cli.executing import execute_options
from analyticsops.cli.options import (
    emit,
    mention_option,
    open_versions,
    open_workspace,
    project_options,
    report_options,
    selection_options,
    version_options,
)

if TYPE_CHECKING:
    from analyticsops.executing import Execute


@click.command()
@project_options
@selection_options
@report_options
def check(
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    format_: str | None,
    output: tuple[str, ...],
    fail_on: str | None,
    baseline: Path | None,
) -> None:
    """Check one project.

    Reports columns that a model reads and that are not there, models whose lineage is
    not known, metrics without description or owner, sources that are stale or were not
    measured, objectives that are breached or mean nothing, and artifacts older than the files.

    \b
    Examples:
      analyticsops check
      analyticsops check --select tag:finance+ --fail-on warning
      analyticsops check --output sarif=check.sarif --output junit=check.xml
    """
    from analyticsops import api

    workspace = open_workspace(project_dir, target_path, config)
    report = api.check(
        workspace, select=select, exclude=exclude, fail_on=fail_on or "", baseline=baseline
    )
    emit(report, format_, output, project_dir=workspace.project_dir)


@click.command()
@version_options
@click.option(
    "--head",
    type=click.Path(path_type=Path),
    help="Target folder or manifest of the new version.  [default: --target-path]",
)
@click.option(
    "--strictness",
    type=click.Choice(["relation", "schema", "data", "kpi", "strict"]),
    envvar="ANALYTICSOPS_STRICTNESS",
    help="How much is told; each word holds those before it.  [default: kpi]",
)
@click.option(
    "--perspective",
    type=click.Choice(["consumer", "producer"]),
    envvar="ANALYTICSOPS_PERSPECTIVE",
    help="Whose side severities take.  [default: consumer]",
)
@execute_options
@project_options
@selection_options
@report_options
@mention_option
def diff(
    base: Path | None,
    base_ref: str | None,
    base_command: tuple[str, ...],
    head: Path | None,
    strictness: str | None,
    perspective: str | None,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    format_: str | None,
    output: tuple[str, ...],
    fail_on: str | None,
    baseline: Path | None,
    mention_owners: bool,
    execute: Execute | None,
) -> None:
    """Compare two versions: what breaks, and for whom.

    Columns removed, renamed, retyped and added, models and metrics removed, filters and
    expressions that changed their meaning, tests removed; each with the models, metrics,
    exposures and owners that it reaches through columns. A change that is proven to
    change nothing has no finding; one that cannot be judged says so.

    Both sides should be compiled alike: same target, same vars, and both with or both
    without `--full-refresh`. --base-ref sees to that by itself.

    --execute runs both versions of what changed on the same data, in a DuckDB in memory
    that can reach no file and no network: findings about rows and values then show the
    smallest made-up rows on which the versions differ. A difference where none was proven
    possible is a defect of analyticsops (SYS904).

    \b
    Examples:
      analyticsops diff --base ../main/target
      analyticsops diff --base-ref origin/main
      analyticsops diff --base ../main/target --execute
      analyticsops diff --base main.json --head pr.json --format markdown
      analyticsops diff --base state/ --output github=- --output markdown=comment.md
    """
    from analyticsops import api

    old, new = open_versions(base, base_ref, base_command, project_dir, target_path, config, head)
    report = api.diff(
        old,
        new,
        select=select,
        exclude=exclude,
        fail_on=fail_on or "",
        strictness=strictness or "",
        perspective=perspective or "",
        baseline=baseline,
        execute=execute,
    )
    mentions = new.config.review.mentions if mention_owners else None
    emit(report, format_, output, project_dir=new.project_dir, mentions=mentions)


@click.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--format", "format_", metavar="FORMAT", help="As for `diff`.  [default: text]")
@click.option(
    "--output",
    "-o",
    multiple=True,
    metavar="FORMAT=PATH",
    help="Write this format to a file (- for standard output); may be repeated.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="ANALYTICSOPS_CONFIG",
    help="Settings, for --mention-owners.",
)
@mention_option
def render(
    report: Path,
    format_: str | None,
    output: tuple[str, ...],
    config: Path | None,
    mention_owners: bool,
) -> None:
    """Render a report that --output json=PATH wrote.

    It is checked against its schema first, and every word in it is encoded: a job with
    rights may so show what a job without any has found (docs/ci.md). The exit code is
    that of the report.

    \b
    Example:
      analyticsops render report.json --output markdown=comment.md
    """
    from analyticsops import api

    read = api.read_report(report)
    mentions = api.read_mentions(config) if mention_owners else None
    emit(read, format_, output, project_dir=None, mentions=mentions)


@click.command()
@click.argument("findings", nargs=-1, required=True, metavar="FINDING...")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    required=True,
    help="Report with the findings, as --output json=PATH wrote it.",
)
@click.option("--reason", required=True, help="Why it may pass, for whoever reads it next.")
@click.option("--until", required=True, metavar="YYYY-MM-DD", help="Last day on which it holds.")
@click.option("--by", default="", help="Who approves it.")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    help="File to add it to.  [default: that of the settings, or analyticsops-approvals.yml]",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar="ANALYTICSOPS_CONFIG",
    help="Settings that name the file.",
)
def approve(
    findings: tuple[str, ...],
    report: Path,
    reason: str,
    until: str,
    by: str,
    to: Path | None,
    config: Path | None,
) -> None:
    """Approve findings of a report: each as RULE:SUBJECT, or by its fingerprint.

    An approval holds for one change, across pushes, until its last day. It is void when
    the change itself becomes another.

    \b
    Example:
      analyticsops diff --base main/ --output json=report.json
      analyticsops approve ROW301:fct_orders --report report.json \\
        --reason "test orders go" --until 2026-12-31 --by jane
    """
    from analyticsops import api

    path, entries = api.approve(
        findings, report, reason=reason, until=until, by=by, to=to, config=config
    )
    for entry in entries:
        click.echo(f"approved until {until}: {entry.rule} {entry.subject}", err=True)
    click.echo(f"wrote {path}" if entries else f"{path} has them already", err=True)


@click.group()
def baseline() -> None:
    """Write down today's findings, so that only new ones fail."""


@baseline.command("write")
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    default=Path("analyticsops-baseline.json"),
    show_default=True,
    help="File to write.",
)
@project_options
def baseline_write(
    to: Path, project_dir: Path | None, target_path: Path | None, config: Path | None
) -> None:
    """Write all findings of `check` to a file.

    Name the file in analyticsops.yml (`baseline: ...`) or pass it as --baseline; from
    then on only findings that are not in it fail.

    \b
    Example:
      analyticsops baseline write --to analyticsops-baseline.json
    """
    from analyticsops import api
    from analyticsops.report.formats import write
    from analyticsops.suppression import write_baseline

    report = api.check(open_workspace(project_dir, target_path, config))
    data = write_baseline(report.findings)
    write(to, data.decode("utf-8"))
    count = len(report.findings)
    click.echo(f"wrote {to}: {count} finding{'' if count == 1 else 's'}", err=True)
