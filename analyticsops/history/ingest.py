"""What dbt left in a target folder -> records in the history.

Up to four invocations meet there: the last that ran something, the last that measured
freshness, the last that parsed the project, and the last that began. Each is recorded by
itself; what is there already is recognised, however often and in whichever order it is
seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from analyticsops.artifacts.freshness import read_freshness
from analyticsops.artifacts.ran_nodes import RanManifest, read_ran_nodes
from analyticsops.artifacts.run_results import BUILD_COMMANDS, read_run_results
from analyticsops.errors import ArtifactError
from analyticsops.history.dbt_log import Logged, last_logged, read_log
from analyticsops.history.reading import (
    Circumstances,
    record_of_freshness,
    record_of_log,
    record_of_results,
    record_without_results,
)
from analyticsops.history.record import Invocation, Record, is_invocation_id
from analyticsops.history.store import Store

RUNNING = BUILD_COMMANDS | {"source freshness", "run-operation"}
"""Commands that do something to data. Of the others only those are recorded that
overwrite run_results.json: it would seem to be theirs."""


class Ingested(msgspec.Struct, frozen=True, kw_only=True):
    """One invocation that is in the history now.

    Attributes:
        invocation: as recorded.
        new: False if it was there, just like this.
    """

    invocation: Invocation
    new: bool


def ingest(
    store: Store,
    target: Path,
    log: Path,
    told: Circumstances,
    *,
    only: str | None = None,
    began: datetime | None = None,
) -> tuple[Ingested, ...]:
    """Record what lies in a target folder.

    Args:
        target: the target folder.
        log: dbt.log, which need not be there.
        told: what the artifacts do not say; the exit code is that of the last command.
        only: record this invocation and no other, even if it left nothing but its log.
        began: when it began, if it is known otherwise.

    Raises:
        ArtifactError: a file is broken, or there is none.
        HistoryError: the history cannot be written.
    """
    records = list(_records(_Folder(target, log, told, only)))
    if only is not None and not records:
        logged = read_log(log, only)
        began = (logged.started_at if logged else None) or began
        if began is not None:
            records.append(record_of_log(only, began, logged, told))
    return tuple(_put(store, record) for record in records)


def _put(store: Store, record: Record) -> Ingested:
    """Second sight of a run is no news: what somebody says about it now, the commit for
    instance, may be true of a later one."""
    for known in store.of_same_run(record):
        if _says_no_more(record, known):
            return Ingested(invocation=known.invocation, new=False)
    store.put(record)
    return Ingested(invocation=record.invocation, new=True)


_TOLD = ("environment", "job", "git_sha", "exit_code", "success")


def _says_no_more(record: Record, known: Record) -> bool:
    """True if the artifacts say the same, and nothing is told that was not known."""
    new, old = record.invocation, known.invocation
    news = [name for name in _TOLD if getattr(new, name) is not None]
    if any(getattr(old, name) is None for name in news):
        return False
    same = {name: getattr(old, name) for name in _TOLD}
    return Record(msgspec.structs.replace(new, **same), record.results) == known


class _Folder:
    """A target folder, its log, and which invocation was the last one there."""

    def __init__(self, target: Path, log: Path, told: Circumstances, only: str | None) -> None:
        self.target, self.log = target, log
        self._told = told
        self._only = only
        self.manifest = _manifest(target, required=only is None)
        self.parsed = self.manifest.metadata.invocation_id if self.manifest else None
        self.began_last = None if only else last_logged(log)
        if self.began_last is not None:
            self._last: str | None = self.began_last[0]
        else:
            self._last = only or self.parsed

    def wants(self, invocation_id: str) -> bool:
        """False if another invocation was asked for."""
        return self._only in (None, invocation_id)

    def told(self, invocation_id: str | None) -> Circumstances:
        """What was told is told of the last invocation: its exit code and its commit."""
        if self._last in (None, invocation_id):
            return self._told
        return msgspec.structs.replace(self._told, exit_code=None, git_sha="")

    def logged(self, invocation_id: str | None, file: Path) -> Logged | None:
        """What the log says about an invocation.

        Raises:
            ArtifactError: it has no id that could be the name of a file.
        """
        if not invocation_id:
            return None
        if not is_invocation_id(invocation_id):
            raise ArtifactError(
                "its invocation_id is none: letters, digits and hyphens were expected", path=file
            )
        return read_log(self.log, invocation_id)


def _records(folder: _Folder) -> Iterator[Record]:
    seen = set()
    for record in _written(folder):
        seen.add(record.invocation.invocation_id)
        if folder.wants(record.invocation.invocation_id):
            yield record
    last = folder.parsed
    if folder.manifest is not None and last and last not in seen and folder.wants(last):
        seen.add(last)
        logged = folder.logged(last, folder.target)
        if logged is None or logged.command is None or logged.command in RUNNING:
            died = record_without_results(folder.manifest, logged, folder.told(last))
            if died is not None:
                yield died
    if folder.began_last is not None and folder.began_last[0] not in seen:
        # No such target, or a project that cannot be parsed: it left nothing but its log.
        name, began = folder.began_last
        logged = read_log(folder.log, name)
        if logged is not None and logged.command in RUNNING:
            yield record_of_log(name, began, logged, folder.told(name))


def _written(folder: _Folder) -> Iterator[Record]:
    """The invocations that wrote what they did."""
    results = folder.target / "run_results.json"
    if results.exists():
        ran = read_run_results(results)
        name = ran.metadata.invocation_id
        logged = folder.logged(name, results)
        record = record_of_results(ran, folder.manifest, logged, folder.told(name))
        if record is not None:
            yield record
    for file in (folder.target / name for name in ("freshness.json", "sources.json")):
        if file.exists():
            measured = read_freshness(file)
            name = measured.metadata.invocation_id
            logged = folder.logged(name, file)
            found = record_of_freshness(measured, folder.manifest, logged, folder.told(name))
            if found is not None:
                yield found


def _manifest(target: Path, *, required: bool) -> RanManifest | None:
    path = target / "manifest.json"
    known = [target / name for name in ("run_results.json", "sources.json", "freshness.json")]
    if not path.exists() and (not required or any(file.exists() for file in known)):
        return None
    return read_ran_nodes(path)
