"""One invocation as a document: what is stored, as bytes, and what it is called.

A document is lines of JSON: first the invocation, then one result a line. Equal content is
equal bytes, and the name of the file carries their digest: recording the same thing twice
changes nothing, and a copied file can be checked without asking anyone.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from analyticsops.history.layout import VERSION

COMPRESSED_FROM = 8_192
"""Bytes. Smaller files would not take fewer blocks of a disk."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Invocation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A row of the table ``invocations``; see :data:`analyticsops.history.layout.INVOCATIONS`.
    Instants are microseconds since 1970, UTC. Optional fields that are not known are left out
    of a document."""

    invocation_id: str
    started_at: int
    state: str
    manifest: str
    results: int
    ended_at: int | None = None
    command: str | None = None
    retries: bool | None = None
    success: bool | None = None
    exit_code: int | None = None
    elapsed: float | None = None
    project: str | None = None
    environment: str | None = None
    target: str | None = None
    location: str | None = None
    job: str | None = None
    git_sha: str | None = None
    adapter: str | None = None
    dbt_version: str | None = None
    selected: bool | None = None
    full_refresh: bool | None = None
    empty: bool | None = None
    sample: bool | None = None
    defer: bool | None = None
    event_time_start: str | None = None
    event_time_end: str | None = None
    door: str | None = None


class NodeResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A row of the table ``node_results``; see
    :data:`analyticsops.history.layout.NODE_RESULTS`. Instants as in :class:`Invocation`."""

    unique_id: str
    status: str
    started_at: int | None = None
    completed_at: int | None = None
    execution_time: float | None = None
    failures: int | None = None
    materialized: str | None = None
    checksum: str | None = None
    tested: str | None = None
    rows_affected: int | None = None
    bytes_processed: int | None = None
    slot_ms: int | None = None
    query_id: str | None = None
    batches_ok: int | None = None
    batches_failed: int | None = None
    max_loaded_at: int | None = None
    measured_at: int | None = None
    message: str | None = None


class Record(msgspec.Struct, frozen=True, gc=False):
    """An invocation and its results, in order of ``unique_id``."""

    invocation: Invocation
    results: tuple[NodeResult, ...] = ()


class _Head(msgspec.Struct, frozen=True, gc=False):
    v: int
    invocation: Invocation


class RecordName(NamedTuple):
    """What the name of a record says.

    Attributes:
        started: to the second, as ``20261121T001411Z``.
        invocation_id: of dbt.
        digest: 16 hex digits over the document.
    """

    started: str
    invocation_id: str
    digest: str

    def __str__(self) -> str:
        return "_".join(self)

    @property
    def month(self) -> str:
        """``2026-11``: the folder that it lies in."""
        return f"{self.started[:4]}-{self.started[4:6]}"


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(NodeResult)
_NAME = re.compile(r"(\d{8}T\d{6}Z)_([0-9A-Za-z-]{1,64})_([0-9a-f]{16})")
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


class DocumentError(ValueError):
    """The bytes are no record; the message says why, in one line."""


def make_record(invocation: Invocation, results: Iterable[NodeResult]) -> Record:
    """A record in its one normal form: ordered, each node once, counted.

    A node that is named twice (dbt never does) keeps its last result.
    """
    ordered = {result.unique_id: result for result in results}
    rows = tuple(ordered[unique_id] for unique_id in sorted(ordered))
    return Record(msgspec.structs.replace(invocation, results=len(rows)), rows)


def is_invocation_id(text: str) -> bool:
    """True if ``text`` can be part of a file's name."""
    return _ID.fullmatch(text) is not None


def encode(record: Record) -> bytes:
    """The document of a record; equal records are equal bytes."""
    head = msgspec.json.encode(_Head(VERSION, record.invocation))
    return b"".join((head, b"\n", _ENCODER.encode_lines(record.results)))


def decode(data: bytes) -> Record:
    """The record of a document.

    Raises:
        DocumentError: it is none, or of a later version.
    """
    invocation = decode_head(data)
    try:
        rows = tuple(_DECODER.decode_lines(data.partition(b"\n")[2]))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DocumentError(f"not a record: {error}") from None
    return Record(invocation, rows)


def decode_head(data: bytes) -> Invocation:
    """The invocation of a document, without building its results.

    Raises:
        DocumentError: see :func:`decode`.
    """
    try:
        head = msgspec.json.decode(data.partition(b"\n")[0], type=_Head)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise DocumentError(f"not a record: {error}") from None
    if head.v > VERSION:
        raise DocumentError(f"written by a later analyticsops (version {head.v})")
    return head.invocation


def name_of(record: Record, document: bytes) -> RecordName:
    """What a record is called.

    Args:
        document: its :func:`encode`.
    """
    started = instant(record.invocation.started_at)
    digest = blake2b(document, digest_size=8).hexdigest()
    return RecordName(f"{started:%Y%m%dT%H%M%SZ}", record.invocation.invocation_id, digest)


def parse_name(text: str) -> RecordName | None:
    """The name in the name of a file; None if it is none."""
    found = _NAME.fullmatch(text.partition(".")[0])
    return RecordName(*found.groups()) if found else None


def pack(document: bytes) -> tuple[str, bytes]:
    """(suffix, bytes) of the file that holds a document: compressed where it is large."""
    if len(document) < COMPRESSED_FROM:
        return ".json", document
    return ".json.gz", gzip.compress(document, compresslevel=6, mtime=0)


def unpack_head(data: bytes) -> bytes:
    """The first line, from the first bytes of a file; empty if they do not hold it.

    Raises:
        DocumentError: they are no gzip.
    """
    try:
        text = zlib.decompressobj(31).decompress(data) if data.startswith(b"\x1f\x8b") else data
    except zlib.error as error:
        raise DocumentError(f"not whole: {error}") from None
    line, end, _ = text.partition(b"\n")
    return line if end else b""


def unpack(data: bytes) -> bytes:
    """The document in a file's bytes.

    Raises:
        DocumentError: the file is not whole.
    """
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise DocumentError(f"not whole: {error}") from None


def instant(microseconds: int) -> datetime:
    """The moment, UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def microseconds(moment: datetime) -> int:
    """The moment as a whole number."""
    return (moment - EPOCH) // timedelta(microseconds=1)
