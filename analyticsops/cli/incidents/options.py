"""Options that the commands about incidents share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def folder_options(command: F) -> F:
    """--incidents, --history, --project-dir: where incidents lie."""
    for decorator in (
        click.option(
            "--project-dir",
            type=click.Path(path_type=Path),
            envvar="DBT_PROJECT_DIR",
            help="Root of the dbt project.  [default: the current folder]",
        ),
        click.option(
            "--history",
            envvar="ANALYTICSOPS_HISTORY",
            help="Folder of the history; incidents lie beside it.",
        ),
        click.option(
            "--incidents",
            "folder",
            type=click.Path(path_type=Path),
            envvar="ANALYTICSOPS_INCIDENTS",
            help="Folder of the incidents.  [default: .analyticsops/incidents in the project]",
        ),
    ):
        command = decorator(command)
    return command


def by_option(command: F) -> F:
    """--by: who does it."""
    return click.option(
        "--by", envvar=["ANALYTICSOPS_BY", "USER"], required=True, help="Who.  [default: $USER]"
    )(command)


def incidents_in(folder: Path | None, history: str | None, project_dir: Path | None) -> Path:
    """The folder that the options mean."""
    from analyticsops.responding import incidents_folder

    return folder or incidents_folder(history, project_dir)
