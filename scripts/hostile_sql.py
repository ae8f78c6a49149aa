"""`make hostile-sql`: SQL as deep, long, wide and odd as it gets, to the workers, in six dialects.

Every question must have an answer within its budget of CPU time and a second; the queries that are
asked before and after it in the same batch must have the answers that they always have; and this
process must live. Lineage, types and fingerprints are asked for. The compiled sqlglot is tried by
putting it on PYTHONPATH, as `make sqlglots` does.

    python -m scripts.hostile_sql [--budget 1] [--tokens 100 1000 10000 100000 1000000]
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from analyticsops.lineage.outline import Outline
from analyticsops.lineage.pool import Answered, Pool
from analyticsops.lineage.query import Query, packed_near
from analyticsops.lineage.questions import FingerprintQuery, Question, TypesQuery, packed_types
from analyticsops.lineage.tables import Table
from analyticsops.sql.facts import TableColumns
from tests.inputs.sql import DIALECTS, GENERATORS

TOKENS = (100, 1_000, 10_000, 100_000, 1_000_000)
WIDE = 2_000
_TICKS = os.sysconf("SC_CLK_TCK")
_outline = msgspec.msgpack.Decoder(Outline)


class Asked(NamedTuple):
    """What became of one question.

    Attributes:
        answer: ``answered``, or the reason why not.
        seconds: of CPU time of the worker.
        wall: seconds that it took.
        fair: False if a neighbour was not answered as it always is.
    """

    answer: str
    seconds: float
    wall: float
    fair: bool


def questions(sql: str, dialect: str) -> Iterator[tuple[str, Question]]:
    """The same query asked in three ways: (what is asked, question)."""
    tables = (
        (Table("t", "", "", "t"), TableColumns("t", ("a", "b"), True)),
        (Table("w", "", "", "w"), TableColumns("w", tuple(f"c{n}" for n in range(WIDE)), True)),
    )
    near = tuple(packed_near(*table) for table in tables)
    typed = tuple(packed_types(*table, ("INT",) * len(table[1].columns)) for table in tables)
    yield "lineage", Query(sql, dialect, near)
    yield "types", TypesQuery(sql, dialect, typed)
    yield "fingerprint", FingerprintQuery(sql, dialect, near)


class Judge:
    """Asks one worker, whose neighbours' answers it knows."""

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self.pool = Pool(1, cpu_seconds=budget)
        self._known: dict[tuple[str, str, str], Answered] = {}

    def ask(self, kind: str, dialect: str, question: Question) -> Asked:
        """A question between two that are well known."""
        before, after = (self._neighbour(kind, dialect, text) for text in _NEIGHBOURS)
        started, used = time.monotonic(), self._used()
        found = self._answers([before, question, after])
        expected = [self._known[kind, dialect, text] for text in _NEIGHBOURS]
        fair = [found[0], found[2]] == expected
        problems = _outline.decode(found[1].outline).problems if found[1].facts is None else ()
        answer = problems[0].reason if problems else "answered"
        return Asked(answer, self._used() - used, time.monotonic() - started, fair)

    def _neighbour(self, kind: str, dialect: str, text: str) -> Question:
        question = dict(questions(text, dialect))[kind]
        if (kind, dialect, text) not in self._known:
            (self._known[kind, dialect, text],) = self._answers([question])
        return question

    def _answers(self, asked: Sequence[Question]) -> list[Answered]:
        session = self.pool.open()
        for number, question in enumerate(asked):
            session.ask(number, question)
        found = {answer.ticket: answer._replace(ticket=0) for answer in session.answers()}
        return [found[number] for number in range(len(asked))]

    def _used(self) -> float:
        """CPU seconds of the nursery, of workers that ended, and of the one that lives."""
        process = self.pool._nursery._process
        workers = [s._worker.pid for s in self.pool._servers if s._worker is not None]
        nursery = _cpu(process.pid, ended=True) if process is not None else 0.0
        return nursery + sum(_cpu(pid, ended=False) for pid in workers)


_NEIGHBOURS = ("select a, b + 1 as c from t where a > 1", "select max(a) as m from t group by b")


def _cpu(pid: int, *, ended: bool) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15] if ended else fields[11:13])) / _TICKS


def main() -> int:
    """Ask everything; 1 if a question took too long, or a neighbour suffered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=float, default=1.0, help="seconds of CPU for a question")
    parser.add_argument("--tokens", type=int, nargs="+", default=TOKENS)
    parser.add_argument("--dialects", nargs="+", default=DIALECTS)
    parser.add_argument("--only", nargs="+", default=list(GENERATORS), metavar="GENERATOR")
    chosen = parser.parse_args()
    import sqlglot.parser

    compiled = not str(sqlglot.parser.__file__).endswith(".py")
    judge, answers, wrong, slowest = Judge(chosen.budget), Counter[str](), 0, 0.0
    for name in chosen.only:
        for tokens in chosen.tokens:
            for dialect in chosen.dialects:
                sql = GENERATORS[name].of_tokens(tokens, dialect)
                for kind, question in questions(sql, dialect):
                    asked = judge.ask(kind, dialect, question)
                    answers[asked.answer] += 1
                    slowest = max(slowest, asked.seconds)
                    if asked.seconds > chosen.budget + 1 or not asked.fair:
                        wrong += 1
                        print(f"WRONG {name} {tokens:,} {dialect} {kind}: {asked}", flush=True)
        print(f"{name}: {sum(answers.values()):,} questions so far, {wrong} wrong", flush=True)
    judge.pool.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    said = ", ".join(f"{count:,} {answer}" for answer, count in answers.most_common())
    print(
        f"sqlglot {sqlglot.__version__}{' compiled' if compiled else ''}: "
        f"{sum(answers.values()):,} questions ({len(chosen.only)} generators, "
        f"{len(chosen.tokens)} sizes, {len(chosen.dialects)} dialects): {wrong} wrong, "
        f"slowest {slowest:.1f} s of CPU with a budget of {chosen.budget:g} s, parent "
        f"{peak} MiB\n  {said}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
