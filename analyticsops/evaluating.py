"""Objectives of a workspace, judged by its history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from analyticsops.collecting import uncollected
from analyticsops.decoding import Place
from analyticsops.errors import UsageError
from analyticsops.history.store import Store
from analyticsops.looking_back import Scope, keep_runs, open_runs
from analyticsops.project.model import Node
from analyticsops.recording import existing_store
from analyticsops.slo import evaluate as judging
from analyticsops.slo.alert import Alert
from analyticsops.slo.evaluate import Context
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.incidents import group, in_maintenance
from analyticsops.slo.job_alerts import job_alerts
from analyticsops.slo.objective_alerts import objective_alerts
from analyticsops.slo.observed import Observed, environments, observe
from analyticsops.slo.recorded.asked import Opened
from analyticsops.slo.spans import Instant, Span, instant_of, time_of
from analyticsops.slo.spec.declared import Declared, declare
from analyticsops.slo.spec.reading import read_files
from analyticsops.slo.troubles import node_alerts
from analyticsops.workspace import Workspace


class _Setting(msgspec.Struct, frozen=True):
    """Where the settings of a node stand, by file and line; looked up only for errors."""

    workspace: Workspace
    node: Node

    def at(self, steps: Sequence[str | int] = ()) -> str:
        """``file:line`` of what stands at ``steps``."""
        found = self.workspace.locator.setting(self.node, steps)
        return str(found) if found is not None else self.node.label


def declared_objectives(workspace: Workspace) -> Declared:
    """All objectives of a project, as they are written.

    Raises:
        ConfigError: a file in `slos/` is wrong.
    """

    def place_of(node: Node) -> Place:
        return _Setting(workspace, node)

    return declare(workspace.project, read_files(workspace.project_dir), place_of)


def observe_history(store: Store, span: Span, environment: str = "", project: str = "") -> Observed:
    """What the history says of a span of time.

    Args:
        environment: whose runs count; by default the only one there is.
        project: of this dbt project only; empty for all.

    Raises:
        UsageError: there are several environments, and nobody said which.
        HistoryError: it cannot be read.
    """
    since = time_of(span[0]) if span[0] > 0 else None
    until = time_of(span[1]) + timedelta(microseconds=1)
    with open_runs(store, Scope(since=since, until=until, project=project)) as connection:
        known = environments(connection)
        if not environment and len(known) > 1:
            raise UsageError(
                f"the history has runs of {len(known)} environments: {', '.join(known)}",
                where="--environment",
                hint="name whose objectives these are, or write `environment:` in slos/*.yml",
            )
        keep_runs(connection, Scope(environment=environment))
        with uncollected():
            return observe(connection, span, environment or (known[0] if known else ""))


def evaluate(
    workspace: Workspace,
    store: Store,
    *,
    environment: str = "",
    now: datetime | None = None,
    incidents: Sequence[Opened] = (),
    previous: datetime | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """How all objectives stand, and what is wrong.

    Args:
        environment: whose runs count; by default that of `slos/*.yml`, else the only one.
        now: the moment; by default the present.
        incidents: that were opened before, for objectives about how soon one is told.
        previous: the evaluation before, to notice that there was none for too long.
        progress: told how many objectives were judged, of how many.

    Raises:
        ConfigError: a file in `slos/` is wrong.
        UsageError: it is not clear whose runs count.
        HistoryError: the history cannot be read.
    """
    declared = declared_objectives(workspace)
    at = instant_of(now or datetime.now(UTC))
    span = judging.span_of(declared.slos, at)
    observed = observe_history(
        store, span, environment or declared.shared.environment, workspace.project.name
    )
    context = Context(workspace.project, declared, observed, at, incidents)
    return judge(context, instant_of(previous) if previous is not None else None, progress)


def judge(
    context: Context,
    previous: Instant | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """The same, of what was declared and observed already."""
    standings = judging.judge(context, progress)
    alerts: list[Alert] = []
    for standing in standings:
        alerts += objective_alerts(context, standing)
    alerts += node_alerts(context)
    alerts += job_alerts(context, previous)
    incidents = group(context, alerts)
    silent = frozenset(one.id for one in incidents if in_maintenance(context, one.root.id))
    return Evaluation(
        project=context.project.name,
        environment=context.observed.environment,
        at=context.now,
        declared=context.declared,
        observed=context.observed,
        standings=standings,
        alerts=tuple(alerts),
        incidents=tuple(one for one in incidents if one.id not in silent),
        silent=tuple(one for one in incidents if one.id in silent),
    )


def evaluate_objectives(
    workspace: Workspace,
    history: str | Path | None = None,
    *,
    environment: str = "",
    now: datetime | None = None,
) -> Evaluation:
    """How all objectives stand by the history, and what is wrong, by what caused it. Nothing is
    written and nobody told; :func:`analyticsops.slo.facts.facts_of` makes plain facts of it.

    Args:
        history: folder of the history, or its address; by default that in the project.
        environment: whose runs count; by default that of `slos/*.yml`, else the only one.
        now: the moment; by default the present.

    Raises:
        UsageError: there is no history, or it is not clear whose runs count.
        ConfigError: a file in `slos/` is wrong.
        HistoryError: the history cannot be read.
    """
    store = existing_store(history, workspace.project_dir)
    return evaluate(workspace, store, environment=environment, now=now)
