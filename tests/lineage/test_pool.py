"""Workers may be killed; the parent, and every other query, goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from analyticsops.lineage import nursery
from analyticsops.lineage.build import build_graph
from analyticsops.lineage.graph import Status
from analyticsops.lineage.outline import Outline
from analyticsops.lineage.pool import Pool
from analyticsops.lineage.query import Query

from .small_projects import model, project

PLAIN = Query("select 1 as a", "duckdb")

SLOW = Query(f"select {' + '.join(['x'] * 90_000)} as a from t", "duckdb")
"""Seconds of parsing, within the limit of tokens."""

_DYING = """
import os, signal, sys
sys.path[:] = {path!r}
from analyticsops.lineage import reading, worker
real = reading.read_query
def read_query(query):
    if "die" in query.sql:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "leave" in query.sql:
        os._exit(3)
    if "hoard" in query.sql:
        hoard = [bytearray(1 << 28) for _ in range(1 << 10)]
    return real(query)
worker.read_query = read_query
worker.main()
"""
"""A worker that does what compiled parsers do to deep input, on demand."""


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(2, cpu_seconds=0.3)
    yield made
    made.close()


def outcomes(pool: Pool, queries: list[Query]) -> list[str]:
    """For each query ``facts`` or its problem."""
    session = pool.open()
    for number, query in enumerate(queries):
        session.ask(number, query)
    found = {answer.ticket: answer for answer in session.answers()}
    return [
        "facts" if found[number].facts is not None else _problem(found[number].outline)
        for number in range(len(queries))
    ]


def _problem(outline: bytes) -> str:
    (problem,) = msgspec.msgpack.decode(outline, type=Outline).problems
    return str(problem)


def test_a_query_over_its_budget_is_unknown_and_its_neighbours_are_not(pool: Pool) -> None:
    found = outcomes(pool, [PLAIN, SLOW, PLAIN, SLOW, PLAIN])
    assert found == [
        "facts",
        "budget: more than 0.3 s of CPU time",
        "facts",
        "budget: more than 0.3 s of CPU time",
        "facts",
    ]


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("die", "budget: its analysis was ended by SIGSEGV"),
        ("leave", "budget: its analysis ended with exit code 3"),
    ],
)
def test_a_worker_that_dies_takes_one_query_with_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch, word: str, problem: str
) -> None:
    monkeypatch.setattr(nursery, "_START", _DYING)
    bad = Query(f"select '{word}' as a", "duckdb")
    assert outcomes(pool, [PLAIN, bad, PLAIN, bad]) == ["facts", problem, "facts", problem]


def test_a_query_that_takes_too_much_memory_is_unknown(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nursery, "_START", _DYING)
    (found,) = outcomes(pool, [Query("select 'hoard' as a", "duckdb")])
    assert found.startswith("budget: ")
    assert outcomes(pool, [PLAIN]) == ["facts"]


def test_a_worker_that_was_killed_from_outside_is_replaced(pool: Pool) -> None:
    assert outcomes(pool, [PLAIN]) == ["facts"]
    for server in pool._servers:
        assert server._worker is not None
        os.kill(server._worker.pid, signal.SIGKILL)
    assert len(outcomes(pool, [PLAIN, PLAIN])) == 2
    assert outcomes(pool, [PLAIN]) == ["facts"]


def test_workers_that_never_answer_are_not_started_forever(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nursery, "_START", "raise SystemExit(7)")
    found = outcomes(pool, [PLAIN] * 40)
    assert set(found) == {"budget: no worker process can be started"}


def test_a_model_over_budget_is_unknown_with_its_reason(pool: Pool) -> None:
    graph = build_graph(
        project(
            model("slow", SLOW.sql, columns=["a"]),
            model("fast", "select 1 as b"),
            model("below", "select a from main.slow", "model.shop.slow"),
        ),
        pool=pool,
    )
    slow = graph.nodes["model.shop.slow"]
    assert slow.status is Status.UNKNOWN
    assert [str(problem) for problem in slow.problems] == ["budget: more than 0.3 s of CPU time"]
    assert graph.nodes["model.shop.fast"].status is Status.PROVEN
    assert list(graph.nodes["model.shop.below"].names) == ["a"]


def test_a_nursery_that_was_killed_from_outside_is_replaced(pool: Pool) -> None:
    assert outcomes(pool, [PLAIN]) == ["facts"]
    process, worker = pool._nursery._process, pool._servers[0]._worker
    assert process is not None
    assert worker is not None
    process.kill()
    process.wait()
    assert outcomes(pool, [PLAIN]) == ["facts"], "its worker lives on"
    os.kill(worker.pid, signal.SIGKILL)
    assert outcomes(pool, [PLAIN]) in (["facts"], ["budget: its analysis was ended"])
    assert outcomes(pool, [PLAIN]) == ["facts"]


def test_many_queries_use_all_workers(pool: Pool) -> None:
    queries = [Query(f"select {n} as a", "duckdb") for n in range(600)]
    assert set(outcomes(pool, queries)) == {"facts"}
    assert len(pool._servers) == 2


def test_nothing_is_left_running() -> None:
    """Also when the build is broken off."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "from analyticsops.lineage.pool import shared_pool\n"
        "from analyticsops.lineage.query import Query\n"
        "session = shared_pool().open()\n"
        "session.ask(1, Query('select 1 as a', 'duckdb'))\n"
        "list(session.answers())\n"
        "print(shared_pool()._servers[0]._worker.pid)\n"
        "session.ask(2, Query('select ' + ' + '.join(['x'] * 90000), 'duckdb'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    assert not Path(f"/proc/{done.stdout.strip()}").exists()


def test_half_a_character_is_no_question_and_holds_up_nobody(pool: Pool) -> None:
    queries = [PLAIN, Query("select '\ud800' as a", "duckdb"), PLAIN]
    before, odd, after = outcomes(pool, queries)
    assert (before, after) == ("facts", "facts")
    assert odd.startswith("not text: ")
