"""How many of Calcite's published rewrite pairs are proven equal.

    python -m bench.changes.calcite TESTS_JSON [--databases 100] [--show unproven]

TESTS_JSON holds 232 pairs of queries before and after an optimizer rule of Apache Calcite, as
the authors of Cosette collected them (``calcite_tests.json`` of github.com/georgia-tech-db/spes,
or ``examples/calcite/calcite_tests.json`` of github.com/uwdb/Cosette). They are not
part of this project. Pairs that DuckDB does not run are malformed: the collection was printed
from plans, and some names in it mean nothing. The others are run on random databases that
keep the promises of Calcite's test schema, so that it is known which of them are equal at all.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple

import duckdb
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from analyticsops.sql.canonical import fingerprint_query
from analyticsops.sql.canonical_rows import UniqueKeys
from analyticsops.sql.facts import Problem, TableColumns
from analyticsops.sql.parse import parse_query
from analyticsops.sql.types.families import type_family

DIALECT = "postgres"

SCHEMA = {
    "emp": {
        "empno": "int",
        "ename": "varchar",
        "job": "varchar",
        "mgr": "int",
        "hiredate": "timestamp",
        "sal": "int",
        "comm": "int",
        "deptno": "int",
        "slacker": "boolean",
    },
    "dept": {"deptno": "int", "name": "varchar"},
    "bonus": {"ename": "varchar", "job": "varchar", "sal": "int", "comm": "int"},
    "account": {"acctno": "int", "type": "varchar", "balance": "int"},
}
"""Calcite's test catalogue; of these columns only `mgr` may be NULL."""

NULLABLE = frozenset({"mgr"})

KEYS: UniqueKeys = {
    "emp": [(("empno",), True)],
    "dept": [(("deptno",), True)],
    "account": [(("acctno",), True)],
}


FAMILIES = {
    table: {name: type_family(kind, DIALECT) for name, kind in columns.items()}
    for table, columns in SCHEMA.items()
}


class Tables:
    """Calcite's test catalogue."""

    def table(self, parts: Sequence[str]) -> TableColumns:
        name = parts[-1].lower()
        if name not in SCHEMA:
            return TableColumns(name)
        return TableColumns(name, tuple(SCHEMA[name]), True)

    def boundary(self, cte: str) -> TableColumns | None:
        return None


class Judged(NamedTuple):
    """A pair: ``verdict`` is proven, unproven, different or malformed; ``refuted`` if it is
    proven and some database tells the sides apart."""

    name: str
    before: str
    after: str
    verdict: str
    why: str
    refuted: bool
    seconds: float


def judge(pair: dict[str, str], databases: int) -> Judged:
    """What is true of a pair, and what is proven."""
    name = pair["name"]
    try:
        before = _in_dialect(pair["q1"])
        after = _in_dialect(pair["q2"], _names(before) if "(VALUES)" in pair["q2"] else ())
    except (SqlglotError, duckdb.Error) as error:
        return Judged(name, pair["q1"], pair["q2"], "malformed", _line(error), False, 0.0)
    started = time.process_time()
    proven, why = _proven(before, after)
    seconds = time.process_time() - started
    try:
        queries = [parse_one(sql, dialect=DIALECT).sql(dialect="duckdb") for sql in (before, after)]
        same = _same(queries, databases)
    except duckdb.Error as error:
        return Judged(name, before, after, "malformed", _line(error), False, seconds)
    verdict = "proven" if proven else "unproven" if same else "different"
    return Judged(name, before, after, verdict, why, proven and not same, seconds)


def _proven(before: str, after: str) -> tuple[bool, str]:
    found = []
    for sql in (before, after):
        tree = parse_query(sql, DIALECT)
        if isinstance(tree, Problem):
            return False, str(tree)
        found.append(fingerprint_query(tree, DIALECT, Tables(), unique=KEYS, types=FAMILIES))
    left, right = found
    columns = [[text for _, _, text, _ in side.columns] for side in found]
    understood = all(side.rows for side in found) and all(all(texts) for texts in columns)
    rows, values = left.rows == right.rows, columns[0] == columns[1]
    faults = {"not understood": not understood, "rows": not rows, "columns": not values}
    return understood and rows and values, ", ".join(
        name for name, is_so in faults.items() if is_so
    )


_EMPTY = re.compile(r"\(VALUES\) AS (\w+)")


def _with_rows(sql: str, names: Sequence[str]) -> str:
    """VALUES without rows: of these columns, and of those that are read from it."""

    def query(found: re.Match[str]) -> str:
        read = [name.lower() for name in (*names, *re.findall(rf"\b{found[1]}\.(\w+)", sql))]
        columns = ", ".join(f"NULL AS {name}" for name in dict.fromkeys(read or ["c"]))
        return f"(SELECT {columns} WHERE FALSE) AS {found[1]}"

    return _EMPTY.sub(query, sql)


def _names(sql: str) -> list[str]:
    """The columns of a query, in words that need no quotes."""
    with duckdb.connect() as connection:
        _fill(connection, Random(0), [1], ["a"])
        found = connection.sql(parse_one(sql, dialect=DIALECT).sql(dialect="duckdb")).columns
    plain = [
        name.lower() if re.fullmatch(r"\w+", name) else f"c{n}" for n, name in enumerate(found)
    ]
    return [f"c{n}" if name in plain[:n] else name for n, name in enumerate(plain)]


def _line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _in_dialect(sql: str, names: Sequence[str] = ()) -> str:
    """Calcite's SQL in ours: no ``$`` in names, columns of VALUES called as Calcite calls them,
    VALUES without rows as a query without rows of such columns, and a number in GROUP BY
    that is the number, not a position."""
    tree = parse_one(_with_rows(sql.replace("$", "_"), names), dialect=DIALECT)
    for values in tree.find_all(exp.Values):
        alias = values.args.get("alias") or values.parent.args.get("alias")
        if alias is not None and not alias.args.get("columns"):
            width = len(values.expressions[0].expressions)
            alias.set("columns", [exp.to_identifier(f"EXPR_{n}") for n in range(width)])
    for group in tree.find_all(exp.Group):
        for key in group.expressions:
            if isinstance(key, exp.Literal) and key.is_int:
                key.replace(exp.cast(key.copy(), "int"))
    return str(tree.sql(dialect=DIALECT))


def _same(queries: Sequence[str], databases: int) -> bool:
    """True if no database tells them apart.

    Raises:
        duckdb.Error: one of them does not run.
    """
    constants = _constants(queries)
    with duckdb.connect(config={"threads": 1}) as connection:
        for seed in range(databases):
            _fill(connection, Random(seed), *constants)
            answers = []
            for query in queries:
                relation = connection.sql(query)
                answers.append(Counter(map(repr, relation.fetchall())))
            if answers[0] != answers[1]:
                return False
    return True


def _constants(queries: Sequence[str]) -> tuple[list[int], list[str]]:
    """Numbers and texts that conditions may distinguish."""
    found = [node for sql in queries for node in parse_one(sql).find_all(exp.Literal)]
    texts = sorted({node.name for node in found if node.is_string})
    whole = {int(node.name) for node in found if not node.is_string and node.is_int}
    return sorted({n + d for n in whole for d in (-1, 0, 1)} | {1, 2}), [*texts, "a", "b"]


def _fill(
    connection: duckdb.DuckDBPyConnection, chance: Random, numbers: list[int], texts: list[str]
) -> None:
    # Few values a database, so that joins match and groups have several rows.
    numbers = chance.sample(numbers, min(len(numbers), chance.choice((3, 6, 12))))
    texts = chance.sample(texts, min(len(texts), chance.choice((2, 4))))

    def value(kind: str) -> Any:
        if kind == "int":
            return chance.choice(numbers)
        if kind == "varchar":
            return chance.choice(texts)
        if kind == "boolean":
            return chance.random() < 0.5
        return dt.datetime(2024, 1, chance.randrange(1, 4))

    for name, columns in SCHEMA.items():
        kinds = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        connection.execute(f"create or replace table {name} ({kinds})")
        rows = []
        seen = set()
        for _ in range(chance.choice((0, 1, 3, 6, 9))):
            row = [
                None if column in NULLABLE and chance.random() < 0.3 else value(kind)
                for column, kind in columns.items()
            ]
            if name in KEYS and row[0] in seen:
                continue
            seen.add(row[0])
            rows.append(row)
        if rows:
            marks = ", ".join("?" for _ in columns)
            connection.executemany(f"insert into {name} values ({marks})", rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tests", type=Path, help="Cosette's collection of Calcite's pairs")
    parser.add_argument("--databases", type=int, default=100)
    parser.add_argument("--show", help="a verdict whose pairs are printed")
    options = parser.parse_args()
    pairs = json.loads(options.tests.read_bytes())
    judged = [judge(pair, options.databases) for pair in pairs]
    for pair in judged:
        if options.show == pair.verdict or pair.refuted:
            mark = "REFUTED " if pair.refuted else ""
            print(f"{mark}{pair.name}: {pair.why}\n  {pair.before}\n  {pair.after}\n")
    counts = Counter(pair.verdict for pair in judged)
    run = len(judged) - counts["malformed"]
    print(f"{len(judged)} pairs, {counts['malformed']} malformed, {run} run")
    print(f"{counts['proven']} proven")
    print(f"{counts['unproven']} that no database tells apart and that are not proven")
    print(f"{counts['different']} that are not equal")
    print(f"{median(pair.seconds for pair in judged) * 1000:.1f} ms a pair (median)")
    refuted = [pair for pair in judged if pair.refuted and pair.verdict == "proven"]
    return 1 if refuted else 0


if __name__ == "__main__":
    raise SystemExit(main())
