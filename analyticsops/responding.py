"""Incidents over time: what an evaluation changes, who is told, and what people do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from analyticsops.history.remote import is_remote
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.log.events import AnyEvent, EvaluatedEvent, after
from analyticsops.slo.log.files import IncidentLog
from analyticsops.slo.log.reconcile import opened_before, reconcile
from analyticsops.slo.log.state import State, fold
from analyticsops.slo.objective_alerts import spent
from analyticsops.slo.recorded.asked import Opened
from analyticsops.slo.spans import Instant, instant_of, time_of
from analyticsops.telling.delivery import Told, tell
from analyticsops.telling.due import due, routed
from analyticsops.telling.message import Message
from analyticsops.telling.sending import sender_for

FOLDER = Path(".analyticsops") / "incidents"
"""In the project."""


class Before(NamedTuple):
    """What an evaluation has to know of those before.

    Attributes:
        previous: when the last one was; None if there was none.
        incidents: each time that one was opened, for objectives about how soon one is told.
    """

    previous: datetime | None
    incidents: tuple[Opened, ...]


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an evaluation.

    Attributes:
        events: what happened since the evaluation before.
        messages: for whoever reads what the command prints: of incidents that no route takes.
        told: what arrived at receivers.
        failed: what did not, and why; it is told after the next evaluation.
        left: how many messages are due and were not sent now: another evaluation is just sending
            them, or nobody was to be told.
        problems: what is wrong with receivers, routes or files of the folder, one line each.
    """

    events: tuple[AnyEvent, ...] = ()
    messages: tuple[Message, ...] = ()
    told: tuple[Told, ...] = ()
    failed: tuple[Told, ...] = ()
    left: int = 0
    problems: tuple[str, ...] = ()


def incidents_folder(history: str | Path | None = None, project_dir: Path | None = None) -> Path:
    """Where the incidents of a project lie: beside its history, if that is a folder.

    Args:
        history: folder or address of the history; by default that in the project.
    """
    if history is None or is_remote(history):
        return (project_dir or Path()) / FOLDER
    return Path(history).parent / FOLDER.name


def look_before(folder: Path, project: str = "", environment: str = "") -> Before:
    """What :func:`analyticsops.evaluating.evaluate` has to know of the evaluations before.

    Args:
        project: of this project only; empty for all, likewise the environment.

    Raises:
        HistoryError: the folder cannot be read.
    """
    state = IncidentLog(folder).read().state
    times = [
        at
        for (of, where), at in state.evaluated.items()
        if project in ("", of) and environment in ("", where)
    ]
    previous = time_of(max(times)) if times else None
    return Before(previous, opened_before(state, project, environment))


def respond(
    evaluation: Evaluation,
    folder: Path,
    *,
    now: datetime | None = None,
    environ: Mapping[str, str],
    send: bool = True,
) -> Response:
    """Remember what an evaluation found, and tell who has to know.

    What is found is written before anybody is told, and that somebody was told is written
    afterwards: whatever stops in between, nothing is lost, and the worst is that a message is
    sent once more, with the same key. Only for the present: an evaluation of the past would
    resolve what is open now.

    Args:
        folder: of the incidents, see :func:`incidents_folder`.
        now: by default the present.
        environ: where the addresses and keys of receivers stand, and proxies.
        send: False to tell nobody now; what is due is told after the next evaluation.

    Raises:
        HistoryError: the folder cannot be read or written. Whom that leaves untold, or told without
            a record, is told next time.
        UsageError: what receivers need is not installed.
    """
    at = instant_of(now or datetime.now(UTC))
    shared = evaluation.declared.shared
    over = sender_for(shared.receivers, environ) if send else None
    log = IncidentLog(folder)
    known = log.read()
    events = _remember(log, known.state, evaluation, at)
    state = fold((*known.events, *events))
    quiet = _in_maintenance(state, evaluation)
    if not send:
        left = len(due(state, shared, at, quiet))
        return Response(events=events, left=left, problems=known.damaged)
    telling = tell(log, state, shared, at, environ, over, quiet=quiet)
    return Response(
        events=events,
        messages=telling.messages,
        told=telling.told,
        failed=telling.failed,
        left=telling.left,
        problems=(*known.damaged, *telling.problems),
    )


def _remember(
    log: IncidentLog, state: State, evaluation: Evaluation, at: Instant
) -> tuple[AnyEvent, ...]:
    """Write what happened since the evaluation before, and that there was one."""
    shared = evaluation.declared.shared
    found = reconcile(
        state,
        evaluation.incidents,
        at,
        project=evaluation.project,
        environment=evaluation.environment,
        routed=lambda incident: routed(incident, shared),
        budgets={name: spent(one) for name, one in evaluation.by_name.items()},
        in_maintenance=evaluation.silent,
    )
    events = tuple(after(event, state.latest) for event in found)
    log.put_all(events)
    evaluated = EvaluatedEvent(
        at=at,
        project=evaluation.project,
        environment=evaluation.environment,
        open=len(evaluation.incidents),
    )
    log.put_evaluated(evaluated)
    return events


def _in_maintenance(state: State, evaluation: Evaluation) -> frozenset[str]:
    """Ids of open incidents whose root people work on."""
    place = (evaluation.project, evaluation.environment)
    roots = {incident.root.id for incident in evaluation.silent}
    return frozenset(
        case.id
        for case in state.cases.values()
        if (case.project, case.environment) == place and case.incident.root.id in roots
    )
