"""The process in which jobs are executed: it may be killed, its parent goes on."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from typing import BinaryIO

import msgspec

from analyticsops.evidence.pair import Found, Job, unknown
from analyticsops.memory import limit_memory

_START = "import sys; sys.path[:] = {path!r}\nfrom analyticsops.evidence.worker import main\nmain()"

_HEADER = 8
_MEMORY_BYTES = 6 * 1024**3
"""Address space of the process; DuckDB has a limit of its own far below."""

_GRACE = 20.0
"""Seconds beside those of a job: to start, to load, to answer."""

_encoder = msgspec.msgpack.Encoder()
_jobs = msgspec.msgpack.Decoder(Job)
_found = msgspec.msgpack.Decoder(Found)


def main() -> None:
    """Answer job by job until the parent closes the pipe."""
    from analyticsops.evidence.execute import execute

    limit_memory(_MEMORY_BYTES)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing but answers on that pipe, whatever is printed
    while (data := _read(requests)) is not None:
        try:
            found = execute(_jobs.decode(data))
        except MemoryError:
            found = unknown(_jobs.decode(data), "it needs too much memory")
        packed = _encoder.encode(found)
        answers.write(len(packed).to_bytes(_HEADER, "little") + packed)
        answers.flush()


def _read(stream: BinaryIO) -> bytes | None:
    header = stream.read(_HEADER)
    if len(header) < _HEADER:
        return None
    return stream.read(int.from_bytes(header, "little"))


class Worker:
    """Executes jobs in another process, and in a new one after that has ended."""

    def __init__(self) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._said.close()

    def execute(self, job: Job, seconds: float) -> Found:
        """What came of a job; *unknown* if the process ended over it.

        Args:
            seconds: after which it is ended.
        """
        process = self._process = self._process or self._start()
        data = _encoder.encode(job)
        answer: bytes | None = None
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.write(len(data).to_bytes(_HEADER, "little") + data)
            process.stdin.flush()
            answer = self._answer(process, time.monotonic() + seconds + _GRACE)
        if answer is not None:
            return _found.decode(answer)
        return unknown(job, self._obituary(process, seconds))

    def _start(self) -> subprocess.Popen[bytes]:
        # The parent's own path: it runs the same code, wherever that was found.
        return subprocess.Popen(  # noqa: S603 - our own code, no shell
            [sys.executable, "-c", _START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )

    def _answer(self, process: subprocess.Popen[bytes], end: float) -> bytes | None:
        assert process.stdout is not None
        held = bytearray()
        wanted = _HEADER
        while len(held) < wanted:
            left = end - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                return None
            part = os.read(process.stdout.fileno(), 1 << 20)
            if not part:
                return None
            held += part
            if len(held) >= _HEADER:
                wanted = _HEADER + int.from_bytes(held[:_HEADER], "little")
        return bytes(held[_HEADER:])

    def _obituary(self, process: subprocess.Popen[bytes], seconds: float) -> str:
        """Why there is no answer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
        code = process.returncode
        self._end()
        if code is None:
            return f"budget: it did not end within {seconds + _GRACE:g} seconds"
        if code < 0:
            return f"budget: its process was ended by {signal.Signals(-code).name}"
        return f"its process ended with exit code {code}{self._last_words()}"

    def _last_words(self) -> str:
        """The end of what the process said, which is ours and not the query's."""
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        self._said.seek(0)
        self._said.truncate()
        return f": {lines[-1].strip()[:200]}" if lines else ""

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with contextlib.suppress(OSError):
            process.communicate(timeout=5)
