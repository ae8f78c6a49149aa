"""How a process and its workers talk: a length and that many bytes, over pipes; single
numbers where workers are started."""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from analyticsops.lineage.questions import Question

CPU_SECONDS = 60.0
"""For one query. Real ones take a few milliseconds; CPU time does not depend on what
else the machine does, so the answer does not either."""

_HEADER = _NUMBER = 4


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """What one frame asks: the queries are answered one by one, in this order."""

    queries: tuple[Question, ...]
    cpu_seconds: float = CPU_SECONDS


def write_answer(stream: BinaryIO, outline: bytes, facts: bytes) -> None:
    """Send the packed answer to a query; no facts if there are none."""
    write_frame(stream, len(outline).to_bytes(_HEADER, "little") + outline + facts)


def read_answer(stream: BinaryIO) -> tuple[bytes, bytes | None] | None:
    """(outline, facts if there are any); None at the end."""
    frame = read_frame(stream)
    if frame is None:
        return None
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
