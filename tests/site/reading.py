"""A site as a browser reads it."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from analyticsops.site.chunks import Packed
from analyticsops.site.folder import Site

_CALL = re.compile(r'analyticsopsChunk\("([a-z]+(?:/\d+)?)","([A-Za-z0-9+/=]*)"\)\n')


def unpacked(data: str) -> Any:
    """What a chunk holds."""
    return json.loads(gzip.decompress(b64decode(data)))


def chunk(site: Site, name: str) -> Any:
    """What the chunk of that name holds."""
    found: Mapping[str, Packed] = {one.name: one for one in site.chunks}
    return unpacked(found[name].data)


def called(script: bytes) -> tuple[str, Any]:
    """(name, content) of a chunk in a folder, which is one call and nothing else."""
    found = _CALL.fullmatch(script.decode())
    assert found is not None, script[:200]
    return found[1], unpacked(found[2])
