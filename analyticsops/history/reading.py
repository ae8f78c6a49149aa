"""Artifacts of one invocation -> its record. Pure: what was read comes in, a record goes out.

What dbt means is decided here where it needs the artifacts (which file belongs to which
invocation, what was called); what a result means to a reader is decided when it is read
(:mod:`analyticsops.history.meaning`), so that it can be decided better later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from analyticsops.artifacts.freshness import Freshness, FreshnessResult
from analyticsops.artifacts.ran_nodes import RanManifest, RanNode
from analyticsops.artifacts.run_results import BUILD_COMMANDS, NodeResult as DbtResult, RunResults
from analyticsops.artifacts.times import instant
from analyticsops.history.dbt_log import Logged, LoggedNode, command_words
from analyticsops.history.masking import recorded_message
from analyticsops.history.record import (
    Invocation,
    NodeResult,
    Record,
    make_record,
    microseconds,
)

_CHECKSUM = 16
_QUIET = frozenset({"success", "pass", "no-op", "reused", "skipped"})
"""Statuses whose message only says what the status says."""


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a run beside its artifacts.

    Attributes:
        environment: as somebody named it; empty if nobody did.
        job: likewise.
        git_sha: commit of the project; empty if not known.
        exit_code: of dbt; None if not known.
        messages: how messages are recorded, see :data:`analyticsops.history.masking.MODES`.
    """

    environment: str = ""
    job: str = ""
    git_sha: str = ""
    exit_code: int | None = None
    messages: str = "masked"


def record_of_results(
    results: RunResults, manifest: RanManifest | None, logged: Logged | None, told: Circumstances
) -> Record | None:
    """The record of run_results.json; None if it says not whose it is.

    ``compile`` and ``docs generate`` write the file as well, every node a ``success``: their
    invocation is recorded, and no result, since nothing ran.
    """
    metadata, args = results.metadata, results.args
    ended = instant(metadata.generated_at)
    if not metadata.invocation_id or ended is None:
        return None
    began = instant(metadata.invocation_started_at)
    if began is None:  # dbt before 1.10
        began = _before(ended, results.elapsed_time)
    word, _ = command_words(str(args.get("invocation_command") or ""))
    ran = results.command in BUILD_COMMANDS
    interrupted = logged is not None and logged.interrupted
    invocation = Invocation(
        **_common(metadata.invocation_id, began, metadata.dbt_version, manifest, logged, told),
        ended_at=microseconds(ended),
        state="interrupted" if interrupted else "finished",
        command=_DOCS.get(results.command, results.command) or (logged and logged.command) or None,
        retries=results.command == "retry" or word == "retry",
        elapsed=results.elapsed_time,
        selected=_selects(args),
        full_refresh=_flag(args, "full_refresh"),
        empty=_flag(args, "empty"),
        sample=bool(args["sample"]) if "sample" in args else None,
        defer=_flag(args, "defer"),
        event_time_start=_text(args.get("event_time_start")),
        event_time_end=_text(args.get("event_time_end")),
    )
    if invocation.target is None:
        invocation = msgspec.structs.replace(invocation, target=_text(args.get("target")))
    rows = (_result(result, manifest, told) for result in results.results) if ran else ()
    return make_record(_owned(invocation, manifest), rows)


def _before(moment: datetime, seconds: float) -> datetime:
    """So many seconds earlier; the moment itself if there is no such time."""
    try:
        return moment - timedelta(seconds=max(seconds, 0.0))
    except OverflowError:
        return moment


def record_of_freshness(
    freshness: Freshness, manifest: RanManifest | None, logged: Logged | None, told: Circumstances
) -> Record | None:
    """The record of sources.json or freshness.json; None if it says not whose it is.

    dbt leaves out a source whose query failed: it is ``unmeasured``, if the manifest is of
    the same invocation and nothing was selected.
    """
    metadata = freshness.metadata
    ended = instant(metadata.generated_at)
    if not metadata.invocation_id or ended is None:
        return None
    began = instant(metadata.invocation_started_at) or ended
    rows = [_measured(result) for result in freshness.results]
    own = manifest is not None and manifest.metadata.invocation_id == metadata.invocation_id
    selected = logged.selected if logged else None
    if own and manifest is not None and not selected:
        known = {row.unique_id for row in rows}
        rows += [
            NodeResult(unique_id=name, status="unmeasured")
            for name in _watched(manifest)
            if name not in known
        ]
    invocation = Invocation(
        **_common(metadata.invocation_id, began, metadata.dbt_version, manifest, logged, told),
        ended_at=microseconds(ended),
        state="interrupted" if logged and logged.interrupted else "finished",
        command="source freshness",
        retries=False,
        selected=selected,
    )
    return make_record(_owned(invocation, manifest), rows)


def record_without_results(
    manifest: RanManifest, logged: Logged | None, told: Circumstances
) -> Record | None:
    """The record of an invocation that wrote a manifest and nothing else: it crashed, or
    failed before it ran anything, or ran nothing. Only dbt's log knows which."""
    metadata = manifest.metadata
    began = (logged.started_at if logged else None) or instant(metadata.generated_at)
    if not metadata.invocation_id or began is None:
        return None
    return _unfinished(metadata.invocation_id, began, metadata.dbt_version, manifest, logged, told)


def record_of_log(
    invocation_id: str, began: datetime, logged: Logged | None, told: Circumstances
) -> Record:
    """The record of an invocation that wrote nothing at all but its log."""
    return _unfinished(invocation_id, began, "", None, logged, told)


def _unfinished(
    invocation_id: str,
    began: datetime,
    version: str,
    manifest: RanManifest | None,
    logged: Logged | None,
    told: Circumstances,
) -> Record:
    nodes = logged.nodes if logged else ()
    invocation = Invocation(
        **_common(invocation_id, began, version, manifest, logged, told),
        state=_state(logged, told),
        command=logged.command if logged else None,
        retries=logged.command == "retry" if logged and logged.command else None,
        selected=logged.selected if logged else None,
    )
    rows = [_logged_result(node, manifest, told) for node in nodes]
    return make_record(_owned(invocation, manifest), rows)


def _state(logged: Logged | None, told: Circumstances) -> str:
    if logged is None:
        return (
            "unknown" if told.exit_code is None else "failed" if told.exit_code >= 0 else "crashed"
        )
    if logged.interrupted:
        return "interrupted"
    if logged.ended:
        return "finished" if logged.success else "failed"
    return "failed" if (told.exit_code or -1) > 0 else "crashed"


# -- the invocation ------------------------------------------------------------

_DOCS = {"generate": "docs generate", "freshness": "source freshness"}


def _common(
    invocation_id: str,
    began: datetime,
    version: str,
    manifest: RanManifest | None,
    logged: Logged | None,
    told: Circumstances,
) -> dict[str, Any]:
    """What every kind of record says about its invocation."""
    success = logged.success if logged else None
    if told.exit_code is not None:
        success = told.exit_code == 0
    return {
        "invocation_id": invocation_id,
        "started_at": microseconds(began),
        "success": success,
        "exit_code": told.exit_code,
        "dbt_version": version or None,
        "project": manifest.metadata.project_name if manifest else None,
        "adapter": manifest.metadata.adapter_type if manifest else None,
        "environment": told.environment or None,
        "target": logged.target if logged else None,
        "location": None,
        "job": told.job or None,
        "git_sha": told.git_sha or None,
        "manifest": "none",
        "results": 0,
    }


def _owned(invocation: Invocation, manifest: RanManifest | None) -> Invocation:
    """With what only a manifest knows."""
    if manifest is None:
        return invocation
    own = manifest.metadata.invocation_id == invocation.invocation_id
    location = _location(manifest) if own else None
    return msgspec.structs.replace(
        invocation, manifest="own" if own else "other", location=location
    )


def _location(manifest: RanManifest) -> str | None:
    places = Counter(
        f"{node.database or ''}.{node.schema}"
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.schema
    )
    return max(places, key=lambda place: (places[place], place), default=None)


def _selects(args: Mapping[str, Any]) -> bool | None:
    keys = ("select", "exclude", "selector", "models", "resource_types", "exclude_resource_types")
    said = [args[key] for key in keys if key in args]
    return any(bool(value) for value in said) if said else None


def _flag(args: Mapping[str, Any], name: str) -> bool | None:
    value = args.get(name)
    return value if isinstance(value, bool) else None


def _text(value: Any) -> str | None:
    return str(value)[:64] if value else None


# -- its results ---------------------------------------------------------------


def _result(result: DbtResult, manifest: RanManifest | None, told: Circumstances) -> NodeResult:
    begun = [t for t in (instant(part.started_at) for part in result.timing) if t]
    done = [t for t in (instant(part.completed_at) for part in result.timing) if t]
    status = result.status.lower()
    batches = result.batch_results
    return NodeResult(
        unique_id=result.unique_id,
        status=status,
        started_at=microseconds(min(begun)) if begun else None,
        completed_at=microseconds(max(done)) if done else None,
        execution_time=result.execution_time,
        failures=result.failures if result.unique_id.startswith(("test.", "unit_test.")) else None,
        **_facts(result.unique_id, manifest),
        **_costs(result.adapter_response),
        batches_ok=len(batches.successful) if batches else None,
        batches_failed=len(batches.failed) if batches else None,
        message=_message(status, result.message, told),
    )


def _logged_result(
    node: LoggedNode, manifest: RanManifest | None, told: Circumstances
) -> NodeResult:
    status = node.status.lower()
    facts = _facts(node.unique_id, manifest)
    if facts["materialized"] is None:
        facts["materialized"] = node.materialized or None
    return NodeResult(
        unique_id=node.unique_id,
        status=status,
        started_at=microseconds(node.started_at) if node.started_at else None,
        completed_at=microseconds(node.completed_at) if node.completed_at else None,
        execution_time=node.execution_time,
        failures=node.failures if node.unique_id.startswith(("test.", "unit_test.")) else None,
        **facts,
        **_costs(node.adapter_response),
        message=_message(status, node.message, told),
    )


def _message(status: str, message: str | None, told: Circumstances) -> str | None:
    return None if status in _QUIET else recorded_message(message, told.messages)


def _facts(unique_id: str, manifest: RanManifest | None) -> dict[str, Any]:
    """What the manifest says about a node."""
    node = manifest.nodes.get(unique_id) if manifest else None
    if node is None:
        return {"materialized": None, "checksum": None, "tested": None}
    checksum = node.checksum.checksum if node.checksum.name == "sha256" else ""
    return {
        "materialized": node.config.materialized,
        "checksum": checksum[:_CHECKSUM] or None,
        "tested": _tested(node),
    }


def _tested(node: RanNode) -> str | None:
    if node.resource_type != "test":
        return None
    parents = node.depends_on.nodes
    return node.attached_node or (parents[0] if len(parents) == 1 else None)


_ROWS = ("rows_affected", "rows_inserted")
_BYTES = ("bytes_billed", "bytes_processed", "data_scanned_in_bytes")
_IDS = ("query_id", "job_id")


def _costs(response: Mapping[str, Any]) -> dict[str, Any]:
    """What the warehouse said about the work: numbers and the id of the query."""
    query = next((response[key] for key in _IDS if isinstance(response.get(key), str)), None)
    return {
        "rows_affected": _number(response, _ROWS),
        "bytes_processed": _number(response, _BYTES),
        "slot_ms": _number(response, ("slot_ms",)),
        "query_id": query[:128] if query else None,
    }


def _number(response: Mapping[str, Any], keys: Iterable[str]) -> int | None:
    """Adapters write -1 for "not known", and numbers as text."""
    for key in keys:
        value = response.get(key)
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
            return value
    return None


def _measured(result: FreshnessResult) -> NodeResult:
    loaded, asked = instant(result.max_loaded_at), instant(result.snapshotted_at)
    return NodeResult(
        unique_id=result.unique_id,
        status=result.status.lower(),
        max_loaded_at=microseconds(loaded) if loaded else None,
        measured_at=microseconds(asked) if asked else None,
    )


def _watched(manifest: RanManifest) -> list[str]:
    """Sources that have a criterion, and can be asked."""
    found = []
    for name, source in manifest.sources.items():
        criteria = source.freshness or source.config.freshness or {}
        limits = [criteria.get(key) for key in ("warn_after", "error_after")]
        if any(isinstance(limit, dict) and limit.get("count") for limit in limits):
            found.append(name)
    return found
