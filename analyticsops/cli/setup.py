"""init, doctor, completion: getting started."""

from __future__ import annotations

from pathlib import Path

import click

from analyticsops import __version__
from analyticsops.cli.options import format_option, open_workspace, project_options

_PACKAGE = f"""\
# packages.yml, for the macros of analyticsops (not needed for the command line):
packages:
  - git: "<address of the analyticsops repository>"   # or `local: path/to/a/clone`
    revision: v{__version__}
"""


@click.command()
@click.option(
    "--project-dir",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="DBT_PROJECT_DIR",
    default=Path(),
    help="Root of the dbt project.  [default: the current folder]",
)
def init(project_dir: Path) -> None:
    """Write a commented analyticsops.yml and show the packages.yml entry.

    An existing file is left alone.

    \b
    Example:
      analyticsops init --project-dir my_project
    """
    from analyticsops.config import TEMPLATE
    from analyticsops.errors import UsageError
    from analyticsops.report.formats import write

    if not (project_dir / "dbt_project.yml").is_file():
        raise UsageError(
            "there is no dbt_project.yml here",
            where=str(project_dir),
            hint="run it in a dbt project, or name one with --project-dir",
        )
    path = project_dir / "analyticsops.yml"
    if path.exists():
        click.echo(f"{path} is there already and was left alone", err=True)
    else:
        write(path, TEMPLATE)
        click.echo(f"wrote {path}", err=True)
    click.echo(_PACKAGE, nl=False)


@click.command()
@project_options
@format_option
def doctor(
    project_dir: Path | None, target_path: Path | None, config: Path | None, format_: str
) -> None:
    """Say which artifacts were found, how old, and what is missing.

    Exits with 0 whatever it finds; with 2 if there is nothing to look at.

    \b
    Examples:
      analyticsops doctor
      analyticsops doctor --project-dir my_project --format json
    """
    from datetime import UTC, datetime

    from analyticsops.cli.tables import print_json, print_table
    from analyticsops.doctor import examine

    workspace = open_workspace(project_dir, target_path, config)
    facts = examine(workspace, datetime.now(UTC))
    if format_ == "json":
        print_json(facts)
        return
    rows = [(fact.state, fact.what, fact.found, fact.advice) for fact in facts]
    print_table(("state", "what", "found", "what to do"), rows)


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that completes commands and options in your SHELL.

    \b
    Examples:
      eval "$(analyticsops completion bash)"        # in ~/.bashrc
      analyticsops completion fish > ~/.config/fish/completions/analyticsops.fish
    """
    from click.shell_completion import get_completion_class

    from analyticsops.cli import cli

    kind = get_completion_class(shell)
    if kind is None:  # click knows all that the choice offers
        raise click.UsageError(f"no completion for {shell}")
    for name in ("analyticsops", "aops"):
        source = kind(cli, {}, name, f"_{name.upper()}_COMPLETE").source()
        click.echo(source)
