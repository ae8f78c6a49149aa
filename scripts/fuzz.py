"""`make fuzz`: twenty thousand changed queries, decided by fingerprints and by DuckDB.

Each mutant is executed on sixty random databases. What the fingerprints call equal and a
database tells apart is a *refuted* claim: there must be none. Of what no database tells
apart, nine tenths must be proven. Goes on where it was stopped: what is done stands in
.fuzz/, one line a seed, and refuted and unproven pairs beside it.

    python -m scripts.fuzz [--mutants 20000] [--processes 2] [--first 0]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

from tests.sql.canonical_judge import KEYS, databases, judge
from tests.sql.mutated_queries import QUERIES

FOLDER = Path(__file__).resolve().parent.parent / ".fuzz"
DATABASES = 60
TRIED = 20
"""Mutants of each query and seed; some are the query itself, some DuckDB refuses."""


class Share(msgspec.Struct):
    """What became of one seed's mutants.

    Attributes:
        same: those that no database tells from their query.
        proven: of these.
        refuted: (query, mutant) of claims that some database contradicts.
        unproven: (query, mutant) that no database tells apart.
    """

    seed: int
    mutants: int = 0
    same: int = 0
    proven: int = 0
    refuted: list[tuple[str, str]] = []
    unproven: list[tuple[str, str]] = []
    seconds: float = 0.0


def main() -> int:
    """Run until there are enough mutants; 1 if a claim is refuted or too few are proven."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    chosen = parser.parse_args()
    os.nice(15)
    FOLDER.mkdir(exist_ok=True)
    log = FOLDER / "done.jsonl"
    done = read(log)
    seed = max((share.seed for share in done), default=chosen.first - 1) + 1
    with ProcessPoolExecutor(chosen.processes) as pool, log.open("ab") as file:
        while sum(share.mutants for share in done) < chosen.mutants:
            seeds = range(seed, seed + chosen.processes)
            for share in pool.map(judge_seed, seeds):
                file.write(msgspec.json.encode(share) + b"\n")
                file.flush()
                done.append(share)
                for query, mutant in share.refuted:
                    print(f"REFUTED (seed {share.seed})\n  {query}\n  {mutant}", flush=True)
            print(summary(done), flush=True)
            seed = seeds.stop
    (FOLDER / "unproven.md").write_text(unproven(done), encoding="utf-8")
    print(summary(done))
    same, proven = sum(s.same for s in done), sum(s.proven for s in done)
    return 1 if any(s.refuted for s in done) or proven < 0.9 * same else 0


def read(log: Path) -> list[Share]:
    """What earlier runs did."""
    if not log.is_file():
        return []
    return [msgspec.json.decode(line, type=Share) for line in log.read_bytes().splitlines()]


def judge_seed(seed: int) -> Share:
    """Mutants of every query; of every other seed the tables have unique keys."""
    started = time.process_time()
    share = Share(seed)
    keyed = bool(seed % 2)
    connections = databases(DATABASES, keyed=keyed, first=seed * DATABASES)
    for number in range(len(QUERIES)):
        for pair in judge(number, TRIED, seed * 1000, connections, KEYS if keyed else None):
            share.mutants += 1
            share.same += pair.same
            share.proven += pair.same and pair.proven
            if pair.refuted:
                share.refuted.append((pair.query, pair.mutant))
            elif pair.same and not pair.proven:
                share.unproven.append((pair.query, pair.mutant))
    for connection in connections:
        connection.close()
    share.seconds = time.process_time() - started
    return share


def summary(done: Sequence[Share]) -> str:
    """One line."""
    mutants, same = sum(s.mutants for s in done), sum(s.same for s in done)
    proven, refuted = sum(s.proven for s in done), sum(len(s.refuted) for s in done)
    return (
        f"{mutants:,} mutants, {refuted} refuted claims; no database tells {same:,} apart, "
        f"of which {proven:,} are proven ({100 * proven / max(same, 1):.1f} %); "
        f"{sum(s.seconds for s in done):,.0f} s of CPU"
    )


def unproven(done: Sequence[Share]) -> str:
    """The pairs that might be equal, as Markdown."""
    pairs = sorted({pair for share in done for pair in share.unproven})
    return "".join(f"{query}\n\n    {mutant}\n\n" for query, mutant in pairs)


if __name__ == "__main__":
    raise SystemExit(main())
