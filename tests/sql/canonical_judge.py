"""A pair of queries, decided by fingerprints and by DuckDB."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

import duckdb

from analyticsops.sql.canonical_rows import UniqueKeys

from .case_files import Table
from .databases import Rows, connect, load, multiset, random_database
from .mutants import QUERIES, mutant
from .test_canonical_cases import fingerprint, verdicts

TABLES = (
    Table("a", (("id", "int"), ("x", "int"), ("y", "int")), complete=True),
    Table("b", (("id", "int"), ("y", "int"), ("z", "int")), complete=True),
)

Columns = dict[str, list[object]]
"""The values of an answer's columns by their names."""


class Judged(NamedTuple):
    """A query and a mutant of it.

    Attributes:
        same: no database tells them apart.
        proven: the fingerprints say so.
        refuted: some database contradicts what they say.
    """

    query: str
    mutant: str
    same: bool
    proven: bool
    refuted: bool


KEYS: UniqueKeys = {"a": [(("id",), False)], "b": [(("id",), False)]}
"""What dbt's `unique` promises: each value once, NULL as often as there is."""


def databases(count: int, *, keyed: bool = False) -> list[duckdb.DuckDBPyConnection]:
    """Databases that differ in content: without NULLs, with few and with many of them.

    Args:
        keyed: keep the promises of :data:`KEYS`.
    """
    found = []
    for seed in range(count):
        connection, chance = connect(), Random(seed)
        database = random_database(TABLES, chance, nulls=(0.0, 0.1, 0.25)[seed % 3])
        if keyed:
            database = {name: _with_key(rows, chance) for name, rows in database.items()}
        load(connection, TABLES, database)
        found.append(connection)
    return found


def _with_key(rows: Rows, chance: Random) -> Rows:
    ids = chance.sample(range(len(rows) + 3), len(rows))
    return [
        (row[0] if row[0] is None else ident, *row[1:])
        for row, ident in zip(rows, ids, strict=True)
    ]


def judge(
    number: int,
    mutants: int,
    seed: int,
    connections: Sequence[duckdb.DuckDBPyConnection],
    unique: UniqueKeys | None = None,
) -> Iterator[Judged]:
    """Mutants of the n-th query."""
    query = QUERIES[number]
    own = fingerprint(query, TABLES, unique=unique)
    answers = [_answer(query, connection) for connection in connections]
    chance = Random(seed + number)
    seen: set[str] = set()
    while len(seen) < mutants:
        other = mutant(query, chance)
        if other is None or other in seen:
            mutants -= 1
            continue
        seen.add(other)
        theirs = fingerprint(other, TABLES, unique=unique)
        names = [name.lower() for _, name, *_ in theirs.columns]
        if len(set(names)) < len(names) or not _runs(other, connections[0]):
            continue  # refused, or nobody could say which column is meant
        found = verdicts(own, theirs)
        proven = all(found.values()) and len(found) - 1 == len(names)
        claimed = [name for name, equal in found.items() if equal and name != "rows"]
        same, refuted = True, False
        for before, connection in zip(answers, connections, strict=True):
            if not same and not found["rows"]:
                break
            after = _answer(other, connection)
            if after is None or before is None:
                same = False
                break
            same = same and _bag(before, sorted(before)) == _bag(after, sorted(after))
            same = same and sorted(before) == sorted(after)
            refuted = refuted or (found["rows"] and _bag(before, claimed) != _bag(after, claimed))
        yield Judged(query, other, same, proven, refuted)


def _runs(sql: str, connection: duckdb.DuckDBPyConnection) -> bool:
    return _answer(sql, connection) is not None


def _answer(sql: str, connection: duckdb.DuckDBPyConnection) -> Columns | None:
    """None if DuckDB refuses."""
    try:
        relation = connection.sql(sql)
        rows = relation.fetchall()
    except duckdb.Error:
        return None
    names = [name.lower() for name in relation.columns]
    return {"": [None] * len(rows), **{n: [row[i] for row in rows] for i, n in enumerate(names)}}


def _bag(answer: Columns, names: Sequence[str]) -> Counter[str]:
    return multiset(list(zip(answer[""], *(answer[name] for name in names), strict=True)))
