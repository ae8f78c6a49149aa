"""Worker processes that analyse queries, and what happens when one of them dies.

A thread for each worker sends it a few queries at a time and reads the answers as they
come. If the process ends instead, the query that it had not answered is to blame: it is
*unknown*, with the reason; a new worker goes on with the next.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import msgspec

from analyticsops.lineage.frames import CPU_SECONDS, Batch, Packed, write_frame
from analyticsops.lineage.nursery import Nursery, Worker
from analyticsops.lineage.outline import outline_of
from analyticsops.lineage.questions import Question
from analyticsops.sql.facts import Problem

_AT_ONCE = 16
"""Queries in one batch: enough to hide the way to the worker and back."""

_ANOTHER = 32
"""Waiting queries for which one more worker is worth its start."""

_encoder = msgspec.msgpack.Encoder()


class Answered(NamedTuple):
    """The answer to a query: its packed outline and facts. Without facts the outline says
    why there are none."""

    ticket: object
    outline: bytes
    facts: bytes | None


class _Job(NamedTuple):
    ticket: object
    query: Question
    out: queue.SimpleQueue[Sequence[Answered]]


class Pool:
    """Up to ``size`` workers, started when needed and kept for later.

    Args:
        cpu_seconds: for one query; beyond it the query is unknown.
    """

    def __init__(self, size: int, cpu_seconds: float = CPU_SECONDS) -> None:
        self._size = size
        self._cpu_seconds = cpu_seconds
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._servers: list[_Server] = []
        self._nursery = Nursery()

    def open(self) -> Session:
        """A place to ask; several may be open at a time."""
        return Session(self)

    def submit(self, job: _Job) -> None:
        """Let some worker answer; a further one starts if much is waiting."""
        self._jobs.put(job)
        running = len(self._threads)
        if running < self._size and self._jobs.qsize() > _ANOTHER * running:
            thread = threading.Thread(target=self._serve, daemon=True, name=f"lineage-{running}")
            self._threads.append(thread)
            thread.start()

    def _serve(self) -> None:
        server = _Server(self._nursery, self._cpu_seconds)
        self._servers.append(server)
        while True:
            jobs = [self._jobs.get()]
            share = min(_AT_ONCE, self._jobs.qsize() // len(self._threads) + 1)
            while len(jobs) < share and (job := self._next()) is not None:
                jobs.append(job)
            server.answer(jobs)

    def close(self) -> None:
        """End the workers."""
        for server in self._servers:
            server.dismiss()
        self._nursery.close()

    def _next(self) -> _Job | None:
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            return None


class Session:
    """Questions of one build, and their answers as they come."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._out: queue.SimpleQueue[Sequence[Answered]] = queue.SimpleQueue()
        self._here: deque[Answered] = deque()
        self._waiting = 0

    def ask(self, ticket: object, query: Question) -> None:
        """Have a query analysed; its answer will carry the ticket."""
        self._waiting += 1
        self._pool.submit(_Job(ticket, query, self._out))

    def answers(self) -> Iterator[Answered]:
        """Every answer, in the order in which they come, until none is missing. More may
        be asked meanwhile."""
        while self._waiting:
            if not self._here:
                self._here.extend(self._out.get())
            self._waiting -= 1
            yield self._here.popleft()


def _is_text(job: _Job) -> bool:
    """True if a query can be sent. Half a character (a lone surrogate, as JSON allows it) cannot:
    it is answered here."""
    try:
        _encoder.encode(job.query)
    except UnicodeEncodeError:
        problem = Problem("not text", "it holds half a character, a lone surrogate")
        job.out.put([Answered(job.ticket, _encoder.encode(outline_of(problem)), None)])
        return False
    return True


def _hand_out(jobs: Sequence[_Job], answers: Sequence[Packed]) -> None:
    """Let each session have its answers."""
    found: dict[queue.SimpleQueue[Sequence[Answered]], list[Answered]] = {}
    for job, answer in zip(jobs, answers, strict=True):
        found.setdefault(job.out, []).append(Answered(job.ticket, *answer))
    for out, some in found.items():
        out.put(some)


class _Server:
    """Answers one batch after the other by a worker; by a new one after it died."""

    def __init__(self, nursery: Nursery, cpu_seconds: float) -> None:
        self._nursery = nursery
        self._cpu_seconds = cpu_seconds
        self._worker: Worker | None = None

    def answer(self, jobs: list[_Job]) -> None:
        """Answer all of them, whatever happens to the worker."""
        jobs = [job for job in jobs if _is_text(job)]
        while jobs:
            self._worker = self._worker or self._nursery.worker(jobs[0].query.dialect)
            done = self._try(self._worker, jobs) if self._worker is not None else 0
            jobs = jobs[done:]
            if jobs:
                job, jobs = jobs[0], jobs[1:]
                outline = _encoder.encode(outline_of(self._obituary()))
                job.out.put([Answered(job.ticket, outline, None)])

    def _try(self, worker: Worker, jobs: list[_Job]) -> int:
        """The number of jobs that were answered before the worker ended."""
        batch = Batch(tuple(job.query for job in jobs), self._cpu_seconds)
        try:
            write_frame(worker.requests, _encoder.encode(batch))
        except BrokenPipeError:
            return 0
        done = 0
        while done < len(jobs) and (answers := worker.inbox.take()):
            _hand_out(jobs[done : done + len(answers)], answers)
            done += len(answers)
        return done

    def _obituary(self) -> Problem:
        """Why the worker ended, as the problem of the query that it was at."""
        worker, self._worker = self._worker, None
        if worker is None:
            return Problem("budget", "no worker process can be started")
        code = self._nursery.exit_code(worker)
        if code is None:
            return Problem("budget", "its analysis was ended")
        if code == -signal.SIGPROF:
            return Problem("budget", f"more than {self._cpu_seconds:g} s of CPU time")
        if code < 0:
            return Problem("budget", f"its analysis was ended by {signal.Signals(-code).name}")
        return Problem("budget", f"its analysis ended with exit code {code}")

    def dismiss(self) -> None:
        """End the worker, from another thread than the one that talks to it: it has nothing
        to lose, and what it may be at nobody waits for."""
        if self._worker is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._worker.pid, signal.SIGKILL)


@cache
def shared_pool() -> Pool:
    """The workers of this process, at most one per processor."""
    pool = Pool(min(len(os.sched_getaffinity(0)), 8))
    atexit.register(pool.close)
    return pool
