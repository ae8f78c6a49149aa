"""What a change of a project does to each of its models, by execution.

The truth about a pair of projects, on many random databases on which every dbt test of both
holds. A model's rows are known by its *key*, the columns by which its rows are told apart.

* Its **rows** are affected if on some database the keys that occur, or how often, differ.
* A **column** outside the key is affected if on some database a key that occurs equally often
  on both sides has other values of it. What differs only because rows came or went is not
  counted: that is what *rows* says.
* A column of the key is affected where rows are and cannot be told from them: such a pair is
  counted neither way. Where the rows are the same it is not affected.
* Where a column of the key is said to have other values, no row can be found again by it. Then
  all the columns that are not said to differ must together be the same, row by row, in any
  order; unless the rows are said to differ as well: then nothing of the model is counted.
* A model that fails is affected in all its columns (*breaks*); what reads it is not built, and
  counted neither way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import duckdb

from bench.changes.dags import Dag
from bench.changes.databases import SOURCES, TABLE_NAME, Answer, make
from bench.changes.writing import Model


class Truth(NamedTuple):
    """What a change does.

    Attributes:
        rows: models whose rows it affects.
        columns: (model, column) pairs.
        neither: pairs that are counted neither way.
        broken: models that fail although all that they read is there.
        databases: on so many of them every test holds.
    """

    rows: frozenset[str]
    columns: frozenset[tuple[str, str]]
    neither: frozenset[tuple[str, str]]
    broken: frozenset[str]
    databases: int

    def joined(self, other: Truth) -> Truth:
        """What the databases of both show."""
        neither, broken = self.neither | other.neither, self.broken | other.broken
        columns = self.columns | other.columns
        return Truth(
            self.rows | other.rows,
            frozenset(pair for pair in columns if pair not in neither or pair[0] in broken),
            neither,
            broken,
            self.databases + other.databases,
        )


class Said(NamedTuple):
    """What is said to differ: models whose rows may, and (model, column) pairs."""

    rows: frozenset[str]
    columns: frozenset[tuple[str, str]]


class Warehouse:
    """A project built on random databases."""

    def __init__(self, dag: Dag, connections: Iterable[duckdb.DuckDBPyConnection]) -> None:
        self.dag = dag
        self._connections = list(connections)
        self._before = [dict(self._built(c, dag.models)) for c in self._connections]

    def _built(
        self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]
    ) -> Iterator[tuple[str, Answer]]:
        for name, model in models.items():
            answer = make(connection, name, model.sql)
            assert answer is not None, model.sql
            yield name, answer

    def holds(self) -> bool:
        """True if the project's own tests hold on every database."""
        return all(_passes(test, before, {}) for before in self._before for test in self.dag.tests)

    def close(self) -> None:
        """Let the databases go."""
        for connection in self._connections:
            connection.close()

    def truth(self, sql: Mapping[str, str], said: Said) -> Truth | None:
        """The truth about a head with this SQL; None if its tests hold nowhere.

        Args:
            said: what is said to differ, by which keys are trusted or not.
        """
        again = _affected(self.dag, sql)
        renamed = {name: f"head_{name}" for name in again}
        differ: list[tuple[dict[str, Answer], dict[str, Answer | None]]] = []
        for connection, before in zip(self._connections, self._before, strict=True):
            after: dict[str, Answer | None] = {}
            for name in again:
                connection.execute(f"drop table if exists {renamed[name]}")
                after[name] = make(connection, renamed[name], sql[name], renamed)
            if all(_passes(test, before, after) for test in self.dag.tests):
                differ.append((before, after))
        if not differ:
            return None
        return self._judged(differ, said)

    def _judged(
        self,
        pairs: Sequence[tuple[dict[str, Answer], dict[str, Answer | None]]],
        said: Said,
    ) -> Truth:
        rows: set[str] = set()
        columns: set[tuple[str, str]] = set()
        neither: set[tuple[str, str]] = set()
        broken: set[str] = set()
        for name, model in self.dag.models.items():
            for before, after in pairs:
                if name not in after:
                    continue
                old, new = before[name], after[name]
                if new is None:
                    whole = {(name, column) for column in old.columns}
                    if any(after.get(parent, old) is None for parent in model.parents):
                        neither |= whole
                    else:
                        broken.add(name)
                        columns |= whole
                    continue
                named = {column for table, column in said.columns if table == name}
                if not named & set(model.key):
                    _compare(model, old, new, rows, columns)
                elif name in said.rows:
                    neither |= {(name, column) for column in old.columns}
                else:
                    _compare_whole(name, named, old, new, rows, columns)
            if name in rows:
                neither |= {(name, column) for column in model.key}
        columns = {pair for pair in columns if pair not in neither or pair[0] in broken}
        return Truth(
            frozenset(rows), frozenset(columns), frozenset(neither), frozenset(broken), len(pairs)
        )


def _affected(dag: Dag, sql: Mapping[str, str]) -> list[str]:
    """The models that differ or read one that does, parents first."""
    new = [name for name in sql if name not in dag.models]
    found = [*new]
    for name, model in dag.models.items():
        reads = {match[1] for match in TABLE_NAME.finditer(sql[name])}
        if sql[name] != model.sql or reads & set(found):
            found.append(name)
    return found


def _passes(test: str, before: Mapping[str, Answer], after: Mapping[str, Answer | None]) -> bool:
    """True if a test of a model holds on both sides; those of sources do."""
    kind, _, subject = test.partition(" ")
    table, _, column = subject.rpartition(".")
    if table in SOURCES:
        return True
    for answer in (before.get(table), after.get(table, before.get(table))):
        if answer is None or column not in answer.columns:
            continue  # it fails, and so does dbt: whoever reads it is told
        values = [row[answer.columns.index(column)] for row in answer.rows]
        filled = [value for value in values if value is not None]
        if kind == "not_null" and len(filled) < len(values):
            return False
        if kind == "unique" and len(set(filled)) < len(filled):
            return False
    return True


def _compare_whole(
    name: str,
    named: set[str],
    old: Answer,
    new: Answer,
    rows: set[str],
    columns: set[tuple[str, str]],
) -> None:
    """The same where keys may have other values: what is not named, all together."""
    if len(old.rows) != len(new.rows):
        rows.add(name)
    gone = {column for column in old.columns if column not in new.columns}
    moved = {c for c in named - gone if Counter(_keys(old, [c])) != Counter(_keys(new, [c]))}
    columns.update((name, column) for column in gone | moved)
    kept = [column for column in old.columns if column not in named | gone]
    if Counter(_keys(old, kept)) != Counter(_keys(new, kept)):
        columns.update((name, column) for column in kept)


def _compare(
    model: Model, old: Answer, new: Answer, rows: set[str], columns: set[tuple[str, str]]
) -> None:
    """Add what differs in one model on one database."""
    name = model.name
    gone = [column for column in old.columns if column not in new.columns]
    columns.update((name, column) for column in gone)
    if any(column in gone for column in model.key):
        if Counter(_keys(old, ())) != Counter(_keys(new, ())):
            rows.add(name)
        return
    before, after = Counter(_keys(old, model.key)), Counter(_keys(new, model.key))
    if before != after:
        rows.add(name)
    for column in old.columns:
        if column in gone or column in model.key or (name, column) in columns:
            continue
        one, two = _values(old, model.key, column), _values(new, model.key, column)
        if any(
            before[key] == after[key] and one[key] != two[key] for key in before if key in after
        ):
            columns.add((name, column))


def _keys(answer: Answer, key: Iterable[str]) -> list[str]:
    places = [answer.columns.index(column) for column in key]
    return [repr([row[place] for place in places]) for row in answer.rows]


def _values(answer: Answer, key: Sequence[str], column: str) -> dict[str, Counter[str]]:
    place = answer.columns.index(column)
    found: dict[str, Counter[str]] = {}
    for own, row in zip(_keys(answer, key), answer.rows, strict=True):
        found.setdefault(own, Counter())[_shown(row[place])] += 1
    return found


def _shown(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else repr(value)
