"""check, diff, baseline: commands that end in findings."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops.cli.options import (
    emit,
    open_workspace,
    project_options,
    report_options,
    selection_options,
)


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
    measured, objectives that are breached, and artifacts older than the files.

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
    emit(report, workspace, format_, output)


@click.command()
@click.option(
    "--base",
    "--state",
    "base",
    type=click.Path(path_type=Path),
    envvar="DBT_STATE",
    required=True,
    help="Target folder or manifest of the version to compare with (dbt's --state).",
)
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
@project_options
@selection_options
@report_options
def diff(
    base: Path,
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
) -> None:
    """Compare two versions: what breaks, and for whom.

    Columns removed, renamed, retyped and added, models and metrics removed, filters and
    expressions that changed their meaning, tests removed; each with the models, metrics,
    exposures and owners that it reaches through columns. A change that is proven to
    change nothing has no finding; one that cannot be judged says so.

    Both sides should be compiled alike: same target, same vars, and both with or both
    without `--full-refresh`.

    \b
    Examples:
      analyticsops diff --base ../main/target
      analyticsops diff --base main.json --head pr.json --format markdown
      analyticsops diff --base state/ --output github=- --output markdown=comment.md
    """
    from analyticsops import api
    from analyticsops.errors import UsageError

    old = api.load(base)
    new = open_workspace(project_dir, target_path, config, head=head, base=old)
    if old.folder.resolve() == new.folder.resolve() and not _are_files(base, head):
        raise UsageError(
            "base and head are the same folder",
            where=f"--base {base}",
            hint="name the target folder of the version to compare with, a copy made before",
        )
    report = api.diff(
        old,
        new,
        select=select,
        exclude=exclude,
        fail_on=fail_on or "",
        strictness=strictness or "",
        perspective=perspective or "",
        baseline=baseline,
    )
    emit(report, new, format_, output)


def _are_files(base: Path, head: Path | None) -> bool:
    """True if two manifests are named, which may lie side by side."""
    return head is not None and base.suffix == head.suffix == ".json" and base != head


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
