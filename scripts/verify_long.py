"""`make verify-long`: lineage of a hundred thousand random queries, judged by DuckDB.

Goes on where it was stopped: what is done stands in .verify-long/, one line a seed.
Failures are made smaller and kept there as well.

    python -m scripts.verify_long [--queries 100000] [--processes 2] [--slack 10]
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.generated.judge import Database, Verdict
from tests.generated.shrink import shrunk
from tests.generated.slack import edges_of

FOLDER = Path(__file__).resolve().parent.parent / ".verify-long"
DONE = FOLDER / "done.jsonl"
FAILURES = FOLDER / "failures.md"
SECONDS = 60
"""Of CPU, for one query and its executions; the usual one takes a tenth of one."""


class Share(msgspec.Struct):
    """What became of one seed's queries."""

    seed: int
    queries: int = 0
    executions: int = 0
    written: int = 0
    refused: int = 0
    unknown: dict[str, int] = {}
    failures: list[str] = []
    edges: dict[str, int] = {}
    suspects: list[str] = []
    seconds: float = 0.0


def main() -> int:
    """Run until there are enough queries; 1 if any of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--slack", type=int, default=10, help="of one in so many queries")
    chosen = parser.parse_args()
    os.nice(10)
    FOLDER.mkdir(exist_ok=True)
    done = read()
    total = sum(share.queries for share in done)
    seed = max((share.seed for share in done), default=-1) + 1
    with ProcessPoolExecutor(chosen.processes) as pool, DONE.open("ab") as log:
        while total < chosen.queries:
            seeds = range(seed, seed + 4 * chosen.processes)
            for share in pool.map(judge_seed, seeds, [chosen.slack] * len(seeds)):
                log.write(msgspec.json.encode(share) + b"\n")
                log.flush()
                done.append(share)
                total += share.queries
                for failure in share.failures:
                    with FAILURES.open("a", encoding="utf-8") as file:
                        file.write(failure)
                    print(failure, flush=True)
            seed = seeds.stop
    print(summary(done))
    return 1 if any(share.failures for share in done) else 0


def read() -> list[Share]:
    """What earlier runs did."""
    if not DONE.is_file():
        return []
    return [msgspec.json.decode(line, type=Share) for line in DONE.read_bytes().splitlines()]


def judge_seed(seed: int, slack: int) -> Share:
    """All queries of one database."""
    share = Share(seed)
    started = time.process_time()
    edges: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    with Database(seed) as database:
        for number, sql in database.queries():
            share.queries += 1
            try:
                with at_most(SECONDS):
                    verdict = database.judge(number, sql)
            except EndlessError:
                share.failures.append(f"## seed {seed} number {number}: endless\n\n{sql}\n\n")
                continue
            share.executions += verdict.executions
            unknown.update({reason.partition(":")[0] for reason in verdict.unknown})
            if verdict.failures:
                share.failures.append(told(database, verdict))
            if slack and (seed * 31 + number) % slack == 0:
                share.suspects += count_edges(database, sql, edges)
        share.written, share.refused = database.writer.written, database.writer.refused
    share.edges, share.unknown = dict(edges), dict(unknown)
    share.seconds = time.process_time() - started
    return share


class EndlessError(BaseException):
    """It takes too long; no error of a query, as which the judge would catch it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise :class:`EndlessError` if it takes more CPU time."""

    def stop(_signal: int, _frame: object) -> None:
        raise EndlessError

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def told(database: Database, verdict: Verdict) -> str:
    """A failure, with the smallest query that has one."""

    def fails(sql: str) -> bool:
        return bool(database.judge(verdict.number, sql).failures)

    small = shrunk(verdict.sql, fails)
    again = database.judge(verdict.number, small)
    tables = "\n".join(
        f"{table.id}: {', '.join(f'{c.name} {c.type}' for c in table.columns)}"
        for table in database.tables
    )
    why = "\n".join(again.failures or verdict.failures)
    return f"## seed {database.seed} number {verdict.number}\n\n{why}\n\n{small}\n\n{tables}\n\n"


def count_edges(database: Database, sql: str, edges: Counter[str]) -> list[str]:
    """Add the edges of a query; its value edges that never showed, with the query."""
    found = edges_of(database, sql)
    if found is None:
        return []
    edges.update(
        {
            "value": len(found.value),
            "value_silent": len(found.value_silent),
            "control": len(found.control),
            "control_silent": len(found.control_silent),
        }
    )
    if not found.value_silent or len(sql) > 400:
        return []
    silent = ", ".join(f"{output} <- {input_}" for input_, output in sorted(found.value_silent))
    return [f"seed {database.seed}: {silent}\n    {sql}"]


def summary(done: list[Share]) -> str:
    """Totals, and the shortest queries with suspected edges."""
    edges: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for share in done:
        edges.update(share.edges)
        unknown.update(share.unknown)
    queries = sum(share.queries for share in done)
    refused, written = sum(s.refused for s in done), sum(s.written for s in done)
    suspects = sorted((text for s in done for text in s.suspects), key=len)
    lines = [
        f"{queries:,} queries, {sum(s.executions for s in done):,} executions, "
        f"{sum(s.seconds for s in done):,.0f} s of CPU",
        f"{sum(len(s.failures) for s in done)} failures",
        f"{refused / max(written, 1):.1%} of what was written DuckDB refused",
        f"not understood: {dict(unknown.most_common(8))}",
        f"value edges {edges['value']:,}, never shown {share_of(edges, 'value')}",
        f"control edges {edges['control']:,}, never shown {share_of(edges, 'control')}",
        *suspects[:30],
    ]
    return "\n".join(lines)


def share_of(edges: Counter[str], kind: str) -> str:
    """The share of edges of a kind that never showed."""
    return f"{edges[f'{kind}_silent'] / max(edges[kind], 1):.2%}"


if __name__ == "__main__":
    raise SystemExit(main())
