"""Starts worker processes, by asking a process that has loaded everything to fork them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from analyticsops.lineage.frames import Inbox, number, read_number

_START = """
import gc, sys
gc.disable()  # modules are no garbage: looking through them costs a tenth of loading them
sys.path[:] = {path!r}
from analyticsops.lineage.worker import main
main()
"""

_TRIES = 3
"""Of starting the nursery, in a row without a worker to show for it."""


_ANSWER_BYTES = 64
"""More than there ever are: one number."""


class Worker(NamedTuple):
    """A process that answers what is written to it."""

    pid: int
    requests: BinaryIO
    inbox: Inbox

    def close(self) -> None:
        """Let it end when it has answered."""
        for end in (self.requests, self.inbox):
            with contextlib.suppress(OSError):
                end.close()


class Nursery:
    """The process that forks workers; started when the first is asked for, and again if
    it ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._starts = 0

    def worker(self, dialect: str) -> Worker | None:
        """A new worker; None if there cannot be any.

        Args:
            dialect: of its first query.
        """
        with self._lock:
            while (control := self._control or self._start()) is not None:
                ours, theirs = _pipes()
                pid = _told(control, dialect.encode(), theirs)
                for end in theirs:
                    os.close(end)
                worker = Worker(pid or 0, *ours)
                if pid:
                    self._starts = 0
                    return worker
                worker.close()
                self._close()
        return None

    def _start(self) -> socket.socket | None:
        if self._starts == _TRIES:
            return None
        self._starts += 1
        self._control, theirs = socket.socketpair()
        with theirs:
            # The parent's own path: it runs the same code, wherever that was found.
            start = _START.format(path=sys.path)
            self._process = subprocess.Popen(  # noqa: S603 - our own code, no shell
                [sys.executable, "-c", start], stdin=theirs.fileno(), stdout=subprocess.DEVNULL
            )
        return self._control

    def exit_code(self, worker: Worker) -> int | None:
        """How a worker ended that has ended or is about to: its exit code, that of a signal
        is negative; None if nobody knows."""
        worker.close()
        with self._lock:
            return _told(self._control, number(worker.pid)) if self._control else None

    def close(self) -> None:
        """End it after its workers have ended; the CPU time of all counts in this process."""
        with self._lock:
            self._starts = _TRIES
            self._close()

    def _close(self) -> None:
        control, process = self._control, self._process
        self._control = self._process = None
        if control is not None and process is not None:
            control.close()
            process.wait()


def _told(control: socket.socket, message: bytes, pipes: Sequence[int] = ()) -> int | None:
    """What the nursery answers; None if it ended."""
    with contextlib.suppress(OSError):
        socket.send_fds(control, [message], pipes)
        return read_number(control.recv(_ANSWER_BYTES))
    return None


def _pipes() -> tuple[tuple[BinaryIO, Inbox], tuple[int, int, int]]:
    """(our ends to write requests and to read answers, the worker's ends)."""
    their_requests, our_requests = os.pipe()
    our_answers, their_answers = os.pipe()
    our_bell, their_bell = os.pipe()
    ours = (os.fdopen(our_requests, "wb"), Inbox(our_answers, our_bell))
    return ours, (their_requests, their_answers, their_bell)
