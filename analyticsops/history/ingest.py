"""What dbt left in a target folder -> records in the history.

Up to three invocations meet in one folder: the last that ran something, the last that
measured freshness, and the last that parsed the project. Each is recorded by itself; what
is there already is recognised, however often and in whichever order it is seen.
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
from analyticsops.history.dbt_log import Logged, read_log
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
    records = list(_records(target, log, told, only))
    if only is not None and not records:
        logged = read_log(log, only)
        began = (logged.started_at if logged else None) or began
        if began is not None:
            records.append(record_of_log(only, began, logged, told))
    return tuple(_put(store, record) for record in records)


def _put(store: Store, record: Record) -> Ingested:
    new = not store.holds(record)
    store.put(record)
    return Ingested(invocation=record.invocation, new=new)


def _records(target: Path, log: Path, told: Circumstances, only: str | None) -> Iterator[Record]:
    manifest = _manifest(target, required=only is None)
    seen = set()
    last = manifest.metadata.invocation_id if manifest else None
    for record in _written(target, log, manifest, told, last):
        seen.add(record.invocation.invocation_id)
        if only in (None, record.invocation.invocation_id):
            yield record
    if manifest is None or last is None or last in seen or only not in (None, last):
        return
    logged = _logged(log, last, target)
    if logged is None or logged.command is None or logged.command in RUNNING:
        died = record_without_results(manifest, logged, told)
        if died is not None:
            yield died


def _written(
    target: Path,
    log: Path,
    manifest: RanManifest | None,
    told: Circumstances,
    last: str | None,
) -> Iterator[Record]:
    """The invocations that wrote what they did. What was told is told of the last one."""
    results = target / "run_results.json"
    if results.exists():
        ran = read_run_results(results)
        about = told if last in (None, ran.metadata.invocation_id) else _of_another(told)
        logged = _logged(log, ran.metadata.invocation_id, results)
        record = record_of_results(ran, manifest, logged, about)
        if record is not None:
            yield record
    for name in ("freshness.json", "sources.json"):
        file = target / name
        if file.exists():
            measured = read_freshness(file)
            about = told if last in (None, measured.metadata.invocation_id) else _of_another(told)
            logged = _logged(log, measured.metadata.invocation_id, file)
            found = record_of_freshness(measured, manifest, logged, about)
            if found is not None:
                yield found


def _of_another(told: Circumstances) -> Circumstances:
    return msgspec.structs.replace(told, exit_code=None)


def _logged(log: Path, invocation_id: str | None, file: Path) -> Logged | None:
    if not invocation_id:
        return None
    if not is_invocation_id(invocation_id):
        raise ArtifactError(
            "its invocation_id is none: letters, digits and hyphens were expected", path=file
        )
    return read_log(log, invocation_id)


def _manifest(target: Path, *, required: bool) -> RanManifest | None:
    path = target / "manifest.json"
    known = [target / name for name in ("run_results.json", "sources.json", "freshness.json")]
    if not path.exists() and (not required or any(file.exists() for file in known)):
        return None
    return read_ran_nodes(path)
