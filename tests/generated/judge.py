"""A random query's lineage, judged by DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from analyticsops.sql.facts import Problem, QueryFacts, TableColumns
from analyticsops.sql.inputs import analyse
from analyticsops.sql.parse import parse_query
from analyticsops.verify.prediction import Prediction, predict
from analyticsops.verify.sandbox import Answer, Query, Refused, Sandbox
from analyticsops.verify.synthetic import rows_query, synthetic_rows
from analyticsops.verify.tables import Input, Table
from analyticsops.verify.trial import Trial, Violation
from analyticsops.verify.variants import COLUMN_CHANGES, Hidden, hide, place

from .queries import Queries
from .schemas import random_schema

ROWS = 12
QUERIES_PER_DATABASE = 25

PROBES = 3
"""For each group of inputs that are changed together."""


class Known:
    """The tables as the analysis sees them (:class:`analyticsops.sql.sources.Tables`)."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = {
            name.lower(): TableColumns(t.id, tuple(c.name for c in t.columns), True)
            for t in tables
            for name in (t.id, t.name[-1])
        }

    def table(self, parts: Sequence[str]) -> TableColumns:
        """By its own name; schemas do not matter here."""
        found = self._tables.get(parts[-1].lower())
        return found or TableColumns(".".join(parts))

    def boundary(self, cte: str) -> TableColumns | None:
        """There are no ephemeral models."""
        return None


class Verdict(NamedTuple):
    """What became of one query.

    Attributes:
        seed: that makes the database and its queries.
        number: of the query among those of the seed.
        failures: what is wrong with its lineage, in one line each.
        unknown: what the analysis did not understand.
        executions: how often a version of it ran.
    """

    seed: int
    number: int
    sql: str
    failures: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    executions: int = 0


class Database:
    """A random database, and random queries over it.

    Args:
        seed: everything about it.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.sandbox = Sandbox(seconds=600)
        chance = Random(seed)
        self.tables = random_schema(chance)
        self.sandbox.lock()
        rows = synthetic_rows(self.sandbox, self.tables, chance, rows=ROWS)
        for table in self.tables:
            self.sandbox.create(table, rows_query(table, _ordered(rows[table.id])))
        self.hidden = hide(self.sandbox, self.tables, seed)
        self.known = Known(self.tables)
        self.writer = Queries(chance, self.tables, self.sandbox.connection)

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.sandbox.__exit__(None, None, None)

    def queries(self, count: int = QUERIES_PER_DATABASE) -> Iterator[tuple[int, str]]:
        """(number, SQL) of queries that DuckDB takes."""
        for number in range(count):
            sql = self.writer.query()
            if sql is not None:
                yield number, sql

    def facts(self, sql: str) -> QueryFacts | Problem:
        """What the analysis says."""
        tree = parse_query(sql, "duckdb")
        return tree if isinstance(tree, Problem) else analyse(tree, "duckdb", self.known)

    def judge(self, number: int, sql: str) -> Verdict:
        """Compare what the analysis says with what DuckDB does."""
        try:
            facts = self.facts(sql)
        except Exception as fault:  # whatever it is, it is a defect
            return Verdict(self.seed, number, sql, (f"the analysis failed: {fault!r}",))
        if isinstance(facts, Problem):
            return Verdict(self.seed, number, sql, (), (str(facts),))
        before = self.sandbox.queries
        prepared = self.prepared(sql)
        if isinstance(prepared, Refused):
            return Verdict(self.seed, number, sql)  # for instance a cast that fails
        query, answer = prepared
        prediction = predict(facts)
        unknown = tuple(_unknown(prediction))
        known = prediction.complete and not prediction.unknown
        failures = list(wrong_names(query, prediction)) if known else []
        if known and not failures:
            trial = self.trial(sql, query, prediction, answer)
            chance = Random(f"{self.seed} {number}")
            failures = [shown(violation) for violation in unpredicted(trial, chance)]
        executions = self.sandbox.queries - before
        return Verdict(self.seed, number, sql, tuple(failures), unknown, executions)

    def prepared(self, sql: str) -> tuple[Query, Answer] | Refused:
        """A query and its answer to the tables as they are."""
        for hidden in self.hidden.values():
            place(self.sandbox, hidden, {})
        query = self.sandbox.prepare(sql)
        if isinstance(query, Refused):
            return query
        answer = self.sandbox.answer(query)
        return answer if isinstance(answer, Refused) else (query, answer)

    def trial(self, sql: str, query: Query, prediction: Prediction, answer: Answer) -> Trial:
        """The query over the tables that it may read."""
        read = [h for h in self.hidden.values() if h.table.name[-1].lower() in sql.lower()]
        return Trial(self.sandbox, query, prediction, read, answer)


def _ordered(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows that their first column, the key, puts in one order: one of them may lack it."""
    return list({row[0]: list(row) for row in rows}.values())


def _unknown(prediction: Prediction) -> Iterator[str]:
    if prediction.unknown:
        yield prediction.unknown
    yield from (output.unknown for output in prediction.outputs if output.unknown)
    if not prediction.complete:
        yield "open: a star over unknown columns"


def wrong_names(query: Query, prediction: Prediction) -> Iterator[str]:
    """How the columns differ from those that DuckDB has."""
    ours = [output.name for output in prediction.outputs]
    if len(query.names) != len(ours):
        yield f"columns are {list(query.names)}, not {ours}"
        return
    for real, output in zip(query.names, prediction.outputs, strict=True):
        if output.named and real.lower() != output.name.lower():
            yield f"a column is called {real!r}, not {output.name!r}"


def unpredicted(trial: Trial, chance: Random) -> list[Violation]:
    """Violations found by changing groups of inputs that must not touch a column: all at
    once for each column, since what is wrong with a group is wrong with one of them."""
    inputs = _inputs(trial.tables)
    free = inputs - trial.prediction.rows
    groups = {free, *(free - output.inputs for output in trial.prediction.outputs)}
    for group in sorted(groups, key=sorted):
        for _ in range(PROBES):
            changes = {i: chance.choice(COLUMN_CHANGES) for i in sorted(group)}
            difference = trial.difference(changes)
            if isinstance(difference, Refused) or not difference.unpredicted():
                continue
            found = _alone(trial, changes) or trial.violations(changes, difference)
            if found:
                return found
    return []


def _alone(trial: Trial, changes: Mapping[Input, object]) -> list[Violation]:
    """The violations of single inputs of a group."""
    for input_ in changes:
        for change in COLUMN_CHANGES:
            difference = trial.difference({input_: change})
            if not isinstance(difference, Refused) and difference.unpredicted():
                found = trial.violations({input_: change}, difference)
                if found:
                    return found
    return []


def _inputs(tables: Sequence[Hidden]) -> frozenset[Input]:
    return frozenset((h.table.id, c.name) for h in tables for c in h.table.columns)


def shown(violation: Violation) -> str:
    """On one line."""
    return (
        f"{violation.output or 'rows'} <- {violation.input} ({violation.change}): "
        f"{list(violation.before)} became {list(violation.after)}"
    )
