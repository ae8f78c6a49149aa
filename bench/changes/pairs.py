"""Pairs of queries, and what execution says of each: the ground on which tools are compared.

The truth about a pair is its *class*, decided on random DuckDB databases with NULLs, ties,
duplicates and empty tables:

* ``no-op``: the same rows and columns on every database;
* ``additive``: the same rows, and columns more;
* ``columns``: the columns that are named differ or are gone, and the others, the most that can
  be, are row by row the same on every database;
* ``rows``: everything else.

Where nobody can tell which of several columns differ (`p` from `q`, or `q` from `p`), or, as all
columns do and there are always as many rows, whether the columns or the rows, each counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random

import duckdb
import msgspec

from analyticsops.project.model import Node
from analyticsops.workspace import Workspace
from tests.changes.case_files import read_cases
from tests.project_maker import project, workspace
from tests.sql.canonical_judge import TABLES
from tests.sql.case_files import Table, parse_schema, sections
from tests.sql.databases import connect, load, multiset, random_database
from tests.sql.mutants import mutant
from tests.sql.mutated_queries import QUERIES

NO_OP, ADDITIVE, COLUMNS, ROWS = "no-op", "additive", "columns", "rows"
CLASSES = (NO_OP, ADDITIVE, COLUMNS, ROWS)


class Verdict(msgspec.Struct, frozen=True):
    """A class, and for ``columns`` which."""

    kind: str
    columns: tuple[str, ...] = ()


class Pair(msgspec.Struct, frozen=True):
    """Two versions of a query.

    Attributes:
        tables: name -> its columns.
    """

    name: str
    origin: str
    tables: dict[str, tuple[str, ...]]
    left: str
    right: str


class Known(msgspec.Struct, frozen=True):
    """A pair with its truth, and what is as true."""

    pair: Pair
    truth: Verdict
    also: tuple[Verdict, ...] = ()

    def is_exact(self, said: Verdict) -> bool:
        """True if a tool says just what is true."""
        return said in (self.truth, *self.also)


def canonical_pairs(databases: int) -> Iterator[Known]:
    """The pairs of ``tests/cases/canonical``."""
    for case in sections("canonical"):
        tables = parse_schema(case.block("schema").text)
        left, right = case.block("left").text.strip(), case.block("right").text.strip()
        yield from _known(case.name, "cases", tables, left, right, filled(tables, databases))


def change_pairs(databases: int) -> Iterator[Known]:
    """The models of ``tests/cases/changes`` whose SQL is another in the head."""
    for case in read_cases():
        base, head = (workspace(project(**side)) for side in (case.base, case.head))
        for ident, node in head.project.nodes.items():
            before = base.project.nodes.get(ident)
            if before is None or node.kind != "model":
                continue
            old, new = before.compiled_code or "", node.compiled_code or ""
            tables = _tables_of(base, before)
            if not old or old == new or not new or not tables:
                continue
            for name, table in tables.items():
                old, new = (text.replace(name, table.name) for text in (old, new))
            name = f"{case.name} {node.name}"
            known = [*tables.values()]
            yield from _known(name, "cases", known, old, new, filled(known, databases))


def _tables_of(version: Workspace, node: Node) -> dict[str, Table]:
    """Relation name -> the table that the model reads, whose columns are all numbers; none
    if the columns of one are not known."""
    found = {}
    for parent in node.depends_on:
        lineage, about = version.graph.nodes.get(parent), version.project.nodes[parent]
        if lineage is None or not lineage.names or not about.relation_name:
            return {}
        columns = tuple((name, "int") for name in lineage.names)
        found[about.relation_name] = Table(about.name, columns, complete=True)
    return found


def mutant_pairs(each: int, seed: int, databases: int) -> Iterator[Known]:
    """Random changes of the queries of ``tests/sql/mutated_queries.py``."""
    connections = filled(TABLES, databases)
    for number, query in enumerate(QUERIES):
        chance, seen = Random(seed + number), {query}
        for _ in range(each):
            other = mutant(query, chance)
            if other is not None and other not in seen:
                seen.add(other)
                yield from _known(
                    f"{number}: {other}", "mutants", TABLES, query, other, connections
                )


def filled(tables: Sequence[Table], databases: int) -> list[duckdb.DuckDBPyConnection]:
    """Random databases: without NULLs, with few and with many."""
    found = []
    for seed in range(databases):
        connection = connect()
        nulls = (0.0, 0.1, 0.25)[seed % 3]
        load(connection, tables, random_database(tables, Random(seed), nulls=nulls))
        found.append(connection)
    return found


def _known(
    name: str,
    origin: str,
    tables: Sequence[Table],
    left: str,
    right: str,
    connections: Sequence[duckdb.DuckDBPyConnection],
) -> Iterator[Known]:
    answers = _answers(left, right, connections)
    if answers is not None and left.split() != right.split():
        truth, *also = decide(answers)
        columns = {table.name: tuple(column for column, _ in table.columns) for table in tables}
        yield Known(Pair(name, origin, columns, left, right), truth, tuple(also))


_Columns = dict[str, list[object]]
_Answers = Sequence[tuple[_Columns, _Columns]]


def _answers(
    left: str, right: str, connections: Sequence[duckdb.DuckDBPyConnection]
) -> _Answers | None:
    """What both yield on each database; None if DuckDB refuses one of them, or columns have
    one name."""
    answers = []
    for connection in connections:
        before, after = (_answer(connection, sql) for sql in (left, right))
        if before is None or after is None:
            return None
        answers.append((before, after))
    return answers


def decide(answers: _Answers) -> list[Verdict]:
    """The truth, and what is as true."""
    before, after = answers[0]
    names = [name for name in before if name]
    gone = {name for name in names if name not in after}
    moved = gone | {
        name
        for one, two in answers
        for name in one.keys() - gone
        if _bag(one, [name]) != _bag(two, [name])
    }
    if "" in moved:
        return [Verdict(ROWS)]
    others = [name for name in names if name not in moved]
    for size in range(len(others) + 1):
        found = [moved | {*more} for more in combinations(others, size)]
        found = [without for without in found if _are_equal(answers, set(names) - without)]
        if found and not found[0]:
            return [Verdict(ADDITIVE if len(after) > len(before) else NO_OP)]
        if found:
            verdicts = [Verdict(COLUMNS, tuple(sorted(without))) for without in found]
            return verdicts if len(found[0]) < len(names) else [*verdicts, Verdict(ROWS)]
    return [Verdict(ROWS)]


def _are_equal(answers: _Answers, names: set[str]) -> bool:
    """True if these columns are the same on every database, row by row."""
    kept = sorted(names)
    return all(_bag(one, kept) == _bag(two, kept) for one, two in answers)


def _bag(answer: _Columns, names: Sequence[str]) -> Counter[str]:
    """The rows of these columns, however often each is there."""
    return multiset(list(zip(answer[""], *(answer[name] for name in names), strict=True)))


def _answer(connection: duckdb.DuckDBPyConnection, sql: str) -> _Columns | None:
    """Values by column; of '' one for each row."""
    try:
        relation = connection.sql(sql)
        rows = relation.fetchall()
    except duckdb.Error:
        return None
    names = [name.lower() for name in relation.columns]
    if len(set(names)) < len(names):
        return None
    return {"": [None] * len(rows), **{n: [row[i] for row in rows] for i, n in enumerate(names)}}
