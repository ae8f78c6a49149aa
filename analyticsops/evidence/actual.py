"""A job over a database of the user's: its rows are copied into the sandbox, read-only, and only
counts leave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from analyticsops.errors import ArtifactError
from analyticsops.evidence.counting import Choices, execution_of
from analyticsops.evidence.pair import SIDES, Actual, Found, Input, Job, Model, Side, unknown
from analyticsops.evidence.query import Counted, comparison_query, counted
from analyticsops.evidence.stage import Stage
from analyticsops.evidence.steady import UNSTEADY
from analyticsops.evidence.trial import settle
from analyticsops.executed import Execution
from analyticsops.verify.sample import attach, described, stage_tables
from analyticsops.verify.sandbox import Query, Refused, Sandbox
from analyticsops.verify.tables import Column, Table, quoted

_KEPT = "memory._kept"
_ORDER = 11
"""Another order of the rows."""

_WALL = 30.0
"""Seconds for each model: real tables are larger than made-up ones."""


def execute_actual(job: Job, actual: Actual) -> Found:
    """Run both versions of all models over the rows of a database."""
    seconds = _WALL * max(1, sum(model.claim is not None for model in job.models))
    with Sandbox(memory=job.limits.memory, seconds=seconds) as sandbox:
        try:
            return _executed(job, actual, sandbox)
        except ArtifactError as fault:
            return unknown(job, str(fault))
        except sandbox.error as fault:
            return unknown(job, str(sandbox.refusal(fault)))


def _executed(job: Job, actual: Actual, sandbox: Sandbox) -> Found:
    attach(sandbox, Path(actual.path), actual.name)
    tables: list[Table] = []
    types: dict[str, Sequence[str]] = {}
    for one in job.inputs:
        known = _known(sandbox, one, actual.name)
        if known is None:
            return unknown(job, f"a table is not in the database: {one.label}")
        tables.append(known)
        own = {column.name.lower(): column.type for column in known.columns}
        types[one.table.id] = [
            own.get(column.name.lower()) or _type(sandbox, column) for column in one.table.columns
        ]
    staged = stage_tables(sandbox, actual.name, tables, {*actual.keys}, actual.sample)
    if isinstance(staged, str):
        return unknown(job, staged)
    settle(sandbox, job)
    run = _Run(Stage(sandbox, job, types), tables, staged)
    return Found(executions=tuple(run.executions()))


def _known(sandbox: Sandbox, one: Input, database: str) -> Table | None:
    """The table in the database, under the name that either version has for it."""
    for seen in reversed(one.seen):
        if seen is not None:
            name = (database, *(seen.name[-2:] if len(seen.name) > 1 else ("main", *seen.name)))
            columns = described(sandbox, name)
            if columns:
                found = tuple(Column(key, kind) for key, kind in columns.items())
                return Table(one.table.id, name, found)
    return None


def _type(sandbox: Sandbox, column: Column) -> str:
    return column.type if column.type and sandbox.sql_type(column.type) else "VARCHAR"


class _Run:
    """Both versions over the copied rows, in several orders if they differ."""

    def __init__(self, stage: Stage, tables: Sequence[Table], staged: Mapping[str, str]) -> None:
        self.stage = stage
        self.sandbox = stage.sandbox
        self.tables = {table.id: table for table in tables}
        self.staged = staged
        self.sandbox.connection.execute(f"create schema {_KEPT}")
        self._failed: dict[str, str] = {}
        self._is_shuffled = False

    def executions(self) -> Iterator[Execution]:
        """One for each model with a claim."""
        judged = [model for model in self.stage.job.models if model.claim is not None]
        self._fill(0)
        for side in SIDES:
            self._build(side, f"s{int(side)}")
        for model in judged:
            yield self._judged(model)

    def _fill(self, order: int) -> None:
        for one in self.stage.job.inputs:
            known = {c.name.lower(): c.name for c in self.tables[one.table.id].columns}
            chosen = [
                f"{quoted(known[name]) if name in known else 'null'}::{type_} as c{n}"
                for n, (name, type_) in enumerate(
                    zip(
                        (column.name.lower() for column in one.table.columns),
                        self.stage.types[one.table.id],
                        strict=True,
                    )
                )
            ]
            shuffled = f" order by hash(rowid, {order})" if order else ""
            self.sandbox.connection.execute(
                f"create or replace table {self.stage.hidden(one.table.id)} as "
                f"select {', '.join(chosen)} from {self.staged[one.table.id]}{shuffled}"
            )

    def _build(self, side: Side, name: str) -> None:
        """Keep the answers of one version."""
        models = self.stage.job.models
        self.stage.face(side)
        for number, model in enumerate(models):
            query = model.versions[side]
            if query is None:
                continue
            parent = next((self._failed[p] for p in model.reads if p in self._failed), "")
            try:
                if parent:
                    raise _CannotError(parent)
                if query.name and any(model.id in other.reads for other in models):
                    self.sandbox.put("table", query.name, query.sql.strip().rstrip(";"))
                if model.claim is not None:
                    prepared = self.stage.prepared(model)[side]
                    if isinstance(prepared, Refused):
                        raise _CannotError(str(prepared))
                    self.sandbox.put(
                        "table", (*_KEPT.split("."), f"{name}_{number}"), _kept(prepared)
                    )
            except self.sandbox.error as fault:
                self._failed[model.id] = str(self.sandbox.refusal(fault))
            except _CannotError as fault:
                version = ("old", "new")[side]
                self._failed[model.id] = parent or f"the {version} version does not run: {fault}"

    def _judged(self, model: Model) -> Execution:
        number = self.stage.job.models.index(model)
        if model.id in self._failed:
            return self._unknown(model, self._failed[model.id])
        assert model.claim is not None
        key = model.key or self._observed_key(model, number)
        choices = Choices(model.claim, key, each=True)
        found = self._count(choices, f"s0_{number}", f"s1_{number}")
        if key and self._repeats(choices, number):
            choices = Choices(model.claim, (), each=True)
            found = self._count(choices, f"s0_{number}", f"s1_{number}")
        execution = execution_of(self.stage.job, model, "sample", choices, found)
        if execution.outcome != "differs":
            return execution
        return self._steady(model, number, choices, found)

    def _steady(
        self, model: Model, number: int, choices: Choices, found: dict[int, Counted]
    ) -> Execution:
        """Without what differs as well when one version runs again over the same rows in
        another order."""
        if not self._is_shuffled:
            self._is_shuffled = True
            self._fill(_ORDER)
            for side in SIDES:
                self._build(side, f"again{int(side)}")
        left_out = []
        for side in SIDES:
            if model.id in self._failed:
                return self._unknown(model, self._failed[model.id])
            again = self._count(choices, f"s{int(side)}_{number}", f"again{int(side)}_{number}")
            if again[0].removed or again[0].added or again[1].removed or again[1].added:
                return self._unknown(model, UNSTEADY)
            for n, column in enumerate(choices.columns, 2):
                if again[n].removed:
                    found[n] = found[0]
                    left_out.append(choices.pairs[column][1])
        names = ", ".join(dict.fromkeys(left_out))
        note = f"without {names}: it depends on the order of rows, on time or chance"
        job = self.stage.job
        return execution_of(job, model, "sample", choices, found, note=note if names else "")

    def _unknown(self, model: Model, reason: str) -> Execution:
        found = unknown(self.stage.job, reason).executions
        return next(execution for execution in found if execution.node == model.id)

    def _count(self, choices: Choices, base: str, head: str) -> dict[int, Counted]:
        pairs = [(f"k{n}", f"k{n}") for n in range(len(choices.pairs))]
        query = comparison_query(
            f"select * from {_KEPT}.{base}",
            f"select * from {_KEPT}.{head}",
            pairs,
            choices.all,
            quoted,
        )
        cursor = self.sandbox.connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        return counted([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])

    def _observed_key(self, model: Model, number: int) -> tuple[str, ...]:
        """A column whose values are all different in both versions; the first of them."""
        claim = model.claim
        for n, (_, name) in enumerate(claim.equal if claim is not None else ()):
            if not any(self._repeating(f"k{n}", f"s{side}_{number}") for side in (0, 1)):
                return (name,)
        return ()

    def _repeats(self, choices: Choices, number: int) -> bool:
        columns = ", ".join(f"k{n}" for n in choices.key)
        return any(self._repeating(columns, f"s{side}_{number}") for side in (0, 1))

    def _repeating(self, columns: str, table: str) -> bool:
        query = f"select count(*) from (select {columns} from {_KEPT}.{table} group by {columns})"
        groups = self.sandbox.connection.execute(query).fetchall()[0][0]
        rows = self.sandbox.connection.execute(f"select count(*) from {_KEPT}.{table}").fetchall()
        return bool(groups != rows[0][0]) or not rows[0][0]


class _CannotError(Exception):
    """A version of a model does not run."""


def _kept(prepared: Query) -> str:
    """The answer with values that can be compared, under names of their own."""
    names = [f"k{n}" for n in range(len(prepared.types))] or ["k"]
    shown = [
        f"printf('%.9g', {name}) as {name}" if type_ in ("DOUBLE", "FLOAT") else name
        for name, type_ in zip(names, prepared.types or ("",), strict=True)
    ]
    return f"select {', '.join(shown)} from ({prepared.wrapped}) as _w({', '.join(names)})"
