"""A comparison, executed: jobs for its models, a process that runs them, and what is said of
findings then."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from analyticsops.errors import UsageError
from analyticsops.executed import Execution
from analyticsops.findings import Finding
from analyticsops.lineage.graph import ColumnRef
from analyticsops.selecting import selected_nodes
from analyticsops.sql.facts import Kind
from analyticsops.workspace import Workspace

if TYPE_CHECKING:
    from analyticsops.changes.compare import Comparison
    from analyticsops.evidence.conclude import Locate
    from analyticsops.evidence.jobs import Refusal
    from analyticsops.evidence.pair import Actual, Found, Job, Side


_DBT_SECONDS = 300.0
"""At least so long is waited for dbt, which takes seconds to start."""


class Execute(msgspec.Struct, frozen=True, kw_only=True):
    """How both versions are executed.

    Attributes:
        databases: that are generated for each model.
        seconds: of CPU for each model.
        total: seconds for everything; what does not fit is *unknown*.
        seed: chooses the rows.
        memory: in DuckDB's words.
        database: a DuckDB file, on whose rows both versions run as well; it is read, never
            written.
        sample: rows of each of its tables, at most; 0 for all.
        target: of dbt's profile, on whose tables changed models run as well, through dbt;
            None for none.
    """

    databases: int = 40
    seconds: float = 2.0
    total: float = 120.0
    seed: int = 0
    memory: str = "1GB"
    database: Path | None = None
    sample: int = 0
    target: str | None = None


class Executed(NamedTuple):
    """Findings with what execution says of them, and all that was executed."""

    findings: list[Finding]
    executions: list[Execution]


def execute_changes(
    comparison: Comparison,
    base: Workspace,
    head: Workspace,
    findings: Sequence[Finding],
    options: Execute | None,
    locate: Locate,
    select: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Executed:
    """Run both versions of what changed on the same data.

    Args:
        findings: of the comparison.
        options: None to run nothing.
        locate: finds a node of the head in its files.
        select: say something of these nodes only, in dbt's selection syntax.
        exclude: not of these.
        progress: told how many models were run, of how many; by default as by ``head``.

    Raises:
        AnalyticsOpsError: of whatever is wrong with the input.
    """
    if options is None:
        return Executed(list(findings), [])
    nodes = frozenset(head.project.nodes)
    if select or exclude:
        nodes = selected_nodes(head, select, exclude, previous=base, kinds=("all",))
    from analyticsops.evidence.conclude import refutations, wanted_of, with_evidence
    from analyticsops.evidence.jobs import plan
    from analyticsops.evidence.pair import Limits

    limits = Limits(
        seconds=options.seconds,
        databases=options.databases,
        seed=options.seed,
        memory=options.memory,
    )
    planned = plan(comparison, _Types(base, head), wanted_of(findings), limits, nodes)
    jobs = list(planned.jobs)
    if options.database is not None:
        actual = _actual(options.database, options.sample, head, base)
        jobs += [msgspec.structs.replace(job, actual=actual, wanted=()) for job in planned.jobs]
    found = _run(jobs, options, progress or head.progress)
    executions = [*map(_refused, planned.refusals)]
    executions += [execution for one in found for execution in one.executions]
    if options.target is not None:
        executions += _on_target(comparison, planned.jobs, options, options.target, head)
    kept = _worth_telling(executions)
    shown = {wanted: example for one in found for wanted, example in one.shown}
    told = with_evidence(findings, kept, shown)
    examples = {node: example for one in found for node, example in one.refuted}
    told += refutations(comparison, executions, examples, locate)
    return Executed(told, kept)


def _on_target(
    comparison: Comparison, jobs: Sequence[Job], options: Execute, target: str, head: Workspace
) -> list[Execution]:
    """Each model's two versions, on the tables of the target."""
    from analyticsops.commits.show import Shown, show_all
    from analyticsops.evidence.target import conclusion, not_executed, queries

    if head.project_dir is None:
        hint = "name it with --project-dir"
        raise UsageError("the folder of the dbt project is not known", where="--target", hint=hint)
    asked = queries(comparison, jobs)
    answers = show_all(
        [Shown(one.sql, len(one.choices.all), one.alone) for one in asked],
        head.project_dir,
        target=target,
        like=head.args,
        seconds=max(options.total, _DBT_SECONDS),
    )
    return [
        not_executed(one, answer) if isinstance(answer, str) else conclusion(one, answer)
        for one, answer in zip(asked, answers, strict=True)
    ]


class _Types:
    """Types of columns: what the manifest and the catalog say, else what the SQL yields."""

    def __init__(self, base: Workspace, head: Workspace) -> None:
        self._workspaces = (base, head)

    def __call__(self, side: Side, unique_id: str) -> Mapping[str, str]:
        """By name in lower case."""
        workspace = self._workspaces[side]
        node = workspace.project.nodes.get(unique_id)
        if node is None:
            return {}
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


def _actual(path: Path, sample: int, head: Workspace, base: Workspace) -> Actual:
    """The database, and the columns that models are joined by: rows are chosen so that they
    find their partners."""
    from analyticsops.evidence.pair import Actual
    from analyticsops.verify.project import database_of

    if not path.is_file():
        raise UsageError("there is no such file", where=f"--database {path}")
    keys = {
        (edge.source.node, edge.source.column)
        for workspace in (base, head)
        for unique_id in workspace.graph.nodes
        for edge in workspace.graph.parents(ColumnRef(unique_id))
        if edge.kind is Kind.JOIN
    }
    return Actual(
        path=str(path),
        name=database_of(head.project),
        sample=sample,
        keys=tuple(sorted(keys)) if sample else (),
    )


def _run(
    jobs: Sequence[Job], options: Execute, progress: Callable[[int, int], None] | None
) -> list[Found]:
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
            if progress:
                progress(done + 1, len(jobs))
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
    own = {(e.node, e.data): e for e in executions if e.built == "model"}
    return [
        execution
        for execution in executions
        if execution.built == "model"
        or execution.refuted
        or (execution.node, execution.data) not in own
        or (
            own[execution.node, execution.data].outcome == "unknown"
            and execution.outcome != "unknown"
        )
    ]


__all__ = ["Execute", "Executed", "execute_changes"]
