"""`analyticsops history pull`: what dbt's hooks wrote into a warehouse -> the history.

dbt itself reads the tables, with the profile that it has: no driver and no password of
ours. It is asked first which invocations there are, then for the results of those that
the history lacks.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import msgspec

from analyticsops.commits import dbt
from analyticsops.errors import AnalyticsOpsError, HistoryError, UsageError
from analyticsops.history.pulled import read_heads, read_results
from analyticsops.history.query import ALWAYS, known_records
from analyticsops.history.record import Invocation, NodeResult, make_record
from analyticsops.history.store import Store

TARGET = Path("target") / "analyticsops"
"""Where dbt parses the project to, so that the artifacts of the last run stay."""

_GROUP_RESULTS = 20_000
_GROUP_IDS = 200
_GROUPS = 20
"""Of one call: its arguments must fit into a command line."""


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """What a warehouse held.

    Attributes:
        new: invocations that were recorded now.
        known: invocations that the history had, just like this.
        partial: invocations whose results are not all there; they are not recorded.
        foreign: rows of the table that are no invocation.
    """

    new: tuple[Invocation, ...]
    known: int
    partial: tuple[str, ...] = ()
    foreign: int = 0


class Warehouse(msgspec.Struct, frozen=True, kw_only=True):
    """How dbt reaches it.

    Attributes:
        project_dir: root of the project.
        command: dbt, with options that every command takes.
        options: of the run-operation: target, profile, vars.
        profiles_dir: folder of profiles.yml; None if dbt finds it by itself.
    """

    project_dir: Path
    command: Sequence[str] = ("dbt",)
    options: Sequence[str] = ()
    profiles_dir: Path | None = None


def words_of(command: str) -> tuple[str, ...]:
    """A command as a person writes it; it is run without a shell.

    Raises:
        UsageError: it is empty or not closed.
    """
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"{command!r} is no command: {error}", where="--dbt") from error
    if not words:
        raise UsageError("the command is empty", where="--dbt", hint="dbt")
    return words


def pull(
    store: Store,
    warehouse: Warehouse,
    *,
    since: datetime | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Pulled:
    """Record the invocations of a warehouse that the history does not have.

    Args:
        since: only those that started then or later.
        tell: told in one line what is being done.

    Raises:
        HistoryError: the history cannot be read or written; what was pulled until then is there.
        ProcessError: dbt is missing or fails, for instance because there are no such tables.
    """
    moment = f"{since:%Y-%m-%d %H:%M:%S}" if since else ""
    _spare_parsing(warehouse.project_dir)
    heads = read_heads(_asked(warehouse, {"since": moment}))
    there = _there(store) if store.folder.is_dir() else set()
    missing = [head for head in heads.invocations.values() if head not in there]
    missing.sort(key=lambda head: (head.started_at, head.invocation_id))
    new: list[Invocation] = []
    partial: list[str] = []
    for groups in _calls(missing):
        tell(f"reading {len(missing):,} runs, {len(new) + len(partial):,} are done")
        ids = [[head.invocation_id for head in group if head.results] for group in groups]
        asked = [group for group in ids if group]
        found = read_results(_asked(warehouse, {"groups": asked})) if asked else {}
        for head in (head for group in groups for head in group):
            results = found.get(head.invocation_id, {})
            if _recorded(store, head, results):
                new.append(head)
            else:
                partial.append(f"{head.invocation_id}: {len(results):,} of {head.results:,}")
    return Pulled(
        new=tuple(new),
        known=len(heads.invocations) - len(missing),
        partial=tuple(partial),
        foreign=heads.foreign,
    )


_PARSED = "partial_parse.msgpack"


def _spare_parsing(project_dir: Path) -> None:
    """Give dbt what it parsed for the last run, if it is newer: to parse a large project takes
    minutes. dbt checks by itself whether it still holds."""
    last, ours = project_dir / "target" / _PARSED, project_dir / TARGET / _PARSED
    with contextlib.suppress(OSError):
        if not ours.exists() or ours.stat().st_mtime < last.stat().st_mtime:
            ours.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(last, ours)


def _recorded(store: Store, head: Invocation, results: dict[str, NodeResult]) -> bool:
    """False if it is not whole: rows were deleted, or are in more than one table."""
    if len(results) != head.results:
        return False
    store.put(make_record(head, results.values()))
    return True


def _there(store: Store) -> set[Invocation]:
    """The records that the history has, wherever they are."""
    try:
        with duckdb.connect() as connection:
            return {
                known.invocation
                for known in known_records(connection, store, ALWAYS)
                if known.invocation is not None
            }
    except duckdb.Error as error:
        raise HistoryError(str(error).partition("\n")[0], where=str(store.folder)) from error


def _calls(heads: Sequence[Invocation]) -> Iterator[list[list[Invocation]]]:
    """Invocations in groups that one query answers, and groups that one dbt asks for."""
    groups: list[list[Invocation]] = []
    group: list[Invocation] = []
    count = 0
    for head in heads:
        if group and (count + head.results > _GROUP_RESULTS or len(group) >= _GROUP_IDS):
            groups.append(group)
            group, count = [], 0
            if len(groups) >= _GROUPS:
                yield groups
                groups = []
        group.append(head)
        count += head.results
    if group:
        yield [*groups, group]


_NO_DBT = "activate the environment that holds it, or name it with --dbt"


def _asked(warehouse: Warehouse, args: dict[str, object]) -> str:
    """What dbt prints for ``print_history``."""
    program = dbt.executable(warehouse.command[0], hint=_NO_DBT)
    words = [
        *(program, *warehouse.command[1:]),
        *("--quiet", "--print", "--no-use-colors", "--log-format", "text"),
        *("--log-level-file", "none"),
        *("run-operation", "analyticsops.print_history"),
        *warehouse.options,
        *("--args", msgspec.json.encode(args).decode()),
    ]
    environ = dbt.environment(warehouse.profiles_dir)
    environ |= {"DBT_TARGET_PATH": str(TARGET), "DBT_LOG_PATH": str(TARGET)}
    try:
        return dbt.run(words, warehouse.project_dir, environ)
    except AnalyticsOpsError as error:
        if "print_history" in error.what and "could not find a macro" in error.what.lower():
            error.hint = "install the dbt package analyticsops in the project"
        raise
