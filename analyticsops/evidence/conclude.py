"""What execution says about findings: it shows them, it does not see them, or it refutes what
was proven."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from analyticsops.changes.compare import Comparison
from analyticsops.evidence.pair import Wanted
from analyticsops.evidence.rules import PROOF_REFUTED
from analyticsops.executed import Counterexample, Execution, by_key, percent, ran_on, rows_told
from analyticsops.findings import Finding, Location, Proof, Severity, make_finding
from analyticsops.project.model import Node

FAMILIES = ("ROW", "VAL")
"""Families of rules whose findings are about rows and values."""

_HARMLESS = frozenset({"VAL400"})
"""Of those, the one that says that nothing changed."""

Locate = Callable[[Node, str], Location | None]


def can_be_shown(finding: Finding) -> bool:
    """True if a finding says that rows or values differ."""
    return finding.rule[:3] in FAMILIES and finding.rule not in _HARMLESS


def wanted_of(findings: Iterable[Finding]) -> list[Wanted]:
    """The differences that findings tell of, each once."""
    told = (Wanted(f.node, f.column) for f in findings if can_be_shown(f))
    return list(dict.fromkeys(told))


def with_evidence(
    findings: Iterable[Finding],
    executions: Sequence[Execution],
    shown: Mapping[Wanted, Counterexample],
) -> list[Finding]:
    """Findings with what execution says about them."""
    of_node: dict[str, list[Execution]] = {}
    for execution in executions:
        of_node.setdefault(execution.node, []).append(execution)
    return [
        _with_evidence(finding, of_node.get(finding.node, ()), shown)
        if can_be_shown(finding)
        else finding
        for finding in findings
    ]


def _with_evidence(
    finding: Finding, executions: Sequence[Execution], shown: Mapping[Wanted, Counterexample]
) -> Finding:
    own = [e for e in executions if e.built == "model"] or executions
    lines = [_line(finding, execution) for execution in own]
    example = shown.get(Wanted(finding.node, finding.column))
    found = msgspec.structs.replace(finding, evidence=(*finding.evidence, *lines))
    if example is None and not any(_shows(finding, execution) for execution in own):
        return found
    return msgspec.structs.replace(
        found, counterexample=example, proof=Proof.COUNTEREXAMPLE, proven=True
    )


def _shows(finding: Finding, execution: Execution) -> bool:
    """True if real data show what the finding says: no row of them is shown, but counted."""
    if execution.data == "generated":
        return False
    if not finding.column:
        return bool(execution.rows_removed or execution.rows_added)
    return any(s.column.lower() == finding.column.lower() for s in execution.columns)


def _line(finding: Finding, execution: Execution) -> str:
    where = ran_on(execution)
    if execution.outcome == "unknown":
        return f"not executed on {where}: {execution.reason}"
    if not finding.column:
        if not (execution.rows_removed or execution.rows_added):
            return f"executed on {where}: no difference in rows seen"
        return f"executed on {where}: {rows_told(execution)}"
    share = next(
        (s.differing for s in execution.columns if s.column.lower() == finding.column.lower()), 0.0
    )
    if not share:
        return f"executed on {where}: no difference in {finding.column} seen"
    return f"executed on {where}: {percent(share)} of {finding.column} differ{by_key(execution)}"


def refutations(
    comparison: Comparison,
    executions: Iterable[Execution],
    examples: Mapping[str, Counterexample],
    locate: Locate,
) -> Iterator[Finding]:
    """A finding for each proof that is refuted. On data that a project's SQL had to be
    translated for, the translation may be to blame: that only warns."""
    nodes = comparison.head.project.nodes
    for execution in executions:
        if not execution.refuted:
            continue
        node = nodes[execution.node]
        translated = execution.data != "target" and comparison.head.dialect != "duckdb"
        how = " in DuckDB's words" if translated else ""
        finding = make_finding(
            PROOF_REFUTED,
            node=execution.node,
            subject=execution.name,
            message=f"{execution.refuted[0]}, and does not{how}",
            severity=Severity.WARNING if translated else None,
            location=locate(node, ""),
            evidence=[f"executed on {ran_on(execution)}: {rows_told(execution)}"],
            owner=node.owner.name if node.owner else "",
            identity=[execution.built, execution.data],
        )
        yield msgspec.structs.replace(
            finding,
            proof=Proof.COUNTEREXAMPLE,
            counterexample=examples.get(execution.node),
        )
