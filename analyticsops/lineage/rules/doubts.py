"""LIN101 to LIN103: what the SQL of a model leaves open, or asks for and does not get."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from analyticsops.findings import Finding, Location, Rule, Severity, make_finding
from analyticsops.lineage.graph import ColumnGraph, Status
from analyticsops.lineage.statements import HOOK_REASONS
from analyticsops.project.hooks import HOLDERS, find_node
from analyticsops.project.model import Node, Project
from analyticsops.sql.facts import UNKNOWN_COLUMN, Problem

LINEAGE_UNKNOWN = Rule(
    code="LIN101",
    name="lineage-unknown",
    severity=Severity.INFO,
    summary="A model's columns could not be traced.",
    why="Changes that pass through it cannot be followed, so their reach is under-reported.",
    example="A Python model, or a manifest written by `dbt parse` that holds no compiled SQL.",
    advice="The message says why; `dbt compile` supplies missing SQL.",
    unknown="This rule is the unknown.",
)

LINEAGE_PARTIAL = Rule(
    code="LIN102",
    name="lineage-partial",
    severity=Severity.INFO,
    summary="Some of a model's columns could not be traced.",
    why="Changes that pass through those columns cannot be followed.",
    example="`select amount from a join b using (id)` where neither table's columns are known.",
    advice=(
        "Qualify the column, declare the columns of the source in YAML, or run "
        "`dbt docs generate` so that the catalog lists them."
    ),
    unknown="This rule is the unknown.",
)

COLUMN_MISSING = Rule(
    code="LIN103",
    name="column-not-found",
    severity=Severity.ERROR,
    summary="A model's SQL names a column that the table it reads does not have.",
    why="The model will fail when it is built.",
    example="`select payment_method from stg_payments` after the column was renamed to `method`.",
    advice="Use the column's present name, or add the column to the table that is read.",
)

RULES = (LINEAGE_UNKNOWN, LINEAGE_PARTIAL, COLUMN_MISSING)


def findings(
    project: Project, graph: ColumnGraph, locate: Callable[[Node, str], Location | None]
) -> Iterator[Finding]:
    """Apply the family."""
    for unique_id, lineage in graph.nodes.items():
        node = project.nodes[unique_id]
        missing = [p for p in lineage.problems if p.reason == UNKNOWN_COLUMN]
        others = [p for p in lineage.problems if p.reason != UNKNOWN_COLUMN]
        for problem in missing:
            yield _missing(node, problem, locate)
        if others:
            yield _doubt(node, lineage.status, [str(problem) for problem in others], locate)
    yield from _hook_findings(project, graph, locate)


def _hook_findings(
    project: Project, graph: ColumnGraph, locate: Callable[[Node, str], Location | None]
) -> Iterator[Finding]:
    """Of hooks: what they name in vain, and what is not known of those whose doubts do not
    stand at the table that they belong to."""
    for hook in graph.hooks:
        node, owner = find_node(project, hook.node), graph.nodes.get(hook.owner)
        if node is None or hook.status is Status.PROVEN:
            continue
        fails = node.kind != "analysis"  # which dbt never runs
        missing = [p for p in hook.problems if fails and p.reason == UNKNOWN_COLUMN]
        others = [problem for problem in hook.problems if problem not in missing]
        for problem in missing:
            yield _missing(node, problem, locate)
        told = owner is not None and any(p.reason in HOOK_REASONS for p in owner.problems)
        if others and not told:
            yield _doubt(node, hook.status, [str(problem) for problem in others], locate)


def _missing(
    node: Node, problem: Problem, locate: Callable[[Node, str], Location | None]
) -> Finding:
    return _finding(
        COLUMN_MISSING,
        node,
        f"{node.label} reads a column that is not there: {problem.detail}",
        [str(problem)],
        _in_code(node, locate, problem.detail),
        identity=problem.detail,
    )


def _doubt(
    node: Node,
    status: Status,
    reasons: list[str],
    locate: Callable[[Node, str], Location | None],
) -> Finding:
    unknown = status is Status.UNKNOWN
    rule = LINEAGE_UNKNOWN if unknown else LINEAGE_PARTIAL
    more = f" and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    how = "unknown" if unknown else "partly unknown"
    message = f"lineage of {node.label} is {how}: {reasons[0]}{more}"
    return _finding(rule, node, message, reasons, _in_code(node, locate))


def _in_code(
    node: Node, locate: Callable[[Node, str], Location | None], detail: str = ""
) -> Location | None:
    """The node's own file, and the first line of it that names what is missing."""
    if locate(node, "") is None or not node.path:
        return None
    word = detail.split(" in ")[0]
    named = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    # The text of a hook stands somewhere in a file of another kind.
    lines = node.raw_code.splitlines() if word and node.kind not in HOLDERS else []
    line = next((number for number, text in enumerate(lines, 1) if named.search(text)), None)
    return Location(node.path, line)


def _finding(
    rule: Rule,
    node: Node,
    message: str,
    evidence: list[str],
    location: Location | None,
    identity: str = "",
) -> Finding:
    return make_finding(
        rule,
        node=node.unique_id,
        subject=node.label,
        message=message,
        location=location,
        evidence=evidence[:20],
        owner=node.owner.name if node.owner else "",
        proven=rule is COLUMN_MISSING,
        identity=(identity,),
    )
