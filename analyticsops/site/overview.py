"""The first view: how everything stands, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from analyticsops.findings import Finding, Severity
from analyticsops.history.deployments import DeploymentsAnswer
from analyticsops.lineage.coverage import Share
from analyticsops.metrics.entries import MetricEntry
from analyticsops.project.model import Project
from analyticsops.readiness.scorecard import Scorecard
from analyticsops.site.model.index import (
    Budget,
    Change,
    Count,
    CoverageFacts,
    OpenIncident,
    Overview,
    OwnerTodo,
)
from analyticsops.site.model.runs import NodeRuns
from analyticsops.site.objectives import daily
from analyticsops.site.runs import seconds
from analyticsops.slo.evaluation import Evaluation
from analyticsops.slo.incident import Incident
from analyticsops.slo.standing import STATES, Standing, worst_first

WEEK = 7 * 86_400.0
MOST_CHANGES = 60
TIERS = ("certified", "reviewed", "draft", "deprecated", "no tier")


class Known(NamedTuple):
    """What the first view is about.

    Attributes:
        at: the moment, in seconds since 1970.
        total: of the lineage; ``reasons`` why columns are not proven.
        evaluation: of the objectives; None without a history, likewise ``deployed``.
        runs: of nodes, by ``unique_id``.
        findings: of `check`.
    """

    project: Project
    at: float
    total: Share
    reasons: Sequence[Share]
    evaluation: Evaluation | None
    deployed: DeploymentsAnswer | None
    runs: Mapping[str, Sequence[NodeRuns]]
    metrics: Sequence[MetricEntry]
    cards: Sequence[Scorecard]
    findings: Sequence[Finding]


def overview_of(known: Known) -> Overview:
    """Everything in numbers."""
    evaluation = known.evaluation
    standings = worst_first(evaluation.standings) if evaluation is not None else ()
    return Overview(
        coverage=_coverage(known),
        objectives=None if evaluation is None else _states(standings),
        budgets=tuple(map(_budget, standings)),
        incidents=None if evaluation is None else tuple(map(_incident, evaluation.incidents)),
        metrics=_tiers(known.metrics),
        changes=tuple(sorted(_changes(known), key=lambda one: -(one.at or 0))[:MOST_CHANGES]),
        owners=tuple(_owners(known, standings)),
        products=len(known.cards),
        ready=sum(card.ready for card in known.cards),
        findings=_severities(known.findings),
    )


def _coverage(known: Known) -> CoverageFacts:
    total = known.total
    return CoverageFacts(
        models=total.models,
        columns=total.columns,
        proven=total.proven,
        partial=total.partial,
        unknown=total.unknown,
        percent=total.percent,
        reasons=tuple(
            Count(name=share.name, count=share.columns - share.proven)
            for share in known.reasons
            if share.columns > share.proven
        ),
    )


def _states(standings: Sequence[Standing]) -> tuple[Count, ...]:
    counted = Counter(standing.state for standing in standings)
    return tuple(Count(name=state, count=counted[state]) for state in STATES if counted[state])


def _budget(standing: Standing) -> Budget:
    slo, left, sli = standing.slo, standing.left, standing.sli
    return Budget(
        objective=slo.full_name,
        subject=slo.subject,
        indicator=slo.indicator.type,
        state=standing.state,
        tier=slo.tier,
        owner=slo.owner,
        target=float(slo.target),
        sli=None if sli is None else float(sli),
        left=None if left is None else float(left),
        trend=daily(standing),
    )


def _incident(incident: Incident) -> OpenIncident:
    hit = incident.affected
    return OpenIncident(
        id=incident.id,
        severity=incident.severity,
        title=incident.title,
        root=incident.root.label,
        since=seconds(incident.since),
        owner=incident.owner,
        affected=len(hit.marts) + len(hit.metrics) + len(hit.exposures),
    )


def _tiers(metrics: Iterable[MetricEntry]) -> tuple[Count, ...]:
    counted = Counter(metric.tier or "no tier" for metric in metrics)
    return tuple(Count(name=tier, count=counted[tier]) for tier in TIERS if counted[tier])


def _severities(findings: Iterable[Finding]) -> tuple[Count, ...]:
    counted = Counter(f.severity.value for f in findings if f.accepted is None)
    return tuple(Count(name=s.value, count=counted[s.value]) for s in Severity if counted[s.value])


# -- what changed --------------------------------------------------------------


def _changes(known: Known) -> Iterator[Change]:
    since = known.at - WEEK
    for one in known.deployed.deployments if known.deployed is not None else ():
        at = one.deployed_at.timestamp()
        if at >= since:
            text = f"{one.git_sha[:12]} arrived in {one.environment or 'the warehouse'}"
            yield Change(kind="deployment", at=at, text=text, failed=one.failed_runs)
    for node, runs in known.runs.items():
        for result in runs:
            yield from _redefined(known, node, result, since)


def _redefined(known: Known, node: str, result: NodeRuns, since: float) -> Iterator[Change]:
    found = known.project.nodes.get(node)
    label = found.label if found is not None else node
    for place in result.definitions:
        if result.at[place] >= since:
            text = f"{label} was defined anew"
            yield Change(kind="definition", at=result.at[place], text=text, node=node)
    for place, outcome in enumerate(result.outcomes):
        if result.words[outcome] == "changed" and result.at[place] >= since:
            text = f"the columns of {label} changed"
            yield Change(kind="schema", at=result.at[place], text=text, node=node)


# -- who has to do what --------------------------------------------------------


class _Todo:
    def __init__(self) -> None:
        self.counted: dict[str, Counter[str]] = {}

    def add(self, owner: str, what: str, count: int = 1) -> None:
        if count:
            self.counted.setdefault(owner, Counter())[what] += count


def _owners(known: Known, standings: Sequence[Standing]) -> Iterator[OwnerTodo]:
    todo = _Todo()
    for incident in known.evaluation.incidents if known.evaluation is not None else ():
        todo.add(incident.owner, "incidents")
    for standing in standings:
        if standing.state in ("exhausted", "breached", "burning"):
            todo.add(standing.slo.owner, "objectives")
    for finding in known.findings:
        if finding.accepted is None:
            todo.add(finding.owner, finding.severity.value)
    for card in known.cards:
        owned = known.project.nodes[card.node].owner
        failed = sum(answer.state in ("failed", "unknown") for answer in card.answers)
        todo.add(owned.name if owned is not None else "", "readiness", failed)
    for owner, counted in sorted(todo.counted.items(), key=_most_first):
        yield OwnerTodo(
            owner=owner,
            incidents=counted["incidents"],
            objectives=counted["objectives"],
            errors=counted["error"],
            warnings=counted["warning"],
            infos=counted["info"],
            readiness=counted["readiness"],
        )


def _most_first(item: tuple[str, Counter[str]]) -> tuple[int, int, int, int, str]:
    owner, counted = item
    urgent = counted["incidents"] + counted["objectives"]
    return -urgent, -counted["error"], -counted["warning"], -counted["readiness"], owner
