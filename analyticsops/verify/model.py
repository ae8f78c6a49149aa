"""One model of a project, put to the test."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from random import Random

import msgspec

from analyticsops.lineage.code import Code
from analyticsops.lineage.graph import ColumnGraph, ColumnRef
from analyticsops.project.model import Node, Project
from analyticsops.project.snapshots import is_own
from analyticsops.sql.facts import Kind
from analyticsops.verify.expected import Expectation
from analyticsops.verify.experiment import Edge, Outcome, experiment
from analyticsops.verify.prediction import Prediction
from analyticsops.verify.report import ModelResult, Slack, Status
from analyticsops.verify.sample import copy_tables
from analyticsops.verify.sandbox import Answer, Query, Refused, Sandbox
from analyticsops.verify.schema import Schemas
from analyticsops.verify.synthetic import rows_query, synthetic_rows
from analyticsops.verify.tables import Hints, Table
from analyticsops.verify.trial import Trial, Violation
from analyticsops.verify.variants import hide


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How models are put to the test.

    Attributes:
        database: file that rows come from; None to make them up.
        name: of the database in the project's SQL.
        rows: of each table, at most; made-up tables have at most 30.
        seed: chooses made-up rows and changes.
        queries: of one model, at most.
        seconds: for one model, at most.
        memory: for one model, in DuckDB's words.
    """

    database: Path | None = None
    name: str = ""
    rows: int = 100
    seed: int = 0
    queries: int = 5_000
    seconds: float = 60.0
    memory: str = "1GB"


_MADE_UP = 30
"""Rows of a made-up table: enough for ties, few enough to be quick."""

_ATTEMPTS = 5
"""Sets of made-up rows that are tried until the query runs over one."""

_CONSTANTS = re.compile(r"'((?:[^']|'')*)'|(?<![\w.'])(\d+(?:\.\d+)?)(?![\w.'])")

_MOST_CONSTANTS = 60


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What all models of a project have in common."""

    project: Project
    graph: ColumnGraph
    code: Callable[[Node], Code]
    schemas: Schemas
    options: Options


def verify_model(bench: Bench, node: Node) -> ModelResult:
    """Run one model over changed inputs."""
    code = bench.code(node)
    reason = _not_testable(bench, node, code)
    if reason or code.sql is None:
        return _unverified(node, reason)
    result = _unverified(node, "")
    for attempt in range(_ATTEMPTS if bench.options.database is None else 1):
        result, again = _attempted(bench, node, code.sql, attempt)
        if not again:
            break
    return result


def _attempted(bench: Bench, node: Node, sql: str, attempt: int) -> tuple[ModelResult, bool]:
    """The result over one set of rows, and whether others may give a better one: a cast or
    a division may fail on rows that nobody has."""
    options = bench.options
    with Sandbox(memory=options.memory, seconds=options.seconds) as sandbox:
        try:
            return _within(sandbox, bench, node, sql, attempt)
        except sandbox.error as fault:  # while rows were made: most often, its time was over
            return _unverified(node, str(sandbox.refusal(fault))), False


def _within(
    sandbox: Sandbox, bench: Bench, node: Node, sql: str, attempt: int
) -> tuple[ModelResult, bool]:
    options, tables = bench.options, []
    for unique_id in bench.schemas.read_by(node):
        table = bench.schemas.table(sandbox, unique_id)
        if table is None:
            return _unverified(node, f"no column of a parent is known: {unique_id}"), False
        if options.database is not None and not bench.schemas.is_found(unique_id):
            where = ".".join(table.name)
            return _unverified(node, f"a table is not in the database: {where}"), False
        tables.append(table)
    reason = _fill(bench, node, sandbox, tables, constants(sql), attempt)
    if reason:
        return _unverified(node, reason), False
    query = sandbox.prepare(sql)
    if isinstance(query, Refused):
        return _unverified(node, str(query)), False
    before = sandbox.answer(query)
    if isinstance(before, Refused):
        return _unverified(node, str(before)), True
    return _tested(bench, node, sandbox, tables, query, before), False


def _not_testable(bench: Bench, node: Node, code: Code) -> str:
    if code.sql is None:
        return str(code.problems[0]) if code.problems else "no SQL"
    if node.unique_id not in bench.graph.nodes:
        return "lineage is unknown"
    foreign = bench.schemas.foreign(node)
    return f"it reads a table outside of the project: {foreign[0]}" if foreign else ""


def _fill(
    bench: Bench,
    node: Node,
    sandbox: Sandbox,
    tables: list[Table],
    hints: tuple[str, ...],
    attempt: int,
) -> str:
    """Rows for all tables; why there are none, or an empty text."""
    options = bench.options
    if options.database is not None:
        keys = {
            (edge.source.node, edge.source.column)
            for edge in bench.graph.parents(ColumnRef(node.unique_id))
            if edge.kind is Kind.JOIN
        }
        reason = copy_tables(sandbox, options.database, options.name, tables, keys, options.rows)
        if reason:
            return reason
    else:
        sandbox.lock()
        chance = Random(f"{options.seed} {attempt} {node.unique_id}")
        rows = min(options.rows, _MADE_UP)
        made = synthetic_rows(sandbox, tables, chance, rows=rows, hints=Hints(values=hints))
        for table in tables:
            sandbox.create(table, rows_query(table, made[table.id]))
    if node.relation is not None and node.relation.schema:
        database = node.relation.database or options.name or "memory"
        sandbox.settle(database, node.relation.schema)
    return ""


def constants(sql: str) -> tuple[str, ...]:
    """Texts and numbers that stand in a query: its conditions compare with them."""
    found = dict.fromkeys(
        text.replace("''", "'") or number for text, number in _CONSTANTS.findall(sql)
    )
    return tuple(list(found)[:_MOST_CONSTANTS])


def _tested(
    bench: Bench,
    node: Node,
    sandbox: Sandbox,
    tables: list[Table],
    query: Query,
    before: Answer,
) -> ModelResult:
    prediction = Expectation(bench.project, bench.graph, node).prediction(query.names)
    missing, surplus = _differing(bench, node, query)
    if prediction.unknown:
        return _unverified(node, f"lineage is not known: {prediction.unknown}")
    hidden = hide(sandbox, tables, bench.options.seed, constants(query.sql))
    trial = Trial(sandbox, query, prediction, list(hidden.values()), before)
    unsteady = trial.unsteady()
    if isinstance(unsteady, Refused):
        return _unverified(node, str(unsteady))
    if -1 in unsteady:
        return _unverified(node, "its rows depend on the order of its input, on time or chance")
    trial.ignored |= unsteady
    outcome = experiment(trial, most=bench.options.queries)
    return _result(bench, node, trial, outcome, (missing, surplus), unsteady)


def _differing(bench: Bench, node: Node, query: Query) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that only DuckDB has, and that only lineage has."""
    lineage = bench.graph.nodes[node.unique_id]
    ours = {name.lower() for name in lineage.names if name not in lineage.inferred}
    theirs = {name.lower() for name in query.names}
    missing = tuple(name for name in query.names if name.lower() not in ours)
    surplus = tuple(name for name in lineage.names if name.lower() not in theirs)
    if node.kind == "snapshot":
        surplus = tuple(name for name in surplus if not is_own(node.config, name))
    return (missing if lineage.complete else ()), surplus


def _result(
    bench: Bench,
    node: Node,
    trial: Trial,
    outcome: Outcome,
    differing: tuple[tuple[str, ...], tuple[str, ...]],
    unsteady: frozenset[int],
) -> ModelResult:
    wrong = bool(outcome.violations or any(differing))
    status = Status.VIOLATED if wrong else Status.VERIFIED
    reason = str(outcome.stopped) if outcome.stopped is not None else ""
    if reason and not wrong:
        status = Status.NOT_VERIFIED
    slack = {Slack(*_named(bench.project, trial.prediction, edge)) for edge in outcome.slack}
    ignored = [(o.name, o.unknown) for o in trial.prediction.outputs if o.unknown]
    ignored += [
        (trial.prediction.outputs[n].name, "it depends on the order of rows, on time or chance")
        for n in sorted(unsteady)
    ]
    return ModelResult(
        node=node.unique_id,
        name=node.label,
        status=status,
        reason=reason,
        violations=tuple(_labelled(bench.project, found) for found in outcome.violations),
        missing=differing[0],
        surplus=differing[1],
        predicted=len(outcome.predicted),
        slack=tuple(sorted(slack)),
        ignored=tuple(ignored),
        refused=len(outcome.refused),
        queries=trial.sandbox.queries,
    )


def _named(project: Project, prediction: Prediction, edge: Edge) -> tuple[str, str, str]:
    (table, column), position = edge
    node = project.nodes.get(table)
    label = node.label if node else table
    shown = f"{label}.{column}" if column else label
    if position < 0:
        return shown, "", "rows"
    output = prediction.outputs[position]
    return shown, output.name, "value" if edge[0] in output.value else "control"


def _labelled(project: Project, violation: Violation) -> Violation:
    """The input as people call it."""
    for node in project.nodes.values():
        if violation.input.startswith(f"{node.unique_id}.") or violation.input == node.unique_id:
            rest = violation.input[len(node.unique_id) :]
            return msgspec.structs.replace(violation, input=f"{node.label}{rest}")
    return violation


def _unverified(node: Node, reason: str) -> ModelResult:
    return ModelResult(
        node=node.unique_id, name=node.label, status=Status.NOT_VERIFIED, reason=reason
    )
