"""Options that several commands share, spelled as in dbt."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from analyticsops.report.model import Report
    from analyticsops.searching import Lookup
    from analyticsops.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])

_PATH = click.Path(path_type=Path)


def project_options(command: F) -> F:
    """--project-dir, --target-path, --config."""
    for decorator in (
        click.option(
            "--config",
            type=_PATH,
            envvar="ANALYTICSOPS_CONFIG",
            help="Settings; by default analyticsops.yml in the project.",
        ),
        click.option(
            "--target-path",
            type=_PATH,
            envvar="DBT_TARGET_PATH",
            help="Folder with dbt's artifacts, or a manifest file.  [default: target]",
        ),
        click.option(
            "--project-dir",
            type=_PATH,
            envvar="DBT_PROJECT_DIR",
            help="Root of the dbt project.  [default: the current folder]",
        ),
    ):
        command = decorator(command)
    return command


def limit_option(command: F) -> F:
    """--limit of a search."""
    return click.option(
        "--limit",
        type=click.IntRange(1, 400),
        default=20,
        show_default=True,
        help="At most so many.",
    )(command)


def version_options(command: F) -> F:
    """--base or --state, --base-ref, --base-command: the version to compare with."""
    for decorator in (
        click.option(
            "--base-command",
            multiple=True,
            metavar="COMMAND",
            help="How --base-ref calls dbt; the second is tried if the first fails.  "
            "[default: dbt compile, as for the new version]",
        ),
        click.option(
            "--base-ref",
            metavar="REF",
            envvar="ANALYTICSOPS_BASE_REF",
            help="Compare with the commit at which this branch left REF: dbt compiles it, and "
            "the result is kept in the target folder.",
        ),
        click.option(
            "--base",
            "--state",
            "base",
            type=_PATH,
            envvar="DBT_STATE",
            help="Target folder or manifest of the version to compare with (dbt's --state).",
        ),
    ):
        command = decorator(command)
    return command


def selection_options(command: F) -> F:
    """--select and --exclude."""
    for decorator in (
        click.option(
            "--exclude",
            multiple=True,
            metavar="NODES",
            help="Leave these out; same syntax as --select.",
        ),
        click.option(
            "--select",
            "-s",
            multiple=True,
            metavar="NODES",
            help="dbt's selection syntax, and column:MODEL.COLUMN with + on either side.",
        ),
    ):
        command = decorator(command)
    return command


def data_options(command: F) -> F:
    """--database or --target: where queries are run."""
    for decorator in (
        click.option(
            "--target",
            metavar="NAME",
            help="Run queries with `dbt show` on this target of the profile, which writes nothing.",
        ),
        click.option(
            "--database",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="DuckDB file of the project; it is read, never written.",
        ),
    ):
        command = decorator(command)
    return command


def report_options(command: F) -> F:
    """--format, --output, --fail-on, --baseline."""
    for decorator in (
        click.option(
            "--baseline",
            type=_PATH,
            envvar="ANALYTICSOPS_BASELINE",
            help="Findings in this file are known and do not fail.",
        ),
        click.option(
            "--fail-on",
            type=click.Choice(["error", "warning", "info", "never"]),
            envvar="ANALYTICSOPS_FAIL_ON",
            help="Least severity that exits with 1.  [default: error]",
        ),
        click.option(
            "--output",
            "-o",
            multiple=True,
            metavar="FORMAT=PATH",
            help="Write this format to a file (- for standard output); may be repeated.",
        ),
        click.option(
            "--format",
            "format_",
            metavar="FORMAT",
            help="text, json, markdown, html, github, gitlab, sarif, junit or summary on standard "
            "output.  "
            "[default: text; github on a GitHub runner]",
        ),
    ):
        command = decorator(command)
    return command


def mention_option(command: F) -> F:
    """--mention-owners."""
    return click.option(
        "--mention-owners",
        is_flag=True,
        envvar="ANALYTICSOPS_MENTION_OWNERS",
        help="Mention the owners of what errors and warnings hit in Markdown: those that are "
        "called @user or @organisation/team, or are so in `review.mentions` of the settings.",
    )(command)


def format_option(command: F) -> F:
    """--format text|json for commands that print a table."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to print the answer.",
    )(command)


def open_lookup(project_dir: Path | None, target_path: Path | None, config: Path | None) -> Lookup:
    """What can be looked up in the project that the options mean: as for
    :func:`open_workspace`, but nothing is read as long as its index is of today's artifacts."""
    from analyticsops import api

    root = project_dir or Path()
    has_project = (root / "dbt_project.yml").is_file()
    target = root / (target_path or Path("target"))
    elsewhere = project_dir is None and api.project_of(target) is not None
    return api.open_lookup(
        target,
        lambda: open_workspace(project_dir, target_path, config),
        project_dir=root if has_project and not elsewhere else api.project_of(target),
        config_path=config,
    )


def open_workspace(
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    *,
    head: Path | None = None,
    base: Workspace | None = None,
) -> Workspace:
    """The workspace that the options mean.

    Args:
        target_path: relative to the project, as in dbt.
        head: a target folder or manifest as a person names it: relative to where they
            are; goes before ``target_path``.
    """
    from analyticsops import api

    root = project_dir or Path()
    has_project = (root / "dbt_project.yml").is_file()
    if project_dir is not None and not has_project:
        from analyticsops.errors import UsageError

        raise UsageError("there is no dbt_project.yml here", where=f"--project-dir {project_dir}")
    target = head or root / (target_path or Path("target"))
    # A target elsewhere lies in its own project; only this project's lies in this one.
    elsewhere = project_dir is None and api.project_of(target) is not None
    return api.load(
        target,
        project_dir=root if has_project and not elsewhere else None,
        config=config,
        base=base,
        progress=progress_bar(),
    )


def open_versions(
    base: Path | None,
    base_ref: str | None,
    base_command: tuple[str, ...],
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    head: Path | None = None,
) -> tuple[Workspace, Workspace]:
    """The version to compare with, and the new one."""
    from analyticsops import api
    from analyticsops.errors import UsageError

    if base_ref and (base is None or from_environment("base")):
        new = open_workspace(project_dir, target_path, config, head=head)
        old = api.load_ref(base_ref, new, commands=base_command, progress=progress_bar(), tell=tell)
        return old, new
    if base_ref and not from_environment("base_ref"):
        raise UsageError("two versions to compare with", where="--base and --base-ref")
    if base is None:
        raise UsageError(
            "no version to compare with",
            where="--base",
            hint="name a target folder or manifest, or a commit with --base-ref",
        )
    if base_command:
        raise UsageError("belongs to --base-ref", where="--base-command")
    old = api.load(base)
    new = open_workspace(project_dir, target_path, config, head=head, base=old)
    if old.folder.resolve() == new.folder.resolve() and not _are_files(base, head):
        raise UsageError(
            "base and head are the same folder",
            where=f"--base {base}",
            hint="name the target folder of the version to compare with, a copy made before",
        )
    return old, new


def from_environment(parameter: str) -> bool:
    """True if an option was not typed but comes from a variable: what is typed wins."""
    from click.core import ParameterSource

    source = click.get_current_context().get_parameter_source(parameter)
    return source is ParameterSource.ENVIRONMENT


def _are_files(base: Path, head: Path | None) -> bool:
    """True if two manifests are named, which may lie side by side."""
    return head is not None and base.suffix == head.suffix == ".json" and base != head


def tell(line: str) -> None:
    """What takes long goes to where progress goes."""
    from analyticsops.report.encode import one_line

    click.echo(f"... {one_line(line)}", err=True)


def progress_bar() -> Callable[[int, int], None] | None:
    """A progress bar on a terminal, for work that takes more than two seconds."""
    if not sys.stderr.isatty():
        return None
    from analyticsops.cli.progress import Bar

    return Bar()


def path_in_repository(project_dir: Path | None) -> str:
    """Path of the dbt project in its git repository: what CI counts paths from. Empty if
    they are the same, or if there is no repository."""
    if project_dir is None:
        return ""
    here = project_dir.resolve()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return "" if folder == here else here.relative_to(folder).as_posix()
    return ""


def emit(
    report: Report,
    format_: str | None,
    output: tuple[str, ...],
    *,
    project_dir: Path | None,
    mentions: Mapping[str, str] | None = None,
) -> NoReturn:
    """Print and write a report, and leave with its exit code.

    Args:
        project_dir: root of the dbt project, if it is at hand.
        mentions: whom a comment mentions, see :class:`Options`.
    """
    from analyticsops.report.formats import (
        APPENDED,
        append,
        default_format,
        known_format,
        parse_outputs,
        render,
        write,
    )
    from analyticsops.report.options import terminal_options

    isatty = sys.stdout.isatty()
    outputs = parse_outputs(output)
    root = path_in_repository(project_dir)
    options = terminal_options(
        os.environ, isatty=isatty, width=terminal_width(), root=root, mentions=mentions
    )
    printed = [o.format for o in outputs if o.path is None]
    if format_ is not None or not printed:
        name = format_ or default_format(os.environ, isatty)
        if printed:
            from analyticsops.errors import UsageError

            raise UsageError(
                "two formats for standard output", where="--format and --output", hint="keep one"
            )
        printed = [known_format(name)]
    for target in outputs:
        if target.path is not None:
            put = append if target.format in APPENDED else write
            put(target.path, render(report, target.format, options))
    try:
        for name in printed:
            click.echo(render(report, name, options), nl=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the verdict counts, however much of it is read
        from analyticsops.cli import abandon_stdout

        abandon_stdout()
    raise SystemExit(1 if report.failed else 0)


def terminal_width() -> int:
    """Columns of the terminal; wide where there is none, so that nothing is cut."""
    import shutil

    return shutil.get_terminal_size((100, 24)).columns
