"""A comparison, executed: jobs for its models, a process that runs them, and what is said of
findings then."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from analyticsops.executed import Execution
from analyticsops.findings import Finding
from analyticsops.lineage.graph import ColumnRef
from analyticsops.workspace import Workspace

if TYPE_CHECKING:
    from analyticsops.changes.compare import Comparison
    from analyticsops.evidence.conclude import Locate
    from analyticsops.evidence.jobs import Refusal
    from analyticsops.evidence.pair import Found, Job, Side


class Execute(msgspec.Struct, frozen=True, kw_only=True):
    """How both versions are executed.

    Attributes:
        databases: that are generated for each model.
        seconds: of CPU for each model.
        total: seconds for everything; what does not fit is *unknown*.
        seed: chooses the rows.
        memory: in DuckDB's words.
    """

    databases: int = 40
    seconds: float = 2.0
    total: float = 120.0
    seed: int = 0
    memory: str = "1GB"


class Executed(NamedTuple):
    """Findings with what execution says of them, and all that was executed."""

    findings: list[Finding]
    executions: list[Execution]


def execute_changes(
    comparison: Comparison,
    base: Workspace,
    head: Workspace,
    findings: Sequence[Finding],
    options: Execute,
    locate: Locate,
) -> Executed:
    """Run both versions of what changed on the same data.

    Args:
        findings: of the comparison.
        locate: finds a node of the head in its files.
    """
    from analyticsops.evidence.conclude import refutations, wanted_of, with_evidence
    from analyticsops.evidence.jobs import plan
    from analyticsops.evidence.pair import Limits

    limits = Limits(
        seconds=options.seconds,
        databases=options.databases,
        seed=options.seed,
        memory=options.memory,
    )
    planned = plan(comparison, _Types(base, head), wanted_of(findings), limits)
    found = _run(planned.jobs, options, head)
    executions = [*map(_refused, planned.refusals)]
    executions += [execution for one in found for execution in one.executions]
    kept = _worth_telling(executions)
    shown = {wanted: example for one in found for wanted, example in one.shown}
    told = with_evidence(findings, kept, shown)
    nodes = comparison.head.project.nodes
    told += refutations(found, nodes, locate, dialect=comparison.head.dialect)
    return Executed(told, kept)


class _Types:
    """Types of columns: what the manifest and the catalog say, else what the SQL yields."""

    def __init__(self, base: Workspace, head: Workspace) -> None:
        self._workspaces = (base, head)

    def __call__(self, side: Side, unique_id: str) -> Mapping[str, str]:
        """By name in lower case."""
        workspace = self._workspaces[side]
        node = workspace.project.nodes[unique_id]
        lineage = workspace.graph.nodes.get(unique_id)
        names = lineage.names if lineage is not None else ()
        told = {name.lower(): column.type for name, column in node.columns.items()}
        if node.kind in ("model", "snapshot") and any(not told.get(n.lower()) for n in names):
            known = workspace.types.columns
            for name in names:
                found = known.get(ColumnRef(unique_id, name))
                if found is not None and not told.get(name.lower()):
                    told[name.lower()] = found.type
        return told


def _run(jobs: Sequence[Job], options: Execute, head: Workspace) -> list[Found]:
    from analyticsops.evidence.pair import unknown
    from analyticsops.evidence.worker import Worker

    found: list[Found] = []
    end = time.monotonic() + options.total
    with Worker() as worker:
        for done, job in enumerate(jobs):
            left = end - time.monotonic()
            if left <= 0:
                found.append(unknown(job, f"budget: {options.total:g} seconds for all models"))
            else:
                found.append(worker.execute(job, left))
            if head.progress:
                head.progress(done + 1, len(jobs))
    return found


def _refused(refusal: Refusal) -> Execution:
    return Execution(
        node=refusal.node,
        name=refusal.name,
        data="generated",
        built="model" if refusal.built == "model" else "downstream",
        outcome="unknown",
        reason=refusal.reason,
    )


def _worth_telling(executions: Sequence[Execution]) -> list[Execution]:
    """What was built below a change says nothing new of a model that ran by itself, unless it
    refutes something."""
    own = {e.node for e in executions if e.built == "model" and e.outcome != "unknown"}
    return [e for e in executions if e.built == "model" or e.node not in own or e.refuted]


__all__ = ["Execute", "Executed", "execute_changes"]
