"""Objectives that no artifact says anything about: asked of the data, and recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec

from analyticsops.commits.show import Shown, show_all
from analyticsops.errors import UsageError
from analyticsops.evaluating import declared_objectives
from analyticsops.history.record import Invocation, make_record
from analyticsops.history.store import Store
from analyticsops.measuring import DBT_SECONDS, ask_duckdb, duckdb_file, project_folder
from analyticsops.project.model import Node
from analyticsops.selecting import selected_nodes
from analyticsops.slo.measurements import Answer, answers, question, result_of, schema_answer
from analyticsops.slo.objective import Slo
from analyticsops.slo.spans import Instant, instant_of
from analyticsops.slo.spec.declared import KINDS
from analyticsops.slo.spec.indicators import MEASURED, LineageCoverage, SchemaStability
from analyticsops.surveying import measure_coverage
from analyticsops.workspace import Workspace

COMMAND = "slo measure"
"""What its records say instead of a command of dbt's."""

_ROWS = 10_000
"""Of one answer at the most; older times are in the history already."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement.

    Attributes:
        objective: full name.
        answers: as they were recorded.
    """

    objective: str
    answers: tuple[Answer, ...]

    @property
    def failed(self) -> str:
        """Why there is no answer; empty if there is."""
        return next((answer.error for answer in self.answers if answer.error), "")


def measure_objectives(
    workspace: Workspace,
    store: Store,
    *,
    database: str | Path | None = None,
    target: str | None = None,
    select: Sequence[str] = (),
    environment: str = "",
    job: str = "",
    now: datetime | None = None,
) -> tuple[Taken, ...]:
    """Measure, and record it.

    Args:
        database: a DuckDB file of the project, which is only read.
        target: of dbt's profile, instead; empty for the default.
        select: only objectives of these nodes.
        environment: of the records; by default that of `slos/*.yml`.
        job: of the records.

    Raises:
        UsageError: data is to be asked, and nobody says where.
        ConfigError: a file in `slos/` is wrong.
        HistoryError: it cannot be recorded.
    """
    declared = declared_objectives(workspace)
    nodes = selected_nodes(workspace, select, (), kinds=KINDS) if select else None
    wanted = [
        slo
        for slo in declared.slos
        if isinstance(slo.indicator, MEASURED) and (nodes is None or slo.node in nodes)
    ]
    at = instant_of(now or datetime.now(UTC))
    taken = _measured(workspace, wanted, database, target)
    if taken:
        project = workspace.project.name
        by_name = {slo.full_name: slo for slo in wanted}
        results = [
            result_of(by_name[one.objective], project, answer, at)
            for one in taken
            for answer in one.answers
        ]
        where = environment or declared.shared.environment
        well = not any(one.failed for one in taken)
        store.put(make_record(_invocation(at, project, where, job, well), results))
    return taken


def _invocation(at: Instant, project: str, environment: str, job: str, well: bool) -> Invocation:
    return Invocation(
        invocation_id=str(uuid4()),
        started_at=at,
        ended_at=at,
        state="finished",
        manifest="none",
        results=0,
        command=COMMAND,
        success=well,
        project=project,
        environment=environment or None,
        job=job or None,
    )


def _measured(
    workspace: Workspace, slos: Sequence[Slo], database: str | Path | None, target: str | None
) -> tuple[Taken, ...]:
    found: dict[str, tuple[Answer, ...]] = {}
    asked: dict[str, str] = {}
    for slo in slos:
        node = workspace.project.nodes.get(slo.node)
        if isinstance(slo.indicator, SchemaStability):
            error = Answer(error="it is about no node")
            found[slo.full_name] = (schema_answer(node) if node is not None else error,)
        elif isinstance(slo.indicator, LineageCoverage):
            found[slo.full_name] = (_coverage(workspace, node),)
        else:
            try:
                asked[slo.full_name] = question(
                    slo, node, lambda text: _rendered(workspace, text), workspace.dialect
                )
            except UsageError as fault:
                found[slo.full_name] = (Answer(error=str(fault)),)
    rows = _asked(workspace, list(asked.values()), database, target) if asked else []
    by_name = {slo.full_name: slo for slo in slos}
    for name, answer in zip(asked, rows, strict=True):
        found[name] = tuple(_read(by_name[name], answer))
    return tuple(Taken(objective=name, answers=found[name]) for name in sorted(found))


def _read(slo: Slo, answer: list[dict[str, Any]] | str) -> Iterator[Answer]:
    if isinstance(answer, str):
        yield Answer(error=answer)
        return
    try:
        yield from tuple(answers(slo, answer))
    except (KeyError, TypeError, ValueError) as fault:
        yield Answer(error=f"not what was asked for: {fault}")


def _asked(
    workspace: Workspace, queries: Sequence[str], database: str | Path | None, target: str | None
) -> list[list[dict[str, Any]] | str]:
    if target is not None:
        shown = [Shown(sql, _ROWS, alone=True) for sql in queries]
        folder = project_folder(workspace, "--target")
        return show_all(shown, folder, target=target, like=workspace.args, seconds=DBT_SECONDS)
    found = ask_duckdb(duckdb_file(workspace, database), queries)
    return [
        one
        if isinstance(one, str)
        else [
            dict(zip((name.lower() for name in one.columns), row, strict=True)) for row in one.rows
        ]
        for one in found
    ]


def _rendered(workspace: Workspace, text: str) -> str:
    project = workspace.project
    node = Node(
        unique_id=f"analysis.{project.name}.slo",
        kind="analysis",
        name="slo",
        package=project.name,
        raw_code=text,
        depends_on=tuple(other.unique_id for other in project.nodes.values() if other.has_columns),
    )
    code = workspace.code(node)
    if code.sql is None or code.problems:
        why = "; ".join(problem.detail for problem in code.problems) or "its template fails"
        raise UsageError(f"the query cannot be rendered: {why}")
    return code.sql


def _coverage(workspace: Workspace, node: Node | None) -> Answer:
    select = (f"fqn:{'.'.join(node.fqn)}",) if node is not None else ()
    total = measure_coverage(workspace, select=select).total
    return Answer(total.proven, total.columns)
