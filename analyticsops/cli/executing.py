"""Options of commands that can execute both versions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from analyticsops.executing import Execute

F = TypeVar("F", bound=Callable[..., Any])


def execute_options(command: F) -> F:
    """--execute, --database, --sample, --target, --seconds: the command is given ``execute``,
    which is None without the first."""

    @wraps(command)
    def with_execute(
        *args: Any,
        execute: bool,
        database: Path | None,
        sample: int | None,
        target: str | None,
        seconds: float | None,
        **more: Any,
    ) -> Any:
        chosen = _chosen(execute, database, sample, target, seconds)
        return command(*args, execute=chosen, **more)

    found: Any = with_execute
    for decorator in (
        click.option(
            "--seconds",
            type=click.FloatRange(min=0.1),
            help="Of CPU time for one model under --execute.  [default: 2]",
        ),
        click.option(
            "--target",
            metavar="NAME",
            help="Execute changed models on the tables of this dbt target as well (`dbt show`).",
        ),
        click.option(
            "--sample",
            type=click.IntRange(min=1),
            metavar="ROWS",
            help="Of each table of --database, at most.  [default: all]",
        ),
        click.option(
            "--database",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="PATH",
            help="Execute on the rows of this DuckDB file as well; it is read, never written.",
        ),
        click.option(
            "--execute",
            is_flag=True,
            envvar="ANALYTICSOPS_EXECUTE",
            help="Run both versions of what changed on the same made-up rows, and show some on "
            "which they differ.",
        ),
    ):
        found = decorator(found)
    typed: F = found
    return typed


def _chosen(
    execute: bool,
    database: Path | None,
    sample: int | None,
    target: str | None,
    seconds: float | None,
) -> Execute | None:
    from analyticsops.errors import UsageError

    given = {"--database": database, "--sample": sample, "--target": target, "--seconds": seconds}
    if not execute:
        for option, value in given.items():
            if value is not None:
                raise UsageError("belongs to --execute", where=option)
        return None
    if sample is not None and database is None:
        raise UsageError("belongs to --database", where="--sample")
    from analyticsops.executing import Execute

    usual = Execute()
    return Execute(
        seconds=seconds or usual.seconds, database=database, sample=sample or 0, target=target
    )
