"""Everything that is known of a workspace, gathered into a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from analyticsops import __version__
from analyticsops.checking import check
from analyticsops.collecting import uncollected
from analyticsops.commits.git import commit_times
from analyticsops.errors import ConfigError
from analyticsops.evaluating import declared_objectives, evaluate
from analyticsops.findings import Finding
from analyticsops.history.deployments import DeploymentsAnswer, find_deployments
from analyticsops.history.store import Store
from analyticsops.history.timeline import Run, timeline
from analyticsops.lineage import tags
from analyticsops.lineage.all_steps import explain_all
from analyticsops.looking_back import Scope, open_runs
from analyticsops.metric_cards import metric_cards
from analyticsops.metrics.entries import MetricEntry
from analyticsops.readiness.scorecard import Scorecard, scorecards
from analyticsops.recording import existing_store
from analyticsops.report.model import Report
from analyticsops.responding import incidents_folder
from analyticsops.site import details, objectives, oncall, overview, runs
from analyticsops.site.chunks import Packed, in_parts, pack
from analyticsops.site.folder import Site, write_file, write_site
from analyticsops.site.graph import Slots, edges_of, nodes_of, slots_of
from analyticsops.site.metrics import metrics_of
from analyticsops.site.model.index import FORMAT, Index
from analyticsops.site.model.metrics import Metrics
from analyticsops.site.model.runs import NodeRuns
from analyticsops.site.readiness import readiness_of
from analyticsops.site.review import found_in, review_of, without_sql
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.log.files import IncidentLog
from analyticsops.slo.log.state import State
from analyticsops.slo.objective import Slo
from analyticsops.slo.spans import time_of
from analyticsops.slo.spec.indicators import SchemaStability
from analyticsops.surveying import measure_coverage
from analyticsops.workspace import Workspace

PER_CHUNK = 40
"""Nodes whose details, or runs, lie in one chunk."""


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Where what happened is remembered.

    Attributes:
        store: the history.
        incidents: folder of what was told.
        environment: whose runs count; by default that of `slos/*.yml`, else the only one.
    """

    store: Store
    incidents: Path
    environment: str = ""


class _Remembered(NamedTuple):
    """What a history says."""

    evaluation: Evaluation
    runs: tuple[Run, ...]
    deployed: DeploymentsAnswer
    nodes: Mapping[str, tuple[NodeRuns, ...]]
    told: State


def publish(
    workspace: Workspace,
    *,
    past: Past | None = None,
    review: Report | None = None,
    title: str = "",
    change: str = "",
    sql: bool = False,
    now: datetime | None = None,
) -> Site:
    """A site of a workspace.

    Args:
        past: what happened; None if nothing is remembered.
        review: a finished `diff` whose head is this workspace.
        title: of the site; by default the project's name.
        change: title of the change under review.
        sql: True to show SQL and expressions, with the literals that are written there.
        now: the moment; by default the present.

    Raises:
        AnalyticsOpsError: of whatever is wrong with the input.
    """
    moment = now or datetime.now(UTC)
    remembered = _remember(workspace, past, moment) if past is not None else None
    with uncollected():
        return _Publishing(workspace, moment, remembered, sql).site(review, title, change)


def _remember(workspace: Workspace, past: Past, now: datetime) -> _Remembered:
    evaluation = evaluate(workspace, past.store, environment=past.environment, now=now)
    scope = Scope(
        since=time_of(evaluation.observed.span[0]),
        until=now,
        environment=evaluation.environment,
        project=workspace.project.name,
    )
    nodes: dict[str, tuple[NodeRuns, ...]] = dict(runs.node_runs(evaluation.observed))
    schemas = {
        slo.full_name: slo.node
        for slo in evaluation.declared.slos
        if isinstance(slo.indicator, SchemaStability)
    }
    for node, found in runs.schema_runs(evaluation.observed, schemas):
        nodes[node] = (*nodes.get(node, ()), found)
    with open_runs(past.store, scope) as connection:
        listed = timeline(connection)
        deployed = find_deployments(
            connection, lambda commits: commit_times(workspace.project_dir or Path(), commits)
        )
    told = IncidentLog(past.incidents).read().state
    return _Remembered(evaluation, listed, deployed, nodes, told)


class _Publishing:
    """One site, while it is made."""

    def __init__(
        self,
        workspace: Workspace,
        now: datetime,
        remembered: _Remembered | None,
        sql: bool,
    ) -> None:
        self.workspace = workspace
        self.now = now
        self.remembered = remembered
        self.sql = sql
        self.slots = slots_of(workspace.project, workspace.graph)

    def site(self, review: Report | None, title: str, change: str) -> Site:
        """Everything, packed."""
        report = check(self.workspace, now=self.now)
        metrics = self._metrics()
        entries = tuple(card.metric for card in metrics.cards)
        cards = self._scorecards(entries, report.findings)
        chunks = [*self._lineage(), pack("findings", found_in(self._shown(report)))]
        if metrics.cards or metrics.problem:
            chunks.append(pack("metrics", metrics))
        if cards:
            found = readiness_of(self.workspace.project, self.slots, cards)
            chunks.append(pack("readiness", found))
        if review is not None:
            chunks.append(pack("review", review_of(self._shown(review), self.slots, change)))
        if self.remembered is not None:
            chunks += self._happened(self.remembered)
        index = Index(
            format=FORMAT,
            title=title or self.workspace.project.name,
            project=report.project,
            at=self.now.timestamp(),
            version=__version__,
            environment=self.remembered.evaluation.environment if self.remembered else "",
            notes=report.notes,
            chunks={},
            details=PER_CHUNK,
            has=tuple(chunk.name for chunk in chunks if "/" not in chunk.name),
            overview=overview.overview_of(self._known(entries, cards, report.findings)),
        )
        return Site(index, tuple(chunks))

    def _shown(self, report: Report) -> Report:
        return report if self.sql else without_sql(report)

    def _known(
        self,
        entries: Sequence[MetricEntry],
        cards: Sequence[Scorecard],
        findings: Sequence[Finding],
    ) -> overview.Known:
        past = self.remembered
        reasons = measure_coverage(self.workspace, by="reason")
        return overview.Known(
            project=self.workspace.project,
            at=self.now.timestamp(),
            total=reasons.total,
            reasons=reasons.shares,
            evaluation=past.evaluation if past is not None else None,
            deployed=past.deployed if past is not None else None,
            runs=past.nodes if past is not None else {},
            metrics=entries,
            cards=cards,
            findings=findings,
        )

    def _metrics(self) -> Metrics:
        try:
            cards = metric_cards(self.workspace)
            if not self.sql:
                cards = tuple(msgspec.structs.replace(card, sql="") for card in cards)
            return metrics_of(self.workspace.registry, cards)
        except ConfigError as fault:
            # The rest of the report is right, and says so.
            return Metrics(cards=(), duplicates=(), shadows=(), problem=str(fault))

    def _scorecards(
        self, entries: Sequence[MetricEntry], findings: Sequence[Finding]
    ) -> tuple[Scorecard, ...]:
        past = self.remembered
        return scorecards(
            self.workspace.project,
            self.workspace.graph,
            objectives=self._objectives(),
            metrics=entries,
            last=None if past is None else _last(past.nodes),
            findings=findings,
        )

    def _objectives(self) -> tuple[Slo, ...]:
        if self.remembered is not None:
            return self.remembered.evaluation.declared.slos
        return declared_objectives(self.workspace).slos

    def _lineage(self) -> Iterator[Packed]:
        workspace = self.workspace
        project, graph, slots = workspace.project, workspace.graph, self.slots
        followed = tags.follow(project, graph, workspace.config.lineage.tags, ())
        yield pack("nodes", nodes_of(project, graph, slots, followed.carriers))
        yield pack("edges", edges_of(graph, slots))
        steps = (
            explain_all(project, graph, workspace.code, workspace.dialect, cache=workspace.cache)
            if self.sql
            else {}
        )
        code = workspace.code if self.sql else None
        known = details.Known(project, graph, workspace.types, code, steps)
        yield from in_parts("details", details.details_of(known, slots), PER_CHUNK)

    def _happened(self, past: _Remembered) -> Iterator[Packed]:
        evaluation = past.evaluation
        yield pack("oncall", oncall.on_call(evaluation, past.told, past.runs, past.deployed))
        root = self.workspace.project_dir
        yield pack("objectives", objectives.objectives_of(evaluation, root))
        drawn = objectives.drawn(self.workspace.project, evaluation, root)
        yield from in_parts("objectives", drawn, objectives.PER_CHUNK)
        yield from _runs_in_parts(past.nodes, self.slots)


def _runs_in_parts(nodes: Mapping[str, tuple[NodeRuns, ...]], slots: Slots) -> Iterator[Packed]:
    """Runs by the places of their nodes, in chunks of the same nodes as their details."""
    parts: dict[int, dict[int, tuple[NodeRuns, ...]]] = {}
    for node, found in nodes.items():
        place = slots.place.get(node)
        if place is not None:
            parts.setdefault(place // PER_CHUNK, {})[place] = found
    for number in sorted(parts):
        yield pack(f"runs/{number}", parts[number])


def _last(nodes: Mapping[str, Sequence[NodeRuns]]) -> Mapping[str, Mapping[str, str]]:
    """The last outcome of each node and of its tests."""
    return {
        node: {
            one.name: one.words[one.outcomes[-1]]
            for one in found
            if one.kind in ("build", "test", "freshness") and one.outcomes
        }
        for node, found in nodes.items()
    }


def write_report(
    workspace: Workspace,
    output: str | Path,
    *,
    history: str | Path | None = None,
    incidents: str | Path | None = None,
    environment: str = "",
    review: Report | None = None,
    title: str = "",
    sql: bool = False,
    now: datetime | None = None,
) -> int:
    """Write the page to look at, as ``analyticsops report`` does, and return its bytes.

    Args:
        output: a folder, or a file if it ends in ``.html``: everything in one.
        history: folder or address of the history; None for none.
        incidents: folder of what was told; by default beside the history.
        environment: whose runs count.
        review: what :func:`diff` found between another version and this one.
        title: of the site; by default the project's name.
        sql: True to show SQL and expressions, with the literals that are written there.
        now: the moment; by default the present.

    Raises:
        UsageError: somebody else's files are there, or it cannot be written.
        AnalyticsOpsError: of whatever is wrong with the input.
    """
    past = None
    if history is not None:
        past = Past(
            store=existing_store(history, workspace.project_dir),
            incidents=Path(incidents) if incidents is not None else incidents_folder(history),
            environment=environment,
        )
    site = publish(workspace, past=past, review=review, title=title, sql=sql, now=now)
    path = Path(output)
    return write_file(site, path) if path.suffix == ".html" else write_site(site, path)
