"""Data as chunks that a browser unpacks: JSON, gzip, base64.

In a folder each is a script of one call, since a page that was opened from a disk may load nothing
else; its name holds a digest, so that a browser that keeps an old one never takes it for the new.
"""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, TypeVar

import msgspec

from analyticsops.site.model.index import Chunk

T = TypeVar("T")


class Packed(NamedTuple):
    """A chunk: its name, base64 of its gzip, and the bytes of its JSON."""

    name: str
    data: str
    size: int

    @property
    def file(self) -> str:
        """Its name in a folder."""
        digest = blake2b(self.data.encode(), digest_size=5).hexdigest()
        return f"{self.name.replace('/', '-')}.{digest}.js"

    @property
    def script(self) -> bytes:
        """What stands in its file. The name is ours, and base64 needs no quoting."""
        return f'analyticsopsChunk("{self.name}","{self.data}")\n'.encode()


def pack(name: str, value: Any) -> Packed:
    """A value as a chunk; the same value, the same bytes."""
    text = encoded(value)
    return Packed(name, b64encode(gzip.compress(text, 9, mtime=0)).decode(), len(text))


def encoded(value: Any) -> bytes:
    """JSON of a value, also where a name holds half a character (a lone surrogate), which a
    browser shows as one that is not known."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        plain = msgspec.to_builtins(value, str_keys=True)
        return json.dumps(plain, separators=(",", ":")).encode()


def in_parts(name: str, values: Sequence[Any], size: int) -> Iterable[Packed]:
    """A long list in chunks of ``size``: ``name/0``, ``name/1``, ..."""
    for number, start in enumerate(range(0, len(values), size)):
        yield pack(f"{name}/{number}", values[start : start + size])


def listed(chunks: Iterable[Packed], *, inside: bool) -> Mapping[str, Chunk]:
    """Where chunks lie.

    Args:
        inside: in the page itself.
    """
    return {
        one.name: Chunk(file="" if inside else one.file, bytes=one.size)
        for one in sorted(chunks, key=lambda one: one.name)
    }
