"""The questions of a scorecard. Each looks at a product and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from analyticsops.findings import Finding, Severity
from analyticsops.lineage.coverage import QUERIES
from analyticsops.lineage.graph import ColumnGraph, Status
from analyticsops.metrics.entries import MetricEntry
from analyticsops.project.keys import promised_keys
from analyticsops.project.model import Node, Project
from analyticsops.slo.objective import Slo

State = Literal["passed", "failed", "unknown", "not applicable"]

SHORTEST = 20
"""Characters of a description that says more than a name."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found.

    Attributes:
        code: of the check.
        state: passed, failed, unknown or not applicable.
        said: what was found, in one line.
        fix: what to do; empty if nothing.
    """

    code: str = ""
    state: State
    said: str
    fix: str = ""


class Around(NamedTuple):
    """What is known around products.

    Attributes:
        objectives: by ``unique_id`` of the node that they are about.
        metrics: that are computed from a node, by its ``unique_id``.
        upstream: nodes with SQL above each product, and itself, by ``unique_id``.
        last: outcome of the last build of a node and of its tests; None without a history.
        findings: of `check` that nobody accepted, by node.
    """

    project: Project
    graph: ColumnGraph
    objectives: Mapping[str, Sequence[Slo]]
    metrics: Mapping[str, Sequence[MetricEntry]]
    upstream: Mapping[str, Sequence[str]]
    last: Mapping[str, Mapping[str, str]] | None
    findings: Mapping[str, Sequence[Finding]]


class Check(NamedTuple):
    """A question.

    Attributes:
        code: frozen for ever.
        name: the claim in kebab case.
        why: why whoever takes over should care.
        ask: gives the answer.
    """

    code: str
    name: str
    why: str
    ask: Callable[[Around, Node], Answer]


def _passed(said: str) -> Answer:
    return Answer(state="passed", said=said)


def _failed(said: str, fix: str) -> Answer:
    return Answer(state="failed", said=said, fix=fix)


def _not_applicable(said: str) -> Answer:
    return Answer(state="not applicable", said=said)


def _owner(_: Around, node: Node) -> Answer:
    if node.owner is None or not (node.owner.name or node.owner.email):
        return _failed("nobody owns it", "give it a group with an owner, or an owner in its meta")
    return _passed(node.owner.name or node.owner.email)


def _description(_: Around, node: Node) -> Answer:
    words = " ".join(node.description.split())
    if len(words) < SHORTEST:
        said = "it has no description" if not words else f"its description is only {words!r}"
        return _failed(said, "say what a row is, what it is for and what it is not")
    return _passed(f"{len(words)} characters")


def _columns(around: Around, node: Node) -> Answer:
    lineage = around.graph.nodes.get(node.unique_id)
    if lineage is None or not lineage.names:
        return _not_applicable("it has no columns")
    said = {c.name.lower() for c in node.columns.values() if c.description.strip()}
    missing = [name for name in lineage.names if name.lower() not in said]
    if missing:
        found = f"{len(missing)} of {len(lineage.names)} columns have no description"
        return _failed(found, f"describe {_listed(missing)}")
    return _passed(f"all {len(lineage.names)}")


def _key(around: Around, node: Node) -> Answer:
    if node.kind not in ("model", "snapshot", "seed"):
        return _not_applicable("it has no rows of its own")
    keys = promised_keys(around.project, node)
    if not keys:
        fix = "test a column, or several together, with unique and not_null"
        return _failed("no test says what tells its rows apart", fix)
    columns, filled = min(keys, key=lambda key: (not key[1], len(key[0]), key[0]))
    if not filled:
        return _failed(f"{', '.join(columns)} is unique but may be null", "test it with not_null")
    return _passed(", ".join(columns))


def _contract(_: Around, node: Node) -> Answer:
    if node.kind != "model":
        return _not_applicable("only models have contracts")
    if not node.contract:
        return _failed("no contract is enforced", "set contract: {enforced: true}")
    return _passed("enforced")


def _objective(around: Around, node: Node) -> Answer:
    slos = around.objectives.get(node.unique_id, ())
    if not slos:
        return _failed(
            "nothing is promised of it", "`analyticsops slo suggest` proposes objectives"
        )
    return _passed(", ".join(slo.name for slo in slos))


def _runbook(around: Around, node: Node) -> Answer:
    slos = around.objectives.get(node.unique_id, ())
    if not slos:
        return _not_applicable("there is no objective that could be missed")
    without = [slo.name for slo in slos if not slo.runbook]
    if without:
        return _failed(f"no runbook for {_listed(without)}", "add runbook: to its objectives")
    return _passed(slos[0].runbook)


def _lineage(around: Around, node: Node) -> Answer:
    graph, project = around.graph, around.project
    above = around.upstream[node.unique_id]
    unknown = [i for i in above if i in graph.nodes and graph.nodes[i].status is Status.UNKNOWN]
    partial = [i for i in above if i in graph.nodes and graph.nodes[i].status is Status.PARTIAL]
    doubted = unknown or partial
    if doubted:
        names = _listed([project.nodes[i].label for i in doubted])
        word = "not understood" if unknown else "known in part"
        fix = "`analyticsops lineage coverage --by reason` says why"
        return Answer(state="unknown", said=f"lineage is {word} in {names}", fix=fix)
    return _passed(f"proven through {len(above)} nodes")


def _tested(around: Around, node: Node) -> Answer:
    project = around.project
    above = [i for i in around.upstream[node.unique_id] if project.nodes[i].kind in QUERIES]
    without = [
        project.nodes[i].label
        for i in above
        if not any(project.nodes[c].kind == "test" for c in project.children.get(i, ()))
    ]
    if without:
        return _failed(f"no test looks at {_listed(without)}", "test what others rely on")
    return _passed(f"all {len(above)} models on the way")


def _runs(around: Around, node: Node) -> Answer:
    if around.last is None:
        return Answer(state="unknown", said="there is no history", fix="`analyticsops ingest`")
    above = [i for i in around.upstream[node.unique_id] if i in around.last]
    bad = [
        f"{around.project.nodes[i].label} ({what or 'build'})"
        for i in above
        for what, outcome in around.last[i].items()
        if outcome in ("bad", "partial", "skipped")
    ]
    if bad:
        return _failed(f"failed last: {_listed(bad)}", "mend them before handing over")
    if not above:
        return Answer(state="unknown", said="it never ran in this history", fix="")
    return _passed("the last builds and tests went well")


def _metrics(around: Around, node: Node) -> Answer:
    metrics = around.metrics.get(node.unique_id, ())
    if not metrics:
        return _not_applicable("no metric is computed from it")
    loose = [m.name for m in metrics if not m.owner or m.tier in ("", "draft")]
    if loose:
        fix = "give each an owner and the tier reviewed or certified"
        return _failed(f"nobody answers for {_listed(loose)}", fix)
    return _passed(", ".join(m.name for m in metrics))


def _findings(around: Around, node: Node) -> Answer:
    found = [f for f in around.findings.get(node.unique_id, ()) if f.severity is Severity.ERROR]
    if found:
        return _failed(f"{found[0].rule}: {found[0].message}", found[0].fix or "see `check`")
    return _passed("`check` finds no error")


def _listed(names: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


CHECKS: tuple[Check, ...] = (
    Check("RDY01", "has-an-owner", "Somebody must answer questions after you are gone.", _owner),
    Check("RDY02", "is-described", "Others guess what a row is, and guess wrong.", _description),
    Check("RDY03", "columns-are-described", "A name alone says neither unit nor rule.", _columns),
    Check("RDY04", "has-a-tested-key", "A join on what is not unique counts twice.", _key),
    Check("RDY05", "has-a-contract", "Without one any change may break its readers.", _contract),
    Check("RDY06", "has-an-objective", "Nobody notices that data is late.", _objective),
    Check("RDY07", "has-a-runbook", "Who gets up at night must know what to do.", _runbook),
    Check("RDY08", "lineage-is-proven", "What a change reaches is not known otherwise.", _lineage),
    Check("RDY09", "way-is-tested", "An error upstream arrives unseen.", _tested),
    Check("RDY10", "runs-well", "Nobody should inherit what fails.", _runs),
    Check("RDY11", "metrics-are-owned", "Numbers outlive the people who made them.", _metrics),
    Check("RDY12", "no-open-errors", "What is known to be wrong is mended first.", _findings),
)
"""In the order in which they are shown."""
