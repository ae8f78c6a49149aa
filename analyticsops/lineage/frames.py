"""How a process and its workers talk: a length and that many bytes, over pipes; single
numbers where workers are started."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from analyticsops.lineage.questions import Question

CPU_SECONDS = 60.0
"""For one query. Real ones take a few milliseconds; CPU time does not depend on what
else the machine does, so the answer does not either."""

_HEADER = _NUMBER = 4

_RING_BYTES = 1 << 15
"""Of answers after which the parent is woken; a pipe holds twice as many."""

_READ_BYTES = 1 << 16

_PATIENCE_MS = 50
"""Until the parent looks without a bell: a query may take long, and others wait for the
answers before it."""


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """What one frame asks: the queries are answered one by one, in this order."""

    queries: tuple[Question, ...]
    cpu_seconds: float = CPU_SECONDS


class Outbox:
    """A worker's answers. Each is in the pipe before the next query is begun, so that none is
    lost if that one ends the worker; a bell wakes the parent for several at once.

    Args:
        answers: the pipe for them.
        bell: another one.
    """

    def __init__(self, answers: BinaryIO, bell: BinaryIO) -> None:
        self._answers = answers
        self._bell = bell
        self._unheard = 0

    def put(self, outline: bytes, facts: bytes) -> None:
        """Send the packed answer to a query; no facts if there are none."""
        self._unheard += len(outline) + len(facts)
        if self._unheard > _RING_BYTES:
            self.ring()
        write_frame(self._answers, len(outline).to_bytes(_HEADER, "little") + outline + facts)

    def ring(self) -> None:
        """Let the parent look: nothing comes for now, or much."""
        self._unheard = 0
        self._bell.write(b"!")
        self._bell.flush()


Packed = tuple[bytes, bytes | None]
"""An answer: its outline, its facts if there are any."""


class Inbox:
    """The parent's end of an :class:`Outbox`.

    Args:
        answers: descriptor of the pipe for answers; closed by :meth:`close`.
        bell: of the other one, likewise.
    """

    def __init__(self, answers: int, bell: int) -> None:
        self._answers = answers
        self._bell = bell
        os.set_blocking(answers, False)
        self._rings = select.poll()
        self._rings.register(bell, select.POLLIN)
        self._data = bytearray()

    def take(self) -> list[Packed]:
        """The answers that are there when the bell rings, or after a while; at least one,
        and none only when the worker has ended."""
        while True:
            if self._rings.poll(_PATIENCE_MS):
                os.read(self._bell, _READ_BYTES)
            ended = self._read()
            found = [_parted(frame) for frame in self._frames()]
            if found or ended:
                return found

    def _read(self) -> bool:
        """Read what is there; True at the end."""
        while True:
            try:
                data = os.read(self._answers, _READ_BYTES)
            except BlockingIOError:
                return False
            if not data:
                return True
            self._data += data

    def _frames(self) -> Iterator[bytes]:
        """Those that are whole."""
        start, data = 0, bytes(self._data)
        while (first := start + _HEADER) <= len(data):
            end = first + int.from_bytes(data[start:first], "little")
            if end > len(data):
                break
            yield data[first:end]
            start = end
        del self._data[:start]

    def close(self) -> None:
        """Close both pipes."""
        os.close(self._answers)
        os.close(self._bell)


def _parted(frame: bytes) -> Packed:
    end = _HEADER + int.from_bytes(frame[:_HEADER], "little")
    return frame[_HEADER:end], frame[end:] or None


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Send a frame."""
    stream.write(len(data).to_bytes(_HEADER, "little") + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None at the end, also one in the middle of a frame."""
    header = stream.read(_HEADER)
    if len(header) < _HEADER:
        return None
    size = int.from_bytes(header, "little")
    data = stream.read(size)
    return data if len(data) == size else None


def number(value: int) -> bytes:
    """A process id or an exit code, as the nursery and its parent tell them."""
    return value.to_bytes(_NUMBER, "little", signed=True)


def read_number(data: bytes) -> int | None:
    """The same back; None if nothing came."""
    return int.from_bytes(data, "little", signed=True) if data else None
