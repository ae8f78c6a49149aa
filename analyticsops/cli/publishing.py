"""report, serve: everything that is known of a project as a page to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analyticsops.cli.options import (
    open_versions,
    open_workspace,
    project_options,
    version_options,
)
from analyticsops.cli.progress import tell, working

if TYPE_CHECKING:
    from analyticsops.publishing import Past
    from analyticsops.report.model import Report
    from analyticsops.site.folder import Site
    from analyticsops.workspace import Workspace


def site_options(command: Any) -> Any:
    """What stands in a site: --base, --diff, --history, --incidents, --environment, --title,
    --change, --sql, --at, and those of a project."""
    for decorator in (
        click.option(
            "--at",
            default="",
            metavar="WHEN",
            help="As of that time: 2h (ago), 2026-11-01, 2026-11-01T05:00Z.  [default: now]",
        ),
        click.option(
            "--sql/--no-sql",
            default=False,
            show_default="--no-sql",
            help="Show SQL of models and columns, with the literals that are written there.",
        ),
        click.option("--change", default="", help="Title of the change under review."),
        click.option("--title", default="", help="Title of the site.  [default: the project's]"),
        click.option(
            "--environment",
            envvar="ANALYTICSOPS_ENVIRONMENT",
            default="",
            help="Whose runs count.  [default: that of slos/*.yml, or the only one]",
        ),
        click.option(
            "--incidents",
            type=click.Path(path_type=Path),
            envvar="ANALYTICSOPS_INCIDENTS",
            help="Folder of the incidents.  [default: beside the history]",
        ),
        click.option(
            "--history",
            envvar="ANALYTICSOPS_HISTORY",
            help="Folder of the history, or its address in object storage.  "
            "[default: .analyticsops/history in the project, if it is there]",
        ),
        click.option(
            "--diff",
            "diff_",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Review what `diff --output json=FILE` found, instead of comparing with --base.",
        ),
        version_options,
        project_options,
    ):
        command = decorator(command)
    return command


@click.command()
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="Folder to write the site to.  [default: site]",
)
@click.option(
    "--single-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write one HTML file that holds everything, instead of a folder.",
)
@site_options
def report(output: Path | None, single_file: Path | None, **options: Any) -> None:
    """Write a page to look at: lineage, changes, metrics, objectives, incidents.

    A static site: open index.html from the disk, or put the folder on any web server. It
    asks nobody for anything, and shows what was known when it was written.

    With --base (or --base-ref, or --diff) it holds a review of the change; with a history
    of runs (`analyticsops ingest`) objectives, incidents and runs.

    \b
    Examples:
      analyticsops report --output site/
      analyticsops report --base ../main/target --single-file review.html
    """
    from analyticsops.errors import UsageError
    from analyticsops.site.folder import write_file, write_site

    if output is not None and single_file is not None:
        raise UsageError("two places to write to", where="--output and --single-file")
    site = make_site(**options)
    if single_file is not None:
        size = write_file(site, single_file)
    else:
        size = write_site(site, output or Path("site"))
    where = single_file or (output or Path("site")) / "index.html"
    click.echo(f"wrote {where}: {size / 1e6:.1f} MB", err=True)


def make_site(
    *,
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    base: Path | None,
    base_ref: str | None,
    base_command: tuple[str, ...],
    diff_: Path | None,
    history: str | None,
    incidents: Path | None,
    environment: str,
    title: str,
    change: str,
    sql: bool,
    at: str,
) -> Site:
    """The site that the options mean."""
    from analyticsops import api, looking_back
    from analyticsops.publishing import publish

    now = looking_back.moment(at, datetime.now(UTC), where="--at")
    review: Report | None = None
    if diff_ is not None:
        workspace = open_workspace(project_dir, target_path, config)
        review = _review(diff_, workspace)
    elif base is not None or base_ref:
        old, workspace = open_versions(
            base, base_ref, base_command, project_dir, target_path, config
        )
        review = api.diff(old, workspace, now=now)
    else:
        workspace = open_workspace(project_dir, target_path, config)
    root = project_dir or workspace.project_dir
    past = _past(history, incidents, environment, root)
    with working("making the report"):
        return publish(
            workspace, past=past, review=review, title=title, change=change, sql=sql, now=now
        )


def _review(path: Path, workspace: Workspace) -> Report:
    from analyticsops import api
    from analyticsops.errors import UsageError

    found = api.read_report(path)
    if found.base is None:
        raise UsageError(f"this is a report of `{found.command}`, not of `diff`", where=str(path))
    if found.project.name != workspace.project.name:
        raise UsageError(
            f"it is about {found.project.name}, not {workspace.project.name}", where=str(path)
        )
    return found


def _past(
    history: str | None, incidents: Path | None, environment: str, root: Path | None
) -> Past | None:
    """The history that is named, which must be there, or that of the project, if it is."""
    from analyticsops import recording, responding
    from analyticsops.publishing import Past

    store = recording.open_store(history, root)
    if history is None and not store.folder.is_dir():
        return None
    return Past(
        store=recording.existing_store(history, root),
        incidents=incidents or responding.incidents_folder(history, root),
        environment=environment,
    )


_READ = frozenset({".json", ".gz", ".parquet", ".yml", ".yaml"})
"""Suffixes of artifacts, settings and what is remembered; our own caches have others."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="A name of this machine.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8_642,
    show_default=True,
    help="0 for any that is free.",
)
@click.option("--open", "open_", is_flag=True, help="Open it in a browser.")
@site_options
def serve(host: str, port: int, open_: bool, **options: Any) -> None:
    """Serve the report of a project on this machine, and follow its artifacts.

    What `analyticsops report` writes, made anew whenever dbt wrote its artifacts, runs were
    ingested or settings were changed; open pages load it by themselves. Only this machine
    reaches it. Needs the extra: pip install 'analyticsops[serve]'.

    \b
    Examples:
      analyticsops serve --open
      analyticsops serve --base ../main/target --port 9000
    """
    from analyticsops.site.serving import Followed, serve

    followed = Followed(lambda: make_site(**options), tuple(_folders(**options)), _is_read)
    serve(followed, host=host, port=port, tell=tell, opened=_open if open_ else lambda _: None)


def _open(address: str) -> None:
    click.launch(address)


def _folders(
    *,
    project_dir: Path | None,
    target_path: Path | None,
    history: str | None,
    incidents: Path | None,
    **_: Any,
) -> Iterator[Path]:
    """The folders of what a site is made of; those in object storage cannot be watched."""
    from analyticsops import recording, responding

    root = project_dir or Path()
    target = root / (target_path or Path("target"))
    yield target if target.is_dir() else target.parent
    yield from (root / name for name in ("slos", "analyticsops"))
    store = recording.open_store(history, root)
    if isinstance(store.folder, Path):
        yield store.folder
    yield incidents or responding.incidents_folder(history, root)


def _is_read(path: str) -> bool:
    """True for what a site is made of. A name with a dot is of a file that is being written."""
    return Path(path).suffix in _READ and not Path(path).name.startswith(".")
