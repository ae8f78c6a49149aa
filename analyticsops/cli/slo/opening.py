"""What the commands about objectives share: options, and the evaluation that they ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from analyticsops.cli.options import open_workspace, project_options
from analyticsops.cli.progress import progress_bar, working

if TYPE_CHECKING:
    from analyticsops.slo.evaluation import Evaluation
    from analyticsops.slo.standing import Standing
    from analyticsops.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def evaluation_options(command: F) -> F:
    """--history, --environment, --at, and those of a project."""
    for decorator in (
        click.option(
            "--at",
            "at",
            default="",
            metavar="WHEN",
            help="As of that time: 2h (ago), 2026-11-01, 2026-11-01T05:00Z.  [default: now]",
        ),
        click.option(
            "--environment",
            envvar="ANALYTICSOPS_ENVIRONMENT",
            default="",
            help="Whose runs count.  [default: that of slos/*.yml, or the only one]",
        ),
        click.option(
            "--history",
            envvar="ANALYTICSOPS_HISTORY",
            help="Folder of the history, or its address in object storage.  "
            "[default: .analyticsops/history in the project]",
        ),
        project_options,
    ):
        command = decorator(command)
    return command


def select_option(command: F) -> F:
    """--select: which objectives."""
    return click.option(
        "--select",
        "-s",
        multiple=True,
        metavar="NODES",
        help="Only objectives of these nodes, in dbt's selection syntax.",
    )(command)


def open_evaluation(
    project_dir: Path | None,
    target_path: Path | None,
    config: Path | None,
    history: str | None,
    environment: str,
    at: str,
    incidents: Path | None = None,
    *,
    alone: bool = True,
) -> tuple[Workspace, Evaluation]:
    """The workspace that the options mean, and how its objectives stand.

    Args:
        incidents: folder of those before; by default that beside the history.
        alone: False to notice that nobody evaluated for too long.
    """
    from analyticsops import evaluating, looking_back, recording, responding

    workspace = open_workspace(project_dir, target_path, config)
    store = recording.existing_store(history, project_dir or workspace.project_dir)
    now = looking_back.moment(at, datetime.now(UTC), where="--at")
    root = project_dir or workspace.project_dir
    folder = incidents or responding.incidents_folder(history, root)
    before = responding.look_before(folder, workspace.project.name, environment)
    with working("reading the history"):
        evaluation = evaluating.evaluate(
            workspace,
            store,
            environment=environment,
            now=now,
            incidents=before.incidents,
            previous=None if alone else before.previous,
            progress=progress_bar("judging objectives"),
        )
    return workspace, evaluation


def chosen(
    workspace: Workspace, evaluation: Evaluation, select: Sequence[str]
) -> tuple[Standing, ...]:
    """The standings of objectives of the selected nodes, the worst first."""
    from analyticsops.slo.standing import worst_first

    standings = evaluation.standings
    if select:
        from analyticsops.selecting import selected_nodes
        from analyticsops.slo.spec.declared import KINDS

        nodes = selected_nodes(workspace, select, (), kinds=KINDS)
        standings = tuple(one for one in standings if one.slo.node in nodes)
    return worst_first(standings)
