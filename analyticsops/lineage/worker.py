"""The processes that analyse queries: they may be killed, their parent goes on.

The compiled parser can take the process with it, and a query can take longer, or more
memory, than anybody wants. One process, the *nursery*, has loaded all code and forks a
worker from itself whenever the parent asks for one, so that a second worker, or one in
the place of another that died, costs a hundredth of the first.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
from typing import BinaryIO

import msgspec

from analyticsops.lineage.frames import Batch, Outbox, number, read_frame, read_number
from analyticsops.lineage.outline import outline_of
from analyticsops.lineage.query import Query
from analyticsops.lineage.questions import (
    Compared,
    ContentsQuery,
    FingerprintQuery,
    MeaningQuery,
    Question,
    ReadStatement,
    ShownQuery,
    ShownSteps,
    ShownTable,
    StatementsQuery,
    StepsQuery,
    TypesQuery,
)
from analyticsops.lineage.reading import read_query
from analyticsops.memory import limit_memory
from analyticsops.sql.facts import Problem, QueryFacts
from analyticsops.sql.fingerprint import Fingerprint
from analyticsops.sql.meaning import Meaning
from analyticsops.sql.types.typed import TypedColumn

MEMORY_BYTES = 4 * 1024**3
"""Address space of a process."""

_FULLY = 256
"""Answers between two looks at what is kept for further ones."""

_MESSAGE_BYTES = 64
"""At most, from the parent: the name of a dialect, or a number."""

_encoder = msgspec.msgpack.Encoder()
_batches = msgspec.msgpack.Decoder(Batch)


def main() -> None:
    """The nursery. Standard input is a socket: the parent sends the ends of three pipes for a
    new worker, with the dialect of its first query, and is told its process id; or the
    process id of a worker that ended, and is told its exit code."""
    limit_memory(MEMORY_BYTES)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    gc.disable()  # a worker collects when it has answered
    control = socket.socket(fileno=sys.stdin.fileno())
    while True:
        data, pipes, _, _ = socket.recv_fds(control, _MESSAGE_BYTES, 3)
        if not data:
            break
        if pipes:
            # What is made on first use is made here, for all of them.
            read_query(Query("select 1 as a", data.decode()))
            told = _fork(control, *pipes)
        else:
            told = _ended(read_number(data) or 0)
        control.send(number(told))
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    os._exit(0)  # there is nothing to clean up, and taking modules apart takes time


def _fork(control: socket.socket, requests: int, answers: int, bell: int) -> int:
    """The id of a new worker on these pipes; 0 if there is none."""
    try:
        worker = os.fork()
    except OSError:
        return 0  # too many processes: the parent says so
    if worker == 0:
        control.close()
        asked, answered = os.fdopen(requests, "rb"), os.fdopen(answers, "wb")
        outbox = Outbox(answered, os.fdopen(bell, "wb"))
        # The parent died; nobody is to be told. Nor may `answered` be closed before the end, since
        # it would complain about what is left in it.
        with contextlib.suppress(BrokenPipeError):
            _serve(asked, outbox)
        os._exit(0)
    for end in (requests, answers, bell):
        os.close(end)
    return worker


def _ended(worker: int) -> int:
    """The exit code of a worker; that of a signal is negative."""
    _, status = os.waitpid(worker, 0)
    return os.waitstatus_to_exitcode(status)


_Statements = tuple[ReadStatement, ...]
_Columns = tuple[TypedColumn, ...] | ShownTable | tuple[ShownSteps, ...]
_Answer = QueryFacts | _Statements | _Columns | Fingerprint | Compared | Meaning | str | Problem


def _answer(question: Question) -> _Answer:
    if isinstance(question, Query):
        return read_query(question)
    if isinstance(question, StatementsQuery):
        from analyticsops.lineage.reading_statements import read_statements

        return read_statements(question)
    # Few runs ask for more than lineage, so that only these pay for what that needs.
    if isinstance(question, FingerprintQuery):
        from analyticsops.lineage.reading_fingerprints import read_fingerprint

        return read_fingerprint(question)
    if isinstance(question, ContentsQuery | ShownQuery):
        from analyticsops.lineage.reading_contents import read_contents, read_shown

        return (
            read_contents(question) if isinstance(question, ContentsQuery) else read_shown(question)
        )
    if isinstance(question, MeaningQuery):
        from analyticsops.lineage.reading_meaning import read_meaning

        return read_meaning(question)
    if isinstance(question, StepsQuery):
        from analyticsops.lineage.reading_steps import read_steps

        return read_steps(question)
    from analyticsops.lineage.reading_types import read_types
    from analyticsops.sql.types.families import type_family

    if isinstance(question, TypesQuery):
        return read_types(question)
    return type_family(question.text, question.dialect)


def _serve(requests: BinaryIO, outbox: Outbox) -> None:
    """Answer until the parent closes the pipe."""
    gc.freeze()  # what the nursery made is not garbage
    done = 0
    while (frame := read_frame(requests)) is not None:
        batch = _batches.decode(frame)
        for query in batch.queries:
            # SIGPROF kills the process, wherever it is. Time in the system counts: deep
            # recursion spends most of it on fetching and returning memory.
            signal.setitimer(signal.ITIMER_PROF, batch.cpu_seconds)
            answer = _answer(query)
            signal.setitimer(signal.ITIMER_PROF, 0)
            facts = b"" if isinstance(answer, Problem) else _encoder.encode(answer)
            outbox.put(_encoder.encode(outline_of(answer)), facts)
            # Trees point at their parents, so only the collector can free them. What is young
            # now is one answer's, nearly all of it garbage: no look is as cheap as this one.
            done += 1
            gc.collect(0 if done % _FULLY else 2)
        outbox.ring()
