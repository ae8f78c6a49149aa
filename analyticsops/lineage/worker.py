"""The process that analyses queries: it may be killed, its parent goes on.

It reads frames of queries from standard input and answers each with a frame on standard
output: the compiled parser can take the process with it, and a query can take longer,
or more memory, than anybody wants.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys

import msgspec

from analyticsops.lineage.frames import FACTS, PROBLEM, Batch, read_frame, write_frame
from analyticsops.lineage.reading import read_query
from analyticsops.sql.facts import Problem

MEMORY_BYTES = 4 * 1024**3
"""Address space of the process."""

_encoder = msgspec.msgpack.Encoder()
_batches = msgspec.msgpack.Decoder(Batch)


def main() -> None:
    """Answer until the parent closes the pipe."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.RLIM_INFINITY))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    gc.disable()  # trees are released by hand as soon as they are analysed
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while (frame := read_frame(requests)) is not None:
        batch = _batches.decode(frame)
        for query in batch.queries:
            # SIGVTALRM kills the process, wherever it is.
            signal.setitimer(signal.ITIMER_VIRTUAL, batch.cpu_seconds)
            answer = read_query(query)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            mark = PROBLEM if isinstance(answer, Problem) else FACTS
            write_frame(answers, mark + _encoder.encode(answer))
    os._exit(0)  # there is nothing to clean up, and taking modules apart takes time
