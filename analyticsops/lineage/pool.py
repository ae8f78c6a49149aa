"""Worker processes that analyse queries, and what happens when one of them dies.

A thread for each worker sends it a few queries at a time and reads the answers one by
one. If the process ends instead, the query that it had not answered is to blame: it is
*unknown*, with the reason; a new worker goes on with the next.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO, NamedTuple, cast

import msgspec

from analyticsops.lineage.frames import CPU_SECONDS, FACTS, Batch, read_frame, write_frame
from analyticsops.lineage.query import Query
from analyticsops.sql.facts import Problem

_AT_ONCE = 16
"""Queries in one batch: enough to hide the way to the worker and back."""

_ANOTHER = 150
"""Waiting queries for which one more worker is worth its start."""

_TRIES = 3
"""Of starting a process that answers anything at all."""

_START = "import sys; sys.path[:] = {path!r}\nfrom analyticsops.lineage.worker import main\nmain()"

_encoder = msgspec.msgpack.Encoder()
_problems = msgspec.msgpack.Decoder(Problem)


class Answered(NamedTuple):
    """The answer to a query: packed facts, or why there are none."""

    ticket: object
    facts: bytes | None
    problem: Problem | None = None


class _Job(NamedTuple):
    ticket: object
    query: Query
    out: queue.SimpleQueue[Answered]


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
        self._workers: list[_Worker] = []

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
        worker = _Worker(self._cpu_seconds)
        self._workers.append(worker)
        while True:
            jobs = [self._jobs.get()]
            share = min(_AT_ONCE, self._jobs.qsize() // len(self._threads) + 1)
            while len(jobs) < share and (job := self._next()) is not None:
                jobs.append(job)
            worker.answer(jobs)

    def close(self) -> None:
        """End the workers; those who are waited for count in this process's CPU time."""
        for worker in self._workers:
            worker.dismiss()

    def _next(self) -> _Job | None:
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            return None


class Session:
    """Questions of one build, and their answers as they come."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._out: queue.SimpleQueue[Answered] = queue.SimpleQueue()
        self._waiting = 0

    def ask(self, ticket: object, query: Query) -> None:
        """Have a query analysed; its answer will carry the ticket."""
        self._waiting += 1
        self._pool.submit(_Job(ticket, query, self._out))

    def answers(self) -> Iterator[Answered]:
        """Every answer, in the order in which they come, until none is missing. More may
        be asked meanwhile."""
        while self._waiting:
            answered = self._out.get()
            self._waiting -= 1
            yield answered


class _Worker:
    """One process, started anew after it died."""

    def __init__(self, cpu_seconds: float) -> None:
        self._cpu_seconds = cpu_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = False
        self._stillborn = 0
        """Processes in a row that ended before they answered anything."""

    def answer(self, jobs: list[_Job]) -> None:
        """Answer all of them, whatever happens to the process."""
        self._busy = True
        self._answer(jobs)
        self._busy = False

    def _answer(self, jobs: list[_Job]) -> None:
        while jobs:
            done = self._try(jobs)
            jobs = jobs[done:]
            if jobs:
                job, jobs = jobs[0], jobs[1:]
                job.out.put(Answered(job.ticket, None, self._obituary()))

    def _try(self, jobs: list[_Job]) -> int:
        """The number of jobs that were answered before the process ended."""
        if self._stillborn >= _TRIES:
            return 0
        process = self._process or self._start()
        batch = Batch(tuple(job.query for job in jobs), self._cpu_seconds)
        # Both are pipes because the process was started so.
        requests, answers = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
        try:
            write_frame(requests, _encoder.encode(batch))
        except BrokenPipeError:
            return 0
        for done, job in enumerate(jobs):
            frame = read_frame(answers)
            if frame is None:
                return done
            self._stillborn = 0
            if frame[:1] == FACTS:
                job.out.put(Answered(job.ticket, frame[1:]))
            else:
                job.out.put(Answered(job.ticket, None, _problems.decode(frame[1:])))
        return len(jobs)

    def _start(self) -> subprocess.Popen[bytes]:
        # The parent's own path: the worker runs the same code, wherever that was found.
        start = _START.format(path=sys.path)
        self._stillborn += 1
        self._process = subprocess.Popen(  # noqa: S603 - our own code, no shell
            [sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        return self._process

    def dismiss(self) -> None:
        """End the process, from another thread than the one that talks to it."""
        process = self._process
        if not self._busy:
            self._close()
        elif process is not None:  # at a query that nobody waits for
            process.kill()
            process.wait()

    def _close(self) -> int:
        """End the process if it has not ended; its exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        return process.wait()

    def _obituary(self) -> Problem:
        """Why the process ended, as the problem of the query that it was at."""
        if self._process is None:
            return Problem("budget", "no worker process can be started")
        code = self._close()
        if code == -signal.SIGVTALRM:
            return Problem("budget", f"more than {self._cpu_seconds:g} s of CPU time")
        if code < 0:
            return Problem("budget", f"its analysis was ended by {signal.Signals(-code).name}")
        return Problem("budget", f"its analysis ended with exit code {code}")


@cache
def shared_pool() -> Pool:
    """The workers of this process, at most one per processor."""
    pool = Pool(min(len(os.sched_getaffinity(0)), 8))
    atexit.register(pool.close)
    return pool
