"""A project -> its data products and their scorecards.

A data product is what others rely on: an exposure, or a model that is public or of which no other
model is made (:mod:`analyticsops.slo.marts`), of the project itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from analyticsops.findings import Finding
from analyticsops.lineage.graph import ColumnGraph
from analyticsops.metrics.entries import MetricEntry
from analyticsops.project.model import Node, Project
from analyticsops.readiness.checks import CHECKS, Answer, Around
from analyticsops.slo.marts import is_mart
from analyticsops.slo.objective import Slo


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """A data product and the answers of all checks, in their order.

    Attributes:
        node: ``unique_id``.
        score: share of the checks that apply that are passed; what is unknown is not passed.
    """

    node: str
    score: float
    answers: tuple[Answer, ...]

    @property
    def ready(self) -> bool:
        """True if every check that applies is passed."""
        return self.score == 1.0


def products(project: Project) -> tuple[Node, ...]:
    """The data products of a project, in the manifest's order."""
    return tuple(
        node
        for node in project.nodes.values()
        if node.package == project.name
        and (node.kind == "exposure" or (node.kind == "model" and is_mart(project, node)))
    )


def scorecards(
    project: Project,
    graph: ColumnGraph,
    *,
    objectives: Iterable[Slo] = (),
    metrics: Iterable[MetricEntry] = (),
    last: Mapping[str, Mapping[str, str]] | None = None,
    findings: Iterable[Finding] = (),
) -> tuple[Scorecard, ...]:
    """The scorecard of each product, the worst first.

    Args:
        last: the last outcome of each node and of its tests (by test, or an empty name); None
            without a history.
        findings: of `check`.
    """
    found = products(project)
    by_node: dict[str, list[Slo]] = {}
    for slo in objectives:
        by_node.setdefault(slo.node, []).append(slo)
    open_: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.accepted is None:
            open_.setdefault(finding.node, []).append(finding)
    around = Around(
        project=project,
        graph=graph,
        objectives=by_node,
        metrics=_by_model(project, metrics),
        upstream={node.unique_id: tuple(_above(project, node)) for node in found},
        last=last,
        findings=open_,
    )
    cards = (_card(around, node) for node in found)
    return tuple(sorted(cards, key=lambda card: (card.score, project.nodes[card.node].label)))


def _card(around: Around, node: Node) -> Scorecard:
    answers = tuple(
        msgspec.structs.replace(check.ask(around, node), code=check.code) for check in CHECKS
    )
    asked = [answer for answer in answers if answer.state != "not applicable"]
    passed = sum(answer.state == "passed" for answer in asked)
    return Scorecard(node=node.unique_id, score=passed / len(asked), answers=answers)


def _above(project: Project, node: Node) -> Iterator[str]:
    """The node, and all tables that it is made of."""
    seen = {node.unique_id}
    stack = [node.unique_id]
    while stack:
        here = project.nodes[stack.pop()]
        if here.has_columns:
            yield here.unique_id
        for parent in here.depends_on:
            if parent in project.nodes and parent not in seen:
                seen.add(parent)
                stack.append(parent)


def _by_model(
    project: Project, metrics: Iterable[MetricEntry]
) -> Mapping[str, Sequence[MetricEntry]]:
    """Metrics by the models of whose columns they are computed."""
    ids = {node.label: node.unique_id for node in project.of_kind("model", "snapshot", "seed")}
    found: dict[str, list[MetricEntry]] = {}
    for entry in metrics:
        labels = dict.fromkeys(column.rpartition(".")[0] for column in entry.columns)
        for label in labels:
            if label in ids:
                found.setdefault(ids[label], []).append(entry)
    return found
