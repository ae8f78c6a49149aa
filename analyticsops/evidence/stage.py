"""One set of rows, and both versions of the SQL over it, in one sandbox.

Rows stand in hidden tables. What a version's SQL reads are views on them, under the names,
with the columns and in the order that this version knows, so that a renamed column is the same
column. The two versions may use one name for two things: views are put in place before either
version runs, where they are not the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

from analyticsops.evidence.pair import SIDES, Input, Job, Model, Query, Side
from analyticsops.evidence.types import comparable
from analyticsops.verify.sandbox import Answer, Query as Prepared, Refused, Sandbox
from analyticsops.verify.tables import quoted, text_literal

Row: TypeAlias = tuple[str | None, ...]
Database: TypeAlias = Mapping[str, Sequence[Row]]
"""Rows of each input, by its id, every value as text."""

Answers: TypeAlias = Mapping[tuple[str, Side], Answer | Refused]
"""By model and version; the columns of an answer are those of its claim, in that order."""

HIDDEN = "memory._in"


class Stage:
    """Inputs and models of a job in a sandbox.

    Args:
        types: of the columns of each input, by its id.
    """

    def __init__(self, sandbox: Sandbox, job: Job, types: Mapping[str, Sequence[str]]) -> None:
        self.sandbox = sandbox
        self.job = job
        self.types = types
        self._tables = {one.table.id: f"{HIDDEN}.t{n}" for n, one in enumerate(job.inputs)}
        self._prepared: dict[tuple[str, Side], Prepared | Refused] = {}
        sandbox.connection.execute(f"create schema if not exists {HIDDEN}")
        self._prepare()

    def hidden(self, table: str) -> str:
        """Where the rows of an input stand."""
        return self._tables[table]

    def fill(self, database: Database) -> None:
        """Give all inputs these rows, and no others."""
        for one in self.job.inputs:
            names = [f"c{n}" for n in range(len(one.table.columns))]
            rows = database[one.table.id]
            chosen = ", ".join(
                f"{name}::{type_} as {name}"
                for name, type_ in zip(names, self.types[one.table.id], strict=True)
            )
            lines = ", ".join(map(_line, rows)) or f"({', '.join(['null'] * len(names))})"
            limit = "" if rows else " limit 0"
            self.sandbox.connection.execute(
                f"create or replace table {self.hidden(one.table.id)} as select {chosen} "
                f"from (values {lines}) as _v({', '.join(names)}){limit}"
            )

    def face(self, side: Side) -> None:
        """Put what a version reads under the names that it knows."""
        for one in self.job.inputs:
            seen = one.seen[side]
            if seen is None:
                continue
            query = self._view(one, side)
            place = "\x1f".join(seen.name).lower()
            if self.sandbox.standing.get(place) != query:
                self.sandbox.put("view", seen.name, query)
                self.sandbox.standing[place] = query

    def _view(self, one: Input, side: Side) -> str:
        seen = one.seen[side]
        columns = [
            f"{f'c{n}::{type_}' if type_ else f'c{n}'} as {quoted(name)}"
            for name, n, type_ in (seen.columns if seen else ())
        ]
        return f"select {', '.join(columns)} from {self.hidden(one.table.id)}"

    def run(self, only: str = "") -> Answers:
        """The answers of both versions over the rows as they stand.

        Args:
            only: id of one model; all models with a claim otherwise.
        """
        needed = self._needed(only)
        answers: dict[tuple[str, Side], Answer | Refused] = {}
        for side in SIDES:
            refused = self._faced(side)
            if refused is not None:
                answers.update({(model.id, side): refused for model in needed})
                continue
            failed: dict[str, Refused] = {}
            for model in needed:
                found = self._one(model, side, failed, needed)
                if isinstance(found, Refused):
                    failed[model.id] = found
                if found is not None and (not only or model.id == only):
                    answers[model.id, side] = found
        return answers

    def _needed(self, only: str) -> list[Model]:
        if not only:
            return list(self.job.models)
        wanted = {only}
        for model in reversed(self.job.models):
            if model.id in wanted:
                wanted.update(model.reads)
        return [model for model in self.job.models if model.id in wanted]

    def _one(
        self, model: Model, side: Side, failed: Mapping[str, Refused], needed: Collection[Model]
    ) -> Answer | Refused | None:
        """Build a model that others read; answer one with a claim."""
        query = model.versions[side]
        if query is None:
            return None
        refused = next((failed[parent] for parent in model.reads if parent in failed), None)
        if refused is not None:
            return refused
        if query.name and any(model.id in other.reads for other in needed):
            built = self._build(query)
            if built is not None:
                return built
        if model.claim is None:
            return None
        prepared = self.prepared(model)[side]
        return prepared if isinstance(prepared, Refused) else self.sandbox.answer(prepared)

    def _build(self, query: Query) -> Refused | None:
        if self.sandbox.is_over:
            return Refused("budget", f"{self.sandbox.seconds:g} seconds")
        try:
            self.sandbox.put("table", query.name, query.sql.strip().rstrip(";"))
        except self.sandbox.error as fault:
            return self.sandbox.refusal(fault)
        return None

    def prepared(self, model: Model) -> tuple[Prepared | Refused, Prepared | Refused]:
        """Both versions of a model with a claim, so that their values can be compared."""
        return self._prepared[model.id, Side.BASE], self._prepared[model.id, Side.HEAD]

    def _prepare(self) -> None:
        """Ask once, over empty tables, what columns and types all queries have."""
        self.fill({one.table.id: () for one in self.job.inputs})
        raw: dict[tuple[str, Side], Prepared | Refused] = {}
        for side in SIDES:
            failed = self._faced(side)
            for model in self.job.models:
                query = model.versions[side]
                if query is None or failed is not None:
                    raw[model.id, side] = failed or Refused("not in this version")
                    continue
                if query.name and any(model.id in other.reads for other in self.job.models):
                    self._build(query)
                raw[model.id, side] = self.sandbox.prepare(query.sql)
        for model in self.job.models:
            base, head = raw[model.id, Side.BASE], raw[model.id, Side.HEAD]
            if not isinstance(base, Refused) and not isinstance(head, Refused):
                base, head = comparable(base, head, model.claim)
            self._prepared[model.id, Side.BASE] = base
            self._prepared[model.id, Side.HEAD] = head

    def _faced(self, side: Side) -> Refused | None:
        try:
            self.face(side)
        except self.sandbox.error as fault:
            return self.sandbox.refusal(fault)
        return None


def _line(row: Row) -> str:
    return f"({', '.join('null' if cell is None else text_literal(cell) for cell in row)})"
