"""A pair of queries, decided by fingerprints and by DuckDB."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import duckdb

from analyticsops.sql.canonical_rows import UniqueKeys
from analyticsops.sql.fingerprint import Fingerprint
from analyticsops.sql.types.families import type_family

from .case_files import Table
from .databases import connect, load, multiset, random_database, with_keys
from .mutants import mutant
from .mutated_queries import QUERIES
from .test_canonical_cases import fingerprint, verdicts

TABLES = (
    Table("a", (("id", "int"), ("x", "int"), ("y", "int")), complete=True),
    Table("b", (("id", "int"), ("y", "int"), ("z", "int")), complete=True),
    Table("c", (("id", "int"), ("name", "varchar"), ("flag", "boolean")), complete=True),
)

FAMILIES = {
    table.name: {name: type_family(kind, "duckdb") for name, kind in table.columns}
    for table in TABLES
}

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


def databases(
    count: int, *, keyed: bool = False, first: int = 0
) -> list[duckdb.DuckDBPyConnection]:
    """Databases that differ in content: without NULLs, with few and with many of them; with
    negative numbers and without.

    Args:
        keyed: keep the promises of :data:`KEYS`.
        first: seed of the first of them.
    """
    found = []
    for seed in range(first, first + count):
        connection, chance = connect(), Random(seed)
        nulls = (0.0, 0.1, 0.25)[seed % 3] if not keyed else (0.0, 0.25, 0.5)[seed % 3]
        database = random_database(TABLES, chance, nulls=nulls)
        if seed % 2:
            database = {name: [_lowered(row) for row in rows] for name, rows in database.items()}
        load(connection, TABLES, with_keys(database, chance) if keyed else database)
        found.append(connection)
    return found


def _lowered(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value - 2 if type(value) is int else value for value in row)


def judge(
    number: int,
    mutants: int,
    seed: int,
    connections: Sequence[duckdb.DuckDBPyConnection],
    unique: UniqueKeys | None = None,
) -> Iterator[Judged]:
    """Mutants of the n-th query; every other one is decided without knowing types."""
    query = QUERIES[number]
    owns = [fingerprint(query, TABLES, unique=unique, types=t) for t in (None, FAMILIES)]
    answers = [_answer(query, connection) for connection in connections]
    chance = Random(seed + number)
    seen: set[str] = set()
    while len(seen) < mutants:
        other = mutant(query, chance)
        if other is None or other in seen:
            mutants -= 1
            continue
        seen.add(other)
        names, found = _decided(owns, other, len(seen) % 2, unique)
        if names is None or not _runs(other, connections[0]):
            continue  # refused, or nobody could say which column is meant
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
            if before == after:
                continue
            same = same and sorted(before) == sorted(after)
            same = same and _bag(before, sorted(before)) == _bag(after, sorted(after))
            refuted = refuted or (found["rows"] and _bag(before, claimed) != _bag(after, claimed))
            if refuted:
                break
        yield Judged(query, other, same, proven, refuted)


def _decided(
    owns: Sequence[Fingerprint], other: str, typed: int, unique: UniqueKeys | None
) -> tuple[list[str] | None, Mapping[str, bool]]:
    """The columns of a mutant, None if two have one name, and what is proven equal."""
    theirs = fingerprint(other, TABLES, unique=unique, types=(None, FAMILIES)[typed])
    names = [name.lower() for _, name, *_ in theirs.columns]
    if len(set(names)) < len(names):
        return None, {}
    return names, verdicts(owns[typed], theirs)


def _runs(sql: str, connection: duckdb.DuckDBPyConnection) -> bool:
    return _answer(sql, connection) is not None


def _answer(sql: str, connection: duckdb.DuckDBPyConnection) -> Columns | None:
    """None if DuckDB refuses."""
    try:
        rows = connection.execute(sql).fetchall()
    except duckdb.Error:
        return None
    names = [name.lower() for name, *_ in connection.description or ()]
    return {"": [None] * len(rows), **{n: [row[i] for row in rows] for i, n in enumerate(names)}}


def _bag(answer: Columns, names: Sequence[str]) -> Counter[str]:
    return multiset(list(zip(answer[""], *(answer[name] for name in names), strict=True)))
